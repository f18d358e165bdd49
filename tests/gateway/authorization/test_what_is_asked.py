"""What a field asks of a caller: each clause of it alone."""

from __future__ import annotations

import pytest

from gateway.guard.authorization.rules import compile_rules
from gateway.identity import Identity
from gateway.supergraph import load
from tests.gateway.authorization.asking import NOBODY, SOMEBODY, Graph, holding

PLAIN = "@join__type(graph: A)"


def closed(sdl: str, coordinate: str, caller: Identity) -> bool:
    """Whether a field of an object type is closed to a caller."""
    rules = compile_rules(Graph(sdl).world.supergraph)
    assert rules is not None
    type_name, field = coordinate.split(".")
    return rules.field(type_name, field).is_closed(rules.lacking(caller))


def test_a_supergraph_that_asks_nothing_of_anybody_has_no_rules() -> None:
    assert compile_rules(load(WITHOUT)) is None


WITHOUT = """
enum join__Graph { A @join__graph(name: "a", url: "http://a.test") }
type Query @join__type(graph: A) { x: Int }
"""


@pytest.mark.parametrize(
    ("said", "caller", "expected"),
    [
        ("@authenticated", NOBODY, True),
        ("@authenticated", SOMEBODY, False),
        ('@requiresScopes(scopes: [["a", "b"], ["c"]])', holding("a", "b"), False),
        ('@requiresScopes(scopes: [["a", "b"], ["c"]])', holding("c"), False),
        ('@requiresScopes(scopes: [["a", "b"], ["c"]])', holding("a"), True),
        ('@requiresScopes(scopes: [["a", "b"], ["c"]])', holding(policies=("c",)), True),
        ('@requiresScopes(scopes: "a")', holding("a"), False),
        ("@requiresScopes(scopes: [[]])", NOBODY, False),
        ("@requiresScopes(scopes: [])", holding("a", "b", "c"), True),
        ('@requiresScopes(scopes: [["a"]]) @requiresScopes(scopes: [["b"]])', holding("a"), True),
        ('@requiresScopes(scopes: [["a"]]) @requiresScopes(scopes: [["b"]])', holding("a", "b"), False),
        ('@policy(policies: [["role:x", "y"]])', holding(policies=("role:x", "y")), False),
        ('@policy(policies: [["role:x", "y"]])', holding("role:x", "y"), True),
        ('@authenticated @requiresScopes(scopes: [["a"]])', Identity("odd", scopes=frozenset("a"), authenticated=False), True),
    ],
)  # fmt: skip
def test_one_directive(said: str, caller: Identity, expected: bool) -> None:
    """No alternatives are none that anybody has; an alternative of nothing is one that everybody has."""
    assert closed(f"type Query {PLAIN} {{ x: Int {said} }}", "Query.x", caller) is expected


def test_a_field_asks_what_its_type_asks() -> None:
    sdl = f"type Query {PLAIN} {{ it: It }} type It {PLAIN} @authenticated {{ x: Int }}"

    assert closed(sdl, "It.x", NOBODY)
    assert not closed(sdl, "It.x", SOMEBODY)


@pytest.mark.parametrize(
    "target",
    [
        f"type It {PLAIN} @authenticated {{ x: Int }}",
        f"interface It {PLAIN} @authenticated {{ x: Int }}",
        f"enum It {PLAIN} @authenticated {{ X }}",
        f"scalar It {PLAIN} @authenticated",
    ],
)
@pytest.mark.parametrize("shape", ["It", "It!", "[[It!]]"])
def test_a_field_asks_what_the_type_that_it_leads_to_asks(target: str, shape: str) -> None:
    sdl = f"type Query {PLAIN} {{ it: {shape} }} {target}"

    assert closed(sdl, "Query.it", NOBODY)
    assert not closed(sdl, "Query.it", SOMEBODY)


UNION = f"""
type Query {PLAIN} {{ any: Any }}
union Any {PLAIN} @join__unionMember(graph: A, member: "One") @join__unionMember(graph: A, member: "Two") = One | Two
type One {PLAIN} @requiresScopes(scopes: [["one"]]) {{ x: Int }}
type Two {PLAIN} @requiresScopes(scopes: [["two"]]) {{ x: Int }}
"""


def test_a_field_of_a_union_asks_that_one_of_its_types_is_open() -> None:
    assert closed(UNION, "Query.any", SOMEBODY)
    assert not closed(UNION, "Query.any", holding("one"))
    assert not closed(UNION, "Query.any", holding("two"))


INTERFACE = f"""
type Query {PLAIN} {{ it: It }}
interface It {PLAIN} %s {{ x: Int %s }}
type One implements It {PLAIN} @join__implements(graph: A, interface: "It") %s {{ x: Int %s y: Int }}
type Two implements It {PLAIN} @join__implements(graph: A, interface: "It") {{ x: Int y: Int }}
"""
AUTH = "@authenticated"


def test_what_people_say_of_an_interface_holds_for_each_of_its_types_with_all_of_its_fields() -> None:
    sdl = INTERFACE % (AUTH, "", "", "")

    assert all(closed(sdl, coordinate, NOBODY) for coordinate in ("One.x", "One.y", "Two.x", "Two.y"))


