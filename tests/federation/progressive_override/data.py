"""A bank that moves its figures from the ledger to a new service, some of them for some requests only."""

from __future__ import annotations

from tests.federation.subgraph import Data

_LEDGER = (
    {"id": "a", "balance": 100, "rate": 1, "limit": 10},
    {"id": "b", "balance": 200, "rate": 2, "limit": 20},
)
_BANK = (
    {"id": "a", "balance": 101, "rate": 11, "limit": 110},
    {"id": "b", "balance": 202, "rate": 22, "limit": 220},
)

SUBGRAPHS = {
    "ledger": Data({"Account": _LEDGER}, {"Query.accounts": _LEDGER}),
    "bank": Data({"Account": _BANK}),
}
