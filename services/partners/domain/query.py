"""From what somebody typed to what the index is asked: one `tsquery` (PostgreSQL 12.1), written out.

Each word stands for itself, for what it means (synonyms), for what it was meant to be (corrections) and, while it is
being typed, for what it may become. Words that say nothing in one of the two languages are left out. What was typed
itself weighs more in the ranking than what was made of it, so it is kept apart (`direct`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Final

from services.partners.domain.words import Item

#: The longest phrase that a synonym may have, in words.
LONGEST_PHRASE: Final = 4
#: What a meaning begins with that is a code of the taxonomy.
TERM: Final = "#"


@dataclass(frozen=True, slots=True)
class Stems:
    """A phrase as the two configurations of full text read it: `tsquery` texts, empty for words that say nothing."""

    english: str
    spanish: str

    @property
    def says_nothing(self) -> bool:
        return not (self.english and self.spanish)

    @property
    def text(self) -> str:
        return _any(dict.fromkeys(one for one in (self.english, self.spanish) if one))


@dataclass(frozen=True, slots=True)
class Lexicon:
    """What is known of a search's words: stems by phrase, synonyms by phrase, corrections and completions by word."""

    stems: Mapping[str, Stems]
    meanings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    corrections: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    completions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class IndexQuery:
    """`wide` decides what is found; `direct` is of it what was typed itself. Both are texts of a `tsquery`."""

    wide: str
    direct: str


def phrases_in(words: Sequence[str]) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Every run of up to four words, with where it begins."""
    for at in range(len(words)):
        for length in range(1, min(LONGEST_PHRASE, len(words) - at) + 1):
            yield at, tuple(words[at : at + length])


def likely(
    alternatives: Iterable[Sequence[Item]], corrections: Mapping[str, tuple[str, ...]]
) -> list[list[Item]]:
    """The alternatives with each misspelt word as what it was most likely meant to be."""
    return [
        [
            Item(tuple(corrections.get(word, (word,))[0] for word in item.words), item.without)
            for item in items
        ]
        for items in alternatives
    ]


def phrases_of(alternatives: Iterable[Sequence[Item]]) -> set[str]:
    """All that may be a phrase of a synonym, in any of the alternatives."""
    runs = (run for items in alternatives for run in _runs(items))
    return {" ".join(phrase) for run in runs for _, phrase in phrases_in(run)}


def written(alternatives: Iterable[Sequence[Item]], lexicon: Lexicon) -> IndexQuery | None:
    """The query, or None where no word of it says anything."""
    each = [one for items in alternatives if (one := _written(items, lexicon)) is not None]
    if not each:
        return None
    return IndexQuery(_any(one.wide for one in each), _any(one.direct for one in each))


def _written(items: Sequence[Item], lexicon: Lexicon) -> IndexQuery | None:
    wanted = [item for item in items if not item.without]
    said = [item for item in wanted if not _says_nothing(item, lexicon)]
    # "the" alone is looked for as it is; beside others it says nothing, but in a phrase that is known as a whole.
    said = said or [item for item in wanted if _of(item, lexicon)]
    if not said:
        return None
    wide = [group for run in _runs(wanted) for group in _groups(run, lexicon, {i.words[0] for i in said})]
    wide += [_of(item, lexicon) for item in said if len(item.words) > 1]
    without = [f"!({text})" for item in items if item.without and (text := _of(item, lexicon))]
    return IndexQuery(_all([*wide, *without]), _any(_of(item, lexicon) for item in said))


def _says_nothing(item: Item, lexicon: Lexicon) -> bool:
    return lexicon.stems[" ".join(item.words)].says_nothing


def _of(item: Item, lexicon: Lexicon) -> str:
    return lexicon.stems[" ".join(item.words)].text


def _runs(items: Sequence[Item]) -> Iterator[list[str]]:
    """Single words that stand beside each other: what a phrase of a synonym may be found in."""
    run: list[str] = []
    for item in items:
        if len(item.words) == 1 and not item.without:
            run.append(item.words[0])
            continue
        if run:
            yield run
        run = []
    if run:
        yield run


def _groups(run: Sequence[str], lexicon: Lexicon, telling: Set[str]) -> Iterator[str]:
    """What must be found for each word, or for each phrase that is known as a whole: the longest first."""
    likely = [lexicon.corrections.get(word, (word,))[0] for word in run]
    at = 0
    while at < len(run):
        lengths = range(min(LONGEST_PHRASE, len(run) - at), 1, -1)
        length = next((n for n in lengths if " ".join(likely[at : at + n]) in lexicon.meanings), 1)
        words, phrase = run[at : at + length], " ".join(likely[at : at + length])
        itself = _all(lexicon.stems[word].text for word in words if word in telling)
        meant = _meant(words[0], lexicon) if length == 1 else _meanings(phrase, lexicon)
        if length > 1 or words[0] in telling:
            yield _any([itself, *meant])
        at += length


def _meant(word: str, lexicon: Lexicon) -> Iterator[str]:
    alike = (*lexicon.corrections.get(word, ()), *lexicon.completions.get(word, ()))
    for one in alike:
        yield lexicon.stems[one].text
    for one in (word, *alike):
        yield from _meanings(one, lexicon)


def _meanings(phrase: str, lexicon: Lexicon) -> Iterator[str]:
    for meaning in lexicon.meanings.get(phrase, ()):
        yield lexeme(meaning) if meaning.startswith(TERM) else lexicon.stems[meaning].text


def lexeme(text: str) -> str:
    """One lexeme as a `tsquery` writes it."""
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


def _any(parts: Iterable[str]) -> str:
    each = list(dict.fromkeys(part for part in parts if part))
    return each[0] if len(each) == 1 else " | ".join(f"({part})" for part in each)


def _all(parts: Iterable[str]) -> str:
    each = list(dict.fromkeys(part for part in parts if part))
    return each[0] if len(each) == 1 else " & ".join(f"({part})" for part in each)
