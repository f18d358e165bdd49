"""Whether what one side of a referral gives to the other is open to it now: the one formula, asked before it is written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.referrals.domain.consent import DataClass, Purpose, Received, Withheld, withheld
from services.referrals.domain.lifecycle import Party
from services.referrals.domain.thread import is_over
from services.referrals.models import Consent, Referral
from services.referrals.operations.consents import as_rule, status_returns
from services.referrals.operations.moves import party_of
from vereda.caller import Scope
from vereda.context import RequestContext
from vereda.refusals import NotAllowed, NotFound, not_allowed, not_found


def received(referral: Referral) -> Received:
    """The referral as the formula takes it."""
    return Received(
        referral.domain or "", referral.legal, referral.conflict_cleared_at is not None, referral.ended_at
    )


async def held_referral(
    context: RequestContext[Any], session: AsyncSession, id_: UUID
) -> tuple[Referral, Party] | NotFound:
    """A referral of the caller's, with the part that it has in it. Raises: ClientError FORBIDDEN without its scope."""
    referral = await session.get(Referral, id_)
    if referral is None:
        return not_found("referral")
    party = party_of(referral, context.caller.organization)
    context.caller.require(Scope.REFERRAL_SEND if party is Party.SENDER else Scope.REFERRAL_RECEIVE)
    return referral, party


async def shut(
    context: RequestContext[Any],
    session: AsyncSession,
    referral: Referral,
    party: Party,
    classes: Sequence[DataClass] = (DataClass.NEED,),
) -> NotAllowed | None:
    """Why `party` cannot give the other side something of these classes now; None where it can.

    The consent is locked against its revocation: either that sees what is given, or this sees the revocation (R9). What
    the sender gives, the recipient must be allowed to have; what the recipient gives is return flow, a purpose of its
    own (R7), and it must itself see what it answers to (R14).
    """
    if is_over(referral.state, referral.ended_at, context.now):
        return not_allowed("This referral is not open: nothing more is exchanged about it.")
    if referral.recipient_id is None or referral.consent_id is None:
        return not_allowed("Nobody has this referral yet: there is no other side.")
    consent = await session.get_one(Consent, referral.consent_id, with_for_update={"read": True})
    if not as_rule(consent).active(context.now):
        return not_allowed(
            "The consent that this referral was sent under has ended: nothing more is exchanged."
        )
    of_client = await session.scalars(select(Consent).where(Consent.client_id == referral.client_id))
    consents = [as_rule(one) for one in of_client]
    as_received = [received(referral)] if party is Party.RECIPIENT else ()
    for one in classes:
        why = withheld(
            consents, referral.recipient_id, one, Purpose.REFERRAL_DELIVERY, context.now, as_received
        )
        if why is Withheld.CONFLICT_CHECK_PENDING:
            return not_allowed(
                "Clear the conflict check first: before that nothing is exchanged about the client."
            )
        if isinstance(why, Withheld):
            return not_allowed(f"The client's consent does not cover {one.value} for the recipient now.")
    if party is Party.RECIPIENT and not status_returns(consent, context.now):
        return not_allowed("The client did not consent to STATUS_BACK: nothing goes back to the sender.")
    return None
