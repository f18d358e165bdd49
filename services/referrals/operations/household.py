"""Recording who comes with a client."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, exists, select

from services.referrals.domain.clients import AgeBand, KeyGroup
from services.referrals.domain.household import MOST, Relation, problems
from services.referrals.events import tell
from services.referrals.models import Client, DataKey, HouseholdMember, IdempotencyRecord
from services.referrals.operations.clients import by_handle
from services.referrals.operations.vault import vault
from services.referrals.refusals import SensitiveText, sensitive_text
from vereda.caller import Scope
from vereda.context import RequestContext
from vereda.idempotency import claim_key, mark_recorded
from vereda.refusals import (
    InvalidInput,
    NotAllowed,
    NotFound,
    VersionConflict,
    invalid,
    not_allowed,
    not_found,
    version_conflict,
)
from vereda.screening import screen
from vereda.sealing import SealBrokenError

_BATCH: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberFields:
    relation: Relation
    age_band: AgeBand
    language: str | None = None
    name: str | None = None


HouseholdRefused = InvalidInput | SensitiveText | NotFound | NotAllowed | VersionConflict


async def set_household(
    context: RequestContext[Any], handle: UUID, version: int, members: tuple[MemberFields, ...], key: str
) -> Client | HouseholdRefused:
    """Say who comes with a client of one's own: all of them, in the place of whoever was there before."""
    context.caller.require(Scope.REFERRAL_SEND)
    if refusal := _refused(members):
        return refusal
    async with context.write() as session:
        request = [handle, version, [asdict(one) for one in members]]
        claim = await claim_key(session, IdempotencyRecord, context.caller, "setHousehold", key, request)
        client = await by_handle(session, context, handle)
        if client is None or client.home_organization_id != context.caller.organization:
            return not_found("client")
        if claim.earlier is not None:
            return client
        await session.refresh(client, with_for_update=True)
        if client.version != version:
            return version_conflict(client.version)
        identity = await session.scalar(
            select(DataKey).where(DataKey.client_id == client.id, DataKey.key_group == KeyGroup.IDENTITY)
        )
        await session.execute(delete(HouseholdMember).where(HouseholdMember.client_id == client.id))
        keys = vault(context.settings)
        try:
            for one in members:
                sealed = keys.seal_under(identity, one.name.strip()) if identity and one.name else None
                session.add(
                    HouseholdMember(
                        organization_id=client.home_organization_id,
                        client_id=client.id,
                        relation=one.relation,
                        age_band=one.age_band,
                        language=one.language,
                        name_sealed=sealed,
                    )
                )
        except SealBrokenError:
            return not_allowed("This client was erased: nothing more is recorded of them.")
        client.updated_at = context.now  # and with it the version: who read the client before must read again
        await session.flush()
        subject = keys.handle(client.id, context.caller.organization)
        tell(session, context.caller, "client.household", subject)
        claim.record({"id": str(client.id)})
        return client


async def let_households_go(context: RequestContext[Any]) -> int:
    """A round: delete who came with a client whose own keys are destroyed: their names are unreadable, and of how many
    there were, how old and in what language, nothing is needed any more (R22)."""
    async with context.write() as session:
        erased = exists().where(
            DataKey.client_id == HouseholdMember.client_id,
            DataKey.key_group == KeyGroup.IDENTITY,
            DataKey.wrapped.is_(None),
        )
        over = select(HouseholdMember.id).where(erased).limit(_BATCH).with_for_update(skip_locked=True)
        ids = (await session.scalars(over)).all()
        await session.execute(delete(HouseholdMember).where(HouseholdMember.id.in_(ids)))
        mark_recorded(session)
        return len(ids)


def _refused(members: tuple[MemberFields, ...]) -> InvalidInput | SensitiveText | None:
    if len(members) > MOST:
        return invalid(members=f"must be at most {MOST}")
    wrong = {
        f"members.{number}.{field}": problem
        for number, one in enumerate(members)
        for field, problem in problems(one.name, one.language).items()
    }
    if wrong:
        return invalid(**wrong)
    for number, one in enumerate(members):
        if finding := screen(one.name):
            return sensitive_text(f"members.{number}.name", finding)
    return None
