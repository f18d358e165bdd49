"""What consents allow, taking one back, and proving one to another service. Recording one: `consenting`."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, any_, exists, literal
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.referrals.domain import consent as rule
from services.referrals.domain.consent import DataClass, Purpose, RevokedHow
from services.referrals.events import tell_only
from services.referrals.models import ClientHandle, Consent, IdempotencyRecord, Referral
from services.referrals.operations.accounting import disclose
from services.referrals.operations.clients import by_handle
from services.referrals.operations.vault import vault
from services.referrals.refusals import ConsentMissing, consent_missing
from vereda.caller import Scope
from vereda.context import RequestContext
from vereda.idempotency import claim_key, mark_recorded
from vereda.refusals import InvalidInput, NotFound, invalid, not_found
from vereda.statements import ConsentProof, sign

#: What each purpose that leads to another service needs to be allowed to carry.
_PROOF_CLASS: Final = {
    Purpose.PROGRAM_ENROLMENT: DataClass.PROGRAM,
    Purpose.GRANT_APPLICATION: DataClass.FINANCIAL,
}


def as_rule(row: Consent) -> rule.Consent:
    """The consent as the domain's formula takes it."""
    return rule.Consent(
        id=row.id,
        recipients=frozenset(row.recipients),
        data_classes=frozenset(DataClass(one) for one in row.data_classes),
        purposes=frozenset(Purpose(one) for one in row.purposes),
        service_domains=frozenset(row.service_domains),
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


async def revoke_consent(
    context: RequestContext[Any], id_: UUID, how: RevokedHow, key: str
) -> Consent | InvalidInput | NotFound:
    """Take a consent back, at the client's word, through any organisation that it names. Never refused (R9).

    With it its referrals that are under way end as REVOKED, and the keys of what they told are destroyed: Postgres sees
    to that (policies/consents.sql), because they are of organisations that this caller cannot see.
    """
    context.caller.require(Scope.CONSENT_MANAGE)
    if how is RevokedHow.SUPERSEDED:
        return invalid(how="SUPERSEDED follows from a newer consent: record that one")
    if how is RevokedHow.ERASED:
        return invalid(how="ERASED follows from `eraseClient`: that erases the client")
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
        row.revoked_at, row.revoked_how = context.now, how
        await session.flush()
        # One event for each: who is told must not learn of whom else the client trusted.
        for told in {*row.recipients, row.organization_id}:
            tell_only(session, context.caller, "consent.revoked", row.id, [told], consent=str(row.id))
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
