"""What can be done with programmes and money: one function each, which owns its transaction."""
