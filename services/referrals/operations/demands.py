"""Legal demands (R25): written down as they come, decided by counsel and director, and answered with no more than that.

A design, not legal advice (docs/legal-demands.md).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.referrals.domain.clients import KeyGroup
from services.referrals.domain.holding import (
    APPROVABLE,
    Agreement,
    DemandKind,
    DemandState,
    Objection,
    seconded,
)
from services.referrals.events import tell
from services.referrals.models import Client, DataKey, IdempotencyRecord, LegalDemand, Referral
from services.referrals.operations.clients import by_handle, handle_of
from services.referrals.operations.holding import LEGAL, parts_of
from services.referrals.operations.vault import vault
from services.referrals.refusals import (
    AnotherPersonNeeded,
    DemandNotApprovable,
    SensitiveText,
    another_person_needed,
    demand_not_approvable,
    sensitive_text,
)
from vereda.context import RequestContext
from vereda.idempotency import claim_key
from vereda.pagination import Order
from vereda.refusals import InvalidInput, NotFound, invalid, not_found
from vereda.screening import screen

DEMAND_ORDER: Final = (Order(LegalDemand.id, descending=True),)
#: Of how many people one demand may be, so that the answer to one is no bulk export (R26).
MOST_CLIENTS: Final = 20
_LONGEST: Final = {"served_by": 200, "scope": 4000, "counsel": 200}


@dataclass(frozen=True, slots=True, kw_only=True)
class Particulars:
    """Who served it, what they want, and which counsel has it: sealed."""

    served_by: str
    scope: str
    counsel: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandFields:
    kind: DemandKind
    served_on: date
    due_on: date | None = None
    clients: tuple[UUID, ...] = ()
    particulars: Particulars


def own_demands(context: RequestContext[Any]) -> Select[LegalDemand]:
    return select(LegalDemand).where(LegalDemand.organization_id == context.caller.organization)


async def record_demand(
    context: RequestContext[Any], given: DemandFields, key: str
) -> LegalDemand | InvalidInput | NotFound | SensitiveText:
    """Write down that a demand was served. It is decided later, by two people; nothing is disclosed by this."""
    context.caller.require(*LEGAL)
    texts = asdict(given.particulars)
    wrong = {
        name: f"must have 1 to {longest} characters"
        for name, longest in _LONGEST.items()
        if texts[name] is not None and not 1 <= len(texts[name].strip()) <= longest
    }
    if len(given.clients) > MOST_CLIENTS:
        wrong["clients"] = (
            f"must be at most {MOST_CLIENTS}: a demand for more is a matter for counsel, not for an export"
        )
    if given.served_on > context.now.date():
        wrong["served_on"] = "must not be in the future"
    if wrong:
        return invalid(**wrong)
    for name, value in texts.items():
        if finding := screen(value):
            return sensitive_text(name, finding)
    async with context.write() as session:
        claim = await claim_key(
            session, IdempotencyRecord, context.caller, "recordLegalDemand", key, asdict(given)
        )
        if claim.earlier is not None:
            return await session.get_one(LegalDemand, UUID(claim.earlier["id"]))
        clients = [await by_handle(session, context, handle) for handle in dict.fromkeys(given.clients)]
        if any(one is None or one.home_organization_id != context.caller.organization for one in clients):
            return not_found("client of your organisation")
        id_, wrapped, sealed = vault(context.settings).seal_alone(orjson.dumps(texts).decode())
        row = LegalDemand(
            id=id_,
            organization_id=context.caller.organization,
            kind=given.kind,
            served_on=given.served_on,
            due_on=given.due_on,
            clients=[one.id for one in clients if one is not None],
            particulars_sealed=sealed,
            wrapped=wrapped,
            recorded_by=context.caller.subject,
            recorded_at=context.now,
        )
        session.add(row)
        await session.flush()
        tell(session, context.caller, "legal_demand.recorded", row.id)
        claim.record({"id": str(row.id)})
        return row


async def decide_demand(
    context: RequestContext[Any], id_: UUID, *, approve: bool, key: str
) -> LegalDemand | NotFound | AnotherPersonNeeded | DemandNotApprovable:
    """Approve a demand, which takes counsel and director, or refuse it, which takes either.

    An administrative warrant and an informal request cannot be approved by anybody (R25); Postgres holds to it, too.
    """
    parts = parts_of(context)
    async with context.write() as session:
        claim = await claim_key(
            session, IdempotencyRecord, context.caller, "decideLegalDemand", key, [str(id_), approve]
        )
        row = await session.get(LegalDemand, id_, with_for_update=True)
        if row is None:
            return not_found("legal demand")
        if claim.earlier is not None:
            return row
        if approve and row.kind not in APPROVABLE:
            return demand_not_approvable(row.kind)
        if not parts or row.state not in (DemandState.RECEIVED, DemandState.HALF_APPROVED):
            return another_person_needed(Objection.NOTHING_PENDING if parts else Objection.SAME_PART)
        by = context.caller.subject
        if not approve:
            row.state, row.refused_by, row.decided_at = DemandState.REFUSED, by, context.now
        elif row.first_approved_by is None or row.first_approved_part is None:
            row.state, row.first_approved_by, row.first_approved_part = (
                DemandState.HALF_APPROVED,
                by,
                min(parts),
            )
        else:
            agreed = seconded(Agreement(row.first_approved_by, row.first_approved_part), by, parts)
            if isinstance(agreed, Objection):
                return another_person_needed(agreed)
            row.state, row.decided_at = DemandState.APPROVED, context.now
            row.approved_by, row.approved_part = agreed.by, agreed.part
        await session.flush()
        tell(session, context.caller, f"legal_demand.{row.state.value.lower()}", row.id)
        claim.record({"id": str(row.id)})
        return row


async def export_demand(
    context: RequestContext[Any], id_: UUID, key: str
) -> str | NotFound | AnotherPersonNeeded:
    """What the caller's organisation holds of the clients whom an approved demand names, as JSON.

    Its own clients, as it recorded them, and no other organisation's word on them; nothing of a compartment of privilege
    (R15), and nothing that a hold has sealed (R24): of what was erased there is nothing to give.
    """
    context.caller.require(*LEGAL)
    async with context.write() as session:
        claim = await claim_key(
            session, IdempotencyRecord, context.caller, "exportForLegalDemand", key, [str(id_)]
        )
        row = await session.get(LegalDemand, id_, with_for_update=True)
        if row is None:
            return not_found("legal demand")
        if row.state is not DemandState.APPROVED:
            return another_person_needed(Objection.NOTHING_PENDING)
        content = [await _held_of(session, context, client) for client in row.clients]
        if claim.earlier is None:
            row.exported_at = context.now
            await session.flush()
            tell(session, context.caller, "legal_demand.exported", row.id)
            claim.record({"id": str(row.id)})
        return orjson.dumps(content, option=orjson.OPT_INDENT_2).decode()


def particulars_of(context: RequestContext[Any], row: LegalDemand) -> Particulars | None:
    text = vault(context.settings).open_alone(row.id, row.wrapped, row.particulars_sealed)
    return None if text is None else Particulars(**orjson.loads(text))


async def _held_of(session: AsyncSession, context: RequestContext[Any], client: UUID) -> dict[str, Any]:
    row, keys = await session.get_one(Client, client), vault(context.settings)
    found = await session.scalars(
        select(DataKey).where(DataKey.client_id == client, DataKey.referral_id.is_(None))
    )
    by_group = {key.key_group: key for key in found}
    contacts = keys.open(by_group.get(KeyGroup.CONTACT), row.contacts_sealed)
    sent = await session.scalars(
        select(Referral).where(
            Referral.client_id == client, Referral.sender_id == context.caller.organization
        )
    )
    return {
        "handle": str(handle_of(context, row)),
        "erased": row.erased_at is not None,
        "displayName": keys.open(by_group.get(KeyGroup.IDENTITY), row.display_name_sealed),
        "contacts": orjson.loads(contacts) if contacts else None,
        "county": row.county_fips,
        "referrals": [{"id": str(one.id), "state": one.state.value} for one in sent],
    }
