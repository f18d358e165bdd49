"""Recording a client, and finding one's own again."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.referrals.domain.clients import (
    AgeBand,
    ContactMode,
    ContactSystem,
    KeyGroup,
    Modality,
    name_tokens,
    problems,
)
from services.referrals.events import tell
from services.referrals.models import Client, ClientHandle, IdempotencyRecord
from services.referrals.operations.indexes import match_index
from services.referrals.operations.vault import vault
from services.referrals.refusals import SensitiveText, sensitive_text
from vereda.caller import Scope
from vereda.context import RequestContext
from vereda.idempotency import claim_key
from vereda.ids import new_id
from vereda.pagination import Order
from vereda.refusals import InvalidInput, invalid
from vereda.screening import screen

CLIENT_ORDER: Final = (Order(Client.id, descending=True),)


@dataclass(frozen=True, slots=True)
class Contact:
    system: ContactSystem
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientFields:
    display_name: str
    contacts: tuple[Contact, ...] = ()
    contact_mode: ContactMode = ContactMode.ANY
    safe_hours: str | None = None
    language: str
    modality: Modality = Modality.SPOKEN
    age_band: AgeBand | None = None
    county: str | None = None
    zip3: str | None = None


async def record_client(
    context: RequestContext[Any], given: ClientFields, key: str
) -> Client | InvalidInput | SensitiveText:
    """Record a person whom the caller's organisation helps. Nobody else knows of them until a consent says so."""
    context.caller.require(Scope.REFERRAL_SEND)
    values = [one.value for one in given.contacts]
    wrong = problems(
        given.display_name,
        given.language,
        given.county,
        given.zip3,
        values,
        given.contact_mode,
        given.safe_hours,
    )
    if wrong:
        return invalid(**wrong)
    for field, text in (("displayName", given.display_name), ("safeHours", given.safe_hours)):
        if finding := screen(text):
            return sensitive_text(field, finding)
    async with context.write() as session:
        claim = await claim_key(
            session, IdempotencyRecord, context.caller, "recordClient", key, asdict(given)
        )
        if claim.earlier is not None:
            return await session.get_one(Client, UUID(claim.earlier["id"]))
        row = await add_client(session, context, given)
        tell(session, context.caller, "client.recorded", handle_of(context, row))
        claim.record({"id": str(row.id)})
        return row


async def add_client(session: AsyncSession, context: RequestContext[Any], given: ClientFields) -> Client:
    """Seal and store a client of the caller's organisation, with its handle there."""
    keys, home, id_ = vault(context.settings), context.caller.organization, new_id()
    identity, identity_key = keys.make(id_, KeyGroup.IDENTITY)
    contact, contact_key = keys.make(id_, KeyGroup.CONTACT)
    contacts = orjson.dumps([asdict(one) for one in given.contacts]).decode()
    row = Client(
        id=id_,
        home_organization_id=home,
        display_name_sealed=keys.seal(identity_key, given.display_name.strip(), id_, KeyGroup.IDENTITY),
        contacts_sealed=keys.seal(contact_key, contacts, id_, KeyGroup.CONTACT) if given.contacts else None,
        name_index=[keys.provider.blind_index(home, token) for token in name_tokens(given.display_name)],
        match_index=match_index(
            keys, home, given.display_name, [(one.system, one.value) for one in given.contacts]
        ),
        contact_mode=given.contact_mode,
        safe_hours_sealed=(
            keys.seal(contact_key, given.safe_hours, id_, KeyGroup.CONTACT) if given.safe_hours else None
        ),
        language=given.language,
        modality=given.modality,
        age_band=given.age_band,
        county_fips=given.county,
        zip3=given.zip3,
    )
    session.add(row)
    await session.flush()
    session.add_all(
        [identity, contact, ClientHandle(handle=keys.handle(id_, home), client_id=id_, organization_id=home)]
    )
    await session.flush()
    return row


def handle_of(context: RequestContext[Any], row: Client) -> UUID:
    """The caller's own handle of a client."""
    return vault(context.settings).handle(row.id, context.caller.organization)


def own_clients(context: RequestContext[Any], name: str | None) -> Select[Client]:
    """The caller's own clients; with `name`, those whose name has all its words. Served by the GIN on `name_index`."""
    home = context.caller.organization
    statement = select(Client).where(Client.home_organization_id == home, Client.erased_at.is_(None))
    if name:
        index = vault(context.settings).provider
        tokens = [index.blind_index(home, token) for token in name_tokens(name)]
        statement = statement.where(Client.name_index.contains(tokens))
    return statement


async def by_handle(session: AsyncSession, context: RequestContext[Any], handle: UUID) -> Client | None:
    """The client whom the caller's organisation knows as `handle`; another's handle finds nobody, nor one's own of a
    client who was erased."""
    known = select(ClientHandle.client_id).where(
        ClientHandle.handle == handle, ClientHandle.organization_id == context.caller.organization
    )
    return await session.scalar(
        select(Client).where(Client.id == known.scalar_subquery(), Client.erased_at.is_(None))
    )
