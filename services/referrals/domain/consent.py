"""Consent: named recipients x data classes x purposes x time (R6-R9), and what a reader may see under it (R12, R14)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID


class DataClass(StrEnum):
    IDENTITY = "IDENTITY"
    CONTACT = "CONTACT"
    LANGUAGE = "LANGUAGE"
    NEED = "NEED"
    SERVICE_DETAIL = "SERVICE_DETAIL"
    OUTCOME = "OUTCOME"
    PROGRAM = "PROGRAM"
    FINANCIAL = "FINANCIAL"
    HEALTH = "HEALTH"
    SUD_PART2 = "SUD_PART2"
    LEGAL_PRIVILEGED = "LEGAL_PRIVILEGED"
    SURVIVOR = "SURVIVOR"


class Purpose(StrEnum):
    REFERRAL_DELIVERY = "REFERRAL_DELIVERY"
    STATUS_BACK = "STATUS_BACK"
    APPOINTMENT = "APPOINTMENT"
    PROGRAM_ENROLMENT = "PROGRAM_ENROLMENT"
    GRANT_APPLICATION = "GRANT_APPLICATION"
    FOLLOW_UP = "FOLLOW_UP"
    AGGREGATE = "AGGREGATE"
    RESEARCH = "RESEARCH"


class Method(StrEnum):
    """How consent was given (R8)."""

    WRITTEN = "WRITTEN"
    ELECTRONIC = "ELECTRONIC"
    ORAL_WITNESS = "ORAL_WITNESS"
    ORAL_INTERPRETER = "ORAL_INTERPRETER"


class Presence(StrEnum):
    """Who was there when consent was given, besides the client and who recorded it (R8)."""

    WITNESS = "WITNESS"
    INTERPRETER = "INTERPRETER"
    GUARDIAN = "GUARDIAN"
    REPRESENTATIVE = "REPRESENTATIVE"


class RevokedHow(StrEnum):
    """How a client took a consent back. SUPERSEDED: a newer one took its place. ERASED: it ended with the client's data."""

    IN_PERSON = "IN_PERSON"
    BY_PHONE = "BY_PHONE"
    IN_WRITING = "IN_WRITING"
    ONLINE = "ONLINE"
    SUPERSEDED = "SUPERSEDED"
    ERASED = "ERASED"


class Grantor(StrEnum):
    SELF = "SELF"
    GUARDIAN = "GUARDIAN"
    REPRESENTATIVE = "REPRESENTATIVE"


class Withheld(StrEnum):
    """Why a field is `null`: the `reason` of a redaction."""

    NO_CONSENT = "NO_CONSENT"
    CONSENT_REVOKED = "CONSENT_REVOKED"
    CONSENT_EXPIRED = "CONSENT_EXPIRED"
    CONFLICT_CHECK_PENDING = "CONFLICT_CHECK_PENDING"
    REFERRAL_CLOSED = "REFERRAL_CLOSED"
    NOT_FOR_PURPOSE = "NOT_FOR_PURPOSE"
    GENERALISED = "GENERALISED"
    ERASED = "ERASED"


#: Who must have been there, by how consent was given and by whom (R8).
NEEDED_PRESENCE: Final = {
    Method.ORAL_WITNESS: Presence.WITNESS,
    Method.ORAL_INTERPRETER: Presence.INTERPRETER,
    Grantor.GUARDIAN: Presence.GUARDIAN,
    Grantor.REPRESENTATIVE: Presence.REPRESENTATIVE,
}

