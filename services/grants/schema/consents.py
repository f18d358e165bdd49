"""What is shown of a person is shown while their consent holds: by referrals' signed word, at every reading (R9).

And whoever is shown it, besides the organisation that brought them, is entered in the audit (R27, R28).
"""

from __future__ import annotations

from typing import Final
from uuid import UUID

from services.grants import models
from services.grants.schema.context import Info
from vereda.signed import TokenRefusedError
from vereda.statements import ConsentsInForce, verifier

#: What a field requires that shows something of a person: referrals says which of their consents hold.
ASSURED: Final = "client { assurance }"

Seat = models.Participant | models.CohortApplication


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


def enter_seat(info: Info, row: Seat) -> None:
    """Have it entered that the caller was shown a seat, or a wish for one, of a client whom another organisation brought.

    In the audit the client has the handle of who brought them, for it is they who account for it.
    """
    if row.sponsor_id != info.context.caller.organization:
        info.context.shown.add(row.sponsor_handle, "PROGRAM", row.consent_id, "PROGRAM_ENROLMENT")


def enter_application(info: Info, row: models.GrantApplication) -> None:
    """The same of an application for money."""
    if row.organization_id != info.context.caller.organization:
        info.context.shown.add(row.applicant_handle, "FINANCIAL", row.consent_id, "GRANT_APPLICATION")
