"""Keeping what referrals states of services' answers (docs/decisions/0020): brought by whoever may, checked, the newest kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.partners.events import tell
from services.partners.models import IdempotencyRecord, Service, ServiceStanding
from vereda.caller import Scope, system_caller
from vereda.context import RequestContext
from vereda.idempotency import claim_key
from vereda.refusals import InvalidInput, invalid
from vereda.signed import TokenRefusedError
from vereda.statements import ServiceStanding as Statement
from vereda.statements import claimed_content, verifier

MOST_AT_ONCE: Final = 100
#: How long a statement is believed: who stops being spoken of is no better or worse than a new partner.
BELIEVED_FOR: Final = timedelta(days=8)


async def file_standings(
    context: RequestContext[Any], tokens: Sequence[str], key: str
) -> list[UUID] | InvalidInput:
    """Keep each statement that is newer than what is kept of its service; the ids of those services.

    Who brings them changes nothing in what they say, and cannot leave out a bad one for long: anybody else may bring it.
    """
    context.caller.require(Scope.REFERRAL_SEND, Scope.ADMIN_NETWORK)
    if not 1 <= len(tokens) <= MOST_AT_ONCE:
        return invalid(standings=f"must be 1 to {MOST_AT_ONCE} statements")
    async with context.write(system_caller(context.caller.organization, context.caller.subject)) as session:
        # A statement is a new token each time that it is read: what it is about makes the request the same.
        about = [claimed_content(token).get("service") for token in tokens]
        claim = await claim_key(session, IdempotencyRecord, context.caller, "fileStandings", key, about)
        if claim.earlier is not None:
            return [UUID(one) for one in claim.earlier["services"]]
        stated: dict[UUID, Statement] = {}
        reader = verifier(Statement, context.settings)
        for number, token in enumerate(tokens):
            try:
                statement = await reader.read(token)
            except TokenRefusedError:
                return invalid(standings=f"number {number + 1} is no statement of referrals that is in force")
            known = stated.get(statement.service)
            if known is None or known.as_of < statement.as_of:
                stated[statement.service] = statement
        filed = await _keep(session, context, stated)
        claim.record({"services": [str(one) for one in filed]})
        return filed


async def _keep(
    session: AsyncSession, context: RequestContext[Any], stated: dict[UUID, Statement]
) -> list[UUID]:
    found = select(Service.id, Service.organization_id).where(Service.id.in_(stated))
    owners = {row.id: row.organization_id for row in await session.execute(found)}
    before = {
        row.service_id: row.declined_at
        for row in await session.scalars(
            select(ServiceStanding).where(ServiceStanding.service_id.in_(owners)).with_for_update()
        )
    }
    filed = []
    for service in sorted(owners):  # in one order, so that two who bring the same wait for each other
        statement = stated[service]
        values = {
            "as_of": statement.as_of,
            "expires_at": statement.as_of + BELIEVED_FOR,
            "accept_rate": statement.accept_rate,
            "above_share": statement.above_share,
            "declined_at": statement.declined_at,
        }
        newer = (
            insert(ServiceStanding)
            .values(service_id=service, organization_id=owners[service], **values)
            .on_conflict_do_update(
                index_elements=[ServiceStanding.service_id],
                set_=values,
                where=ServiceStanding.as_of < statement.as_of,
            )
            .returning(ServiceStanding.service_id)
        )
        if await session.scalar(newer) is None:
            continue
        filed.append(service)
        if statement.declined_at is not None and before.get(service) != statement.declined_at:
            # The nag: whoever declines for want of room should say so once, not to each client.
            tell(
                session, context.caller, "capacity.inferred", service, [owners[service]], service=str(service)
            )
    return filed
