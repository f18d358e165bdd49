"""Matching (DOMAIN 4.5): never outside a filter, monotone in each factor, stable, explained, and fair."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.partners.domain import match_words, matching
from services.partners.domain.candidates import Candidate, Place, Request, Spoken
from services.partners.domain.capacity import CapacityStatus
from services.partners.domain.eligibility import Rule
from services.partners.domain.matching import MOST, Factor, Filter, rank
from services.partners.domain.practice import Practice, Staff
from services.partners.domain.taxonomy import TERMS
from services.partners.domain.terms import (
    AccreditationLevel,
    AgeBand,
    LanguageModality,
    LanguageVia,
    PractitionerRole,
    RuleKind,
    Urgency,
)
from tests.partners.matching import (
    DAY,
    FRESNO,
    NOW,
    candidate,
    candidates,
    place,
    recognised,
    representative,
    request,
    requests,
    room,
)

RULE: Final = UUID(int=9)
IMMIGRATION: Final = {
    "terms": ("legal.immigration.consultation",),
    "matters": ("legal.immigration.consultation",),
}
CONSULTATION: Final = frozenset({"legal.immigration.consultation"})


def score(asked: Request, one: Candidate) -> float:
    found = rank(asked, [one])
    assert len(found.matches) == 1, found.ruled_out
    return found.matches[0].score


def filters(asked: Request, one: Candidate) -> tuple[Filter, ...]:
    found = rank(asked, [one])
    return found.ruled_out[0].filters if found.ruled_out else ()


@settings(max_examples=150, deadline=None)
@given(requests(), st.lists(candidates(), min_size=2, max_size=6))
def test_nothing_is_offered_outside_a_hard_filter(asked: Request, all_of_them: list[Candidate]) -> None:
    """Said anew here, in other words than the code's."""
    for match in rank(asked, all_of_them).matches:
        one = match.candidate
        assert one.active
        met = asked.wanted & set(one.terms)
        assert met
        if all(term.startswith("legal.immigration") for term in met):
            people = one.practice.staff
            attorneys = any(person.role is PractitionerRole.ATTORNEY for person in people)
            levels = {AccreditationLevel.FULL}
            if met != {"legal.immigration.asylum"}:
                levels.add(AccreditationLevel.PARTIAL)
            accredited = any(
                c.level in levels and c.status == "ACTIVE" and c.expires_on >= asked.day
                for person in people
                for c in person.credentials
            )
            recognition = any(r.expires_on >= asked.day for r in one.practice.recognitions)
            assert attorneys or (accredited and recognition)
        assert asked.facts.county is None or not one.areas or {None, asked.facts.county} & set(one.areas)
        for rule in one.rules:
            if rule.kind not in (RuleKind.AGE, RuleKind.COUNTY):
                assert rule.id not in asked.facts.attests_not
            if rule.kind is RuleKind.COUNTY and asked.facts.county:
                assert asked.facts.county in rule.counties
            if rule.kind is RuleKind.AGE and asked.facts.age is AgeBand.FROM_26_TO_40:
                assert (rule.minimum or 0) <= 40
                assert rule.maximum is None or rule.maximum >= 26
        assert match.place is None or match.place.shown
        if asked.travel_miles is not None and asked.point and one.places:
            near = [p for p in one.places if p.virtual or (p.miles_from(FRESNO) or 0) <= asked.travel_miles]
            assert near


@settings(max_examples=40, deadline=None)
@given(requests(), st.lists(candidates(), max_size=6), st.randoms())
def test_the_answer_does_not_depend_on_the_order_or_on_being_asked_before(
    asked: Request, all_of_them: list[Candidate], chance: random.Random
) -> None:
    shuffled = list(all_of_them)
    chance.shuffle(shuffled)

    assert rank(asked, shuffled) == rank(asked, all_of_them) == rank(asked, all_of_them)


