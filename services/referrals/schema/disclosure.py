"""Whether the field that is being resolved may be shown: the one table and formula, asked with what was loaded."""

from __future__ import annotations

from uuid import UUID

from services.referrals import models
from services.referrals.domain import emergencies
from services.referrals.domain.clients import KeyGroup
from services.referrals.domain.conflicts import ConflictNames
from services.referrals.domain.consent import (
    Consent,
    DataClass,
    Received,
    Withheld,
    scope_sentence,
    withheld,
)
from services.referrals.domain.disclosure import (
    BY_FIELD,
    Field,
    Reader,
    Rung,
    needed_for,
    purpose_of,
    rung,
)
from services.referrals.domain.lifecycle import UNSENT
from services.referrals.domain.thread import COMPARTMENT
from services.referrals.operations.consents import as_rule, status_returns
from services.referrals.operations.vault import vault
from services.referrals.schema.context import Info
from vereda.caller import Scope


def field_of(info: Info) -> Field:
    """The table's row of the field that is being resolved. Raises: KeyError where it has none: it is shown to nobody."""
    return BY_FIELD[f"{info._raw_info.parent_type.name}.{info.field_name}"]


async def shown(info: Info, client: models.Client, referral: models.Referral | None = None) -> bool:
    """Whether this caller may see the field that is being resolved, of the client, now: as its row of the table says."""
    field = field_of(info)
    return await may_show(info, client, _class_of(field), referral, conflict_set=field.conflict_set)


async def may_show(
    info: Info,
    client: models.Client,
    data_class: DataClass,
    referral: models.Referral | None = None,
    *,
    conflict_set: bool = False,
) -> bool:
    """Whether this caller may see this class of the client's data now; if not, the reason goes into the redactions.

    The home organisation sees what it recorded. Everybody else sees what a consent in force allows (R6, R12), as far as
    the `referral` that the data is of, or any that they received of the client, opens it. Either sees no more than the
    purpose needs that the request names (R18).

    Raises: ClientError FORBIDDEN without the scope `client:read`, whatever path led here.
    """
    context = info.context
    context.caller.require(Scope.CLIENT_READ)
    if client.erased_at is not None:
        return _refuse(info, data_class, Withheld.ERASED)
    if not needed_for(context.caller.purpose, data_class):
        return _refuse(info, data_class, Withheld.NOT_FOR_PURPOSE)
    if client.home_organization_id == context.caller.organization:
        return True
    consents = [as_rule(row) for row in await context.loaders.consents_of_client.load(client.id)]
    rows = [referral] if referral else await context.loaders.received_referrals.load(client.id) or []
    if conflict_set and any(row.legal and row.conflict_cleared_at is None for row in rows):
        setting = await context.loaders.conflict_setting.load(context.caller.organization)
        conflict_set = setting is None or setting.names is ConflictNames.CLEAR
    purpose = purpose_of(context.caller.purpose)
    verdict = withheld(
        consents,
        context.caller.organization,
        data_class,
        purpose,
        context.now,
        [
            Received(row.domain or "", row.legal, row.conflict_cleared_at is not None, row.ended_at)
            for row in rows
        ],
        conflict_set=conflict_set,
    )
    if isinstance(verdict, Withheld):
        if data_class in emergencies.OPENED and await _in_emergency(info, client):
            context.shown.add(client.id, data_class.value, None, emergencies.PURPOSE)
            return True
        return _refuse(info, data_class, verdict)
    assert purpose is not None, "no consent is for a purpose that is none"
    context.shown.add(client.id, data_class.value, verdict.id, purpose.value)
    _travels(info, verdict)
    return True


async def given_by(
    info: Info,
    referral: models.Referral,
    author: UUID,
    data_class: DataClass,
    writer: str | None = None,
) -> bool:
    """Whether the caller may see something of this class that `author` gave in a referral; if not, it is redacted.

    What the sender gave is the client's, and shown to the recipient by the one formula; what the recipient gave goes back
    to the sender by the purpose STATUS_BACK alone (R7). Of the sender's staff it is for the referral's author, as its
    narrative is (R13), and for the `writer`, by their subject, of something.
    """
    context = info.context
    context.caller.require(Scope.CLIENT_READ)
    own = context.caller.organization
    if not needed_for(context.caller.purpose, data_class):
        return _refuse(info, data_class, Withheld.NOT_FOR_PURPOSE)
    if referral.sender_id != own:
        client = await context.loaders.client.load(referral.client_id)
        return client is not None and await may_show(info, client, data_class, referral)
    if writer == context.caller.subject and author == own:
        return True
    if reader_of(info, referral) is Reader.SENDER:
        return _refuse(info, data_class, Withheld.GENERALISED)
    if author == own:
        return True
    consent = await context.loaders.consent.load(referral.consent_id) if referral.consent_id else None
    if consent is not None and status_returns(consent, context.now):
        return True
    revoked = consent is not None and consent.revoked_at is not None
    return _refuse(info, data_class, Withheld.CONSENT_REVOKED if revoked else Withheld.NO_CONSENT)


