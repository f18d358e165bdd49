"""`@skip` and `@include`: what is left out is not asked for, nor is anything that only it would need."""

from __future__ import annotations

from typing import Any

import pytest

from tests.federation.network import Network


async def test_a_request_is_left_out_when_all_of_it_is(network: Network) -> None:
    query = "query ($deep: Boolean!) { recipe { name vegan @include(if: $deep) } }"

    without, with_ = await network.ask(query, {"deep": False}), await network.ask(query, {"deep": True})

    assert without.data == {"recipe": {"name": "soup"}}
    assert without.asked == ["recipes"]
    assert with_.data == {"recipe": {"name": "soup", "vegan": True}}
    assert with_.asked == ["recipes", "nutrition"]


async def test_a_root_request_is_left_out_too(network: Network) -> None:
    answer = await network.ask(
        "query ($no: Boolean!) { tip @include(if: $no) recipe { name } }", {"no": False}
    )

    assert answer.data == {"recipe": {"name": "soup"}}
    assert answer.asked == ["recipes"]


async def test_nobody_is_asked_when_everything_is_left_out(network: Network) -> None:
    query = "query ($x: Boolean!) { tip @skip(if: $x) recipe @skip(if: $x) { vegan } literal: tip @include(if: false) }"

    answer = await network.ask(query, {"x": True})

    assert answer.data == {}
    assert answer.asked == []


async def test_everything_behind_a_field_that_is_left_out_is_left_out(network: Network) -> None:
    query = "query ($a: Boolean!) { recipe { name author @include(if: $a) { name mentor { name } } } }"

    without, with_ = await network.ask(query, {"a": False}), await network.ask(query, {"a": True})

    assert without.data == {"recipe": {"name": "soup"}}
    assert without.asked == ["recipes"]
    assert with_.data == {"recipe": {"name": "soup", "author": {"name": "Cleo", "mentor": {"name": "Moe"}}}}


@pytest.mark.parametrize("skip", [True, False])
@pytest.mark.parametrize("include", [True, False])
async def test_both_on_one_field_must_allow_it(network: Network, skip: bool, include: bool) -> None:
    query = "query ($s: Boolean!, $i: Boolean!) { recipe { id vegan @skip(if: $s) @include(if: $i) } }"

    answer = await network.ask(query, {"s": skip, "i": include})

    shown = include and not skip
    assert answer.data == {"recipe": {"id": "r1"} | ({"vegan": True} if shown else {})}
    assert answer.asked == (["recipes", "nutrition"] if shown else ["recipes"])


@pytest.mark.parametrize("value", [True, False])
async def test_both_with_one_variable_exclude_each_other(network: Network, value: bool) -> None:
    query = "query ($x: Boolean!) { recipe { id vegan @skip(if: $x) @include(if: $x) } }"

    answer = await network.ask(query, {"x": value})

    assert answer.data == {"recipe": {"id": "r1"}}
    assert answer.asked == ["recipes"]


@pytest.mark.parametrize("outer", [True, False])
@pytest.mark.parametrize("inner", [True, False])
async def test_fragments_inside_of_each_other_must_all_allow_it(
    network: Network, outer: bool, inner: bool
) -> None:
    query = """
    query ($o: Boolean!, $i: Boolean!) {
      recipe { id ... @include(if: $o) { ... on Recipe @skip(if: $i) { ...More } } }
    }
    fragment More on Recipe { vegan calories @include(if: $o) }
    """

    answer = await network.ask(query, {"o": outer, "i": inner})

    shown = outer and not inner
    assert answer.data == {"recipe": {"id": "r1"} | ({"vegan": True, "calories": 300} if shown else {})}
    assert answer.asked == (["recipes", "nutrition"] if shown else ["recipes"])


@pytest.mark.parametrize("value", [True, False])
async def test_a_field_asked_for_twice_is_there_when_either_asks_for_it(
    network: Network, value: bool
) -> None:
    query = """
    query ($x: Boolean!) {
      recipe { author @include(if: $x) { name } author @skip(if: $x) { id } author { mentor @include(if: $x) { id } } }
    }
    """

    answer = await network.ask(query, {"x": value})

    expected: dict[str, Any] = {"name": "Cleo", "mentor": {"id": "c2"}} if value else {"id": "c1"}
    assert answer.data == {"recipe": {"author": expected}}
    assert ("people" in answer.asked) == value


async def test_one_object_under_two_equal_conditions_is_asked_for_once(network: Network) -> None:
    query = "query ($x: Boolean!) { recipe { author @include(if: $x) { name } author { mentor @include(if: $x) { id } } } }"

    answer = await network.ask(query, {"x": True})

    assert answer.data == {"recipe": {"author": {"name": "Cleo", "mentor": {"id": "c2"}}}}
    assert answer.asked == ["recipes", "people"]


@pytest.mark.parametrize("value", [True, False])
async def test_a_condition_on_one_of_two_equal_fields_does_not_hold_for_the_other(
    network: Network, value: bool
) -> None:
    query = "query ($x: Boolean!) { recipe { vegan @include(if: $x) } recipe { vegan calories @include(if: $x) } }"

    answer = await network.ask(query, {"x": value})

    assert answer.data == {"recipe": {"vegan": True} | ({"calories": 300} if value else {})}