@settings(max_examples=60, deadline=None)
@given(requests(), st.lists(candidates(), max_size=6))
def test_reasons_add_up_to_the_score_and_none_gives_more_than_it_may(
    asked: Request, all_of_them: list[Candidate]
) -> None:
    found = rank(asked, all_of_them)

    assert len(found.matches) + len(found.ruled_out) == len(all_of_them)
    assert [m.score for m in found.matches] == sorted((m.score for m in found.matches), reverse=True)
    for match in found.matches:
        assert match.score == round(sum(reason.points for reason in match.reasons), 1)
        assert match.score >= 0
        assert len({reason.factor for reason in match.reasons}) == len(match.reasons)
        for reason in match.reasons:
            low, high = sorted((0.0, MOST[reason.factor]))
            assert low <= reason.points <= high
            assert all(match_words.said(reason))


@settings(max_examples=120, deadline=None)
@given(st.data())
def test_one_that_is_better_in_a_factor_is_never_worse_off(data: st.DataObject) -> None:
    asked = replace(data.draw(requests()), point=FRESNO, language="mix")
    one = replace(
        data.draw(candidates()), active=True, terms=tuple(asked.wanted), rules=(), areas=(), matters=()
    )
    one = replace(one, practice=Practice(staff=(Staff(PractitionerRole.ATTORNEY),)))
    asked = replace(asked, travel_miles=None)
    change = data.draw(st.sampled_from(list(BETTER)))
    better = BETTER[change](one, data)

    assert score(asked, better) >= score(asked, one), change
    others = [
        replace(two, id=UUID(int=n)) for n, two in enumerate(data.draw(st.lists(candidates(), max_size=4)))
    ]
    place_of = [m.candidate.id for m in rank(asked, [*others, one]).matches].index(one.id)
    place_of_better = [m.candidate.id for m in rank(asked, [*others, better]).matches].index(one.id)
    assert place_of_better <= place_of, change


def _spoken_by_staff(one: Candidate, _data: st.DataObject) -> Candidate:
    return replace(one, spoken=(*one.spoken, Spoken("mix", LanguageModality.SPOKEN, LanguageVia.STAFF)))


def _spoken_as_well(one: Candidate, data: st.DataObject) -> Candidate:
    via = data.draw(st.sampled_from(LanguageVia))
    code = data.draw(st.sampled_from(("mix", "mig", "eng")))
    return replace(one, spoken=(*one.spoken, Spoken(code, LanguageModality.SPOKEN, via)))


def _more_room(one: Candidate, data: st.DataObject) -> Candidate:
    held = one.room
    if held is None or held.status is not CapacityStatus.CAPACITY or held.available is None:
        return replace(one, room=room(available=5))
    return replace(one, room=replace(held, available=held.available + data.draw(st.integers(0, 5))))


def _fresher_report(one: Candidate, data: st.DataObject) -> Candidate:
    if one.room is None:
        return one
    age = (NOW - one.room.reported_at) * data.draw(st.floats(0, 1))
    lifetime = one.room.expires_at - one.room.reported_at
    return replace(one, room=replace(one.room, reported_at=NOW - age, expires_at=NOW - age + lifetime))


def _nearer(one: Candidate, data: st.DataObject) -> Candidate:
    share = data.draw(st.floats(0, 1))
    moved = []
    for where in one.places:
        north = (where.point.latitude - FRESNO.latitude) * 69.1 * share if where.point else 0
        moved.append(replace(where, point=place(north).point))
    return replace(one, places=tuple(moved))


def _another_place(one: Candidate, data: st.DataObject) -> Candidate:
    return replace(one, places=(*one.places, place(data.draw(st.floats(-90, 90)), id=UUID(int=77))))


def _answers_more(one: Candidate, data: st.DataObject) -> Candidate:
    if one.accept_rate is None:
        return replace(one, accept_rate=data.draw(st.floats(0.7, 1)))
    return replace(one, accept_rate=data.draw(st.floats(one.accept_rate, 1)))


