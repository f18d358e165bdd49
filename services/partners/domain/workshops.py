"""Who must be there before a workshop may be announced (DOMAIN 4.7): help by the unauthorised harms people."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from services.partners.domain.terms import AccreditationLevel, CredentialStatus, PractitionerRole


@dataclass(frozen=True, slots=True)
class Credential:
    """An accreditation as the rule needs it."""

    level: AccreditationLevel
    status: CredentialStatus
    expires_on: date
    pending_renewal: bool

    def valid_on(self, day: date) -> bool:
        """Active on `day`; a renewal that was filed in time keeps it so until it is decided (verify 8 CFR 1292.16)."""
        return self.status is CredentialStatus.ACTIVE and (day <= self.expires_on or self.pending_renewal)


@dataclass(frozen=True, slots=True)
class Staff:
    role: PractitionerRole
    credentials: tuple[Credential, ...] = ()

    def authorised_on(self, day: date) -> bool:
        """Whether they may give immigration legal help before DHS on `day`."""
        if self.role is PractitionerRole.ATTORNEY:
            return True
        accredited = {PractitionerRole.FULL_REP, PractitionerRole.PARTIAL_REP}
        return self.role in accredited and any(c.valid_on(day) for c in self.credentials)


def may_publish(staff: Iterable[Staff], day: date, *, legal: bool) -> bool:
    """A workshop with legal help needs at least one authorised practitioner on its day."""
    return not legal or any(person.authorised_on(day) for person in staff)
