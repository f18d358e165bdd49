"""What may be presented once is presented once, whichever replica it is presented to."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Final

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert

from gateway.oauth.client import SERVER
from gateway.store import SeenToken
from gateway.store.clearing import clear
from vereda.database import Database

_CLEAR_EVERY: Final = 16
#: A crash of the database may forget what it saw in its last half second, no more: proofs come with every request, and
#: waiting for the disk with each would cost more than all other checks together. Said with the row that is written, it
#: costs no round trip of its own.
_QUICKLY: Final = func.set_config("synchronous_commit", "off", True)


class Kind(StrEnum):
    """Whose `jti` it is: two kinds, or two issuers, may use the same."""

    CLIENT_ASSERTION = "client-assertion"
    """RFC 7523 §3, point 7."""
    DPOP_PROOF = "dpop-proof"
    """RFC 9449 §11.1."""


class SeenTokens:
    """The `jti`s that were presented and whose time is not over, by digest."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._written = 0

    async def is_new(self, kind: Kind, issuer: str, jti: str, until: float) -> bool:
        """Whether this is the first time; from now to `until` (Unix seconds) every further time is not.

        Of several that come at once exactly one is the first. Index: the primary key.
        """
        digest = sha256("\x00".join((kind, issuer, jti)).encode(errors="surrogatepass")).digest()
        row = insert(SeenToken).values(digest=digest, expires_at=datetime.fromtimestamp(until, UTC))
        async with self._database.transaction(SERVER) as session:
            first = await session.scalar(row.on_conflict_do_nothing().returning(SeenToken.digest, _QUICKLY))
            self._written += 1
            if self._written % _CLEAR_EVERY == 0:
                await clear(session, SeenToken.digest, SeenToken.expires_at < datetime.now(UTC))
        return first is not None
