"""Finding records that may be of one person, measured on people who were made up and whose records were then spoilt."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.referrals.domain.clients import AgeBand, ContactSystem
from services.referrals.domain.resemblance import (
    WORTH_SHOWING,
    Described,
    Likeness,
    _one_slip,
    compare,
    keys,
    route,
    sound,
    words,
)

GIVEN: Final = [
    "María",
    "José",
    "Guadalupe",
    "Francisco",
    "Antonio",
    "Jesús",
    "Enrique",
    "Graciela",
    "Fernando",
    "Alejandra",
    "Xóchitl",
    "Ignacio",
    "Verónica",
    "Yolanda",
    "Gilberto",
    "Elvia",
    "Hilario",
    "Zenaida",
    "Cuauhtémoc",
    "Rosario",
]
FAMILY: Final = [
    "García",
    "Hernández",
    "López",
    "Martínez",
    "Rodríguez",
    "Vázquez",
    "Núñez",
    "Jiménez",
    "Ibáñez",
    "Quiñones",
    "Zavala",
    "Villaseñor",
    "Bermúdez",
    "Cárdenas",
    "Escobedo",
    "Fierro",
    "Galván",
    "Huerta",
    "Jáuregui",
    "Landeros",
    "Maldonado",
    "Navarrete",
    "Olvera",
    "Palomares",
    "Quintero",
    "Rentería",
    "Sepúlveda",
    "Tovar",
    "Urbina",
    "Valdivia",
    "Yáñez",
    "Zaragoza",
]
SHORT: Final = {"María": "Ma.", "José": "Pepe", "Guadalupe": "Lupe", "Francisco": "Paco", "Jesús": "Chuy"}


@dataclass(frozen=True)
class Person:
    given: str
    father: str
    mother: str
    phone: str
    age: AgeBand

    @property
    def record(self) -> Described:
        return described(f"{self.given} {self.father} {self.mother}", self.phone, self.age)


def described(name: str, phone: str | None, age: AgeBand | None = None) -> Described:
    found = route(ContactSystem.PHONE, phone) if phone else None
    return Described(name, frozenset({found} if found else ()), age, "06019")


def unaccented(text: str) -> str:
    return text.translate(str.maketrans("áéíóúñÁÉÍÓÚÑ", "aeiounAEIOUN"))


def slipped(word: str, chance: random.Random) -> str:
    at = chance.randrange(1, len(word) - 1)
    return chance.choice((word[:at] + word[at + 1 :], word[:at] + word[at + 1] + word[at] + word[at + 2 :]))


#: How one and the same person comes to be written down a second time.
SPOILT: Final[dict[str, Callable[[Person, random.Random], Described]]] = {
    "surnames the other way round": lambda p, _: described(
        f"{p.given} {p.mother} {p.father}", p.phone, p.age
    ),
    "the second surname left out": lambda p, _: described(f"{p.given} {p.father}", p.phone, p.age),
    "no accents, capitals": lambda p, _: described(
        unaccented(f"{p.given} {p.father} {p.mother}").upper(), None, p.age
    ),
    "surnames first, with a comma": lambda p, _: described(f"{p.father} {p.mother}, {p.given}", None, p.age),
    "particles": lambda p, _: described(f"{p.given} de la {p.father} y {p.mother}", None, p.age),
    "a short form": lambda p, _: described(
        f"{SHORT.get(p.given, p.given)} {p.father} {p.mother}", None, p.age
    ),
    "as it is heard": lambda p, _: described(
        f"{p.given} {p.father} {p.mother}".replace("z", "s").replace("v", "b").replace("V", "B"),
        None,
        p.age,
    ),
    "a slip, and the phone written otherwise": lambda p, chance: described(
        f"{p.given} {slipped(p.father, chance)} {p.mother}", f"({p.phone[:3]}) {p.phone[4:]}", p.age
    ),
    "a slip in one surname, no phone": lambda p, chance: described(
        f"{p.given} {slipped(p.father, chance)} {p.mother}", None, p.age
    ),
    "hyphenated, another phone": lambda p, _: described(
        f"{p.given} {p.father}-{p.mother}", "209-555-0000", None
    ),
}


def others(person: Person, chance: random.Random) -> list[Described]:
    """People who are not this one, and easily taken for them."""
    sibling = next(one for one in chance.sample(GIVEN, 5) if one != person.given)
    namesake = replace(person, mother=chance.choice([f for f in FAMILY if f != person.mother]))
    return [
        described(f"{sibling} {person.father} {person.mother}", person.phone, AgeBand.UNDER_18),
        described(f"{sibling} {person.father} {person.mother}", "661-555-0001", person.age),
        described(f"{namesake.given} {namesake.father} {namesake.mother}", "661-555-0002", person.age),
        described(f"{person.given} {person.father}", "661-555-0003", person.age),
        described(chance.choice(GIVEN), person.phone, AgeBand.FROM_65),
    ]


def people(chance: random.Random, number: int) -> list[Person]:
    made: dict[tuple[str, frozenset[str]], Person] = {}
    while len(made) < number:
        father, mother = chance.sample(FAMILY, 2)
        given = chance.choice(GIVEN)
        phone = f"559-555-{len(made):04d}"
        age = chance.choice([AgeBand.FROM_26_TO_40, AgeBand.FROM_41_TO_64])
        made[given, frozenset((father, mother))] = Person(given, father, mother, phone, age)
    return list(made.values())


def found(one: Described, other: Described) -> bool:
    """As the whole does it: first by the index, then by comparing."""
    indexed = keys(one.name, one.routes) & keys(other.name, other.routes)
    return bool(indexed) and compare(one, other).score >= WORTH_SHOWING


def test_records_of_one_person_are_found_and_of_two_people_are_not(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Recall at least 0.95 over ten ways to write somebody down again, precision at least 0.95 among people who are easily
    confused, with as many of those as of the others."""
    chance = random.Random(20260301)
    everybody = people(chance, 120)
    hits = {
        name: sum(found(one.record, spoil(one, chance)) for one in everybody)
        for name, spoil in SPOILT.items()
    }
    wrong = [sum(found(one.record, other) for other in others(one, chance)) for one in everybody]
    strangers = sum(found(one.record, other.record) for one, other in combinations(everybody[:50], 2))

    all_hits, all_wrong = sum(hits.values()), sum(wrong) + strangers
    recall = all_hits / (len(everybody) * len(SPOILT))
    precision = all_hits / (all_hits + all_wrong)
    with capsys.disabled():
        print(f"\nduplicates: recall {recall:.3f}, precision {precision:.3f}, {strangers} of strangers")
    assert recall >= 0.95, hits
    assert precision >= 0.95, (sum(wrong), strangers)
    assert min(hits.values()) >= 0.9 * len(everybody), hits


