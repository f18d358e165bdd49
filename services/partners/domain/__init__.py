"""The directory's rules, pure."""
