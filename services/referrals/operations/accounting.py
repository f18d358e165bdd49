"""Accounting for what was disclosed of a client: to whom, when, what classes, for what, under which consent (R28)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.referrals.domain.consent import Purpose
from services.referrals.models import Consent, Disclosure
from vereda.audit.entries import Kind
from vereda.audit.trail import Note, note
from vereda.context import RequestContext


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
