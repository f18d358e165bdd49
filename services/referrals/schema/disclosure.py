"""Whether the field that is being resolved may be shown: the one formula, asked with what the request has loaded."""

from __future__ import annotations

from uuid import UUID

from services.referrals import models
from services.referrals.domain.clients import KeyGroup
from services.referrals.domain.consent import DataClass, Purpose, Received, Withheld, withheld
from services.referrals.domain.thread import COMPARTMENT
from services.referrals.operations.consents import as_rule, status_returns
from services.referrals.operations.vault import vault
from services.referrals.schema.context import Info
from vereda.caller import Scope


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
    the `referral` that the data is of, or any that they received of the client, opens it.

    Raises: ClientError FORBIDDEN without the scope `client:read`, whatever path led here.
    """
    context = info.context
    context.caller.require(Scope.CLIENT_READ)
    if client.home_organization_id == context.caller.organization:
        return True
    consents = [as_rule(row) for row in await context.loaders.consents_of_client.load(client.id)]
    purpose = Purpose(context.caller.purpose) if context.caller.purpose else Purpose.REFERRAL_DELIVERY
    rows = [referral] if referral else await context.loaders.received_referrals.load(client.id) or []
    received = [Received(row.legal, row.conflict_cleared_at is not None, row.ended_at) for row in rows]
    reader = context.caller.organization
    reason = withheld(consents, reader, data_class, purpose, context.now, received, conflict_set=conflict_set)
    if reason is not None:
        context.redact(info, data_class.value, reason.value)
        return False
    covering = (
        one for one in consents if one.active(context.now) and one.covers(reader, data_class, purpose)
    )
    context.shown.add(client.id, data_class.value, next(covering).id, purpose.value)
    return True


async def given_by(info: Info, referral: models.Referral, author: UUID, data_class: DataClass) -> bool:
    """Whether the caller may see something of this class that `author` gave in a referral; if not, it is redacted.

    What the sender gave is the client's, and shown to the recipient by the one formula; what the recipient gave goes back
    to the sender by the purpose STATUS_BACK alone (R7). One's own is one's own.
    """
    context = info.context
    context.caller.require(Scope.CLIENT_READ)
    own = context.caller.organization
    if referral.sender_id != own:
        client = await context.loaders.client.load(referral.client_id)
        return client is not None and await may_show(info, client, data_class, referral)
    if author == own:
        return True
    consent = await context.loaders.consent.load(referral.consent_id)
    if consent is not None and status_returns(consent, context.now):
        return True
    revoked = consent is not None and consent.revoked_at is not None
    reason = Withheld.CONSENT_REVOKED if revoked else Withheld.NO_CONSENT
    context.redact(info, data_class.value, reason.value)
    return False


async def shared_text(
    info: Info,
    referral: models.Referral,
    author: UUID,
    data_class: DataClass,
    group: KeyGroup,
    sealed: bytes | None,
) -> str | None:
    """A text that `author` gave in a referral, sealed under the referral's own key of `group`, as `given_by` says.

    What is in one's own compartment (R15) asks for no consent: it is disclosed to nobody.
    """
    info.context.caller.require(Scope.CLIENT_READ)
    own_compartment = group in COMPARTMENT.values() and author == info.context.caller.organization
    if sealed is None or not (own_compartment or await given_by(info, referral, author, data_class)):
        return None
    text = vault(info.context.settings).open(await _key_of(info, referral, group), sealed)
    if text is None:
        info.context.redact(info, data_class.value, Withheld.ERASED.value)
    return text


async def _key_of(info: Info, referral: models.Referral, group: KeyGroup) -> models.DataKey | None:
    rows = await info.context.loaders.keys_of_client.load(referral.client_id)
    return next((row for row in rows if row.key_group is group and row.referral_id == referral.id), None)


async def reference(info: Info, referral: models.Referral, sealed: bytes | None) -> str | None:
    """One side's own identifier of a referral. Whether the other may see it is said where it is shown."""
    if sealed is None:
        return None
    key = await _key_of(info, referral, KeyGroup.REFERENCE)
    return vault(info.context.settings).open(key, sealed)


async def opened(
    info: Info,
    client: models.Client,
    data_class: DataClass,
    group: KeyGroup,
    sealed: bytes | None,
    referral: models.Referral | None = None,
    *,
    conflict_set: bool = False,
) -> str | None:
    """The text of a sealed field, if the caller may see its class; its key comes through row-level security."""
    if not await may_show(info, client, data_class, referral, conflict_set=conflict_set):
        return None
    rows = await info.context.loaders.keys_of_client.load(client.id)
    of = referral.id if referral else None
    key = next((row for row in rows if row.key_group is group and row.referral_id == of), None)
    text = vault(info.context.settings).open(key, sealed)
    if text is None and sealed is not None:
        info.context.redact(info, data_class.value, Withheld.ERASED.value)
    return text
