"""Possible duplicates inside one organisation, and links between records of one person: reversible, and never a merger.

Records are found by an index of keyed digests (R21), compared by their names in memory, and told of without a value.
A link changes no consent, no handle and no referral: it says that two records are of one person, on both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import ScalarSelect, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.referrals.domain.clients import ContactSystem, KeyGroup
from services.referrals.domain.resemblance import (
    WORTH_SHOWING,
    Described,
    Likeness,
    Resemblance,
    compare,
    route,
)
from services.referrals.events import tell
from services.referrals.models import Client, ClientLink, DataKey, IdempotencyRecord
from services.referrals.operations.clients import by_handle
from services.referrals.operations.indexes import match_index
from services.referrals.operations.vault import vault
from vereda.caller import Scope
from vereda.context import RequestContext
from vereda.idempotency import claim_key, mark_recorded
from vereda.refusals import InvalidInput, NotFound, invalid, not_found

_MOST_COMPARED: Final = 50
_BATCH: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkFields:
    one: UUID
    other: UUID
    evidence: tuple[Likeness, ...]


async def possible_duplicates(
    context: RequestContext[Any], handle: UUID, first: int
) -> list[tuple[Client, Resemblance]] | None:
    """Own clients who may be this one, the likeliest first; None where `handle` is of no client of one's own."""
    context.caller.require(Scope.CLIENT_READ)
    async with context.read() as session:
        client = await by_handle(session, context, handle)
        if client is None or client.home_organization_id != context.caller.organization:
            return None
        # Served by the GIN on match_index.
        found = await session.scalars(
            select(Client)
            .where(
                Client.home_organization_id == context.caller.organization,
                Client.match_index.overlap(client.match_index),
                Client.id != client.id,
                Client.erased_at.is_(None),
            )
            .order_by(_shared(client.match_index).desc(), Client.id)
            .limit(_MOST_COMPARED)
        )
        others = found.all()
        described = await _described(session, context, [client, *others])
    mine = described[client.id]
    compared = [(one, compare(mine, described[one.id])) for one in others]
    worth = [(one, found) for one, found in compared if found.score >= WORTH_SHOWING]
    return sorted(worth, key=lambda pair: (-pair[1].score, str(pair[0].id)))[:first]


async def link_clients(
    context: RequestContext[Any], given: LinkFields, key: str
) -> ClientLink | NotFound | InvalidInput:
    """Say that two clients of the caller's organisation are one person, on the evidence named."""
    context.caller.require(Scope.REFERRAL_SEND)
    if given.one == given.other:
        return invalid(other="is the same record")
    if not given.evidence:
        return invalid(evidence="must name at least one likeness")
    async with context.write() as session:
        claim = await claim_key(session, IdempotencyRecord, context.caller, "linkClients", key, asdict(given))
        if claim.earlier is not None:
            return await session.get_one(ClientLink, UUID(claim.earlier["id"]))
        pair = [await by_handle(session, context, handle) for handle in (given.one, given.other)]
        if any(one is None or one.home_organization_id != context.caller.organization for one in pair):
            return not_found("client of your organisation")
        one, other = sorted(client.id for client in pair if client is not None)
        row = await session.scalar(
            select(ClientLink)
            .where(ClientLink.one_id == one, ClientLink.other_id == other, ClientLink.unlinked_at.is_(None))
            .with_for_update()
        )
        if row is None:
            row = ClientLink(
                organization_id=context.caller.organization,
                one_id=one,
                other_id=other,
                evidence=sorted({like.value for like in given.evidence}),
                linked_by=context.caller.subject,
                linked_at=context.now,
            )
            session.add(row)
            await session.flush()
            tell(session, context.caller, "client.linked", row.id)
        claim.record({"id": str(row.id)})
        return row


async def unlink_clients(context: RequestContext[Any], id_: UUID, key: str) -> ClientLink | NotFound:
    """Take a link back. That there was one stays on record."""
    context.caller.require(Scope.REFERRAL_SEND)
    async with context.write() as session:
        claim = await claim_key(session, IdempotencyRecord, context.caller, "unlinkClients", key, [str(id_)])
        row = await session.get(ClientLink, id_, with_for_update=True)
        if row is None:
            return not_found("link")
        if row.unlinked_at is None:
            row.unlinked_at, row.unlinked_by = context.now, context.caller.subject
            await session.flush()
            tell(session, context.caller, "client.unlinked", row.id)
        if claim.earlier is None:
            claim.record({"id": str(row.id)})
        return row


async def links_of(context: RequestContext[Any], handle: UUID) -> list[tuple[ClientLink, UUID]] | None:
    """The links of a client in force, each with the other one's handle; they show on both."""
    context.caller.require(Scope.CLIENT_READ)
    async with context.read() as session:
        client = await by_handle(session, context, handle)
        if client is None or client.home_organization_id != context.caller.organization:
            return None
        found = await session.scalars(
            select(ClientLink)
            .where(
                or_(ClientLink.one_id == client.id, ClientLink.other_id == client.id),
                ClientLink.unlinked_at.is_(None),
            )
            .order_by(ClientLink.id)
        )
        rows = found.all()
    names = vault(context.settings)
    own = context.caller.organization
    return [(row, names.handle(row.other_id if row.one_id == client.id else row.one_id, own)) for row in rows]


async def index_names(context: RequestContext[Any]) -> int:
    """A round: put a batch of clients into the index who were recorded before there was one."""
    async with context.write() as session:
        found = await session.scalars(  # served by ix_clients_to_index
            select(Client)
            .where(Client.match_index == [], Client.erased_at.is_(None))
            .limit(_BATCH)
            .with_for_update(skip_locked=True)
        )
        rows = found.all()
        opened = await _opened(session, context, rows)
        for row in rows:
            name, contacts = opened[row.id]
            row.match_index = match_index(
                vault(context.settings), row.home_organization_id, name or "", contacts
            )
        mark_recorded(session)
        return len(rows)


def _shared(index: list[str]) -> ScalarSelect[int]:
    """How many entries of its index a client has in common with `index`: those with the most are compared."""
    entries = func.unnest(Client.match_index).table_valued("entry").render_derived()
    shared = select(func.count()).select_from(entries).where(entries.c.entry.in_(index))
    return shared.correlate(Client).scalar_subquery()


async def _described(
    session: AsyncSession, context: RequestContext[Any], rows: Sequence[Client]
) -> dict[UUID, Described]:
    opened = await _opened(session, context, rows)
    return {
        row.id: Described(
            opened[row.id][0] or "",
            frozenset(
                found for system, value in opened[row.id][1] if (found := route(system, value)) is not None
            ),
            row.age_band,
            row.county_fips or row.zip3,
        )
        for row in rows
    }


async def _opened(
    session: AsyncSession, context: RequestContext[Any], rows: Sequence[Client]
) -> dict[UUID, tuple[str | None, list[tuple[ContactSystem, str]]]]:
    """Names and contacts of clients, through row-level security, by their inner ids."""
    ring = vault(context.settings)
    found = await session.scalars(
        select(DataKey).where(DataKey.client_id.in_([row.id for row in rows]), DataKey.referral_id.is_(None))
    )
    held = {(key.client_id, key.key_group): key for key in found}
    content = {}
    for row in rows:
        contacts = ring.open(held.get((row.id, KeyGroup.CONTACT)), row.contacts_sealed)
        content[row.id] = (
            ring.open(held.get((row.id, KeyGroup.IDENTITY)), row.display_name_sealed),
            [(ContactSystem(one["system"]), one["value"]) for one in orjson.loads(contacts or "[]")],
        )
    return content