def test_what_people_say_of_an_interfaces_field_holds_for_that_field_of_each_type() -> None:
    sdl = INTERFACE % ("", AUTH, "", "")

    assert [closed(sdl, c, NOBODY) for c in ("One.x", "One.y", "Two.x", "Two.y")] == [
        True,
        False,
        True,
        False,
    ]


@pytest.mark.parametrize("said", [(AUTH, "", AUTH, ""), ("", AUTH, "", AUTH)])
def test_what_composition_derives_for_an_interface_from_its_types_asks_nothing_of_the_others(
    said: tuple[str, str, str, str],
) -> None:
    assert closed(INTERFACE % said, "One.x", NOBODY)
    assert not closed(INTERFACE % said, "Two.x", NOBODY)


def test_what_is_derived_is_the_sum_of_what_all_types_say() -> None:
    both = '@requiresScopes(scopes: [["one", "two"]])'
    one, two = '@requiresScopes(scopes: [["one"]])', '@requiresScopes(scopes: [["two"]])'
    sdl = (INTERFACE % ("", both, "", one)).replace(
        '"It") { x: Int y: Int }', f'"It") {{ x: Int {two} y: Int }}'
    )

    assert not closed(sdl, "One.x", holding("one"))
    assert closed(sdl, "Two.x", holding("one"))


def test_more_than_the_sum_of_what_the_types_say_was_said_by_people() -> None:
    sdl = INTERFACE % ("", '@requiresScopes(scopes: [["a"]])', "", AUTH)

    assert closed(sdl, "Two.x", SOMEBODY)


REQUIRES = """
type Query @join__type(graph: A) @join__type(graph: B) { it: It @join__field(graph: A) }
type It @join__type(graph: A, key: "id") @join__type(graph: B, key: "id") {
  id: ID!
  base: Int @join__field(graph: A) @join__field(graph: B, external: true) %s
  part: Part @join__field(graph: A) @join__field(graph: B, external: true)
  first: Int @join__field(graph: B, requires: "base") @join__field(graph: A, external: true)
  second: Int @join__field(graph: A, requires: "first")
  third: Int @join__field(graph: B, requires: "part { deep ... on Small { own } }")
}
interface Part @join__type(graph: A) @join__type(graph: B) { deep: Int }
type Small implements Part @join__type(graph: A) @join__type(graph: B) @join__implements(graph: A, interface: "Part")
  @join__implements(graph: B, interface: "Part") { deep: Int own: Int %s }
type Large implements Part @join__type(graph: A) @join__type(graph: B) @join__implements(graph: A, interface: "Part")
  @join__implements(graph: B, interface: "Part") { deep: Int %s }
"""


def test_a_computed_field_asks_what_its_inputs_ask_through_any_chain() -> None:
    sdl = REQUIRES % (AUTH, "", "")

    assert [closed(sdl, f"It.{name}", NOBODY) for name in ("first", "second", "third")] == [True, True, False]


@pytest.mark.parametrize("said", [("", AUTH, ""), ("", "", AUTH)])
def test_a_computed_field_asks_what_nested_inputs_ask_of_any_type_that_they_may_have(
    said: tuple[str, str, str],
) -> None:
    assert closed(REQUIRES % said, "It.third", NOBODY)
    assert not closed(REQUIRES % said, "It.third", SOMEBODY)


def test_a_field_that_an_interface_object_computes_asks_what_the_real_types_input_asks() -> None:
    sdl = """
    type Query @join__type(graph: A) @join__type(graph: B) { it: It @join__field(graph: A) }
    interface It @join__type(graph: A, key: "id") @join__type(graph: B, key: "id", isInterfaceObject: true) {
      id: ID!
      base: Int @join__field(graph: A) @join__field(graph: B, external: true)
      made: Int @join__field(graph: B, requires: "base")
    }
    type One implements It @join__type(graph: A, key: "id") @join__implements(graph: A, interface: "It") {
      id: ID! base: Int @authenticated made: Int @join__field
    }
    type Two implements It @join__type(graph: A, key: "id") @join__implements(graph: A, interface: "It") {
      id: ID! base: Int made: Int @join__field
    }
    """

    assert closed(sdl, "One.made", NOBODY)
    assert not closed(sdl, "Two.made", NOBODY)


def test_what_is_overridden_for_good_computes_nothing() -> None:
    sdl = """
    type Query @join__type(graph: A) @join__type(graph: B) { it: It @join__field(graph: A) }
    type It @join__type(graph: A, key: "id") @join__type(graph: B, key: "id") {
      id: ID!
      base: Int @join__field(graph: A) @join__field(graph: B, external: true) @authenticated
      sum: Int @join__field(graph: A, override: "b"%s) @join__field(graph: B, requires: "base")
    }
    """

    assert not closed(sdl % "", "It.sum", NOBODY)
    assert closed(sdl % ', overrideLabel: "percent(5)"', "It.sum", NOBODY)
