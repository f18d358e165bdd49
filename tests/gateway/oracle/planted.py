"""Bugs that planners have had, each as a change to one function of the gateway."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

import pytest

from gateway.executor import careful, entities, fetching, program, shaping
from gateway.executor.paths import EACH
from gateway.planner import (
    answers,
    documents,
    merging,
    names,
    normalising,
    reach,
    schedule,
    search,
)
from gateway.planner.plan import Flatten
from gateway.supergraph.fieldsets import FieldItem


@dataclass(frozen=True)
class Bug:
    """`where` is the function that is changed, `how` makes the wrong one of the right one."""

    name: str
    where: tuple[Any, str]
    how: Callable[[Any], Any]

    def plant(self, monkeypatch: pytest.MonkeyPatch) -> None:
        owner, attribute = self.where
        monkeypatch.setattr(owner, attribute, self.how(getattr(owner, attribute)))


def _returns(value: Any) -> Callable[[Any], Any]:
    return lambda _right: lambda *_: value


# Who answers what


def _answered_although(**change: Any) -> Callable[[Any], Any]:
    """A field is taken for one that its subgraph answers."""
    return lambda right: lambda place, type_, field, name: right(place, type_, replace(field, **change), name)


def _provided_everywhere(right: Any) -> Any:
    """What one field of a subgraph provides is taken to be provided by all its fields."""

    def wrong(place: Any, type_: Any, field: Any, name: str) -> bool:
        said = (other for one in place.subgraph.types.values() for other in one.fields.values())
        named = any(
            isinstance(item, FieldItem) and item.name == name for one in said for item in one.provides
        )
        return right(place, type_, replace(field, external=field.external and not named), name)

    return wrong


def _first_key(right: Any) -> Any:
    """Only a subgraph's first key is tried."""
    return lambda self, view, subgraph, type_, keys, *rest: right(
        self, view, subgraph, type_, keys[:1], *rest
    )


def _any_key(right: Any) -> Any:
    """A key is taken without a look at whether its fields can be had."""
    return lambda self, *given, **rest: right(self, *given, **rest) or 0


# What is sent along


def _without_requires(right: Any) -> Any:
    """What `@requires` names is not sent."""

    def wrong(self: Any, place: Any, *rest: Any) -> Any:
        needed, place.requires = place.requires, ()
        try:
            return right(self, place, *rest)
        finally:
            place.requires = needed

    return wrong


def _without_arguments(right: Any) -> Any:
    """Required fields are asked without their arguments."""
    return lambda self, item, *rest: right(self, replace(item, arguments=""), *rest)


def _other_slots(right: Any) -> Any:
    """Each entity's answer goes to another object."""

    def wrong(*given: Any) -> Any:
        gather = right(*given)

        def mixed(*data: Any) -> Any:
            gathered = gather(*data)
            gathered.slots.reverse()
            return gathered

        return mixed

    return wrong


def _flatter(right: Any) -> Any:
    """A list of lists is walked as if it were one."""

    def shorter(path: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(
            step for index, step in enumerate(path) if not index or (step, path[index - 1]) != (EACH, EACH)
        )

    return lambda ways, fetch: right([replace(way, path=shorter(way.path), starts=()) for way in ways], fetch)


# What comes back


def _replacing_lists(right: Any) -> Any:
    """A list that comes second takes the place of the first."""

    def wrong(abstract_types: Any) -> Any:
        merge = right(abstract_types)

        def replacing(into: Any, new: Any) -> None:
            for key in [key for key, value in new.items() if isinstance(value, list)]:
                into.pop(key, None)
            merge(into, new)

        return replacing

    return wrong


def _next_entity(right: Any) -> Any:
    """The error of one entity is told of the next."""

    def wrong(self: Any, run: Any, gathered: Any) -> Any:
        locate = right(self, run, gathered)
        count = max(len(one.representations) for one in gathered)
        return lambda path: locate([path[0], (path[1] + 1) % count, *path[2:]])

    return wrong


# The order of things


def _without_waiting(right: Any) -> Any:
    """Every request is sent at once."""
    return lambda self, group: replace(right(self, group), after=())


def _turned_round(right: Any) -> Any:
    """A request is sent where its condition does not hold."""
    return lambda group: tuple(
        tuple((variable, not wanted) for variable, wanted in alternative) for alternative in right(group)
    )


def _first_type(right: Any) -> Any:
    """Of the types that a path goes on for, only the first is kept."""

    def wrong(path: tuple[str, ...], node: Any) -> Flatten:
        steps = (f"{step.partition(',')[0].rstrip(']')}]" if step.startswith("|") else step for step in path)
        return Flatten(tuple(steps), node)

    return wrong


ANSWERS: Final = (
    Bug("external is taken for answered", (answers, "_answers"), _answered_although(external=False)),
    Bug("an old owner is asked", (answers, "_answers"), _answered_although(overridden=False)),
    Bug("requires is overlooked", (answers, "_answers"), _answered_although(requires=())),
    Bug("provides is believed everywhere", (answers, "_answers"), _provided_everywhere),
    Bug("only the first key is tried", (reach.Reach, "_hop"), _first_key),
    Bug("a key is taken that cannot be had", (reach.Reach, "depth_of"), _any_key),
    Bug("requires is not sent", (search.Search, "_open_hop"), _without_requires),
    Bug("required fields lose their arguments", (search.Search, "_need_field"), _without_arguments),
    Bug(
        "keys land on the client's aliases", (names.Names, "key_for"), lambda _: lambda *given: given[2].name
    ),
    Bug(
        "unlike types share a response key",
        (documents._Writer, "_apart"),
        lambda _: lambda *given: given[1].key,
    ),
    Bug("requests that disagree are merged", (merging, "_can_be_sent_together"), _returns(True)),
    Bug("a path keeps only its first type", (schedule, "Flatten"), _first_type),
    Bug(
        "an interface object's type is not put for the real one",
        (schedule, "SetValue"),
        lambda right: lambda path, value: right(("nowhere",), value),
    ),
    Bug(
        "conditions are forgotten",
        (normalising, "_combine"),
        lambda _: lambda conditions, _directives: conditions,
    ),
    Bug("a request's condition is turned round", (schedule, "_alternatives"), _turned_round),
    Bug("nothing waits for anything", (schedule.Scheduler, "fetch"), _without_waiting),
    Bug("mutations run at once", (schedule.Scheduler, "barrier"), _returns(None)),
    Bug(
        "all variables go everywhere",
        (fetching.Fetching, "_forwarded"),
        lambda _: lambda _self, variables: dict(variables),
    ),
    Bug("entities are mixed up", (entities, "compile_gather"), _other_slots),
    Bug("a list in a list is flattened wrong", (entities, "compile_gather"), _flatter),
    Bug("lists are replaced", (program, "make_merge"), _replacing_lists),
    Bug("a fragment applies to every type", (shaping.Shaper, "_applies"), _returns(True)),
)

FAILURES: Final = (
    Bug("an error is told of another entity", (entities.EntityFetch, "_locator"), _next_entity),
    Bug(
        "nulls stay where none may be",
        (careful._Careful, "_complete"),
        lambda right: (
            lambda self, shape, value, *rest: right(self, replace(shape, required=False), value, *rest)
        ),
    ),
)
