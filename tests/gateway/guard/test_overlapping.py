"""Whether fields can be merged is found out last, and of a document in which equal ones are one already."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from graphql import (
    FieldNode,
    OverlappingFieldsCanBeMergedRule,
    ValidationRule,
    Visitor,
    build_schema,
    parse,
    print_ast,
    validate,
    visit,
)

from gateway.guard import Limits, RefusedError, documents, overlapping
from gateway.guard.documents import read_document
from gateway.guard.overlapping import merged, validation_errors
from tests.gateway.planner.dice import Dice

MOST = 10
SCHEMA = build_schema("""
  type Query { dog(name: String, age: Int): Dog  pet: Pet  pets: [Pet!] }
  interface Pet { name(long: Boolean): String!  friend: Pet }
  type Dog implements Pet { name(long: Boolean): String!  friend: Pet  owner: Person  age: Int  bark: String }
  type Cat implements Pet { name(long: Boolean): String!  friend: Cat  owner: Person  age: String  bark: Int! }
  type Person { name: String  dog: Dog }
""")
FIELDS = {
    "Query": ('dog(name: "a", age: 1)', 'dog(age: 1, name: "a")', "pet", "pets", "pet"),
    "Pet": ("name", "friend"),
    "Dog": ("name", "friend", "owner", "age", "bark"),
    "Cat": ("name", "friend", "owner", "age", "bark"),
    "Person": ("name", "dog"),
}
INSIDE = {"dog": "Dog", "pet": "Pet", "pets": "Pet", "friend": "Pet", "owner": "Person"}
NARROWER = {"Query": ("Query",), "Pet": ("Pet", "Dog", "Cat"), "Dog": ("Dog", "Pet"), "Cat": ("Cat", "Pet")}


def selections(dice: Dice, type_: str, depth: int, spreads: bool = True) -> Iterator[str]:
    for _ in range(dice.number(1, 3)):
        kind = dice.number(0, 9)
        if kind == 9 and depth:
            yield f"... {{ {' '.join(selections(dice, type_, depth - 1, spreads))} }}"
        elif kind >= 7 and type_ in NARROWER and depth:
            narrower = dice.pick(NARROWER[type_])
            yield f"... on {narrower} {{ {' '.join(selections(dice, narrower, depth - 1, spreads))} }}"
        elif kind == 6 and spreads and type_ in ("Dog", "Cat", "Pet"):
            yield f"...{dice.pick(('Dog', 'Cat', 'Pet'))}s"
        else:
            field = dice.pick(FIELDS[type_])
            alias = dice.pick((*[""] * 18, "a: ", "name: "))
            inside = INSIDE.get(field.partition("(")[0])
            if type_ == "Cat" and inside == "Pet":
                inside = "Cat"
            if inside is None:
                yield alias + field
            elif depth:
                yield f"{alias}{field} {{ {' '.join(selections(dice, inside, depth - 1, spreads))} }}"
    yield "__typename"


def document(dice: Dice) -> str:
    fragments = " ".join(
        f"fragment {name}s on {name} {{ {' '.join(selections(dice, name, 1, spreads=False))} }}"
        for name in ("Dog", "Cat", "Pet")
    )
    return f"{{ {' '.join(selections(dice, 'Query', 2))} }} {fragments}"


def test_what_cannot_be_merged_is_found_out_as_before() -> None:
    refused = 0
    for seed in range(400):
        parsed = parse(document(Dice.seeded(seed)))
        plain = validate(SCHEMA, parsed, [OverlappingFieldsCanBeMergedRule])

        after = validate(SCHEMA, merged(parsed, MOST), [OverlappingFieldsCanBeMergedRule])

        assert bool(plain) == bool(after), print_ast(parsed)
        refused += bool(plain)
    assert 50 < refused < 350


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("{ dog { name age } dog { age owner { name } } dog { name } }", "{dog{name age owner{name}}}"),
        ('{ dog(name: "a", age: 1) { name } dog(age: 1, name: "a") { age } }', '{dog(name:"a"age:1){name age}}'),
        (
            "{ pet { ... on Dog { age } ... { name } ... on Dog { name } name } }",
            "{pet{name...on Dog{age name}}}",
        ),
        ("{ a: pet { name } pet { name } }", "{a:pet{name}pet{name}}"),
        ("{ pet { ...f ...f } } fragment f on Pet { name name }", "{pet{...f}}fragment f on Pet{name}"),
    ],
)  # fmt: skip
def test_equal_fields_of_a_selection_set_become_one(text: str, left: str) -> None:
    assert print_ast(merged(parse(text), MOST)) == print_ast(parse(left))


def test_of_what_conflicts_no_more_is_left_than_is_told() -> None:
    parsed = parse("{" + " ".join(f"dog(age: {number}) {{ name }}" for number in range(200)) + "}")

    assert len(merged(parsed, MOST).definitions[0].selection_set.selections) == MOST + 1  # type: ignore[attr-defined]
    errors = validation_errors(SCHEMA, parsed, MOST, hide_suggestions=True)
    assert len(errors) == MOST + 1
    assert "'dog' conflict" in errors[0].message
    assert "Too many" in errors[-1].message


def test_fields_are_not_compared_where_something_else_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    class Compared(ValidationRule):
        def enter_document(self, *_: object) -> None:
            raise AssertionError("fields were compared")

    monkeypatch.setattr(overlapping, "_LAST", (Compared,))
    parsed = parse("{" + " ".join(f"dog {{ wrong{number} }}" for number in range(200)) + "}")

    errors = validation_errors(SCHEMA, parsed, MOST, hide_suggestions=True)

    assert len(errors) == MOST + 1


class Fields(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.found = 0

    def enter_field(self, _node: FieldNode, *_: object) -> None:
        self.found += 1


def test_a_field_that_is_repeated_is_validated_once() -> None:
    fields = Fields()
    visit(merged(parse("{" + "pets { name friend { name } } " * 240 + "}"), MOST), fields)

    assert fields.found == 1 + 2 + 1


@pytest.mark.parametrize(
    "text",
    [
        "{ dog {" + " ".join(f"wrong{number}" for number in range(2000)) + "} }",
        "{ dog {" + " ".join(f"friend {{ wrong{number} }}" for number in range(1200)) + "} }",
        "{ dog {" + " ".join(f"wrong{number} {{ name }}" for number in range(600)) + "} }",
    ],
    ids=["below the root", "below one field", "each with something inside"],
)
def test_too_many_different_fields_are_refused_before_anything_is_parsed(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    def parsed(*_: object, **__: object) -> None:
        raise AssertionError("the document was parsed")

    monkeypatch.setattr(documents, "parse", parsed)

    with pytest.raises(RefusedError) as caught:
        read_document(text, Limits(repeats=2000))

    assert caught.value.code == "TOO_MANY_FIELDS"
