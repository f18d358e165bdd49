"""How good the net is (R2): measured on notes that people might write, on both halves, and on what becomes of them in typing."""

from __future__ import annotations

import re
import sys
import unicodedata
from collections import Counter
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.kernel.screening.notes import NOTES, Label, NoteText
from vereda.screening import screen, screen_numbers
from vereda.screening.folding import folded

_SEEN = [note for note in NOTES if not note.held_out and note.label is not Label.CLEAN]
_NUMBERS = [note for note in NOTES if note.label is Label.IDENTIFIER]


def share(half: bool, label: Label) -> float:
    """Of the notes of this label in a half, the share that is refused."""
    refused = Counter(
        screen(note.text) is not None for note in NOTES if note.held_out is half and note.label is label
    )
    return refused[True] / refused.total()


def test_there_are_enough_notes_of_each_kind_in_both_halves() -> None:
    counted = Counter((note.label, note.held_out) for note in NOTES)

    assert len({note.text for note in NOTES}) == len(NOTES) >= 600
    assert min(counted.values()) >= 70


@pytest.mark.parametrize("held_out", [False, True], ids=["seen", "held out"])
def test_r2_identifiers_are_found(held_out: bool) -> None:
    assert share(held_out, Label.IDENTIFIER) >= 0.98


@pytest.mark.parametrize("held_out", [False, True], ids=["seen", "held out"])
def test_r2_words_of_status_and_birthplace_are_found(held_out: bool) -> None:
    assert share(held_out, Label.STATUS) >= 0.95


@pytest.mark.parametrize("held_out", [False, True], ids=["seen", "held out"])
def test_r2_what_services_are_called_is_let_pass(held_out: bool) -> None:
    assert share(held_out, Label.CLEAN) <= 0.02


typed = {
    "in capitals": str.upper,
    "without accents": lambda text: "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c)),
    "with accents in two characters": lambda text: unicodedata.normalize("NFD", text),
    "in wide characters": lambda text: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text),
    "on several lines": lambda text: text.replace(" ", "\n"),
    "with unseen characters": lambda text: "\u200b".join(text),
    "with other dashes": lambda text: text.replace("-", "\u2013"),
    "with Arabic digits": lambda text: re.sub(r"\d", lambda m: chr(0x0660 + int(m[0])), text),
}  # fmt: skip


@pytest.mark.parametrize("how", typed)
@given(note=st.sampled_from(_SEEN))
def test_r2_however_it_is_typed(how: str, note: NoteText) -> None:
    if how == "on several lines" and note.text.count("  "):
        return
    assert screen(typed[how](note.text)) is not None, note


@given(
    st.text("123456789", min_size=9, max_size=9),
    st.sampled_from(
        ["A{0}", "a {0}", "A#{0}", "A-{1}-{2}-{3}", "alien no. {0}", "número de extranjero {1} {2} {3}"]
    ),
    st.sampled_from(["{}", "Call soon. {} Thanks", "Llamar. {}; gracias", "x {}"]),
)
def test_r2_any_a_number_is_found(digits: str, form: str, around: str) -> None:
    number = form.format(digits, digits[:3], digits[3:6], digits[6:])

    found = screen(around.format(number))

    assert found is not None
    assert found.kind == "A_NUMBER"


@given(
    st.integers(1, 899).filter(lambda n: n != 666),
    st.integers(1, 99),
    st.integers(1, 9999),
    st.sampled_from("- ."),
    st.sampled_from(["{}", "SSN {}", "su seguro es {}.", "social {} ok"]),
)
def test_r2_any_social_security_number_is_found(
    area: int, group: int, serial: int, sign: str, around: str
) -> None:
    found = screen(around.format(f"{area:03}{sign}{group:02}{sign}{serial:04}"))

    assert found is not None
    assert found.kind == "TAX_NUMBER"


@given(st.integers(201, 989), st.integers(201, 989), st.integers(0, 9999), st.sampled_from(["{}-{}-{:04}", "({}) {}-{:04}", "{}.{}.{:04}", "{} {} {:04}", "{}{}{:04}"]))  # fmt: skip
def test_telephone_numbers_are_let_pass(area: int, exchange: int, line: int, form: str) -> None:
    assert screen(f"Call {form.format(area, exchange, line)} after 5, o llamar al {form.format(area, exchange, line)}.") is None  # fmt: skip


@given(st.dates(), st.integers(0, 999_999), st.integers(0, 99_999))
def test_dates_money_and_zip_codes_are_let_pass(day: object, cents: int, zip_code: int) -> None:
    assert screen(f"On {day}, ${cents:,}.00, Fresno CA {zip_code:05}; {day:%m/%d/%Y}.") is None


@given(st.text(max_size=400))
def test_any_text_can_be_screened(text: str) -> None:
    found = screen(text)

    assert found is None or found.hint
    assert folded(folded(text)) == folded(text) or not text.isascii()


def test_r2_a_finding_never_holds_the_text() -> None:
    for note in NOTES:
        found = screen(note.text)
        if found is not None:
            assert not re.search(r"\d", found.hint)
            assert found.hint.endswith(".")


def test_text_about_services_may_name_a_status_and_no_number() -> None:
    assert screen_numbers("Open to undocumented students; no SSN needed") is None
    for note in _NUMBERS:
        assert screen_numbers(note.text) is not None, note


@given(st.uuids(), st.booleans(), st.sampled_from(["{}", "VC-{}", "our number is {}.", "({})"]))
def test_what_systems_name_their_things_by_is_no_number_of_a_person(
    name: UUID, bare: bool, said: str
) -> None:
    """One UUID in a hundred holds a run that looks like an A-number: a partner's own case number would be refused by chance."""
    assert screen(said.format(name.hex if bare else name)) is None


def test_r2_what_stands_beside_such_a_name_is_still_read() -> None:
    assert screen("0a7516b0-1803-71d3-8127-a751640942b1 A751640942") is not None
    assert screen("a751640942") is not None


@pytest.mark.parametrize("unit", ["1", "1-", "a", "a ", "visa de ", "social is the ", "no ", "daca workshop ", "is from the ", "á", "passport no ", "12 345 "])  # fmt: skip
def test_no_text_makes_it_slow(unit: str) -> None:
    """Counted, not timed: how often a rule of the net is begun grows no faster than the text does."""
    calls = []

    def watch(_frame: object, event: str, _argument: object) -> None:
        if event == "c_call":
            calls.append(1)

    spent = []
    for length in (2_000, 8_000):
        calls.clear()
        sys.setprofile(watch)
        try:
            screen((unit * length)[:length])
        finally:
            sys.setprofile(None)
        spent.append(len(calls))

    assert spent[1] <= 5 * spent[0] + 50


def test_every_repetition_in_a_rule_is_bounded() -> None:
    """Without `*` and `+`, and with small bounds, one place costs a bounded number of steps."""
    from vereda.screening import shapes, words

    patterns = [p for _kind, p in (*shapes.ALONE, *shapes.NAMED)] + [
        words.STATUS,
        words.BIRTHPLACE,
        words.SERVICES,
    ]
    for pattern in patterns:
        bare = re.sub(r"\\.|\[[^\]]*\]", "x", pattern.pattern)
        assert not re.search(r"[*+]", bare), pattern.pattern[:60]
        assert all(int(most) <= 30 for most in re.findall(r"\{\d+,(\d+)\}", bare))
