"""Limits: what each of them counts, and how an operator sets it."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import parse

from gateway.guard import Limits, RefusedError, check_document, check_variables
from gateway.guard.measures import height
from gateway.settings import load_limits, subgraph_timeouts
from vereda.errors import OperatorError

#: A document with exactly so many of what a limit counts, by the limit's name.
EXACTLY = {
    "depth": ("{ a { b { c } } }", 3, "NESTED_TOO_DEEPLY"),
    "height": ("{ a b { x } c: b { y } a }", 4, "TOO_MANY_FIELDS"),
    "fields": ("{ a ...F b { x ...F } } fragment F on T { m { n } }", 7, "TOO_MANY_FIELDS"),
    "root_fields": ("{ a ... { b c } ...F } fragment F on T { d }", 4, "TOO_MANY_ROOT_FIELDS"),
    "aliases": ("{ x: a ...F ...F } fragment F on T { y: b { z: c } }", 5, "TOO_MANY_ALIASES"),
    "directives": ("query @q { a @x @y ... @z { b } }", 4, "TOO_MANY_DIRECTIVES"),
    "repeats": ("{ a a b { c ... { c c } } }", 3, "TOO_MANY_FIELDS"),
    "introspections": ("{ __schema { d } x: __type(name: T) { d } }", 2, "TOO_MANY_ROOT_FIELDS"),
    "list_items": ('{ a(x: [1, 2], y: {z: ["p", "q", "r"]}) @d(l: [1]) }', 3, "TOO_MANY_LIST_ITEMS"),
    "input_depth": ("query($v: I = {a: [{b: 1}]}) { a(x: [1]) }", 3, "NESTED_TOO_DEEPLY"),
    "definitions": ("query A { a } query B { b } fragment F on T { c }", 3, "TOO_MANY_DEFINITIONS"),
}


@pytest.mark.parametrize("limit", EXACTLY)
def test_a_document_may_have_as_much_as_a_limit_says_and_no_more(limit: str) -> None:
    text, count, code = EXACTLY[limit]
    document = parse(text)

    check_document(document, Limits(**{limit: count}))  # type: ignore[arg-type]
    with pytest.raises(RefusedError) as refused:
        check_document(document, Limits(**{limit: count - 1}))  # type: ignore[arg-type]

    assert refused.value.code == code


def test_height_counts_each_place_for_itself_and_ends_in_cycles() -> None:
    twice = "{ a { ...F } b { ...F } ...G } fragment F on T { x { ...G } } fragment G on T { y z }"
    cycle = "{ ...F } fragment F on T { x { ...F } ...G } fragment G on T { ...F y }"

    assert height(parse(twice)) == 2 + 2 * (1 + 2) + 2
    assert height(parse(cycle)) == 2


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ([1, 2, 3], None),
        ([1, 2, 3, 4], "TOO_MANY_LIST_ITEMS"),
        ({"a": {"b": [0] * 4}}, "TOO_MANY_LIST_ITEMS"),
        ({"a": {"b": [0]}}, None),
        ({"a": {"b": [{}]}}, "NESTED_TOO_DEEPLY"),
        ([[[[]]]], "NESTED_TOO_DEEPLY"),
        ("x" * 100, None),
    ],
)
def test_lists_and_depth_of_variables_are_bounded_whatever_their_type(value: Any, code: str | None) -> None:
    limits = Limits(list_items=3, input_depth=3)

    if code is None:
        check_variables({"v": value}, limits)
        return
    with pytest.raises(RefusedError) as refused:
        check_variables({"v": value}, limits)
    assert refused.value.code == code


def test_an_operator_sets_limits_by_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VEREDA_LIMIT_TOKENS", "77")
    monkeypatch.setenv("VEREDA_LIMIT_SUBGRAPH_S", "2.5")
    monkeypatch.setenv("VEREDA_LIMIT_DEPTH", "")

    assert load_limits() == Limits(tokens=77, subgraph_s=2.5)
    assert load_limits().model_fields_set == {
        "tokens",
        "subgraph_s",
    }  # what is not set has other defaults elsewhere


@pytest.mark.parametrize("value", ["many", "-1", "0", "1e3x"])
def test_a_limit_that_makes_no_sense_is_named(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("VEREDA_LIMIT_TOKENS", value)

    with pytest.raises(OperatorError, match="VEREDA_LIMIT_TOKENS"):
        load_limits()


def test_each_subgraph_may_have_its_own_time() -> None:
    assert subgraph_timeouts({"VEREDA_SUBGRAPH_TIMEOUTS": "grants=20, partners=2.5"}) == {
        "grants": 20,
        "partners": 2.5,
    }
    for wrong in ("grants", "grants=", "grants=soon", "grants=0", "grants=inf", "=3"):
        with pytest.raises(OperatorError, match="name=seconds"):
            subgraph_timeouts({"VEREDA_SUBGRAPH_TIMEOUTS": wrong})
