"""Recording what a client allows, taking it back, and proving it to another service."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import orjson
from iso639 import is_language
from sqlalchemy import ColumnElement, any_, exists, literal
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.referrals.domain import consent as rule
from services.referrals.domain.consent import DataClass, Grantor, Method, Purpose
from services.referrals.events import tell
from services.referrals.models import (
    Client,
    ClientHandle,
    Consent,
    IdempotencyRecord,
    Referral,
)
from services.referrals.operations.accounting import disclose
from services.referrals.operations.clients import by_handle
from services.referrals.operations.vault import vault
from services.referrals.refusals import ConsentMissing, consent_missing
from vereda.caller import Scope
from vereda.context import RequestContext
from vereda.idempotency import claim_key, mark_recorded
from vereda.ids import new_id
from vereda.refusals import InvalidInput, NotFound, invalid, not_found
from vereda.statements import ConsentProof, sign

_MOST_RECIPIENTS: Final = 25
_LONGEST_VERSION: Final = 40
#: What each purpose that leads to another service needs to be allowed to carry.
_PROOF_CLASS: Final = {
    Purpose.PROGRAM_ENROLMENT: DataClass.PROGRAM,
    Purpose.GRANT_APPLICATION: DataClass.FINANCIAL,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentFields:
    client: UUID
    recipients: tuple[UUID, ...]
    purposes: tuple[Purpose, ...]
    data_classes: tuple[DataClass, ...]
    method: Method
    grantor: Grantor = Grantor.SELF
    language: str
    script_version: str
    script_text: str
    expires_at: datetime | None = None


def as_rule(row: Consent) -> rule.Consent:
    """The consent as the domain's formula takes it."""
    return rule.Consent(
        id=row.id,
        recipients=frozenset(row.recipients),
        data_classes=frozenset(DataClass(one) for one in row.data_classes),
        purposes=frozenset(Purpose(one) for one in row.purposes),
        valid_from=row.valid_from,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
    )


def status_returning(now: datetime) -> ColumnElement[bool]:
    """Of a referral: that its consent, in force at `now`, lets its sender learn how it goes (R7)."""
    return exists().where(
        Consent.id == Referral.consent_id,
        literal(Purpose.STATUS_BACK.value) == any_(Consent.purposes),
        Consent.revoked_at.is_(None),
        Consent.valid_from <= now,
        Consent.expires_at > now,
    )


def status_returns(consent: Consent, now: datetime) -> bool:
    """Whether the sender may learn how a referral goes: a purpose of its own (R7)."""
    held = as_rule(consent)
    return Purpose.STATUS_BACK in held.purposes and held.active(now)


async def record_consent(
    context: RequestContext[Any], given: ConsentFields, key: str
) -> Consent | InvalidInput | NotFound:
    """Record that a client of the caller's organisation consented, in their language, by that script."""
    context.caller.require(Scope.CONSENT_MANAGE)
    wrong = _problems(given, context.now)
    if wrong:
        return invalid(**wrong)
    async with context.write() as session:
        claim = await claim_key(
            session, IdempotencyRecord, context.caller, "recordConsent", key, asdict(given)
        )
        if claim.earlier is not None:
            return await session.get_one(Consent, UUID(claim.earlier["id"]))
        client = await by_handle(session, context, given.client)
        if client is None or client.home_organization_id != context.caller.organization:
            return not_found("client")
        row = add_consent(session, context, client, given)
        await session.flush()
        tell(session, context.caller, "consent.recorded", row.id, consent=str(row.id))
        claim.record({"id": str(row.id)})
        return row


def add_consent(
    session: AsyncSession, context: RequestContext[Any], client: Client, given: ConsentFields
) -> Consent:
    """Store a consent with the hash of its receipt."""
    id_, until = new_id(), given.expires_at or context.now + timedelta(days=365)
    receipt = {
        "consent": str(id_),
        "recipients": sorted(map(str, given.recipients)),
        "purposes": sorted(given.purposes),
        "dataClasses": sorted(given.data_classes),
        "method": given.method,
        "language": given.language,
        "script": given.script_version,
        "from": context.now.isoformat(),
        "until": until.isoformat(),
    }
    row = Consent(
        id=id_,
        organization_id=context.caller.organization,
        client_id=client.id,
        grantor=given.grantor,
        recipients=sorted(set(given.recipients)),
        purposes=sorted({one.value for one in given.purposes}),
        data_classes=sorted({one.value for one in given.data_classes}),
        method=given.method,
        language=given.language,
        script_version=given.script_version,
        script_hash=hashlib.sha256(given.script_text.encode()).hexdigest(),
        captured_by=context.caller.subject,
        receipt_hash=hashlib.sha256(orjson.dumps(receipt, option=orjson.OPT_SORT_KEYS)).hexdigest(),
        valid_from=context.now,
        expires_at=until,
        created_at=context.now,
    )
    session.add(row)
    return row


