"""The rows behind the bench graph: who comes, what is taught, what was written about it. Fixed, so that every run
and every engine answers the same bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Person:
    id: str
    name: str
    handle: str | None


@dataclass(frozen=True, slots=True)
class Workshop:
    code: str
    title: str
    fee: int | None
    minutes: int | None
    language: str
    host: str
    seats: int


@dataclass(frozen=True, slots=True)
class Note:
    id: str
    workshop: str
    author: str
    text: str


def travel_grant(fee: int | None, minutes: int | None) -> int | None:
    """Cents towards the way: nothing where the fee shows that no help is wanted, more for a longer evening."""
    if fee is None or minutes is None or fee > 4_000:
        return None
    return 150 + minutes * 3


PEOPLE: Final = (
    Person("p1", "Marisol Ibarra", "marisol"),
    Person("p2", "Tomasz Wierzba", "twierzba"),
    Person("p3", "Adaeze Okonjo", "adaeze.o"),
    Person("p4", "Leng Vang", None),
    Person("p5", "Noor Haddadi", "noor-h"),
    Person("p6", "Ignacio Peñaranda", "nacho"),
)

WORKSHOPS: Final = (
    Workshop("w1", "Reading a lease before you sign it", 0, 90, "en", "p2", 4),
    Workshop("w2", "Primeros pasos con la historia clínica", 1_200, 120, "es", "p1", 0),
    Workshop("w3", "Preparing for the civics interview", 2_500, 150, "en", "p3", 11),
    Workshop("w4", "Cooking with what the pantry has", 4_800, 180, "en", "p5", 2),
    Workshop("w5", "Fractions for the equivalency test", None, 75, "en", "p3", 7),
)

NOTES: Final = (
    Note(
        "n1",
        "w1",
        "p1",
        "I had signed two leases without knowing what the clause about joint liability meant. The example with the "
        "three flatmates made it plain at once, and the list of questions for the landlord hangs on our fridge now. "
        "Half an hour more for the part on deposits would have been good, since everybody had a story to tell there.",
    ),
    Note(
        "n2",
        "w1",
        "p4",
        "Clear and friendly. The handout in large print was a help for my mother, who read it on the bus home and "
        "found the paragraph about repairs by herself.",
    ),
    Note(
        "n3",
        "w1",
        "p2",
        "Holding this evening for the fourth time I still learn from the people who come: tonight it was how a "
        "shared meter is billed in the older blocks by the river, which no book of mine mentions. For the next time "
        "I will bring two real contracts with the names blacked out, let each table find the five sentences that "
        "cost money, and keep the last twenty minutes free for those who would rather ask in private.",
    ),
    Note(
        "n4",
        "w1",
        "p6",
        "Llegué tarde por el autobús y aun así me guardaron un sitio y me explicaron lo que ya habían visto. "
        "El ejercicio con el contrato de muestra vale por todo el curso; lo repetí en casa con mi hermano.",
    ),
    Note(
        "n5",
        "w2",
        "p5",
        "Now I know which of the papers in the yellow folder the clinic needs and which only I need. We filled in "
        "one page together and the rest was easy.",
    ),
    Note(
        "n6",
        "w2",
        "p3",
        "The nurse who came along answered what people truly wanted to know: who gets to see the notes, how long "
        "they are kept, how to have a mistake put right, and what happens with them after a move to another county. "
        "I would send every newcomer here in the first month, before the first appointment rather than after it.",
    ),
    Note(
        "n7",
        "w2",
        "p1",
        "Buen ritmo, con ejemplos de verdad. Faltaron sillas.",
    ),
    Note(
        "n8",
        "w3",
        "p6",
        "Practising the interview in pairs took away most of the fear. The volunteer playing the officer was strict "
        "but fair, and afterwards told each of us one thing that we do well and one that we should say more slowly. "
        "The cards with the hundred questions are worn out already; a second set would help the late group.",
    ),
    Note(
        "n9",
        "w3",
        "p4",
        "Two and a half hours went by quickly. I liked that nobody was asked to speak in front of all before they "
        "had tried it with a neighbour first.",
    ),
    Note(
        "n10",
        "w4",
        "p2",
        "Lentils, three ways, and not one of them dull. The children washed the rice. I copied the table of what "
        "keeps for how long, and pinned it next to the one on leases.",
    ),
    Note(
        "n11",
        "w4",
        "p5",
        "We were nine at a stove for six, so some of us chopped while the others stirred, and the talk was better "
        "for it. People who come for the food stay for the recipes in four languages; next month a guest shows how "
        "to dry herbs on a balcony.",
    ),
    Note(
        "n12",
        "w5",
        "p3",
        "Seven learners, one pizza cut in eighths, no fear of denominators left at the end of the evening. Those who "
        "sit the test in June asked for a sheet with the twelve kinds of question that come again every year.",
    ),
    Note(
        "n13",
        "w3",
        "p1",
        "I came as a companion and stayed as a learner. The part on how to ask the officer to repeat a question, "
        "politely and without losing heart, is worth the whole evening.",
    ),
    Note(
        "n14",
        "w5",
        "p4",
        "At school I was told that I have no head for numbers. With the measuring cups on the table it was suddenly "
        "only a question of which cup goes how often into which, and I was the one who explained it to the others.",
    ),
    Note(
        "n15",
        "w2",
        "p6",
        "Traje la carpeta de mi suegra y salimos con una página limpia: alergias, medicinas, a quién llamar. "
        "Para quien cuida a otra persona esta tarde ahorra semanas.",
    ),
)

PERSON: Final[Mapping[str, Person]] = {person.id: person for person in PEOPLE}
WORKSHOP: Final[Mapping[str, Workshop]] = {workshop.code: workshop for workshop in WORKSHOPS}
NOTE: Final[Mapping[str, Note]] = {note.id: note for note in NOTES}
NOTES_OF_AUTHOR: Final[Mapping[str, tuple[Note, ...]]] = {
    person.id: tuple(note for note in NOTES if note.author == person.id) for person in PEOPLE
}
NOTES_ON_WORKSHOP: Final[Mapping[str, tuple[Note, ...]]] = {
    workshop.code: tuple(note for note in NOTES if note.workshop == workshop.code) for workshop in WORKSHOPS
}
ROOMS: Final = ("the blue room", "the kitchen", "upstairs")
