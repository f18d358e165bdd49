"""Who may give legal help in immigration matters, on which day, and how many hours they have for it.

Attorneys may; others only as representatives whom the Department of Justice accredited with an organisation that it
recognised (8 CFR 1292.1, 1292.11, 1292.12). Help by the unauthorised harms people.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from services.partners.domain.terms import AccreditationLevel, CredentialStatus, PractitionerRole, Sensitivity

#: What a matter needs, by the longest code that the term begins with: FULL where it comes before an immigration court.
LEVEL_NEEDED: Final = {
    "legal.immigration": AccreditationLevel.PARTIAL,
    "legal.immigration.asylum": AccreditationLevel.FULL,
}
#: Hours of work in one matter, by the longest code that its term begins with (DOMAIN 4.6; the network's own estimate).
HOURS_PER_CASE: Final = {
    "legal.immigration": 8.0,
    "legal.immigration.consultation": 1.0,
    "legal.immigration.daca_renewal": 3.0,
    "legal.immigration.daca_initial": 6.0,
    "legal.immigration.naturalization": 6.0,
    "legal.immigration.family": 10.0,
    "legal.immigration.survivor": 25.0,
    "legal.immigration.asylum": 40.0,
}
#: How much of a week goes into matters; the rest is supervision, training and paper.
PRODUCTIVE_SHARE: Final = 0.6
_STRICTNESS: Final = (AccreditationLevel.PARTIAL, AccreditationLevel.FULL)
_REPRESENTATIVES: Final = frozenset({PractitionerRole.FULL_REP, PractitionerRole.PARTIAL_REP})


@dataclass(frozen=True, slots=True)
class Recognised:
    """A recognition of an organisation, from `granted_on` to `expires_on`, both included."""

    status: CredentialStatus
    granted_on: date
    expires_on: date
    pending_renewal: bool
    #: Since when it is no more ACTIVE, where that is known: before that it was.
    ended_on: date | None = field(default=None, kw_only=True)

    def valid_on(self, day: date) -> bool:
        """Active on `day`; a renewal that was filed in time keeps it so until it is decided (verify 8 CFR 1292.16)."""
        if self.status is CredentialStatus.ACTIVE:
            return self.granted_on <= day and (day <= self.expires_on or self.pending_renewal)
        # Whether a renewal was pending while it was active is not known any more.
        return self.ended_on is not None and self.granted_on <= day < self.ended_on and day <= self.expires_on


@dataclass(frozen=True, slots=True)
class Credential(Recognised):
    """An accreditation of a representative with one organisation."""

    level: AccreditationLevel


@dataclass(frozen=True, slots=True)
class Staff:
    role: PractitionerRole
    credentials: tuple[Credential, ...] = ()
    weekly_hours: int = 0
    #: First and last day at the organisation, both included, where they are known.
    started_on: date | None = None
    ended_on: date | None = None

    def there_on(self, day: date) -> bool:
        begun = self.started_on is None or self.started_on <= day
        return begun and (self.ended_on is None or day <= self.ended_on)

    def authorised_on(self, day: date, level: AccreditationLevel = AccreditationLevel.PARTIAL) -> bool:
        """Whether they may give immigration legal help on `day`: before DHS, and with FULL before the courts."""
        if not self.there_on(day):
            return False
        if self.role is PractitionerRole.ATTORNEY:
            return True
        enough = {level, AccreditationLevel.FULL}
        return self.role in _REPRESENTATIVES and any(
            c.valid_on(day) and c.level in enough for c in self.credentials
        )


@dataclass(frozen=True, slots=True)
class Practice:
    """An organisation's standing: its recognitions, and its people."""

    recognitions: tuple[Recognised, ...] = ()
    staff: tuple[Staff, ...] = ()

    def authorised(self, day: date, level: AccreditationLevel) -> tuple[Staff, ...]:
        """Who may take a matter of `level` on `day`; without a recognition only the attorneys."""
        recognised = any(one.valid_on(day) for one in self.recognitions)
        return tuple(
            person
            for person in self.staff
            if person.authorised_on(day, level) and (recognised or person.role is PractitionerRole.ATTORNEY)
        )

    def may_take(self, term: str, day: date) -> bool:
        level = level_needed(term)
        return level is None or bool(self.authorised(day, level))


def level_needed(term: str) -> AccreditationLevel | None:
    """None where the matter is none of immigration law, for which recognition and accreditation say nothing."""
    return LEVEL_NEEDED.get(_longest(LEVEL_NEEDED, term))


def strictest(terms: Iterable[str]) -> AccreditationLevel | None:
    """What somebody needs who helps in all of these matters; None where none is of immigration law."""
    needed = [level for term in terms if (level := level_needed(term)) is not None]
    return max(needed, key=_STRICTNESS.index, default=None)


def matters(term_codes: tuple[str, ...], sensitivity: Sensitivity, *, own: bool) -> tuple[str, ...]:
    """The immigration matters of a service. `own`: any of its terms is of our taxonomy.

    A legal service that only another taxonomy describes is taken for immigration help, to be on the safe side.
    """
    found = tuple(term for term in term_codes if level_needed(term) is not None)
    if not found and not own and sensitivity is Sensitivity.LEGAL:
        return ("legal.immigration",)
    return found


def hours_per_case(term: str) -> float:
    """For an immigration matter; of a term that covers several, the general estimate."""
    return HOURS_PER_CASE[_longest(HOURS_PER_CASE, term)]


def _longest(table: Mapping[str, object], term: str) -> str:
    covering = [code for code in table if term == code or term.startswith(f"{code}.")]
    return max(covering, key=len, default="")
