"""Whether two records of one organisation may be of one person: by the name, however it was written, and how to reach them.

It only ever suggests: people are linked by people, reversibly, and never merged. Names here are Spanish first: two
surnames in either order or one of them, particles, short forms, and the spellings of one sound.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import product
from typing import Final

from services.referrals.domain.clients import AgeBand, ContactSystem

#: From here on a resemblance is worth showing.
WORTH_SHOWING: Final = 60
_PARTICLES: Final = frozenset(
    {"de", "del", "la", "las", "los", "el", "y", "e", "da", "das", "do", "dos", "van", "von", "al", "bin"}
)
#: Short forms and abbreviations, folded; what they stand for, folded.
_SHORT_FORMS: Final = {
    "ma": "maria", "mari": "maria", "fco": "francisco", "paco": "francisco", "pancho": "francisco",
    "kiko": "francisco", "gpe": "guadalupe", "lupe": "guadalupe", "lupita": "guadalupe", "pepe": "jose",
    "chepe": "jose", "chuy": "jesus", "chucho": "jesus", "nacho": "ignacio", "beto": "alberto",
    "memo": "guillermo", "lalo": "eduardo", "chela": "graciela", "toño": "antonio", "tono": "antonio",
    "quique": "enrique", "kike": "enrique", "concha": "concepcion", "conchita": "concepcion",
    "chayo": "rosario", "nando": "fernando", "fer": "fernando", "rafa": "rafael", "manolo": "manuel",
    "meño": "manuel", "lencho": "lorenzo", "goyo": "gregorio", "cuca": "refugio", "licha": "alicia",
    "tere": "teresa", "paty": "patricia", "pati": "patricia", "lety": "leticia", "leti": "leticia",
    "chabela": "isabel", "mague": "magdalena", "yoli": "yolanda", "vero": "veronica", "gabi": "gabriela",
    "dany": "daniel", "dani": "daniel", "alex": "alejandro", "alejo": "alejandro", "mike": "miguel",
    "ramon": "ramon", "moncho": "ramon", "neto": "ernesto", "poncho": "alfonso", "xochi": "xochitl",
}  # fmt: skip
#: The sounds of Mexican and Central American Spanish: what is written differently and said alike.
_SOUNDS: Final = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"ch", "1"),
        (r"ph", "f"),
        (r"h", ""),
        (r"ll", "y"),
        (r"gu(?=[ei])", "g"),
        (r"g(?=[ei])", "j"),
        (r"^x", "j"),
        (r"x", "s"),
        (r"qu|q|k", "k"),
        (r"c(?=[eiy])|z", "s"),
        (r"c", "k"),
        (r"v|w", "b"),
        (r"y$|y(?=[^aeiou])", "i"),
        (r"(.)\1+", r"\1"),
    )
)
_SHORTEST_TO_MISSPELL: Final = 4
_DIGITS: Final = re.compile(r"\D")
#: Points for so many words of a name alike: of one and of two there are many people.
_NAME_POINTS: Final = {0: 0, 1: 5, 2: 40, 3: 55}
_MOST_NAME_POINTS: Final = 60
_CONTACT_POINTS: Final = 40


class Likeness(StrEnum):
    """In what two records are alike, or differ: told to people in place of the values."""

    NAME_SAME = "NAME_SAME"
    NAME_IN_PART = "NAME_IN_PART"
    NAME_SOUNDS_ALIKE = "NAME_SOUNDS_ALIKE"
    NAME_SPELT_ALIKE = "NAME_SPELT_ALIKE"
    SHORT_FORM = "SHORT_FORM"
    PHONE_SAME = "PHONE_SAME"
    EMAIL_SAME = "EMAIL_SAME"
    AGE_SAME = "AGE_SAME"
    AGE_DIFFERS = "AGE_DIFFERS"
    PLACE_SAME = "PLACE_SAME"


@dataclass(frozen=True, slots=True)
class Described:
    """What of a record is compared. `routes`: as `route` writes them."""

    name: str
    routes: frozenset[str] = frozenset()
    age_band: AgeBand | None = None
    place: str | None = None


@dataclass(frozen=True, slots=True)
class Resemblance:
    """How much two records are alike, 0 to 100, and in what."""

    score: int
    likenesses: tuple[Likeness, ...]


def words(name: str) -> list[str]:
    """The words of a name, folded, without particles, short forms as what they stand for."""
    return [_SHORT_FORMS.get(word, word) for word in _folded(name)]


def sound(word: str) -> str:
    """A word as it is said."""
    for pattern, said in _SOUNDS:
        word = pattern.sub(said, word)
    return word


def route(system: ContactSystem, value: str) -> str | None:
    """A contact as it is compared: a phone number in E.164 (ten digits are of North America), an address in lower case."""
    if system is ContactSystem.EMAIL:
        return f"email:{value.strip().casefold()}"
    if system not in (ContactSystem.PHONE, ContactSystem.SMS):
        return None
    digits = _DIGITS.sub("", value)
    if not value.strip().startswith("+"):
        digits = f"1{digits}" if len(digits) == 10 else digits
    return f"phone:+{digits}" if 8 <= len(digits) <= 15 else None


def keys(name: str, routes: Iterable[str]) -> set[str]:
    """What a record is found by, to be put under a key of the organisation's own: its contacts, and pairs of its words
    as they are said, each of them also with one sound left out, so that one slip does not hide it."""
    said = sorted({sound(word) for word in words(name)})
    pairs = {
        f"pair:{'|'.join(sorted(pair))}"
        for one, other in product(said, said)
        if one < other
        for pair in ((one, other), *_slipped(one, other))
    }
    return pairs | {f"route:{one}" for one in routes} | ({f"name:{said[0]}"} if len(said) == 1 else set())


def compare(one: Described, other: Described) -> Resemblance:
    """How much two records are alike. Symmetric."""
    likenesses: list[Likeness] = []
    first, second = sorted((one.name, other.name), key=lambda name: (len(_folded(name)), name))
    left, right = words(first), words(second)
    matched = _matched(left, right)
    count = len(matched)
    points = min(_NAME_POINTS.get(count, _MOST_NAME_POINTS), _MOST_NAME_POINTS)
    quality = sum(weight for weight, _ in matched) / count if count else 0.0
    missed = min(len(left), len(right)) - count
    score = points * quality - 12 * missed
    if count > 1:
        likenesses += _named(matched, left, right)
        if _folded(first) != left and set(_folded(first)) - set(_folded(second)):
            likenesses.append(Likeness.SHORT_FORM)
    shared = one.routes & other.routes
    if shared:
        score += _CONTACT_POINTS
        likenesses += [
            like
            for kind, like in (("phone:", Likeness.PHONE_SAME), ("email:", Likeness.EMAIL_SAME))
            if any(found.startswith(kind) for found in shared)
        ]
    if one.age_band is not None and other.age_band is not None:
        same = one.age_band is other.age_band
        score += 5 if same else -20
        likenesses.append(Likeness.AGE_SAME if same else Likeness.AGE_DIFFERS)
    if one.place is not None and one.place == other.place:
        score += 5
        likenesses.append(Likeness.PLACE_SAME)
    return Resemblance(max(0, min(100, round(score))), tuple(dict.fromkeys(likenesses)))


def _folded(name: str) -> list[str]:
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    plain = "".join(c for c in decomposed if not unicodedata.combining(c))
    return [word for word in re.findall(r"[^\W\d_]+", plain) if word not in _PARTICLES]


def _slipped(one: str, other: str) -> Iterator[tuple[str, str]]:
    for less in _less(one):
        yield less, other
    for less in _less(other):
        yield one, less


def _less(word: str) -> Iterator[str]:
    """The word with one of its letters left out: two words at one slip's distance have one of these in common."""
    if len(word) >= _SHORTEST_TO_MISSPELL:
        for at in range(len(word)):
            yield word[:at] + word[at + 1 :]