names = st.lists(st.sampled_from((*GIVEN, *FAMILY)), min_size=1, max_size=4).map(" ".join)


@given(one=names, other=names, age=st.sampled_from([None, *AgeBand]))
def test_likeness_is_mutual_and_within_bounds(one: str, other: str, age: AgeBand | None) -> None:
    left, right = described(one, "559-555-0101", age), described(other, "559-555-0101")

    assert compare(left, right) == compare(right, left)
    assert 0 <= compare(left, right).score <= 100


@given(name=names, order=st.randoms())
def test_a_name_is_found_in_any_order(name: str, order: random.Random) -> None:
    parts = name.split()
    order.shuffle(parts)

    assert keys(" ".join(parts), ()) == keys(name, ())


@given(word=st.text("abcdefghij", min_size=4, max_size=9), data=st.data())
def test_one_slip_is_one_letter_more_less_or_other_or_two_changed_places(
    word: str, data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(word) - 2))
    letter = data.draw(st.sampled_from("xyz"))

    for slip in (
        word[:at] + word[at + 1 :],
        word[:at] + letter + word[at:],
        word[:at] + letter + word[at + 1 :],
        word[:at] + word[at + 1] + word[at] + word[at + 2 :],
    ):
        assert _one_slip(word, slip)
        assert _one_slip(slip, word)
    assert not _one_slip(word, word + "xx")
    assert not _one_slip(word, "xyz" + word[3:])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("vazquez", "basques"),
        ("ximena", "jimena"),
        ("yolanda", "llolanda"),
        ("hernandez", "ernandes"),
        ("quiroga", "kiroga"),
        ("cecilia", "sesilia"),
    ],
)
def test_what_is_said_alike_sounds_alike(one: str, other: str) -> None:
    assert sound(one) == sound(other)


def test_words_of_a_name_are_folded_without_particles_and_in_full() -> None:
    assert words("Ma. de los Ángeles Núñez-Y-Soto") == ["maria", "angeles", "nunez", "soto"]


@pytest.mark.parametrize(
    ("system", "value", "written"),
    [
        (ContactSystem.PHONE, "(559) 555-0101", "phone:+15595550101"),
        (ContactSystem.SMS, "1 559 555 0101", "phone:+15595550101"),
        (ContactSystem.PHONE, "+52 55 1234 5678", "phone:+525512345678"),
        (ContactSystem.PHONE, "0101", None),
        (ContactSystem.EMAIL, " Ana@Example.org ", "email:ana@example.org"),
        (ContactSystem.THROUGH_PERSON, "her aunt", None),
    ],
)
def test_routes_are_compared_in_one_form(system: ContactSystem, value: str, written: str | None) -> None:
    assert route(system, value) == written


def test_what_is_alike_is_said_in_words_and_never_in_values() -> None:
    one = described("Ma. Lupe Núñez", "559-555-0101", AgeBand.FROM_26_TO_40)
    other = described("Maria Guadalupe Nuñes", "+1 559 555 0101", AgeBand.FROM_26_TO_40)

    likenesses = compare(one, other).likenesses

    assert {Likeness.NAME_SOUNDS_ALIKE, Likeness.SHORT_FORM, Likeness.PHONE_SAME, Likeness.AGE_SAME} <= set(
        likenesses
    )