#: The longest that a consent holds (R6).
LONGEST: Final = timedelta(days=366)
#: How long a recipient goes on seeing a client after a referral has ended (R6).
AFTER_CLOSURE: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Received:
    """A referral of the client to the reader, as the rule needs it."""

    domain: str
    legal: bool
    conflict_cleared: bool
    ended_at: datetime | None

    def held_back(self, now: datetime) -> Withheld | None:
        """Why this referral alone does not open the client's story to its recipient, or None.

        A legal one does once its conflict check is cleared (R14): one that ended before never does, for whoever finds
        a conflict must not have read the facts. And none does from thirty days after its end (R6).
        """
        if self.legal and not self.conflict_cleared:
            return Withheld.CONFLICT_CHECK_PENDING
        if self.ended_at is not None and now > self.ended_at + AFTER_CLOSURE:
            return Withheld.REFERRAL_CLOSED
        return None


@dataclass(frozen=True, slots=True)
class Consent:
    """A consent as the rule needs it."""

    id: UUID
    recipients: frozenset[UUID]
    data_classes: frozenset[DataClass]
    purposes: frozenset[Purpose]
    service_domains: frozenset[str]
    valid_from: datetime
    expires_at: datetime
    revoked_at: datetime | None

    def active(self, now: datetime) -> bool:
        """In force at `now`. A revocation holds as soon as it is known, also for a request that began before it (R9)."""
        return self.revoked_at is None and self.valid_from <= now < self.expires_at

    def covers(self, recipient: UUID, data_class: DataClass, purpose: Purpose) -> bool:
        return recipient in self.recipients and data_class in self.data_classes and purpose in self.purposes

    def serves(self, domain: str) -> bool:
        """Whether it is for help of this domain; one that names none is for any."""
        return not self.service_domains or domain in self.service_domains


def withheld(
    consents: Iterable[Consent],
    reader: UUID,
    data_class: DataClass,
    purpose: Purpose | None,
    now: datetime,
    received: Sequence[Received] = (),
    *,
    conflict_set: bool = False,
) -> Withheld | Consent:
    """The consent under which the reader may see the class for the purpose, otherwise why not: the one formula of
    DOMAIN 4.4.

    `purpose`: None is one that this network does not know, and opens nothing. `received`: the referrals of the client to
    this reader; of several, one that opens suffices. `conflict_set`: the field is one that a conflict check needs, the
    name alone, and is shown before it is cleared (R14).
    """
    if purpose is None:
        return Withheld.NOT_FOR_PURPOSE
    covering = [consent for consent in consents if consent.covers(reader, data_class, purpose)]
    holding = [consent for consent in covering if consent.active(now)]
    if not received:
        anywhere = next((consent for consent in holding if not consent.service_domains), None)
        return anywhere or _why_none_holds(covering, now)
    served = [(consent, one) for consent in holding for one in received if consent.serves(one.domain)]
    for consent, one in served:
        reason = one.held_back(now)
        if reason is None or (
            conflict_set and reason is Withheld.CONFLICT_CHECK_PENDING and one.ended_at is None
        ):
            return consent
    return served[0][1].held_back(now) or Withheld.NO_CONSENT if served else _why_none_holds(covering, now)


def _why_none_holds(covering: Sequence[Consent], now: datetime) -> Withheld:
    if any(consent.active(now) for consent in covering):  # for other help than this
        return Withheld.NO_CONSENT
    if any(consent.revoked_at is not None for consent in covering):
        return Withheld.CONSENT_REVOKED
    if any(consent.expires_at <= now for consent in covering):
        return Withheld.CONSENT_EXPIRED
    return Withheld.NO_CONSENT


def scope_sentence(consent: Consent) -> str:
    """Travels with what is disclosed (R11; 42 CFR 2.32 asks that the scope of a consent be explained)."""
    classes = ", ".join(sorted(one.value for one in consent.data_classes))
    purposes = ", ".join(sorted(one.value for one in consent.purposes))
    domains = (
        f", for help of the kinds {', '.join(sorted(consent.service_domains))}"
        if consent.service_domains
        else ""
    )
    return (
        f"Disclosed with the client's consent {consent.id} for {purposes}, limited to {classes}{domains}, until"
        f" {consent.expires_at.date().isoformat()}. It may not be passed on without a further consent."
    )
