"""How long recognitions and accreditations run, when somebody is reminded of their end, and what lapses when (DOMAIN 4.8).

The terms are the Department's of today, and an operator sets others (docs/operate.md); the decision's own date goes
before them. Verify with 8 CFR 1292.11 to 1292.16: none of this is legal advice.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from dateutil.relativedelta import relativedelta

from services.partners.domain.applications import RaPurpose
from services.partners.domain.practice import Recognised

#: Months before its end at which the holder of a credential is reminded, each once.
REMINDERS: Final = (12, 6, 3, 1)


class CredentialKind(StrEnum):
    RECOGNITION = "RECOGNITION"
    ACCREDITATION = "ACCREDITATION"


@dataclass(frozen=True, slots=True)
class Terms:
    """Years that a credential runs from its decision."""

    conditional_recognition: int = 2
    recognition: int = 6
    accreditation: int = 3

    def years(self, purpose: RaPurpose) -> int:
        if purpose is RaPurpose.NEW_RECOGNITION:
            return self.conditional_recognition
        return self.recognition if purpose is RaPurpose.RENEWED_RECOGNITION else self.accreditation

    def end(self, purpose: RaPurpose, decided_on: date) -> date:
        """The last day of what is decided on `decided_on`, where the decision names none."""
        return _after(decided_on, 12 * self.years(purpose))


@dataclass(frozen=True, slots=True)
class Held:
    """A credential and whose it is. `practitioner` is None for a recognition."""

    id: UUID
    kind: CredentialKind
    organization: UUID
    practitioner: UUID | None
    term: Recognised


def stays_active(term: Recognised, filed_on: date) -> bool:
    """Whether a renewal that is filed on that day keeps the credential until it is decided: only if it still holds
    (verify 8 CFR 1292.16)."""
    return term.valid_on(filed_on)


def lapses(held: Iterable[Held], today: date, on: date) -> tuple[Held, ...]:
    """What holds today and will no longer hold on `on`, the first to end first, as far as is known today."""
    gone = [one for one in held if one.term.valid_on(today) and not one.term.valid_on(on)]
    return tuple(sorted(gone, key=lambda one: (one.term.expires_on, one.id)))


def reminder_days(expires_on: date) -> tuple[date, ...]:
    """The days from which each reminder is due, in the order of `REMINDERS`."""
    return tuple(_after(expires_on, -months) for months in REMINDERS)


def reminder_due(expires_on: date, today: date) -> int | None:
    """The closest reminder that is due, in months; None before all of them, and once the credential has ended.

    Of several that came due at once, because nobody looked for long, the closest says it all.
    """
    if today > expires_on:
        return None
    due = [months for months, day in zip(REMINDERS, reminder_days(expires_on), strict=True) if day <= today]
    return min(due, default=None)


def reminder_windows(today: date) -> tuple[tuple[int, date, date], ...]:
    """For each reminder the ends that it is due for today, from a day to a day, both included: `reminder_due` turned
    round, so that a database can find them."""
    edges = [(months, _latest_end(months, today)) for months in sorted(REMINDERS)]
    starts = [today, *(latest + timedelta(days=1) for _, latest in edges)]
    return tuple((months, start, latest) for start, (months, latest) in zip(starts, edges, strict=False))


def _latest_end(months: int, today: date) -> date:
    """The last end of which the reminder of so many months before is due today. Months are of unequal length: from
    28 February on, the reminder of an end on 31 March is due, whose day of the month February has not."""
    end = _after(today, months)
    while _after(end + timedelta(days=1), -months) <= today:
        end += timedelta(days=1)
    return end


def within_months(today: date, months: int) -> date:
    return _after(today, months)


def _after(day: date, months: int) -> date:
    """So many months later, or earlier; of a month that is too short, its last day."""
    moved: date = day + relativedelta(months=months)
    return moved
