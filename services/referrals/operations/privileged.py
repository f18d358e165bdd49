"""Keys of an organisation's compartment, and notes sealed to them (R15)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import Select, select

from services.referrals.domain.privileged import public_key, sealed_to, thumbprint
from services.referrals.events import tell
from services.referrals.models import CompartmentKey, IdempotencyRecord, PrivilegedNote, Referral
from vereda.caller import Scope
from vereda.context import RequestContext
from vereda.idempotency import claim_key
from vereda.ids import new_id
from vereda.pagination import Order
from vereda.refusals import InvalidInput, NotFound, invalid, not_found

NOTE_ORDER: Final = (Order(PrivilegedNote.id, descending=True),)
KEY_ORDER: Final = (Order(CompartmentKey.thumbprint),)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteFields:
    referral: UUID
    sealed: str


async def register_key(context: RequestContext[Any], jwk: str, key: str) -> CompartmentKey | InvalidInput:
    """Register a public key of the caller's organisation, to which its people then seal notes."""
    caller = context.caller
    caller.require(Scope.ADMIN_ORGANIZATION)
    members = public_key(jwk)
    if members is None:
        return invalid(jwk="must be a public JWK on P-256 or X25519; the private half stays with you")
    name = thumbprint(members)
    async with context.write() as session:
        claim = await claim_key(session, IdempotencyRecord, caller, "registerCompartmentKey", key, jwk)
        known = await session.get(CompartmentKey, (caller.organization, name))
        if known is not None:
            if claim.earlier is None:
                claim.record({"id": name})
            return known
        row = CompartmentKey(
            organization_id=caller.organization,
            thumbprint=name,
            jwk=orjson.dumps(members, option=orjson.OPT_SORT_KEYS).decode(),
            registered_by=caller.subject,
            registered_at=context.now,
        )
        session.add(row)
        tell(session, caller, "compartment_key.registered", caller.organization)
        claim.record({"id": name})
        return row


async def write_note(
    context: RequestContext[Any], given: NoteFields, key: str
) -> PrivilegedNote | InvalidInput | NotFound:
    """Keep a note, sealed by its author to a key of their organisation, with a referral that the organisation sees."""
    caller = context.caller
    caller.require(Scope.REFERRAL_SEND, Scope.REFERRAL_RECEIVE)
    sealed_for = sealed_to(given.sealed)
    if sealed_for is None:
        return invalid(sealed="must be a JWE, compact, by ECDH-ES+A256KW and A256GCM, of at most 64 KiB")
    async with context.write() as session:
        claim = await claim_key(session, IdempotencyRecord, caller, "writePrivilegedNote", key, asdict(given))
        if claim.earlier is not None:
            return await session.get_one(PrivilegedNote, UUID(claim.earlier["id"]))
        referral = await session.get(Referral, given.referral)
        if referral is None:
            return not_found("referral")
        if await session.get(CompartmentKey, (caller.organization, sealed_for)) is None:
            return invalid(sealed="names by its `kid` no key that your organisation registered")
        row = PrivilegedNote(
            id=new_id(),
            organization_id=caller.organization,
            client_id=referral.client_id,
            referral_id=referral.id,
            author=caller.subject,
            thumbprint=sealed_for,
            sealed=given.sealed,
            written_at=context.now,
        )
        session.add(row)
        tell(session, caller, "privileged_note.written", row.id)
        claim.record({"id": str(row.id)})
        return row


def notes_of(referral: UUID) -> Select[PrivilegedNote]:
    """The caller's organisation's notes of a referral. Served by the index on `organization_id, referral_id, id`."""
    return select(PrivilegedNote).where(PrivilegedNote.referral_id == referral)


def own_keys() -> Select[CompartmentKey]:
    """The caller's organisation's keys: row-level security shows no others."""
    return select(CompartmentKey)