@pytest.mark.parametrize("value", [True, False])
async def test_what_only_a_field_that_is_left_out_requires_is_not_sent(network: Network, value: bool) -> None:
    query = "query ($x: Boolean!) { recipes { vegan calories(per: 2) @include(if: $x) } }"

    answer = await network.ask(query, {"x": value})

    assert answer.data["recipes"][1] == {"vegan": False} | ({"calories": 800} if value else {})


async def test_a_default_decides_when_the_client_does_not(network: Network) -> None:
    query = "query ($yes: Boolean! = true, $no: Boolean = false) { recipe { vegan @include(if: $yes) name @include(if: $no) } }"

    default = await network.ask(query)
    told = await network.ask(query, {"yes": False, "no": True})

    assert default.data == {"recipe": {"vegan": True}}
    assert told.data == {"recipe": {"name": "soup"}}
    assert told.asked == ["recipes"]


@pytest.mark.parametrize("field", ["name", "vegan"])
async def test_null_is_neither_true_nor_false(network: Network, field: str) -> None:
    """A nullable variable with a default may stand here, and may still be null (GraphQL §5.8.5): no answer then."""
    query = f"query ($x: Boolean = false) {{ recipe {{ {field} @include(if: $x) id }} }}"

    answer = await network.ask(query, {"x": None})

    assert [code for code, _ in answer.errors] == ["BAD_USER_INPUT"]
    assert answer.asked == []


async def test_members_of_a_union_may_be_left_out(network: Network) -> None:
    query = """
    query ($r: Boolean!) {
      menu { __typename ... on Recipe @include(if: $r) { vegan fans { name } } ... on Bread @skip(if: $r) { flour } }
    }
    """

    with_, without = await network.ask(query, {"r": True}), await network.ask(query, {"r": False})

    assert with_.data == {
        "menu": [
            {"__typename": "Bread"},
            {"__typename": "Recipe", "vegan": True, "fans": [{"name": "Moe"}]},
        ]
    }
    assert without.data == {"menu": [{"__typename": "Bread", "flour": "rye"}, {"__typename": "Recipe"}]}
    assert without.asked == ["recipes"]


async def test_an_object_of_which_everything_is_left_out_is_still_there(network: Network) -> None:
    query = "query ($x: Boolean!) { recipe { vegan @skip(if: $x) author { name @skip(if: $x) } } recipes { ... @skip(if: $x) { id } } }"

    answer = await network.ask(query, {"x": True})

    assert answer.data == {"recipe": {"author": {}}, "recipes": [{}, {}]}
    assert answer.asked == ["recipes"]


async def test_objects_whose_only_field_leads_elsewhere_and_is_left_out_are_still_there(
    network: Network,
) -> None:
    query = "query ($x: Boolean!) { recipes { author @skip(if: $x) { name } } }"

    shown = await network.ask(query, {"x": False})
    left_out = await network.ask(query, {"x": True})

    assert shown.data == {"recipes": [{"author": {"name": "Cleo"}}, {"author": None}]}
    assert left_out.data == {"recipes": [{}, {}]}


async def test_a_conditions_variable_goes_only_where_it_decides(network: Network) -> None:
    query = "query ($x: Boolean!) { recipe { name @include(if: $x) id vegan } tip }"

    answer = await network.ask(query, {"x": True})

    assert answer.data == {"recipe": {"name": "soup", "id": "r1", "vegan": True}, "tip": "Salt less."}
    for request in answer.asked_of("nutrition"):
        assert "x" not in request.variables


@pytest.mark.parametrize("a", [True, False])
@pytest.mark.parametrize("b", [True, False])
async def test_two_conditions_in_one_subgraph_are_independent(network: Network, a: bool, b: bool) -> None:
    query = "query ($a: Boolean!, $b: Boolean!) { recipe { vegan @include(if: $a) calories @include(if: $b) fans @skip(if: $a) { id } } }"

    answer = await network.ask(query, {"a": a, "b": b})

    expected: dict[str, Any] = {}
    expected |= {"vegan": True} if a else {"fans": [{"id": "c2"}]}
    expected |= {"calories": 300} if b else {}
    assert answer.data == {"recipe": expected}
    assert ("people" in answer.asked) == (not a)


async def test_a_request_of_nothing_but_fields_that_are_left_out_is_not_sent(network: Network) -> None:
    query = "query ($a: Boolean!, $b: Boolean!) { recipe { id vegan @include(if: $a) calories @include(if: $b) } }"

    answer = await network.ask(query, {"a": False, "b": False})

    assert answer.data == {"recipe": {"id": "r1"}}
    assert answer.asked == ["recipes"]


@pytest.mark.parametrize("x", [True, False])
async def test_a_condition_above_and_one_below_in_another_subgraph(network: Network, x: bool) -> None:
    query = """
    query ($x: Boolean!, $y: Boolean!) {
      recipe @include(if: $x) { fans { name @include(if: $y) mentor @skip(if: $y) { name } } }
      other: recipe(id: "r2") { fans @skip(if: $x) { name } grams }
    }
    """

    answer = await network.ask(query, {"x": x, "y": False})

    expected: dict[str, Any] = {"other": {"grams": 400} | ({} if x else {"fans": []})}
    if x:
        expected["recipe"] = {"fans": [{"mentor": None}]}
    assert answer.data == expected
