"""The formula of DOMAIN 4.4, over every combination."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.referrals.domain.consent import (
    Consent,
    DataClass,
    Purpose,
    Received,
    Withheld,
    scope_sentence,
    withheld,
)
from vereda.ids import new_id
from vereda.screening import screen

NOW = datetime(2026, 6, 1, tzinfo=UTC)
READER, OTHER = new_id(), new_id()
ONE = Consent(
    id=new_id(),
    recipients=frozenset({READER}),
    data_classes=frozenset({DataClass.IDENTITY, DataClass.NEED}),
    purposes=frozenset({Purpose.REFERRAL_DELIVERY}),
    service_domains=frozenset(),
    valid_from=NOW - timedelta(days=1),
    expires_at=NOW + timedelta(days=1),
    revoked_at=None,
)


@pytest.mark.parametrize(
    ("reader", "data_class", "purpose"), list(product([READER, OTHER], DataClass, Purpose))
)
def test_only_the_named_reader_class_and_purpose_are_let_through_r6_r12(reader, data_class, purpose) -> None:  # type: ignore[no-untyped-def]
    named = reader == READER and data_class in ONE.data_classes and purpose is Purpose.REFERRAL_DELIVERY

    assert (withheld([ONE], reader, data_class, purpose, NOW) is ONE) == named


def test_without_any_consent_nothing_is_shown_r6() -> None:
    assert withheld([], READER, DataClass.IDENTITY, Purpose.REFERRAL_DELIVERY, NOW) is Withheld.NO_CONSENT


@given(st.integers(-10, 10), st.none() | st.integers(-10, 10))
def test_a_consent_holds_from_its_beginning_to_its_end_and_never_once_it_is_revoked_r9(
    hours: int, revoked: int | None
) -> None:
    consent = Consent(
        ONE.id,
        ONE.recipients,
        ONE.data_classes,
        ONE.purposes,
        ONE.service_domains,
        NOW - timedelta(hours=5),
        NOW + timedelta(hours=5),
        None if revoked is None else NOW + timedelta(hours=revoked),
    )
    now = NOW + timedelta(hours=hours)

    holds = -5 <= hours < 5 and revoked is None

    assert consent.active(now) == holds
    shown = withheld([consent], READER, DataClass.NEED, Purpose.REFERRAL_DELIVERY, now)
    assert (shown is consent) == holds


@given(received=st.lists(st.tuples(st.booleans(), st.booleans(), st.none() | st.integers(0, 60)), max_size=4))
def test_a_client_is_opened_by_a_referral_that_is_cleared_and_not_long_closed_r6_r14(received) -> None:  # type: ignore[no-untyped-def]
    referrals = [
        Received("legal", legal, cleared, None if days is None else NOW - timedelta(days=days))
        for legal, cleared, days in received
    ]
    opens = any((not legal or cleared) and (days is None or days <= 30) for legal, cleared, days in received)
    checking = any(legal and not cleared and days is None for legal, cleared, days in received)

    def reason(*, conflict_set: bool) -> Withheld | Consent:
        purpose = Purpose.REFERRAL_DELIVERY
        return withheld([ONE], READER, DataClass.IDENTITY, purpose, NOW, referrals, conflict_set=conflict_set)

    assert (reason(conflict_set=False) is ONE) == (opens or not received)
    assert (reason(conflict_set=True) is ONE) == (opens or not received or checking)


def test_a_conflict_check_that_ended_in_a_conflict_opens_nothing_not_even_the_name_r14() -> None:
    declined = Received("legal", legal=True, conflict_cleared=False, ended_at=NOW)

    reason = withheld(
        [ONE], READER, DataClass.IDENTITY, Purpose.REFERRAL_DELIVERY, NOW, [declined], conflict_set=True
    )

    assert reason is Withheld.CONFLICT_CHECK_PENDING


def test_the_scope_sentence_names_consent_classes_and_end_r11() -> None:
    sentence = scope_sentence(ONE)

    assert all(
        part in sentence for part in (str(ONE.id), "IDENTITY, NEED", "REFERRAL_DELIVERY", "2026-06-02")
    )


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("her A# is A 123-456-789", "A_NUMBER"),
        ("SSN 123-45-6789", "TAX_NUMBER"),
        ("ITIN: 912345678", "TAX_NUMBER"),
        ("she is undocumented", "STATUS"),
        ("vino sin papeles", "STATUS"),
        ("nació en Oaxaca", "BIRTHPLACE"),
        ("passport number 561234567", "PASSPORT"),
        ("DACA recipient, entered without inspection", "STATUS"),
        ("\uff21\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18\uff19", "A_NUMBER"),
        ("A 1 2 3 4 5 6 7 8 9", "A_NUMBER"),
        ("A1234\u200b56789", "A_NUMBER"),
        ("her number is 123456789", "A_NUMBER"),
        ("alien registration 123456789", "A_NUMBER"),
        ("no tiene documentos", "STATUS"),
        ("nacida en Honduras", "BIRTHPLACE"),
        ("con matrícula consular 1234567", "PASSPORT"),
        ("SSN 123456789", "TAX_NUMBER"),
        ("bring a passport if there is one", None),
        ("DACA renewal, papers are ready", None),
        ("call 5595550101 or (559) 555-0101", None),
        ("Renewal due in May; call 559-555-0101 after 5 pm", None),
        ("Solicitud de renovación, cita el 12 de mayo", None),
        (None, None),
    ],
)
def test_free_text_that_tells_of_status_is_found_in_both_languages_r2(
    text: str | None, kind: str | None
) -> None:
    finding = screen(text)

    assert (finding.kind if finding else None) == kind
