"""What is shown of a person is shown while their consent holds: by referrals' signed word, at every reading (R9)."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from services.grants.schema.context import Info
from vereda.signed import TokenRefusedError
from vereda.statements import ConsentsInForce, verifier

#: What a field requires that shows something of a person: referrals says which of their consents hold.
ASSURED: Final = "client { assurance }"


async def holding(info: Info, assurance: str | None, handle: str) -> frozenset[str]:
    """The consents that hold now of whom the caller knows as `handle`; none without a statement about them."""
    try:
        statement = await verifier(ConsentsInForce, info.context.settings).read(assurance or "")
    except TokenRefusedError:
        return frozenset()
    mine = statement.reader == info.context.caller.organization and str(statement.handle) == handle
    return frozenset(statement.consents) if mine else frozenset()


def shown(info: Info, consent: UUID, held: frozenset[str]) -> bool:
    """Whether what was given under `consent` may be shown; says in the answer that it was withheld, if not (R12)."""
    if str(consent) not in held:
        info.context.redact(info, "PROGRAM", "NO_CONSENT")
        return False
    return True
