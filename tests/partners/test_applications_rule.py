"""The rules of recognition and accreditation (DOMAIN 4.8), as properties."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.partners.domain.applications import (
    LIFECYCLE,
    PAPERS,
    TERMINAL,
    RaForm,
    RaItem,
    RaPurpose,
    RaStage,
    after_checklist,
    allowed,
    open_items,
)
from services.partners.domain.credentials import (
    REMINDERS,
    CredentialKind,
    Held,
    Terms,
    lapses,
    reminder_due,
    reminder_windows,
    stays_active,
)
from services.partners.domain.practice import Recognised
from services.partners.domain.terms import CredentialStatus
from tests.partners.matching import recognised

TODAY = date(2026, 11, 25)
days = st.integers(-800, 3000).map(lambda number: TODAY + timedelta(days=number))
credentials = st.builds(
    Held,
    id=st.uuids(version=4),
    kind=st.sampled_from(CredentialKind),
    organization=st.just(UUID(int=1)),
    practitioner=st.none(),
    term=st.builds(Recognised, st.sampled_from(CredentialStatus), days, days, st.booleans()),
)


@given(st.sampled_from(RaPurpose), st.lists(st.sets(st.sampled_from(RaItem)), max_size=6))
def test_an_application_is_never_ready_with_an_open_item(
    purpose: RaPurpose, lists: list[set[RaItem]]
) -> None:
    stage = RaStage.PREPARING
    for done in lists:
        stage = after_checklist(stage, purpose, done)

        assert (stage is RaStage.READY) == (not open_items(purpose, done))


@given(st.sampled_from(sorted(set(RaStage) - {RaStage.PREPARING, RaStage.READY})), st.sampled_from(RaPurpose))
def test_a_checklist_changes_nothing_once_it_is_filed(stage: RaStage, purpose: RaPurpose) -> None:
    assert after_checklist(stage, purpose, set(RaItem)) is stage
    assert after_checklist(stage, purpose, set()) is stage


def test_nothing_leads_out_of_an_end_and_everything_else_leads_to_one() -> None:
    assert all(not allowed(stage) for stage in TERMINAL)
    reached = {RaStage.PREPARING}
    for _ in LIFECYCLE:
        reached |= {row.to for row in LIFECYCLE if row.frm & reached}

    assert reached == set(RaStage)
    assert all(any(row.to in TERMINAL for row in allowed(stage)) for stage in set(RaStage) - TERMINAL)


def test_every_purpose_has_a_list_and_every_item_is_on_one() -> None:
    assert set(PAPERS) == set(RaPurpose)
    assert {item for paper in PAPERS.values() for item in paper.items} == set(RaItem)
    assert all(p.of_practitioner == (p.form is RaForm.EOIR_31A) for p in PAPERS.values())


@given(st.lists(credentials, max_size=8), days, days)
def test_what_lapses_only_grows_with_the_day(held: list[Held], one: date, other: date) -> None:
    sooner, later = sorted((max(one, TODAY), max(other, TODAY)))

    assert set(lapses(held, TODAY, sooner)) <= set(lapses(held, TODAY, later))
    assert lapses(held, TODAY, TODAY) == ()


def test_a_renewal_filed_in_time_keeps_what_it_renews() -> None:
    term = recognised(until=TODAY)
    held = Held(UUID(int=2), CredentialKind.RECOGNITION, UUID(int=1), None, term)

    assert stays_active(term, TODAY)
    assert not stays_active(term, TODAY + timedelta(days=1))
    assert lapses([held], TODAY, TODAY + timedelta(days=1)) == (held,)
    pending = Recognised(term.status, term.granted_on, term.expires_on, True)
    kept = Held(held.id, held.kind, held.organization, None, pending)
    assert lapses([kept], TODAY, TODAY + timedelta(days=900)) == ()


@given(days, days)
def test_the_windows_of_reminders_say_what_each_credential_says(today: date, end: date) -> None:
    found = [months for months, first, last in reminder_windows(today) if first <= end <= last]

    assert found == ([due] if (due := reminder_due(end, today)) is not None else [])


@given(days, st.integers(0, 500))
def test_a_reminder_that_was_given_is_never_the_next_one_again(end: date, before: int) -> None:
    """Day by day towards the end: the months go down, and never up again."""
    seen = [reminder_due(end, end - timedelta(days=left)) for left in range(before, -1, -1)]
    given_ = [months for months in seen if months is not None]

    assert given_ == sorted(given_, reverse=True)
    assert given_[-1] == min(REMINDERS)
    assert reminder_due(end, end + timedelta(days=1)) is None


def test_terms_are_two_years_at_first_then_six_and_three_for_people_unless_set_otherwise() -> None:
    terms = Terms()

    assert terms.end(RaPurpose.NEW_RECOGNITION, date(2021, 2, 3)) == date(2023, 2, 3)
    assert terms.end(RaPurpose.RENEWED_RECOGNITION, date(2024, 2, 29)) == date(2030, 2, 28)
    assert terms.end(RaPurpose.INITIAL_PARTIAL, TODAY) == date(2029, 11, 25)
    assert Terms(accreditation=1).end(RaPurpose.FULL, TODAY) == date(2027, 11, 25)
