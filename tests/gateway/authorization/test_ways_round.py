"""Nobody reaches what is closed by asking for it another way, and what is around it is answered."""

from __future__ import annotations

from functools import cache

import pytest

from tests.gateway.authorization.asking import NOBODY, SOMEBODY, Graph, holding

LIBRARY = """
type Query @join__type(graph: A) @join__type(graph: B) {
  person: Person! @join__field(graph: A)
  members: [Person!]! @join__field(graph: A)
  things: [Thing!]! @join__field(graph: A)
  found: [Found] @join__field(graph: A)
  kept: [Kept!] @join__field(graph: A)
  sorted(by: Order = NAME, filter: Filter, marks: [Mark!]): Int @join__field(graph: A)
}
interface Thing @join__type(graph: A) @join__type(graph: B) { id: ID! name: String owner: Person }
type Person implements Thing @join__type(graph: A, key: "id") @join__type(graph: B, key: "id")
  @join__implements(graph: A, interface: "Thing") @join__implements(graph: B, interface: "Thing") {
  id: ID!
  name: String @join__field(graph: A)
  owner: Person @join__field(graph: A)
  ssn: String @join__field(graph: B) @requiresScopes(scopes: [["ssn"]])
  born: Int! @join__field(graph: B) @authenticated
  animals: [Pet!] @join__field(graph: B)
}
type Pet implements Thing @join__type(graph: A, key: "id") @join__type(graph: B, key: "id")
  @join__implements(graph: A, interface: "Thing") @join__implements(graph: B, interface: "Thing") {
  id: ID!
  name: String @join__field(graph: A) @authenticated
  owner: Person @join__field(graph: A)
  chip: String @join__field(graph: B)
}
union Found @join__type(graph: A) @join__unionMember(graph: A, member: "Pet") @join__unionMember(graph: A, member: "Vault") = Pet | Vault
union Kept @join__type(graph: A) @join__unionMember(graph: A, member: "Vault") = Vault
type Vault @join__type(graph: A) @authenticated { gold: Int }
enum Order @join__type(graph: A) @authenticated { NAME SSN }
scalar Mark @join__type(graph: A) @authenticated
input Filter @join__type(graph: A) { text: String deep: Filter marks: [Mark] order: Order }
"""


@cache
def library() -> Graph:
    return Graph(LIBRARY)


@pytest.mark.parametrize(
    "query",
    [
        "{ person { id ssn } }",
        "{ person { id ssn: ssn } }",
        "{ person { ssn: id x: ssn } }",
        "{ person { id ... { ssn } } }",
        "{ person { id ... on Person { ssn } } }",
        "{ person { id ... on Thing { ... on Person { ssn } } } }",
        "{ person { id ...F } } fragment F on Person { ssn }",
        "{ person { id ...F } } fragment F on Thing { ...G } fragment G on Person { ssn }",
        "{ ...F } fragment F on Query { person { id ...G } } fragment G on Person { ssn }",
        "{ person { owner { owner { id ssn } } } }",
        "{ things { id ... on Person { ssn } } }",
        "{ things { owner { id ssn } } }",
        "{ found { ... on Pet { id owner { ssn } } } }",
        "{ members { animals { owner { id ssn } } } }",
        "{ person { id ssn @include(if: true) } }",
        "{ person { id ssn @skip(if: false) } }",
        "query ($yes: Boolean = true) { person { id ssn @include(if: $yes) } }",
        "query ($no: Boolean = false) { person { id ... @skip(if: $no) { ssn } } }",
        "{ person { id ... @defer { ssn } } }",
        "{ person { id ... @defer(label: \"later\") { ...F } } } fragment F on Person { ssn }",
        "{ person { id ssn __typename } __schema { queryType { name } } }",
        "query { __type(name: \"Person\") { name } person { id ssn } }",
    ],
)  # fmt: skip
async def test_a_closed_field_is_null_and_asked_of_nobody_however_it_is_written(query: str) -> None:
    answer = await library().ask(query, SOMEBODY)

    assert "Person.ssn" not in answer.asked
    assert "Person:" not in str([v for v in _values(answer.data, "ssn", "x") if v and "id" not in v])
    assert answer.closed
    assert all(place.rpartition(".")[2] in ("ssn", "x") for place in answer.closed)


def _values(data: object, *keys: str) -> list[str]:
    """What stands at these keys, anywhere."""
    if isinstance(data, list):
        return [value for item in data for value in _values(item, *keys)]
    if isinstance(data, dict):
        here = [value for key, value in data.items() if key in keys]
        return here + [value for item in data.values() for value in _values(item, *keys)]
    return []