def _matched(left: list[str], right: list[str]) -> list[tuple[float, Likeness]]:
    """The best pairs of words, each word once; how alike each is."""
    pairs = sorted(
        ((found, one, other) for one, other in product(range(len(left)), range(len(right)))
         if (found := _alike(left[one], right[other])) is not None),
        key=lambda pair: (-pair[0][0], pair[1], pair[2]),
    )  # fmt: skip
    taken_left: set[int] = set()
    taken_right: set[int] = set()
    matched = []
    for found, one, other in pairs:
        if one not in taken_left and other not in taken_right:
            taken_left.add(one)
            taken_right.add(other)
            matched.append(found)
    return matched


def _alike(one: str, other: str) -> tuple[float, Likeness] | None:
    if one == other:
        return 1.0, Likeness.NAME_SAME
    if sound(one) == sound(other):
        return 0.97, Likeness.NAME_SOUNDS_ALIKE
    if min(len(one), len(other)) >= _SHORTEST_TO_MISSPELL and _one_slip(one, other):
        return 0.9, Likeness.NAME_SPELT_ALIKE
    return None


def _one_slip(one: str, other: str) -> bool:
    """Whether one letter more, less, or other, or two that changed places, makes the one word the other."""
    if len(one) > len(other):
        one, other = other, one
    if len(other) - len(one) > 1:
        return False
    at = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(one))
    if len(one) < len(other):
        return one[at:] == other[at + 1 :]
    swapped = one[at + 1 : at + 2] + one[at : at + 1]
    return one[at + 1 :] == other[at + 1 :] or swapped + one[at + 2 :] == other[at:]


def _named(matched: list[tuple[float, Likeness]], left: list[str], right: list[str]) -> list[Likeness]:
    found: list[Likeness] = list(dict.fromkeys(like for _, like in matched if like is not Likeness.NAME_SAME))
    if not found:
        whole = len(matched) == len(left) == len(right)
        return [Likeness.NAME_SAME if whole else Likeness.NAME_IN_PART]
    return found