async def shared_text(
    info: Info,
    referral: models.Referral,
    author: UUID,
    data_class: DataClass,
    group: KeyGroup,
    sealed: bytes | None,
    writer: str | None = None,
) -> str | None:
    """A text that `author` gave in a referral, sealed under the referral's own key of `group`, as `given_by` says.

    What is in one's own compartment (R15) asks for no consent: it is disclosed to nobody.
    """
    info.context.caller.require(Scope.CLIENT_READ)
    own_compartment = group in COMPARTMENT.values() and author == info.context.caller.organization
    if sealed is None or not (own_compartment or await given_by(info, referral, author, data_class, writer)):
        return None
    text = vault(info.context.settings).open(await key_of(info, referral, group), sealed)
    if text is None:
        _refuse(info, data_class, Withheld.ERASED)
    return text


async def key_of(info: Info, referral: models.Referral, group: KeyGroup) -> models.DataKey | None:
    """The row of a referral's key, as far as row-level security lets the caller reach it."""
    rows = await info.context.loaders.keys_of_client.load(referral.client_id)
    return next((row for row in rows if row.key_group is group and row.referral_id == referral.id), None)


async def reference(info: Info, referral: models.Referral, sealed: bytes | None) -> str | None:
    """One side's own identifier of a referral. Whether the other may see it is said where it is shown."""
    if sealed is None:
        return None
    key = await key_of(info, referral, KeyGroup.REFERENCE)
    return vault(info.context.settings).open(key, sealed)


async def opened(
    info: Info,
    client: models.Client,
    group: KeyGroup,
    sealed: bytes | None,
    referral: models.Referral | None = None,
) -> str | None:
    """The text of a sealed field, if the caller may see its class; its key comes through row-level security."""
    if not await shown(info, client, referral):
        return None
    rows = await info.context.loaders.keys_of_client.load(client.id)
    of = referral.id if referral else None
    key = next((row for row in rows if row.key_group is group and row.referral_id == of), None)
    text = vault(info.context.settings).open(key, sealed)
    if text is None and sealed is not None:
        _refuse(info, _class_of(field_of(info)), Withheld.ERASED)
    return text


def reader_of(info: Info, referral: models.Referral) -> Reader:
    """In what part the caller reads a referral that row-level security let them see."""
    caller = info.context.caller
    if referral.recipient_id == caller.organization:
        return Reader.RECIPIENT
    return Reader.AUTHOR if referral.author == caller.subject else Reader.SENDER


def reached(info: Info, referral: models.Referral, wanted: Rung) -> bool:
    """Whether the caller learns the kind of help as exactly as `wanted` (R13); if not, the redactions say so."""
    data_class = _class_of(field_of(info))
    if not needed_for(info.context.caller.purpose, data_class):
        return _refuse(info, data_class, Withheld.NOT_FOR_PURPOSE)
    if rung(reader_of(info, referral), survivor=referral.survivor) >= wanted:
        return True
    return _refuse(info, data_class, Withheld.GENERALISED)


def authored(info: Info, referral: models.Referral) -> bool:
    """Whether the caller may know who receives the referral: of a survivor's, that would tell the kind of help."""
    data_class = _class_of(field_of(info))
    if not referral.survivor or reader_of(info, referral) is not Reader.SENDER:
        return True
    return _refuse(info, data_class, Withheld.GENERALISED)


async def status_shown(info: Info, referral: models.Referral) -> bool:
    """Whether the caller may learn how the referral goes: the sender under STATUS_BACK alone (R7)."""
    if not needed_for(info.context.caller.purpose, DataClass.OUTCOME):
        return _refuse(info, DataClass.OUTCOME, Withheld.NOT_FOR_PURPOSE)
    return reader_of(info, referral) is Reader.RECIPIENT or await status_returned(info, referral)


async def status_returned(info: Info, referral: models.Referral) -> bool:
    """Whether the client consented to STATUS_BACK: how it goes, and each side's own identifier, reach the other."""
    if referral.state in UNSENT:
        return True  # a draft is its sender's own
    consent = await info.context.loaders.consent.load(referral.consent_id) if referral.consent_id else None
    if consent is not None and status_returns(consent, info.context.now):
        return True
    return _refuse(info, DataClass.OUTCOME, Withheld.NO_CONSENT)


async def outcome_shown(info: Info, referral: models.Referral) -> bool:
    """As `status_shown`, and for the sender under a consent with the class OUTCOME besides."""
    if not await status_shown(info, referral):
        return False
    consent = await info.context.loaders.consent.load(referral.consent_id)
    if reader_of(info, referral) is Reader.RECIPIENT or DataClass.OUTCOME.value in consent.data_classes:
        return True
    return _refuse(info, DataClass.OUTCOME, Withheld.NO_CONSENT)


async def _in_emergency(info: Info, client: models.Client) -> bool:
    """Whether this person broke the glass for the client within the hour (R29)."""
    context = info.context
    return any(
        row.organization_id == context.caller.organization
        and row.opened_by == context.caller.subject
        and emergencies.is_open(row.opened_at, row.expires_at, context.now)
        for row in await context.loaders.emergencies_of_client.load(client.id)
    )


def _refuse(info: Info, data_class: DataClass, reason: Withheld) -> bool:
    info.context.redact(info, data_class.value, reason.value)
    return False


def _travels(info: Info, consent: Consent) -> None:
    """Let the consent's handle and scope go with what is disclosed under it (R11)."""
    above = info.path.prev
    info.context.disclosed(str(consent.id), scope_sentence(consent), tuple(above.as_list()) if above else ())


def _class_of(field: Field) -> DataClass:
    assert field.data_class is not None, f"{field.name} has no class"
    return field.data_class