async def test_what_is_open_around_it_is_answered() -> None:
    answer = await library().ask("{ person { id name ssn born } }", SOMEBODY)
    full = await library().ask("{ person { id name ssn born } }", holding("ssn"))

    assert answer.data == {"person": {**full.data["person"], "ssn": None}}
    assert full.data["person"]["ssn"] is not None
    assert answer.closed == ["person.ssn"]


async def test_each_place_of_a_list_has_its_error() -> None:
    answer = await library().ask("{ members { n: ssn } }", SOMEBODY)

    assert len(answer.data["members"]) > 1
    assert answer.closed == [f"members.{index}.n" for index in range(len(answer.data["members"]))]


async def test_nothing_is_sent_for_a_request_of_which_nothing_is_left() -> None:
    answer = await library().ask("{ person { ssn } }", SOMEBODY)

    assert answer.asked == {"Query.person", "Person.__typename"} or answer.asked == {"Query.person"}


async def test_a_null_where_none_may_be_goes_as_far_as_it_must() -> None:
    answer = await library().ask("{ members { id born } person { owner { born } id } }", NOBODY)

    assert answer.data is None
    assert answer.closed == ["members.0.born"]
    owner = await library().ask("{ person { id owner { id born } } }", NOBODY)
    assert owner.data["person"]["owner"] is None
    assert owner.closed == ["person.owner.born"]


async def test_a_field_of_an_interface_is_closed_for_those_types_only_that_close_it() -> None:
    answer = await library().ask("{ things { __typename id name } }", NOBODY)

    kinds = {thing["__typename"] for thing in answer.data["things"]}
    assert kinds == {"Person", "Pet"}
    assert all((thing["name"] is None) is (thing["__typename"] == "Pet") for thing in answer.data["things"])
    animals = [i for i, thing in enumerate(answer.data["things"]) if thing["__typename"] == "Pet"]
    assert answer.closed == [f"things.{index}.name" for index in animals]
    assert "Pet.name" not in answer.asked
    assert "Person.name" in answer.asked


async def test_two_fields_under_one_key_are_told_apart_by_type() -> None:
    """Of two fragments that ask the same key, one is closed (graphql-hive/router#1423)."""
    answer = await library().ask("{ things { ... on Person { x: name } ... on Pet { x: name } } }", NOBODY)

    assert {type(thing["x"]) for thing in answer.data["things"]} == {str, type(None)}
    assert answer.asked & {"Pet.name", "Person.name"} == {"Person.name"}


@pytest.mark.parametrize(
    "selection",
    ["__typename", "... on Vault { gold }", "... on Pet { id } __typename", "...F"],
)
async def test_an_object_of_a_closed_type_is_null_even_where_only_its_type_is_asked(selection: str) -> None:
    query = f"{{ found {{ {selection} }} }}" + (
        " fragment F on Vault { __typename }" if "F" in selection else ""
    )
    answer = await library().ask(query, NOBODY)
    full = await library().ask("{ found { __typename } }", SOMEBODY)

    vaults = [index for index, item in enumerate(full.data["found"]) if item["__typename"] == "Vault"]
    assert vaults
    assert [index for index, item in enumerate(answer.data["found"]) if item is None] == vaults
    assert answer.closed == [f"found.{index}" for index in vaults]
    assert "Vault.gold" not in answer.asked
    assert not any("Vault" in error["message"] for error in answer.errors), "the type is told"


async def test_where_every_type_is_closed_not_even_the_number_of_objects_is_told() -> None:
    answer = await library().ask("{ kept { __typename } }", NOBODY)

    assert answer.data == {"kept": None}
    assert answer.closed == ["kept"]
    assert not answer.asked


async def test_a_type_name_is_told_of_what_is_open() -> None:
    answer = await library().ask("{ __typename person { __typename } things { __typename } }", NOBODY)

    assert answer.data["person"] == {"__typename": "Person"}
    assert not answer.errors


# Arguments

