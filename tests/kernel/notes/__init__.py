"""A miniature service, one table of notes, on which the kernel is tested."""
