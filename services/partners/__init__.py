"""The directory: who helps, with what, where, in which language, and whether there is room. It holds no client data."""