CLOSED_ARGUMENTS = [
    ("{ sorted(by: NAME) }", {}),
    ("{ x: sorted(by: SSN) }", {}),
    ("query ($by: Order) { sorted(by: $by) }", {"by": "SSN"}),
    ("query ($by: Order = NAME) { sorted(by: $by) }", {}),
    ("{ sorted(filter: {order: SSN}) }", {}),
    ("{ sorted(filter: {deep: {deep: {order: SSN}}}) }", {}),
    ("query ($o: Order) { sorted(filter: {deep: {order: $o}}) }", {"o": "NAME"}),
    ("query ($f: Filter) { sorted(filter: $f) }", {"f": {"deep": {"order": "NAME"}}}),
    ("query ($f: Filter = {order: NAME}) { sorted(filter: $f) }", {}),
    ("query ($f: Filter) { sorted(filter: {deep: $f}) }", {"f": {"marks": ["m"]}}),
    ("{ sorted(marks: [1]) }", {}),
    ("{ sorted(marks: 1) }", {}),
    ("{ sorted(marks: [{a: 1}]) }", {}),
    ("query ($m: [Mark!]) { sorted(marks: $m) }", {"m": [1]}),
    ("query ($m: [Mark!]) { sorted(marks: $m) }", {"m": 1}),
    ("query ($m: Mark!) { sorted(marks: [$m]) }", {"m": 1}),
]
OPEN_ARGUMENTS = [
    ("{ sorted }", {}),
    ("{ sorted(by: null) }", {}),
    ("query ($by: Order) { sorted(by: $by) }", {}),
    ("query ($by: Order) { sorted(by: $by) }", {"by": None}),
    ("query ($by: Order = SSN) { sorted(by: $by) }", {"by": None}),
    ('{ sorted(filter: {text: "SSN", deep: {text: "x"}}) }', {}),
    ("query ($f: Filter) { sorted(filter: $f) }", {"f": {"text": "SSN", "order": None, "marks": [None]}}),
    ("query ($f: Filter = {order: SSN}) { sorted(filter: $f) }", {"f": {}}),
    ("query ($m: [Mark!]) { sorted(marks: $m) }", {"m": []}),
    ("{ sorted(marks: []) }", {}),
]


@pytest.mark.parametrize(("query", "variables"), CLOSED_ARGUMENTS)
async def test_a_value_of_a_closed_type_closes_the_field_that_it_is_given_to(
    query: str, variables: dict[str, object]
) -> None:
    answer = await library().ask(query, NOBODY, **variables)

    assert answer.closed in (["sorted"], ["x"])
    assert not answer.asked
    assert not (await library().ask(query, SOMEBODY, **variables)).errors


@pytest.mark.parametrize(("query", "variables"), OPEN_ARGUMENTS)
async def test_a_closed_type_closes_nothing_where_no_value_of_it_is_given(
    query: str, variables: dict[str, object]
) -> None:
    answer = await library().ask(query, NOBODY, **variables)

    assert not answer.errors
    assert answer.asked == {"Query.sorted"}


async def test_the_same_variable_closes_some_requests_of_an_operation_and_not_others() -> None:
    query = "query ($f: Filter) { sorted(filter: $f) }"
    holes = [
        (await library().ask(query, NOBODY, f=value)).closed
        for value in ({"order": "SSN"}, {"text": "x"}, {"order": "SSN"}, {})
    ]

    assert holes == [["sorted"], [], ["sorted"], []]


# Mutations

MUTATION = """
type Query @join__type(graph: A) { x: Int }
type Mutation @join__type(graph: A) {
  one: Done! wipe: Done @authenticated two: Done closed: Shut
}
type Done @join__type(graph: A) { at: Int by: Int @authenticated }
type Shut @join__type(graph: A) @authenticated { at: Int }
"""


async def test_a_closed_mutation_does_not_happen_and_the_others_do_in_their_order() -> None:
    graph = Graph(MUTATION)

    answer = await graph.ask("mutation { a: two { at } wipe { at } b: one { at by } closed { at } }", NOBODY)

    assert graph.subgraphs.mutated == ["a", "b"]
    assert answer.closed == ["wipe", "b.by", "closed"]
    assert answer.data["wipe"] is None
    assert answer.data["b"]["at"] is not None


async def test_a_closed_query_type_tells_its_name_and_nothing_else() -> None:
    graph = Graph("type Query @join__type(graph: A) @authenticated { x: Int y: Int! }")

    answer = await graph.ask("{ __typename x ... on Query { z: x } }", NOBODY)

    assert answer.data == {"__typename": "Query", "x": None, "z": None}
    assert answer.closed == ["x", "z"]
    assert (await graph.ask("{ y }", NOBODY)).data is None
    assert not answer.asked


@pytest.mark.parametrize("field", ["_entities(representations: []) { __typename }", "_service { sdl }"])
async def test_what_subgraphs_answer_to_gateways_is_not_there(field: str) -> None:
    answer = await library().ask(f"{{ {field} }}", holding("ssn"))

    assert answer.errors[0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
    assert not answer.asked
