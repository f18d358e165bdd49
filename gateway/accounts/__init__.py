"""Administration of an organisation's people and systems: a subgraph of the gateway's own, over its own database.

One anatomy with the services (`schema` -> `operations` -> `domain`), and the same wall before it: only a transaction
token opens it, though the gateway asks it within its own process.
"""