def _looked_over_later(one: Candidate, data: st.DataObject) -> Candidate:
    days = data.draw(st.floats(0, 900))
    before = one.verified_at or NOW - timedelta(days=900)
    return replace(one, verified_at=max(before, NOW - timedelta(days=days)))


BETTER: Final[dict[str, Any]] = {
    "staff speak the variant": _spoken_by_staff,
    "another language is offered": _spoken_as_well,
    "more room": _more_room,
    "a fresher report": _fresher_report,
    "nearer": _nearer,
    "another place": _another_place,
    "more referrals accepted": _answers_more,
    "looked over later": _looked_over_later,
    "not above its share": lambda one, _data: replace(one, above_share=False),
}


def test_language_staff_before_interpreter_before_phone_line_and_the_variant_before_its_group() -> None:
    def points(via: LanguageVia, code: str) -> float:
        offer = (Spoken(code, LanguageModality.SPOKEN, via),)
        return rank(request(language="mix"), [candidate(spoken=offer)]).matches[0].reasons[0].points

    for code in ("mix", "mig"):
        staff, interpreter, line = (points(via, code) for via in LanguageVia)
        assert staff > interpreter > line > 0
    for via in LanguageVia:
        assert points(via, "mix") > points(via, "mig") > points(via, "zap") == 0


def test_a_written_language_is_not_a_spoken_one() -> None:
    offer = (Spoken("spa", LanguageModality.WRITTEN, LanguageVia.STAFF),)

    assert rank(request(), [candidate(spoken=offer)]).matches[0].reasons[0].points == 0


@pytest.mark.parametrize(
    ("status", "days_old", "points"),
    [
        (CapacityStatus.CAPACITY, 0, 25.0),
        (CapacityStatus.CAPACITY, 14, 9.2),  # 25 / e
        (CapacityStatus.ASSESSMENT_REQUIRED, 0, 15.0),
        (CapacityStatus.WAITLIST, 0, 10.0),
        (CapacityStatus.UNKNOWN, 0, 3.0),
        (CapacityStatus.NO_CAPACITY, 0, 0.0),
    ],
)
def test_capacity_decays_by_the_age_of_its_report(
    status: CapacityStatus, days_old: float, points: float
) -> None:
    reasons = rank(request(), [candidate(room=room(status, days_old, available=5))]).matches[0].reasons

    assert {reason.factor: reason.points for reason in reasons}[Factor.CAPACITY] == points


def test_what_is_not_known_is_never_a_yes_and_what_was_said_to_be_full_is_a_no() -> None:
    by_room = [None, room(available=0), room(available=1), room(CapacityStatus.WAITLIST)]
    unknown, full, one_place, waiting = (score(request(), candidate(room=held)) for held in by_room)

    assert full < unknown < waiting < one_place
    assert score(request(urgency=Urgency.URGENT), candidate(room=by_room[3])) < unknown


def test_help_at_a_distance_is_worth_as_much_as_a_place_fifteen_miles_away() -> None:
    virtual = score(request(), candidate(places=(place(virtual=True, point=None),)))

    assert score(request(), candidate(places=(place(14),))) > virtual
    assert score(request(), candidate(places=(place(16),))) < virtual


def test_a_bad_start_is_not_for_ever_and_a_new_partner_is_not_the_last() -> None:
    rates = {rate: score(request(), candidate(accept_rate=rate)) for rate in (None, 0.0, 0.3, 0.6, 1.0)}

    assert rates[0.0] == rates[0.3] < rates[0.6] < rates[None] < rates[1.0]
    assert rates[0.0] > score(request(), candidate(accept_rate=0.0)) - MOST[Factor.RESPONSE]