async def revoke_consent(context: RequestContext[Any], id_: UUID, key: str) -> Consent | NotFound:
    """Take a consent back, at the client's word, through any organisation that it names. Never refused (R9).

    With it its referrals that are under way end as REVOKED, and the keys of what they told are destroyed: Postgres sees
    to that (policies/consents.sql), because they are of organisations that this caller cannot see.
    """
    context.caller.require(Scope.CONSENT_MANAGE)
    async with context.write() as session:
        claim = await claim_key(session, IdempotencyRecord, context.caller, "revokeConsent", key, [str(id_)])
        row = await session.get(Consent, id_, with_for_update=True)
        if row is None:
            return not_found("consent")
        if claim.earlier is not None:
            return row
        if row.revoked_at is not None:
            claim.record({"id": str(row.id)})
            return row
        row.revoked_at = context.now
        await session.flush()
        # One event for each: who is told must not learn of whom else the client trusted.
        for told in {*row.recipients, row.organization_id}:
            tell(session, context.caller, "consent.revoked", row.id, [told], consent=str(row.id))
        claim.record({"id": str(row.id)})
        return row


async def prove_consent(
    context: RequestContext[Any], client: UUID, consent: UUID, purpose: Purpose, recipient: UUID
) -> str | NotFound | ConsentMissing | InvalidInput:
    """A signed statement for another service that this client consented to `purpose` with `recipient` (DOMAIN 4.2)."""
    context.caller.require(Scope.CONSENT_MANAGE)
    needed = _PROOF_CLASS.get(purpose)
    if needed is None:
        return invalid(purpose="must be PROGRAM_ENROLMENT or GRANT_APPLICATION")
    async with context.write() as session:
        person = await by_handle(session, context, client)
        row = await session.get(Consent, consent, with_for_update={"read": True})
        if person is None or row is None or row.client_id != person.id:
            return not_found("consent of this client")
        held = as_rule(row)
        if not (held.active(context.now) and held.covers(recipient, needed, purpose)):
            return consent_missing([needed])
        recipient_handle = await name_for(session, context, person.id, recipient)
        disclose(session, context, row, recipient, purpose, [needed.value], "proveConsent")
        await session.flush()
        mark_recorded(session)
    proof = ConsentProof(
        consent=row.id,
        purpose=purpose.value,
        data_classes=row.data_classes,
        sponsor=context.caller.organization,
        sponsor_handle=client,
        recipient=recipient,
        recipient_handle=recipient_handle,
        consent_expires_at=row.expires_at,
    )
    return sign(context.settings, proof)


async def name_for(
    session: AsyncSession, context: RequestContext[Any], client: UUID, organization: UUID
) -> UUID:
    """Give `organization` its handle of the client, if it has none yet."""
    handle = vault(context.settings).handle(client, organization)
    named = {"handle": handle, "client_id": client, "organization_id": organization}
    await session.execute(insert(ClientHandle).values(**named).on_conflict_do_nothing())
    return handle


def _problems(given: ConsentFields, now: datetime) -> dict[str, str]:
    wrong = {}
    if not 1 <= len(set(given.recipients)) <= _MOST_RECIPIENTS:
        wrong["recipients"] = "must name 1 to 25 organisations: there is no consent for everybody (R6)"
    if not given.purposes:
        wrong["purposes"] = "must name at least one"
    if Purpose.RESEARCH in given.purposes:
        wrong["purposes"] = "RESEARCH is not offered by this network"
    if not given.data_classes:
        wrong["data_classes"] = "must name at least one"
    if not is_language(given.language, "pt3"):
        wrong["language"] = "must be an ISO 639-3 code, such as `mxb`"
    if not given.script_text.strip() or not 1 <= len(given.script_version.strip()) <= _LONGEST_VERSION:
        wrong["script_text"] = (
            "and `scriptVersion` (1 to 40 characters) are needed: what was read to the client"
        )
    if given.expires_at is not None and not now < given.expires_at <= now + rule.LONGEST:
        wrong["expires_at"] = "must be within the next 12 months"
    return wrong
