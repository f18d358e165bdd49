"""What somebody can do with a referral now: the table's rows for their part, with what each needs and what is against it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

import strawberry

from services.referrals import models
from services.referrals.domain import guards as rules
from services.referrals.domain.guards import Attempt
from services.referrals.domain.lifecycle import Guard, Move, MoveName, Party, Reason, allowed
from services.referrals.operations.consents import as_rule
from services.referrals.schema.context import Info

#: Reasons that are the system's to give, or only ever shown.
_NOT_TAKEN: Final = frozenset({Reason.UNAVAILABLE, Reason.NO_RESPONSE})


@strawberry.type(description="Something that you can do with a referral as it stands.")
class AllowedMove:
    move: MoveName
    through: str = strawberry.field(description="The mutation that does it.")
    needs_outcome: bool
    needs_offer: bool = strawberry.field(description="A signed `Service.offer` of where it goes.")
    reasons: list[Reason] = strawberry.field(
        description="One of these is needed; none is taken where it is empty."
    )
    forbidden: str | None = strawberry.field(
        description="Why it would be refused now; null where it would be done. An offer and a consent that it takes are"
        " looked at when they are there."
    )


async def allowed_moves(info: Info, referral: models.Referral, party: Party) -> list[AllowedMove]:
    """The moves of the table that `party` may make, each looked at with what the request has loaded."""
    return [
        AllowedMove(
            move=move.name,
            through=move.through.value,
            needs_outcome=move.needs_outcome,
            needs_offer=move.needs_offer,
            reasons=[one for one in Reason if _taken(move, one)],
            forbidden=await _against(info, referral, move),
        )
        for move in allowed(referral.state, party, legal=referral.legal)
    ]


def _taken(move: Move, reason: Reason) -> bool:
    return move.needs_reason and (reason in move.only_for if move.only_for else reason not in _NOT_TAKEN)


async def _against(info: Info, referral: models.Referral, move: Move) -> str | None:
    for guard in sorted(move.guards & _LOOKS.keys()):
        if why := await _LOOKS[guard](info, referral):
            return why
    return None


async def _consent_holds(info: Info, referral: models.Referral) -> str | None:
    consent = await info.context.loaders.consent.load(referral.consent_id) if referral.consent_id else None
    if consent is not None and as_rule(consent).active(info.context.now):
        return None
    return "The client's consent does not hold: ask for it, record it, then try again."


async def _has_room(info: Info, referral: models.Referral) -> str | None:
    """Of what was received: whoever sends brings an offer, that says it."""
    if referral.service_id is None or referral.recipient_id != info.context.caller.organization:
        return None
    room = await info.context.loaders.room.load(referral.service_id)
    return "The service has no room: renew its capacity with a fresh offer." if room is False else None


async def _tried_enough(info: Info, referral: models.Referral) -> str | None:
    rows = await info.context.loaders.attempts.load(referral.id)
    return rules.tried_enough([Attempt(one.channel, one.result, one.attempted_at) for one in rows])


async def _accepted_lately(info: Info, referral: models.Referral) -> str | None:
    pace = await info.context.loaders.pace.load(
        info.context.caller.organization
    )  # the recipient's, who accepted
    return rules.accepted_lately(referral.accepted_at, info.context.now, pace.calendar) if pace else None


async def _ended_lately(info: Info, referral: models.Referral) -> str | None:
    return rules.ended_lately(referral.ended_at, info.context.now)


async def _nobody_acted(info: Info, referral: models.Referral) -> str | None:
    rows = await info.context.loaders.events.load(referral.id)
    return rules.nobody_acted({row.party for row in rows})


async def _sender_agrees(_info: Info, referral: models.Referral) -> str | None:
    return rules.sender_agrees(referral.reopening_agreed_at)


#: Not here: what comes with the move (an offer, a consent, an appointment), and what `lifecycle.allowed` has looked at.
_LOOKS: Final[dict[Guard, Callable[[Info, models.Referral], Awaitable[str | None]]]] = {
    Guard.CONSENT_HOLDS: _consent_holds,
    Guard.SERVICE_HAS_ROOM: _has_room,
    Guard.PROOF_OF_ATTEMPTS: _tried_enough,
    Guard.WITHIN_ONE_BUSINESS_DAY: _accepted_lately,
    Guard.WITHIN_THIRTY_DAYS: _ended_lately,
    Guard.NOBODY_ACTED: _nobody_acted,
    Guard.SENDER_AGREES: _sender_agrees,
}
