"""Candidates and requests for tests of matching: with good defaults, and drawn by hypothesis."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from hypothesis import strategies as st

from services.partners.domain.candidates import Candidate, Place, Request, Spoken
from services.partners.domain.capacity import CapacitySource, CapacityStatus, Room
from services.partners.domain.eligibility import Facts, Rule
from services.partners.domain.geography import Point
from services.partners.domain.practice import Credential, Practice, Recognised, Staff
from services.partners.domain.terms import (
    AccreditationLevel,
    AgeBand,
    CredentialStatus,
    LanguageModality,
    LanguageVia,
    PractitionerRole,
    RuleKind,
    Urgency,
)

NOW: Final = datetime(2026, 11, 25, 18, tzinfo=UTC)
DAY: Final = NOW.date()
FRESNO: Final = Point(36.73, -119.78)
TERMS: Final = ("basic.food", "legal.housing", "legal.immigration.consultation", "legal.immigration.asylum")
_COUNTIES: Final = ("06019", "06029", "06107")
_RULES: Final = [UUID(int=number) for number in range(1, 5)]


def room(status: CapacityStatus = CapacityStatus.CAPACITY, days_old: float = 0.0, **more: Any) -> Room:
    reported_at = NOW - timedelta(days=days_old)
    return Room(
        status=status,
        source=CapacitySource.REPORTED,
        reported_at=reported_at,
        expires_at=reported_at + timedelta(days=14),
        **more,
    )


def place(miles_north: float = 0.0, **more: Any) -> Place:
    """A place so far from Fresno: a degree of latitude is 69.1 miles."""
    point = Point(FRESNO.latitude + miles_north / 69.1, FRESNO.longitude)
    return Place(**({"id": UUID(int=7), "point": point, "county": "06019"} | more))


def candidate(**more: Any) -> Candidate:
    given = {
        "id": UUID(int=1),
        "active": True,
        "terms": ("basic.food",),
        "spoken": (Spoken("spa", LanguageModality.SPOKEN, LanguageVia.STAFF),),
        "places": (place(),),
        "room": room(),
        "verified_at": NOW,
    }
    return Candidate(**(given | more))


def request(**more: Any) -> Request:
    facts = Facts(
        **{name: more.pop(name) for name in ("age", "county", "attests", "attests_not") if name in more}
    )
    given = {"wanted": frozenset({"basic.food"}), "now": NOW, "day": DAY, "point": FRESNO, "language": "spa"}
    return Request(facts=facts, **(given | more))


def representative(
    level: AccreditationLevel = AccreditationLevel.PARTIAL,
    until: date = DAY,
    hours: int = 30,
    status: CredentialStatus = CredentialStatus.ACTIVE,
) -> Staff:
    role = PractitionerRole.FULL_REP if level is AccreditationLevel.FULL else PractitionerRole.PARTIAL_REP
    return Staff(role, (Credential(status, date(2024, 1, 1), until, False, level),), hours)


def recognised(until: date = DAY) -> Recognised:
    return Recognised(CredentialStatus.ACTIVE, date(2024, 1, 1), until, False)


def _mostly(usual: Any, other: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """What is drawn from everything evenly fails one filter or another nearly always, and tries none of them alone."""
    return st.one_of(st.just(usual), st.just(usual), other)


_days = st.integers(-60, 60).map(lambda number: DAY + timedelta(days=number))
_staff = st.one_of(
    st.builds(
        representative,
        level=st.sampled_from(AccreditationLevel),
        until=_days,
        status=_mostly(CredentialStatus.ACTIVE, st.sampled_from(CredentialStatus)),
    ),
    st.just(Staff(PractitionerRole.NAVIGATOR)),
    st.just(Staff(PractitionerRole.ATTORNEY)),
)
_practices = st.builds(
    Practice,
    st.lists(st.builds(recognised, _days), max_size=1).map(tuple),
    st.lists(_staff, max_size=2).map(tuple),
)
_rooms = st.none() | st.builds(
    room,
    status=st.sampled_from(CapacityStatus),
    days_old=st.floats(0, 14),
    available=st.none() | st.integers(0, 9),
)
_places = st.builds(
    place,
    miles_north=st.floats(-150, 150),
    id=st.uuids(version=4),
    virtual=st.booleans(),
    shown=st.booleans(),
    rural=st.booleans(),
    county=st.sampled_from(_COUNTIES),
)
_rules = st.builds(
    Rule,
    id=st.sampled_from(_RULES),
    kind=st.sampled_from(RuleKind),
    minimum=st.none() | st.integers(0, 60),
    maximum=st.none() | st.integers(18, 80),
    counties=st.lists(st.sampled_from(_COUNTIES), min_size=1).map(tuple),
)
_spoken = st.builds(
    Spoken,
    st.sampled_from(("spa", "mix", "mig", "hmn")),
    st.sampled_from(LanguageModality),
    st.sampled_from(LanguageVia),
)


@st.composite
def candidates(draw: st.DrawFn) -> Candidate:
    terms = draw(st.lists(st.sampled_from(TERMS), min_size=1, unique=True).map(tuple))
    return Candidate(
        id=draw(st.uuids(version=4)),
        active=draw(_mostly(True, st.booleans())),
        terms=terms,
        spoken=draw(st.lists(_spoken, max_size=2).map(tuple)),
        places=draw(st.lists(_places, min_size=1, max_size=2).map(tuple)),
        areas=draw(_mostly((), st.lists(st.none() | st.sampled_from(_COUNTIES), max_size=2).map(tuple))),
        rules=draw(_mostly((), st.lists(_rules, max_size=2).map(tuple))),
        matters=tuple(term for term in terms if term.startswith("legal.immigration")),
        practice=draw(_practices),
        room=draw(_rooms),
        accept_rate=draw(st.none() | st.integers(0, 10).map(lambda tenths: tenths / 10)),
        above_share=draw(st.booleans()),
        verified_at=draw(st.none() | st.integers(0, 900).map(lambda days: NOW - timedelta(days=days))),
    )


@st.composite
def requests(draw: st.DrawFn) -> Request:
    attested = draw(st.lists(st.sampled_from(_RULES), unique=True))
    cut = draw(st.integers(0, len(attested)))
    return Request(
        wanted=draw(st.frozensets(st.sampled_from(TERMS), min_size=1)),
        facts=Facts(
            age=draw(st.none() | st.sampled_from(AgeBand)),
            county=draw(st.none() | st.sampled_from(_COUNTIES)),
            attests=frozenset(attested[:cut]),
            attests_not=frozenset(attested[cut:]),
        ),
        now=NOW,
        day=draw(_days.filter(lambda day: day >= DAY)),
        point=draw(_mostly(FRESNO, st.none())),
        language=draw(st.none() | st.sampled_from(("spa", "mix", "mxb", "eng"))),
        urgency=draw(st.sampled_from(Urgency)),
        travel_miles=draw(st.none() | st.floats(1, 100)),
    )
