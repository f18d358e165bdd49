"""What a user of the directory can do: one function each, which owns its transaction."""
