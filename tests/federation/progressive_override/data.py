"""A bank that moves its figures from the ledger to a new service, some of them for some requests only."""

from __future__ import annotations

from tests.federation.subgraph import Data

_OLD = {"rate": 1, "limit": 10, "half": 50, "alsoHalf": 51, "most": 75}
_NEW = {name: -value for name, value in _OLD.items()}
_LEDGER = ({"id": "a", "balance": 100, **_OLD}, {"id": "b", "balance": 200, **_OLD})
_BANK = ({"id": "a", "balance": -100, **_NEW}, {"id": "b", "balance": -200, **_NEW})

SUBGRAPHS = {
    "ledger": Data({"Account": _LEDGER}, {"Query.accounts": _LEDGER, "Query.motto": "old"}),
    "bank": Data({"Account": _BANK}, {"Query.motto": "new"}),
    "report": Data(
        {"Account": ({"id": "a"}, {"id": "b"})}, {"Account.line": lambda account: f"at {account['balance']}"}
    ),
}
