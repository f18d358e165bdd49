"""Reading a search: folding, items, typing errors, and the query that comes of them. No database."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.partners.domain.highlights import CLOSE, OPEN, Range, ranges, readable
from services.partners.domain.query import Lexicon, Stems, written
from services.partners.domain.spelling import corrections, errors_between, forgiven, remainders
from services.partners.domain.synonyms import pairs
from services.partners.domain.taxonomy import BY_CODE
from services.partners.domain.words import Item, fold, parse, words_of

WORDS = st.text(string.ascii_lowercase[:6], min_size=4, max_size=11)


@given(st.text())
def test_folding_keeps_every_letter_in_its_place(text: str) -> None:
    assert len(fold(text)) == len(text)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("Clases de INGLÉS", ((("clases",), ("de",), ("ingles",)),)),
        ('"permiso de trabajo" asilo', ((("permiso", "de", "trabajo"), ("asilo",)),)),
        ("food OR shelter", ((("food",),), (("shelter",),))),
        ("medi-cal", ((("medi",), ("cal",)),)),
        ("  ' ; -- ", ()),
    ],
)
def test_words_quotes_and_or_are_read_as_in_web_search(typed: str, read: tuple[object, ...]) -> None:
    assert tuple(tuple(item.words for item in one) for one in parse(typed)) == read


def test_a_leading_minus_says_what_must_not_be_there() -> None:
    assert parse("food -pantry low-cost") == (
        (Item(("food",)), Item(("pantry",), without=True), Item(("low",)), Item(("cost",))),
    )
    assert parse("-pantry") == ()


def test_of_a_story_sixteen_words_count() -> None:
    assert sum(len(item.words) for item in parse("word " * 500)[0]) == 16


@given(WORDS, WORDS)
def test_words_that_are_near_enough_share_a_remainder_always(one: str, other: str) -> None:
    if errors_between(one, other) <= min(forgiven(one), forgiven(other)):
        assert remainders(one) & remainders(other)


@given(WORDS, st.data())
def test_one_error_anywhere_is_corrected(word: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(word) - 2))
    letter = data.draw(st.sampled_from("xyz"))
    made = {
        "left out": word[:at] + word[at + 1 :],
        "put in": word[:at] + letter + word[at:],
        "replaced": word[:at] + letter + word[at + 1 :],
        "changed places": word[:at] + word[at + 1] + word[at] + word[at + 2 :],
    }
    for typed in made.values():
        if forgiven(typed) and typed != word:
            assert corrections(typed, [(word, 1)]) == (word,)


@given(WORDS, WORDS)
def test_errors_are_counted_alike_from_both_sides_and_none_is_sameness(one: str, other: str) -> None:
    assert errors_between(one, other) == errors_between(other, one)
    assert (errors_between(one, other) == 0) == (one == other)


def test_a_number_and_a_short_word_are_never_corrected() -> None:
    assert [forgiven(word) for word in ("93721", "esl", "t0ken123")] == [0, 0, 0]


def test_the_more_used_of_two_equally_near_words_comes_first() -> None:
    assert corrections("clinia", [("clinic", 1), ("clinica", 9)]) == ("clinica", "clinic")


def test_synonyms_that_we_begin_with_are_folded_and_mean_terms_that_there_are() -> None:
    for phrase, meaning in pairs():
        assert " ".join(words_of(phrase)) == phrase
        assert (
            meaning.removeprefix("#") in BY_CODE
            if meaning[0] == "#"
            else " ".join(words_of(meaning)) == meaning
        )


def _lexicon(*words: str, **more: dict[str, tuple[str, ...]]) -> Lexicon:
    return Lexicon({word: Stems(f"'{word}'", f"'{word}'") for word in words}, **more)


def test_a_word_stands_for_itself_for_what_it_means_and_for_what_it_was_meant_to_be() -> None:
    lexicon = _lexicon(
        "fod", "food", "pantry", meanings={"food": ("#basic.food", "pantry")}, corrections={"fod": ("food",)}
    )

    query = written(parse("fod"), lexicon)

    assert query is not None
    assert query.wide == "('fod') | ('food') | ('#basic.food') | ('pantry')"
    assert query.direct == "'fod'"


def test_a_phrase_is_known_as_a_whole_even_where_one_of_its_words_is_misspelt() -> None:
    lexicon = _lexicon(
        "permizo", "permiso", "trabajo", "permit",
        meanings={"permiso trabajo": ("permit",)}, corrections={"permizo": ("permiso",)},
    )  # fmt: skip

    query = written(parse("permizo trabajo"), lexicon)

    assert query is not None
    assert query.wide == "(('permizo') & ('trabajo')) | ('permit')"


def test_words_that_say_nothing_are_left_out_beside_others_and_looked_for_alone() -> None:
    stems = {"the": Stems("", "'the'"), "food": Stems("'food'", "'food'")}

    beside, alone = written(parse("the food"), Lexicon(stems)), written(parse("the"), Lexicon(stems))

    assert beside is not None
    assert alone is not None
    assert (beside.wide, alone.wide) == ("'food'", "'the'")
    assert written(parse("de"), Lexicon({"de": Stems("", "")})) is None


@given(st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=60))
def test_no_text_writes_a_query_of_its_own(text: str) -> None:
    """Whatever is typed, only stems that the database gave are in the query: operators and quotes are not carried over."""
    alternatives = parse(text)
    phrases = {" ".join(item.words) for one in alternatives for item in one}
    query = written(alternatives, Lexicon({phrase: Stems("'x'", "'x'") for phrase in phrases}))

    assert query is None or set(query.wide) <= set("'x|&!() ")


def test_marks_become_places_in_the_text_itself() -> None:
    text = "Clases de Inglés"
    marked = readable(text).replace("ingles", f"{OPEN}ingles{CLOSE}")

    assert ranges(text, [marked]) == (Range(10, 6),)
    assert [text[r.start : r.start + r.length] for r in ranges(text, [marked])] == ["Inglés"]


@given(st.text(max_size=80))
def test_no_place_is_told_of_a_reading_that_is_not_the_text(text: str) -> None:
    assert ranges(text, [f"{OPEN}zz{CLOSE}" + readable(text)[1:]]) in ((), (Range(0, 2),))
    assert not (set(readable(text)) & {OPEN, CLOSE, "<", ">"})
