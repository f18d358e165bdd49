"""Who may see what, held against a reference that knows nothing of how the gateway decides.

`annotating` draws who may see what over the oracle's drawn graphs, and who asks; `reference` answers every operation in
full and then closes, place by place, what the definition closes; `guarding` is the world whose services write down all
that they are asked for.
"""
