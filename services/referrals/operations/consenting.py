"""Recording what a client allows: by whose word, in which language, by which script, with whom there (R6, R8)."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import orjson
from iso639 import is_language
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.referrals.domain import consent as rule
from services.referrals.domain.clients import KeyGroup
from services.referrals.domain.consent import NEEDED_PRESENCE, DataClass, Grantor, Method, Presence, Purpose
from services.referrals.domain.receipts import Agreed, receipt, receipt_hash
from services.referrals.domain.scripts import network_script, text_hash
from services.referrals.events import tell, tell_only
from services.referrals.models import Client, Consent, ConsentScript, DataKey, IdempotencyRecord
from services.referrals.operations.clients import by_handle
from services.referrals.operations.vault import vault
from services.referrals.refusals import SensitiveText, sensitive_text
from vereda.caller import Scope
from vereda.context import RequestContext
from vereda.idempotency import claim_key
from vereda.ids import new_id
from vereda.refusals import InvalidInput, NotFound, invalid, not_found
from vereda.screening import screen

_MOST_RECIPIENTS: Final = 25
_LONGEST_VERSION: Final = 40
_MOST_PRESENT: Final = 4
_LONGEST_NAME: Final = 200
_DOMAIN: Final = re.compile(r"[a-z][a-z0-9_]{0,79}")


@dataclass(frozen=True, slots=True)
class Present:
    """Somebody who was there: by role, and by a name that is kept sealed under the client's key."""

    role: Presence
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentFields:
    """`script`: of the published scripts, the one that was read; otherwise `script_text`, or the network's own script of
    this version and language. Nothing of what the client said no to is in here: it is not kept."""

    client: UUID
    recipients: tuple[UUID, ...]
    purposes: tuple[Purpose, ...]
    data_classes: tuple[DataClass, ...]
    method: Method
    grantor: Grantor = Grantor.SELF
    language: str
    script_version: str = ""
    script_text: str | None = None
    script: UUID | None = None
    present: tuple[Present, ...] = ()
    service_domains: tuple[str, ...] = ()
    standing: bool = False
    partial: bool = False
    supersedes: UUID | None = None
    expires_at: datetime | None = None


async def record_consent(
    context: RequestContext[Any], given: ConsentFields, key: str
) -> Consent | InvalidInput | SensitiveText | NotFound:
    """Record that a client of the caller's organisation consented, in their language, by that script."""
    context.caller.require(Scope.CONSENT_MANAGE)
    wrong = _problems(given, context.now)
    if wrong:
        return invalid(**wrong)
    for one in given.present:
        if finding := screen(one.name):
            return sensitive_text("present", finding)
    async with context.write() as session:
        claim = await claim_key(
            session, IdempotencyRecord, context.caller, "recordConsent", key, asdict(given)
        )
        if claim.earlier is not None:
            return await session.get_one(Consent, UUID(claim.earlier["id"]))
        client = await by_handle(session, context, given.client)
        if client is None or client.home_organization_id != context.caller.organization:
            return not_found("client")
        read = await _script_read(session, given)
        if isinstance(read, InvalidInput | NotFound):
            return read
        former = None
        if given.supersedes is not None:
            former = await session.get(Consent, given.supersedes, with_for_update=True)
            if former is None or former.client_id != client.id or former.revoked_at is not None:
                return not_found("consent of this client that is in force")
        row = await add_consent(session, context, client, given, *read)
        tell(session, context.caller, "consent.recorded", row.id, consent=str(row.id))
        if former is not None:
            for told in {*former.recipients, former.organization_id}:
                about = {"consent": str(former.id)}
                tell_only(session, context.caller, "consent.superseded", former.id, [told], **about)
        claim.record({"id": str(row.id)})
        return row


async def _script_read(
    session: AsyncSession, given: ConsentFields
) -> tuple[str, str] | InvalidInput | NotFound:
    """Version and hash of what was read to the client."""
    if given.script is not None:
        script = await session.get(ConsentScript, given.script)
        if script is None:
            return not_found("consent script")
        if script.language != given.language:
            return invalid(script="is in another language than the consent")
        return script.version, script.text_hash
    if given.script_text is not None:
        return given.script_version, text_hash(given.script_text)
    own = network_script(given.script_version, given.language)
    if own is None:
        return invalid(
            script_text="or `script` is needed: the network has no script of this version in this language"
        )
    return own.version, own.hash


