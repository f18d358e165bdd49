"""Records of the directory as several know them: what may be proposed and verified, and whose word counts.

A record is its owner's. What others know better they propose, field by field, and the owner decides. What an import says of
a field that the owner has spoken of is noted beside it and changes nothing: the owner's word wins, and the difference is
there for everybody to see (decision 0036).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from services.partners.domain.terms import ServiceStatus


class RecordKind(StrEnum):
    ORGANIZATION = "ORGANIZATION"
    SERVICE = "SERVICE"
    LOCATION = "LOCATION"


class ProposalState(StrEnum):
    OPEN = "OPEN"
    DECIDED = "DECIDED"
    WITHDRAWN = "WITHDRAWN"


class Verdict(StrEnum):
    ACCEPTED = "ACCEPTED"
    REFUSED = "REFUSED"


#: The source that is the owner itself; all others are named as their imports are.
OWNER: Final = "OWNER"

#: Fields that have sources: what a record says of itself in words.
FIELDS: Final[Mapping[RecordKind, tuple[str, ...]]] = {
    RecordKind.ORGANIZATION: ("name", "alternate_name", "description", "website", "email"),
    RecordKind.SERVICE: (
        "name", "name_es", "alternate_name", "description", "description_es", "status", "url", "email",
        "eligibility_description", "application_process", "fees_description", "interpretation_services", "alert",
    ),
    RecordKind.LOCATION: ("name", "alternate_name", "description", "transportation"),
}  # fmt: skip
_LONGEST: Final = 20_000


def problems_of(
    kind: RecordKind, now: Mapping[str, str | None], proposed: Mapping[str, str | None]
) -> dict[str, str]:
    """What keeps these values from being proposed, by field; `now` is what the record says."""
    problems = {}
    for field, value in proposed.items():
        if field not in FIELDS[kind]:
            problems[field] = "is no field that can be proposed"
        elif value == now.get(field):
            problems[field] = "is what the record says already"
        elif field == "name" and not (value or "").strip():
            problems[field] = "must not be empty"
        elif field == "status" and value not in set(ServiceStatus):
            problems[field] = "must be a status of services"
        elif value is not None and len(value) > _LONGEST:
            problems[field] = f"must be at most {_LONGEST} characters"
    return problems


def outdated(
    now: Mapping[str, str | None], was: Mapping[str, str | None], accepted: frozenset[str]
) -> frozenset[str]:
    """Of the fields to be accepted, those that say something else than when the change was proposed."""
    return frozenset(field for field in accepted if now.get(field) != was.get(field))
