"""What administrators do: one function each, which owns its transaction. They do it by the registers of
`gateway.people` and `gateway.oauth`, after the rules of `domain`.
"""