async def add_consent(
    session: AsyncSession,
    context: RequestContext[Any],
    client: Client,
    given: ConsentFields,
    script_version: str,
    script_hash: str,
) -> Consent:
    """Store a consent with the hash of its receipt, and seal the names of who was there."""
    row = Consent(
        id=new_id(),
        organization_id=context.caller.organization,
        client_id=client.id,
        grantor=given.grantor,
        recipients=sorted(set(given.recipients)),
        purposes=sorted({one.value for one in given.purposes}),
        data_classes=sorted({one.value for one in given.data_classes}),
        service_domains=sorted(set(given.service_domains)),
        one_referral=not given.standing,
        partial=given.partial,
        supersedes=given.supersedes,
        method=given.method,
        language=given.language,
        script_version=script_version,
        script_hash=script_hash,
        captured_by=context.caller.subject,
        valid_from=context.now,
        expires_at=given.expires_at or context.now + timedelta(days=365),
        created_at=context.now,
    )
    row.receipt_hash = receipt_hash(receipt_of(context, row))
    if given.present:
        identity = DataKey.client_id == client.id, DataKey.key_group == KeyGroup.IDENTITY
        sealing = await session.scalar(select(DataKey).where(*identity))
        names = orjson.dumps([asdict(one) for one in given.present]).decode()
        if sealing is not None and sealing.wrapped is not None:  # else the client is erased, and so are they
            row.presences_sealed = vault(context.settings).seal_under(sealing, names)
    session.add(row)
    await session.flush()
    return row


def receipt_of(context: RequestContext[Any], row: Consent) -> bytes:
    """The receipt of a consent, made anew from its row."""
    return receipt(
        Agreed(
            consent=row.id,
            handle=vault(context.settings).handle(row.client_id, row.organization_id),
            captured_at=row.organization_id,
            recipients=row.recipients,
            purposes=row.purposes,
            data_classes=row.data_classes,
            service_domains=row.service_domains,
            one_referral=row.one_referral,
            partial=row.partial,
            grantor=row.grantor.value,
            method=row.method.value,
            language=row.language,
            script_version=row.script_version,
            script_hash=row.script_hash,
            supersedes=row.supersedes,
            valid_from=row.valid_from,
            expires_at=row.expires_at,
        )
    )


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
    if DataClass.LEGAL_PRIVILEGED in given.data_classes:
        wrong["data_classes"] = "LEGAL_PRIVILEGED is not passed on, by no consent (R15)"
    if not all(_DOMAIN.fullmatch(one) for one in given.service_domains):
        wrong["service_domains"] = "must be top-level codes that `taxonomyTerms` lists, such as `legal`"
    if not is_language(given.language, "pt3"):
        wrong["language"] = "must be an ISO 639-3 code, such as `mxb`"
    if given.script is None and not 1 <= len(given.script_version.strip()) <= _LONGEST_VERSION:
        wrong["script_version"] = "(1 to 40 characters) or `script` is needed: what was read to the client"
    if given.script_text is not None and not given.script_text.strip():
        wrong["script_text"] = "must be what was read to the client"
    missing = {NEEDED_PRESENCE[one] for one in (given.method, given.grantor) if one in NEEDED_PRESENCE}
    missing -= {one.role for one in given.present}
    if missing:
        wrong["present"] = f"must name the {' and the '.join(sorted(missing)).lower()} (R8)"
    if len(given.present) > _MOST_PRESENT or not all(
        1 <= len(one.name.strip()) <= _LONGEST_NAME for one in given.present
    ):
        wrong["present"] = "must be at most 4 people, with names of 1 to 200 characters"
    if given.expires_at is not None and not now < given.expires_at <= now + rule.LONGEST:
        wrong["expires_at"] = "must be within the next 12 months"
    return wrong
