"""What operations cost: by `@cost`, `@listSize` and their defaults (IBM's GraphQL Cost Directives specification)."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import (
    FieldNode,
    NameNode,
    OperationDefinitionNode,
    SelectionSetNode,
    Visitor,
    parse,
    print_ast,
    visit,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.guard import Limits, RefusedError
from gateway.guard.costs import OperationCost
from gateway.guard.weights import Weights
from gateway.supergraph import load
from tests.gateway.guard.market import MARKET, SDL
from tests.gateway.guard.reference import Reference
from tests.gateway.planner.dice import Dice
from tests.gateway.planner.random_queries import Asked, operations, random_operation

LIST_SIZE = 2
#: The market without the one field that is refused unless its arguments are right.
DRAWN_FROM = load(SDL.replace("  exactly", "  # exactly")).api_schema
NO_LIMIT = Limits(cost=10**30, page_size=10**9, list_size=LIST_SIZE)


def demand(query: str, limits: Limits = NO_LIMIT) -> OperationCost:
    document = parse(query)
    operation = next(d for d in document.definitions if isinstance(d, OperationDefinitionNode))
    return OperationCost(Weights(MARKET, limits.list_size), limits, document, operation)


def cost(query: str, **variables: Any) -> float:
    return demand(query).estimated(variables)


def refusal(query: str, limits: Limits, **variables: Any) -> RefusedError:
    with pytest.raises(RefusedError) as caught:
        demand(query, limits).estimated(variables)
    return caught.value


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("{ open }", 0),
        ("{ rating }", 5),
        ("{ stall(id: 1) { id name } }", 2),  # the weight of the type
        ("{ stall(id: 1) { dear { name } } }", 2 + 7),  # the field's in place of the type's
        ("{ stall(id: 1) { neighbour { neighbour { id } } } }", 2 + 2 + 2),
        ("{ stall(id: 1) { kind digest } }", 2 + 3 + 4),  # an enum and a scalar that have weights
        ('mutation { note(text: "x") }', 10),
        ("mutation { a: rent(stall: 1) { id } b: rent(stall: 2) { id } }", 10 + 2 + 10 + 2),
        ("{ __typename open }", 0),
        ("{ every { id } }", LIST_SIZE * 2),
        ("{ best { id } }", 3 * 2),
        ("{ best { fruit { ripe } } }", 3 * (2 + LIST_SIZE * (1 + 1))),
        ("{ shelves { ripe } }", LIST_SIZE * LIST_SIZE * (1 + 1)),
        ("{ stalls(first: 5) { id } }", 5 * 2),
        ("{ stalls(first: 5, last: 8) { id } }", 8 * 2),  # the largest
        ("{ stalls(first: 0) { id } }", 0),
        ("{ stalls { id } }", LIST_SIZE * 2),
        ("{ page { edges { node { id } } } }", 1 + 4 * (1 + 2)),  # Relay's arguments, and their default
        ("{ page(first: 7) { nodes { id } total info { more } } }", 1 + 7 * 2 + 1),
        ("{ paged(page: {size: 6}) { edges { cursor } nodes { id } } }", 1 + 1 + 6 + LIST_SIZE * 2),
        ("{ search { __typename } }", LIST_SIZE * 2),
        ("{ search(filter: {}) { __typename } }", LIST_SIZE * 2 + 4),
        ("{ search(filter: {deep: true, kind: OLD, at: {x: 1}}) { __typename } }", LIST_SIZE * 2 + 4 + 7 + 3 + 2),
        ("{ search(near: [{x: 1}, {y: 2}]) { __typename } }", LIST_SIZE * 2 + 2),
        ("{ search(loud: true) { __typename } }", LIST_SIZE * 2 - 3),
        ("{ rebate(of: SMALL) rating }", 0 + 5),  # no field costs less than nothing
        ("{ gift(of: SMALL) }", 9),  # it may be null, which takes nothing off
        ("{ remains(of: SMALL) { name } }", 6),  # there may be none
        ("{ main { best { name } } }", 2 + 1),
        ("{ stall(id: 1) { thing { __typename } } }", 2 + 6),  # the dearest of the possible types
        ("{ stall(id: 1) { thing { ... on Fruit { ripe } ... on Stall { kind dear { name } } } } }", 2 + 6 + 3 + 7),
        ("{ a: rating b: rating rating rating }", 3 * 5),  # what is merged is asked once
    ],
)  # fmt: skip
def test_the_estimate_is_the_sum_of_weights(query: str, expected: float) -> None:
    assert cost(query) == expected


def test_variables_decide_sizes_conditions_and_arguments() -> None:
    query = """query($n: Int = 3, $much: Boolean = false, $f: Filter) {
      stalls(first: $n) { id neighbour @include(if: $much) { id } }
      search(filter: $f) { __typename }
    }"""

    assert cost(query, n=4, much=False) == 4 * 2 + LIST_SIZE * 2
    assert cost(query, n=4, much=True) == 4 * (2 + 2) + LIST_SIZE * 2
    assert cost(query, n=1, f={"also": [{"deep": True}, {}]}) == 2 + LIST_SIZE * 2 + 4 + (1 + 7) + 1
    assert cost(query, n=None) == LIST_SIZE * 2 + LIST_SIZE * 2


def test_an_operation_that_costs_too_much_is_refused_with_both_numbers() -> None:
    error = refusal("query($n: Int) { stalls(first: $n) { id } }", Limits(cost=19), n=10)

    assert error.code == "COST_ESTIMATED_TOO_EXPENSIVE"
    assert error.extensions == {"estimated": 20, "maximum": 19}


def test_what_no_variable_can_make_cheaper_is_refused_before_it_is_planned() -> None:
    with pytest.raises(RefusedError, match="estimated to cost 20"):
        demand("{ stalls(first: 10) { id } }", Limits(cost=19))


@pytest.mark.parametrize("first", ["1001", "$n"])
def test_a_page_may_be_so_large_even_where_its_items_cost_nothing(first: str) -> None:
    query = f"query($n: Int) {{ stall(id: 1) {{ fruit(first: {first}) {{ name }} }} open @skip(if: true) }}"

    assert refusal(query, Limits(), n=1001).code == "PAGE_TOO_LARGE"


@pytest.mark.parametrize(
    "arguments", ["", "(first: null)", "(first: 1, last: 1)", "(first: $n)", "(first: 1, last: $m)"]
)
def test_exactly_one_slicing_argument_where_the_schema_wants_one(arguments: str) -> None:
    query = f"query($n: Int, $m: Int) {{ exactly{arguments} {{ id }} }}"

    assert refusal(query, NO_LIMIT, m=2).code == "SLICING_ARGUMENT_NEEDED"
    assert cost("query($n: Int) { exactly(first: $n) { id } }", n=6) == 6 * 2


def of(asked: Asked) -> tuple[OperationCost, Reference]:
    """What is tested, and what it is held against."""
    return demand(asked.text), Reference(MARKET, asked.document, asked.completed, LIST_SIZE)


@given(operations(DRAWN_FROM))
@settings(max_examples=60, deadline=None)
def test_the_estimate_is_what_the_specification_says(asked: Asked) -> None:
    tested, reference = of(asked)

    assert tested.estimated(asked.completed) == reference.estimated()


@given(operations(DRAWN_FROM), st.data())
@settings(max_examples=60, deadline=None)
def test_what_an_answer_cost_is_counted_in_it(asked: Asked, data: st.DataObject) -> None:
    tested, reference = of(Asked(print_ast(visit(asked.document, TypesTold())), asked.variables))
    answer = reference.answer(Dice.of(data.draw))

    assert tested.actual(answer, asked.completed, frozenset()) == reference.actual(answer)


@given(operations(DRAWN_FROM), st.data())
@settings(max_examples=60, deadline=None)
def test_no_answer_costs_more_than_was_estimated(asked: Asked, data: st.DataObject) -> None:
    """IBM §5.1.1: as long as lists are no longer than they are taken to be, told types or not."""
    tested, reference = of(asked)
    answer = reference.answer(Dice.of(data.draw))

    counted = tested.actual(answer, asked.completed, frozenset())

    assert reference.actual(answer) <= counted <= tested.estimated(asked.completed)


def test_answers_that_have_nothing_in_common_are_counted_right_and_within_their_estimates() -> None:
    for seed in range(100):
        dice = Dice.seeded(seed)
        asked = random_operation(dice, DRAWN_FROM)
        untold, plain = of(asked)
        told, reference = of(Asked(print_ast(visit(asked.document, TypesTold())), asked.variables))
        estimated = untold.estimated(asked.completed)
        assert estimated == plain.estimated()
        for _ in range(3):
            answer = reference.answer(dice)
            for entity_types in (frozenset(), frozenset(("Stall", "Fruit"))):
                counted = told.actual(answer, asked.completed, entity_types)
                assert counted == reference.actual(answer) <= estimated


@pytest.mark.parametrize(
    ("query", "answer", "expected"),
    [
        ("{ gift(of: SMALL) }", {"gift": None}, 9),
        ("{ gift(of: SMALL) }", {"gift": 1}, 9 - 4),
        ("{ remains(of: SMALL) { ripe } }", {"remains": []}, 6),
        ("{ remains(of: SMALL) { ripe } }", {"remains": [{"ripe": True}, {"ripe": None}]}, 6 - 2 * 2 + 1),
        ("{ boxes { ripe } }", {"boxes": [[], [{"ripe": None}, {"ripe": False}]]}, 2 + 1),
        ("{ main { best { seller { id } } } }", {"main": {"best": {"seller": None}}}, 2 + 1),
        ("{ main { best { name } } }", {"main": {"best": {"name": None}}}, 2 + 1),
    ],
)
def test_what_is_there_is_counted(query: str, answer: dict[str, Any], expected: float) -> None:
    assert demand(query).actual(answer, {}, frozenset()) == expected


class TypesTold(Visitor):
    """Asks every object for its type."""

    def leave_selection_set(self, node: SelectionSetNode, *_: object) -> SelectionSetNode:
        return SelectionSetNode(selections=(*node.selections, FieldNode(name=NameNode(value="__typename"))))


def test_an_object_that_stands_in_many_places_is_looked_through_once_and_counts_in_each() -> None:
    tested = demand("{ every { neighbour { kind dear { name } } } }")
    shared = {"kind": "NEW", "dear": {"name": "fig"}}
    answer = {"every": [{"neighbour": shared}, {"neighbour": shared}, {"neighbour": dict(shared)}]}

    apart = tested.actual(answer, {}, frozenset())
    once = demand("{ every { neighbour { kind dear { name } } } }").actual(answer, {}, frozenset({"Stall"}))

    assert apart == once == 3 * (2 + 2 + 3 + 7)


def test_an_answer_without_data_cost_nothing() -> None:
    assert demand("{ rating }").actual(None, {}, frozenset()) == 0
    assert demand("{ rating }").actual({"rating": None}, {}, frozenset()) == 0