@pytest.mark.parametrize(
    ("rule", "given", "answer"),
    [
        (Rule(id=RULE, kind=RuleKind.ATTESTATION), {}, "ask"),
        (Rule(id=RULE, kind=RuleKind.ATTESTATION), {"attests": {RULE}}, "fits"),
        (Rule(id=RULE, kind=RuleKind.ATTESTATION), {"attests_not": {RULE}}, "no"),
        (Rule(id=RULE, kind=RuleKind.INCOME_FPL, percent=200), {}, "ask"),
        (Rule(id=RULE, kind=RuleKind.AGE, minimum=18), {}, "ask"),
        (Rule(id=RULE, kind=RuleKind.AGE, minimum=18), {"age": AgeBand.UNDER_18}, "no"),
        (Rule(id=RULE, kind=RuleKind.AGE, minimum=18), {"age": AgeBand.FROM_18_TO_25}, "fits"),
        (Rule(id=RULE, kind=RuleKind.AGE, minimum=21), {"age": AgeBand.FROM_18_TO_25}, "ask"),
        (Rule(id=RULE, kind=RuleKind.AGE, minimum=60), {"age": AgeBand.FROM_65}, "fits"),
        (Rule(id=RULE, kind=RuleKind.COUNTY, counties=("06019",)), {"county": "06019"}, "fits"),
        (Rule(id=RULE, kind=RuleKind.COUNTY, counties=("06019",)), {"county": "06029"}, "no"),
    ],
)
def test_r4_what_is_not_known_of_a_condition_is_asked_and_is_no_no(
    rule: Rule, given: dict[str, Any], answer: str
) -> None:
    found = rank(request(**given), [candidate(rules=(rule,))])

    if answer == "no":
        assert found.ruled_out[0].filters == (Filter.ELIGIBILITY,)
    else:
        assert found.matches[0].ask == ((RULE,) if answer == "ask" else ())


def test_ages_that_a_record_names_without_a_rule_are_asked_as_well() -> None:
    named = (Rule(id=None, kind=RuleKind.AGE, minimum=18),)

    assert rank(request(), [candidate(rules=named)]).matches[0].age_to_ask
    assert filters(request(age=AgeBand.UNDER_18), candidate(rules=named)) == (Filter.ELIGIBILITY,)


@pytest.mark.parametrize(
    ("practice", "lawful"),
    [
        (Practice((recognised(),), (representative(),)), True),
        (Practice((), (representative(),)), False),  # nobody is accredited but with a recognised organisation
        (Practice((recognised(DAY - timedelta(days=1)),), (representative(),)), False),
        (Practice((recognised(),), (representative(until=DAY - timedelta(days=1)),)), False),
        (Practice((recognised(),), (Staff(PractitionerRole.LAW_STUDENT),)), False),
        (Practice((), (Staff(PractitionerRole.ATTORNEY),)), True),
    ],
)
def test_immigration_help_needs_somebody_authorised_on_the_day(practice: Practice, lawful: bool) -> None:
    asked = request(wanted=CONSULTATION)

    assert filters(asked, candidate(**IMMIGRATION, practice=practice)) == (
        () if lawful else (Filter.PRACTICE,)
    )


def test_the_courts_need_full_accreditation() -> None:
    asylum = {"terms": ("legal.immigration.asylum",), "matters": ("legal.immigration.asylum",)}
    asked = request(wanted=frozenset({"legal.immigration.asylum"}))

    for level in AccreditationLevel:
        practice = Practice((recognised(),), (representative(level),))
        lawful = level is AccreditationLevel.FULL
        assert (filters(asked, candidate(**asylum, practice=practice)) == ()) is lawful


def test_a_renters_question_needs_no_accreditation() -> None:
    both = {"terms": ("legal.housing", "legal.immigration.consultation"), "matters": tuple(CONSULTATION)}

    assert filters(request(wanted=frozenset({"legal.housing"})), candidate(**both)) == ()
    assert filters(request(wanted=CONSULTATION), candidate(**both)) == (Filter.PRACTICE,)


