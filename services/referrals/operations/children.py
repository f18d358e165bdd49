"""What goes on with somebody else: redirects, splits, and a new choice after an end. Each is a child of its referral, under
a consent that is checked anew for the new partner (R10), and of each need one child at most is open."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.referrals.domain.clients import KeyGroup
from services.referrals.domain.conflicts import ConflictSet, problems
from services.referrals.domain.lifecycle import TERMINAL, UNSENT, State
from services.referrals.events import tell
from services.referrals.models import Client, Consent, IdempotencyRecord, Referral
from services.referrals.operations.conflicts import conflict_set_of
from services.referrals.operations.identifiers import placer_id_of
from services.referrals.operations.sending import (
    MOST_CANDIDATES,
    NEEDED,
    ReferralFields,
    consent_to_send,
    create,
    may_all_go,
    read_offers,
    serves_another,
    services_of,
)
from services.referrals.operations.shared_keys import found_key
from services.referrals.operations.vault import vault
from services.referrals.refusals import (
    ConsentMissing,
    OfferRefused,
    SensitiveText,
    ServiceFull,
    consent_missing,
    sensitive_text,
)
from vereda.caller import Scope
from vereda.context import RequestContext
from vereda.idempotency import claim_key
from vereda.refusals import InvalidInput, NotFound, VersionConflict, invalid, not_found, version_conflict
from vereda.screening import screen
from vereda.statements import ServiceOffer

_MOST_PARTS: Final = 5
#: Ends after which the sender may choose somebody else.
_OVER: Final = frozenset(
    {State.DECLINED, State.EXPIRED, State.UNREACHABLE, State.NOT_COMPLETED, State.CANCELLED}
)

ChildRefused = ConsentMissing | ServiceFull | OfferRefused | InvalidInput | NotFound | VersionConflict


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Some of a referral's needs, and where they go."""

    needs: tuple[str, ...]
    offer: str
    consent: UUID | None = None


async def rematch_referral(
    context: RequestContext[Any],
    id_: UUID,
    offers: tuple[str, ...],
    consent: UUID | None,
    key: str,
    conflict_set: ConflictSet | None = None,
) -> Referral | ChildRefused | SensitiveText:
    """Send what was declined or not answered on to somebody else, as a child of the referral that is over."""
    context.caller.require(Scope.REFERRAL_SEND)
    if wrong := problems(conflict_set or ConflictSet()):
        return invalid(**wrong)
    for name in (conflict_set or ConflictSet()).names:
        if finding := screen(name):
            return sensitive_text("conflictSet", finding)
    if not 1 <= len(offers) <= MOST_CANDIDATES:
        return invalid(
            offer=f"or `openTo` is needed: one offer, or 2 to {MOST_CANDIDATES} of different organisations"
        )
    async with context.write() as session:
        request = [str(id_), services_of(offers), str(consent), conflict_set and asdict(conflict_set)]
        claim = await claim_key(session, IdempotencyRecord, context.caller, "rematchReferral", key, request)
        if claim.earlier is not None:
            return await session.get_one(Referral, UUID(claim.earlier["id"]))
        parent = await _own(session, context, id_)
        if parent is None:
            return not_found("referral that you sent")
        if parent.state not in _OVER:
            return invalid(id="is not over, or there is nothing to go on with")
        read = await read_offers(context, offers)
        if not isinstance(read, tuple):
            return read
        child = await continue_with(
            session, context, parent, read, consent, tuple(parent.needs), conflict_set
        )
        if isinstance(child, Referral):
            claim.record({"id": str(child.id)})
        return child


async def split_referral(
    context: RequestContext[Any], id_: UUID, version: int, parts: tuple[Part, ...], key: str
) -> Referral | ChildRefused:
    """Send some of a referral's needs to other partners beside it: one child for each part. The referral goes on."""
    context.caller.require(Scope.REFERRAL_SEND)
    if not 1 <= len(parts) <= _MOST_PARTS:
        return invalid(parts=f"must be 1 to {_MOST_PARTS}")
    async with context.write() as session:
        request = [
            str(id_),
            version,
            [{**asdict(part), "offer": services_of((part.offer,))} for part in parts],
        ]
        claim = await claim_key(session, IdempotencyRecord, context.caller, "splitReferral", key, request)
        parent = await _own(session, context, id_)
        if parent is None:
            return not_found("referral that you sent")
        if claim.earlier is not None:
            return parent
        if parent.version != version:
            return version_conflict(parent.version)
        if parent.state in TERMINAL | UNSENT:
            return invalid(id="is not under way")
        for part in parts:
            if not part.needs or not set(part.needs) <= set(parent.needs):
                return invalid(needs="of each part must be some of the referral's")
            read = await read_offers(context, (part.offer,))
            if not isinstance(read, tuple):
                return read
            child = await continue_with(session, context, parent, read, part.consent, part.needs)
            if not isinstance(child, Referral):
                return child
        tell(session, context.caller, "referral.split", parent.id, referral=str(parent.id))
        claim.record({"id": str(parent.id)})
        return parent


async def continue_with(
    session: AsyncSession,
    context: RequestContext[Any],
    parent: Referral,
    offers: tuple[ServiceOffer, ...],
    consent: UUID | None,
    needs: tuple[str, ...],
    conflict_set: ConflictSet | None = None,
) -> Referral | ConsentMissing | ServiceFull | InvalidInput | NotFound:
    """A child of `parent`, whose row the caller has locked: the same story for these needs, with others."""
    if any(offer.service == parent.service_id for offer in offers):
        return invalid(offer="is of the same service: this leads to another")
    wanted = consent or parent.consent_id
    held = await consent_to_send(session, wanted, parent.client_id) if wanted else None
    if held is None:
        return not_found("consent of this client")
    if refusal := may_all_go(context, held, offers):
        return refusal
    if held.one_referral and held.id != parent.consent_id and await serves_another(session, held):
        return consent_missing(list(NEEDED))
    open_already = select(Referral.id).where(
        Referral.parent_id == parent.id, Referral.ended_at.is_(None), Referral.needs.overlap(list(needs))
    )
    if await session.scalar(open_already.limit(1)) is not None:
        return invalid(needs="are with another partner already: of each need one child is open at a time")
    client = await session.get_one(Client, parent.client_id)
    return await create(
        session,
        context,
        client,
        held,
        offers,
        await _content(session, context, parent, held, needs, conflict_set),
        parent.id,
    )


async def _content(
    session: AsyncSession,
    context: RequestContext[Any],
    parent: Referral,
    consent: Consent,
    needs: tuple[str, ...],
    conflict_set: ConflictSet | None,
) -> ReferralFields:
    key = await found_key(session, parent, KeyGroup.NARRATIVE)
    return ReferralFields(
        client=parent.client_id,
        consent=consent.id,
        offers=(),
        needs=needs,
        narrative=vault(context.settings).open(key, parent.narrative_sealed),
        urgency=parent.urgency,
        placer_id=await placer_id_of(context, session, parent),
        conflict_set=conflict_set or await conflict_set_of(context, session, parent),
    )


async def _own(session: AsyncSession, context: RequestContext[Any], id_: UUID) -> Referral | None:
    row = await session.get(Referral, id_, with_for_update=True)
    return row if row is not None and row.sender_id == context.caller.organization else None
