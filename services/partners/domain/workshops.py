"""Who must be there before a workshop may be announced (DOMAIN 4.7): help by the unauthorised harms people."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from services.partners.domain.practice import Staff


def may_publish(staff: Iterable[Staff], day: date, *, legal: bool) -> bool:
    """A workshop with legal help needs at least one authorised practitioner on its day."""
    return not legal or any(person.authorised_on(day) for person in staff)