def test_a_legal_service_that_only_another_taxonomy_describes_needs_somebody_authorised_too() -> None:
    foreign = {"terms": ("oe:1234",), "matters": ("legal.immigration",)}

    assert filters(request(wanted=frozenset({"oe:1234"})), candidate(**foreign)) == (Filter.PRACTICE,)


def test_every_filter_that_fails_is_told_in_words() -> None:
    everything_wrong = candidate(
        **IMMIGRATION,
        active=False,
        areas=("06107",),
        rules=(Rule(id=RULE, kind=RuleKind.ATTESTATION),),
        places=(place(90),),
    )
    asked = request(wanted=CONSULTATION, county="06019", attests_not=frozenset({RULE}), travel_miles=20.0)

    assert filters(asked, everything_wrong) == tuple(one for one in Filter if one is not Filter.NEED)
    assert filters(request(), candidate(terms=("basic.rent",))) == (Filter.NEED,)
    assert all(all(match_words.FILTERS[one]) for one in Filter)


@pytest.mark.parametrize(
    ("areas", "served"), [((), True), ((None,), True), (("06019",), True), (("06029",), False)]
)
def test_a_service_is_for_its_counties_and_words_alone_rule_nobody_out(
    areas: tuple[str | None, ...], served: bool
) -> None:
    assert (filters(request(county="06019"), candidate(areas=areas)) == ()) is served


def test_r17_a_place_above_the_readers_tier_is_not_told_and_its_zip_is_distance_enough() -> None:
    hidden: Place = place(10, shown=False)

    match = rank(request(), [candidate(places=(hidden,))]).matches[0]

    assert (match.place, match.miles) == (None, None)
    assert {r.factor: r.detail for r in match.reasons}[Factor.DISTANCE] == 10


def test_each_day_another_of_equals_comes_first() -> None:
    equals = [candidate(id=UUID(int=number)) for number in range(4)]
    days = [DAY + timedelta(days=number) for number in range(60)]

    first = Counter(rank(request(day=day), equals).matches[0].candidate.id for day in days)

    assert len(first) == len(equals)


CAP: Final = 0.4
PROVIDERS: Final = [UUID(int=number) for number in range(1, 6)]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(0, 15), min_size=5, max_size=5),
    st.integers(1, 12),
)
def test_no_provider_gets_more_than_its_share_of_a_months_referrals(lead: list[int], a_day: int) -> None:
    """Whoever is up to 15 points ahead of the others: the figures are a day old, so that a day's referrals may be too many."""
    sent: list[UUID] = []
    for day in range(30):
        counts, total = Counter(sent), len(sent)
        offered = [
            candidate(
                id=one,
                verified_at=None,
                accept_rate=0.0,
                places=(place(45 - 3 * ahead),),
                above_share=counts[one] >= 11 and counts[one] > CAP * total,
            )
            for one, ahead in zip(PROVIDERS, lead, strict=True)
        ]
        best = rank(request(day=DAY + timedelta(days=day)), offered).matches[0].candidate.id
        sent += [best] * a_day

    counts = Counter(sent)
    assert max(counts.values()) <= max(CAP * len(sent), 11) + a_day


def test_the_one_provider_that_there_is_stays_the_best_whatever_its_share() -> None:
    alone = candidate(above_share=True)
    found = rank(request(), [alone])

    assert [reason.factor for reason in found.matches[0].reasons][-1] is Factor.SHARE
    assert found.matches[0].candidate is alone


def test_every_term_of_immigration_law_has_a_level_and_hours() -> None:
    from services.partners.domain.practice import hours_per_case, level_needed

    immigration = [t.code for t in TERMS if t.code.startswith("legal.immigration")]

    assert all(level_needed(code) and hours_per_case(code) > 0 for code in immigration)
    assert not [t.code for t in TERMS if t.code not in immigration and level_needed(t.code)]
    assert set(matching.FILTERS) == set(Filter)
