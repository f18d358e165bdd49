"""The formula of DOMAIN 4.4, over every combination."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.referrals.domain.consent import (
    BEFORE_CLEARANCE,
    Consent,
    DataClass,
    Purpose,
    Withheld,
    scope_sentence,
    withheld,
)
from services.referrals.domain.screening import screen
from vereda.ids import new_id

NOW = datetime(2026, 6, 1, tzinfo=UTC)
READER, OTHER = new_id(), new_id()
ONE = Consent(
    id=new_id(),
    recipients=frozenset({READER}),
    data_classes=frozenset({DataClass.IDENTITY, DataClass.NEED}),
    purposes=frozenset({Purpose.REFERRAL_DELIVERY}),
    valid_from=NOW - timedelta(days=1),
    expires_at=NOW + timedelta(days=1),
    revoked_at=None,
)


@pytest.mark.parametrize(
    ("reader", "data_class", "purpose"), list(product([READER, OTHER], DataClass, Purpose))
)
def test_only_the_named_reader_class_and_purpose_are_let_through_r6_r12(reader, data_class, purpose) -> None:  # type: ignore[no-untyped-def]
    named = reader == READER and data_class in ONE.data_classes and purpose is Purpose.REFERRAL_DELIVERY

    assert (withheld([ONE], reader, data_class, purpose, NOW) is None) == named


def test_without_any_consent_nothing_is_shown_r6() -> None:
    assert withheld([], READER, DataClass.IDENTITY, Purpose.REFERRAL_DELIVERY, NOW) is Withheld.NO_CONSENT


@given(st.integers(-10, 10), st.none() | st.integers(-10, 10))
def test_a_consent_holds_from_its_beginning_until_its_end_or_revocation_r9(
    hours: int, revoked: int | None
) -> None:
    consent = Consent(
        ONE.id,
        ONE.recipients,
        ONE.data_classes,
        ONE.purposes,
        NOW - timedelta(hours=5),
        NOW + timedelta(hours=5),
        None if revoked is None else NOW + timedelta(hours=revoked),
    )
    now = NOW + timedelta(hours=hours)

    holds = -5 <= hours < 5 and (revoked is None or hours < revoked)

    assert consent.active(now) == holds
    shown = withheld([consent], READER, DataClass.NEED, Purpose.REFERRAL_DELIVERY, now)
    assert (shown is None) == holds


@pytest.mark.parametrize("data_class", sorted(ONE.data_classes))
def test_before_the_conflict_check_is_cleared_only_the_name_is_shown_r14(data_class: DataClass) -> None:
    reason = withheld([ONE], READER, data_class, Purpose.REFERRAL_DELIVERY, NOW, awaiting_clearance=True)

    assert reason == (None if data_class in BEFORE_CLEARANCE else Withheld.CONFLICT_CHECK_PENDING)


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
        ("passport number pending", "PASSPORT"),
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
