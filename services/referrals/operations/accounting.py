"""Accounting for what was disclosed of a client: to whom, when, what classes, for what, under which consent (R28)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.referrals.domain.accounting import How, Told, Words, account, gathered
from services.referrals.domain.consent import Purpose
from services.referrals.events import tell
from services.referrals.models import (
    AuditEntry,
    Client,
    Consent,
    Disclosure,
    IdempotencyRecord,
    Referral,
)
from services.referrals.operations.clients import by_handle
from services.referrals.operations.vault import vault
from vereda.audit.entries import Kind
from vereda.audit.trail import Note, note
from vereda.caller import Caller, Scope
from vereda.context import RequestContext
from vereda.idempotency import claim_key
from vereda.pagination import Order
from vereda.refusals import InvalidInput, NotFound, invalid, not_found

NEWEST_FIRST: Final = (Order(AuditEntry.id, descending=True),)
_MESSAGES: Final = Path(__file__).parent.parent / "messages"
_MOST_NAMES: Final = 200
_HOW: Final = {"sendReferral": How.SENT, "proveConsent": How.STATED}


def disclose(
    session: AsyncSession,
    context: RequestContext[Any],
    consent: Consent,
    recipient: UUID,
    purpose: Purpose,
    data_classes: Sequence[str],
    event: str,
    referral: UUID | None = None,
) -> None:
    """Record that the caller's organisation gave data of the consent's client to `recipient`: for the client to be told,
    and in the audit."""
    session.add(
        Disclosure(
            organization_id=context.caller.organization,
            client_id=consent.client_id,
            recipient_id=recipient,
            referral_id=referral,
            consent_id=consent.id,
            purpose=purpose.value,
            data_classes=list(data_classes),
            disclosed_at=context.now,
        )
    )
    said = Note(
        Kind.DISCLOSURE,
        event=event,
        subject=str(referral) if referral else None,
        client_id=consent.client_id,
        recipient_id=recipient,
        consent_id=consent.id,
        purpose=purpose.value,
        data_classes=tuple(sorted(data_classes)),
    )
    note(session, said)


def disclosures(caller: Caller) -> Select[AuditEntry]:
    """The disclosures that the caller's staff may know of: the client's home all of them, a recipient its own.

    Served by the index on client and id. That a survivor's referral went somewhere is known to its author and its
    recipient alone: for everybody else there is no such entry, nor a sign that one is missing (R16).
    """
    kept_close = (
        select(Referral.id)
        .where(
            Referral.client_id == AuditEntry.client_id,
            Referral.survivor,
            Referral.recipient_id == AuditEntry.recipient_id,
            Referral.author.is_distinct_from(caller.subject),
            Referral.recipient_id != caller.organization,
        )
        .exists()
    )
    return select(AuditEntry).where(AuditEntry.kind == Kind.DISCLOSURE.value, ~kept_close)


def how_of(entry: AuditEntry) -> How:
    return _HOW.get(entry.event or "", How.READ)


@dataclass(frozen=True, slots=True)
class Account:
    """What a client was told: each disclosure, and all of them as text in their language."""

    told: list[Told]
    text: str
    whole: bool


async def give_account(
    context: RequestContext[Any], handle: UUID, language: str, names: Mapping[UUID, str], key: str
) -> Account | NotFound | InvalidInput:
    """Give a client, at their own request, an account of who was told what of them, in their language.

    At their home organisation it is whole. Any other that knows them tells its own part, and has the home asked for the
    rest: what one partner is told, it must not learn of the others (R9). That it was given is entered as an act.
    """
    context.caller.require(Scope.CONSENT_MANAGE)
    words = catalogue().get(language)
    if words is None:
        return invalid(language=f"must be one of {', '.join(sorted(catalogue()))}")
    if len(names) > _MOST_NAMES:
        return invalid(recipient_names=f"must be at most {_MOST_NAMES}")
    async with context.write() as session:
        claim = await claim_key(
            session, IdempotencyRecord, context.caller, "giveAccount", key, [handle, language]
        )
        client = await by_handle(session, context, handle)
        if client is None:
            return not_found("client")
        whole = client.home_organization_id == context.caller.organization
        if claim.earlier is None:
            _enter(session, context, client, whole=whole)
            claim.record({"id": str(handle)})
        told = await _told(session, client)
    text = account(told, words, names, context.now, whole=whole)
    return Account(gathered(told), text, whole)


def _enter(session: AsyncSession, context: RequestContext[Any], client: Client, *, whole: bool) -> None:
    note(session, Note(Kind.ACT, event="account.given", client_id=client.id))
    if not whole:
        home = client.home_organization_id
        theirs = str(vault(context.settings).handle(client.id, home))
        tell(session, context.caller, "account.requested", UUID(theirs), [home], client=theirs)


async def _told(session: AsyncSession, client: Client) -> list[Told]:
    rows = await session.scalars(
        select(AuditEntry).where(AuditEntry.client_id == client.id, AuditEntry.kind == Kind.DISCLOSURE.value)
    )
    return [
        Told(
            at=row.at,
            recipient=row.recipient_id,
            how=how_of(row),
            data_classes=frozenset(row.data_classes),
            purpose=row.purpose or Purpose.REFERRAL_DELIVERY.value,
            consent=row.consent_id,
        )
        for row in rows
        if row.recipient_id is not None
    ]


@cache
def catalogue() -> Mapping[str, Words]:
    """The languages that accounts are given in, by ISO 639-3 code: a further one is a further file in `messages/`."""
    found = {}
    for file in sorted(_MESSAGES.glob("*.json")):
        said = orjson.loads(file.read_bytes())
        found[file.stem] = Words(
            file.stem, said["dataClasses"], said["purposes"], said["ways"], said["sentences"]
        )
    return found
