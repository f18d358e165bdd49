"""What an example is: a graph that says who may see what, some callers, and what they ask; and what must hold."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from typing import Any, Final

import orjson
from graphql import ExecutionResult
from hypothesis import reject
from hypothesis import strategies as st

from gateway.engine import Engine, GraphQLRequest
from gateway.executor import Result
from gateway.supergraph import load
from tests.gateway.authorization.annotating import POLICIES, SCOPES, Said, annotate, draw_caller
from tests.gateway.authorization.guarding import GuardedWorld
from tests.gateway.authorization.reference import Path, Reference, Truth
from tests.gateway.oracle.answering import UNBOUNDED, Subgraphs, null_at
from tests.gateway.oracle.cases import draw_operations
from tests.gateway.oracle.composing import supergraph_sdl
from tests.gateway.oracle.drawing import draw_graph
from tests.gateway.oracle.mending import DoesNotFitError
from tests.gateway.oracle.sketch import LABEL
from tests.gateway.planner.dice import Dice
from tests.gateway.planner.random_queries import Asked

CODE: Final = "UNAUTHORIZED_FIELD_OR_TYPE"
#: So many errors end an answer's list.
_MOST_ERRORS: Final = 100


class Case:
    """A supergraph that says who may see what, a world behind it, callers, and what each of them asks."""

    def __init__(self, sdl: str, said: dict[str, Said], **world_is: Any) -> None:
        self.sdl = sdl
        self.said = said
        self.world_is = world_is
        self.world = GuardedWorld(sdl, **world_is)
        self.asked: list[Asked] = []
        self.references: list[Reference] = []

    def __repr__(self) -> str:
        """As one would paste it into a test."""
        shown = "\n\n".join(f"{asked.text}\n{dict(asked.variables)}" for asked in self.asked)
        callers = [reference.caller.key for reference in self.references]
        return f"\n{self.sdl}\n\n{self.said}\n\n{self.world_is}\n\n{shown}\n\n{callers}\n"


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A case, as hypothesis draws it."""
    try:
        return draw_case(Dice.of(draw))
    except DoesNotFitError:
        return reject()


def same_cases(count: int) -> list[Case]:
    """So many cases that have nothing in common, and are the same in each run."""
    found: list[Case] = []
    for seed in itertools.count():
        with suppress(DoesNotFitError):
            found.append(draw_case(Dice.seeded(seed)))
        if len(found) == count:
            return found
    raise AssertionError("never reached")


def draw_case(dice: Dice) -> Case:
    """Raises: DoesNotFitError."""
    plain = supergraph_sdl(draw_graph(dice))
    sdl, said = annotate(dice, plain)
    case = Case(sdl, said, nulls=dice.pick((0, 6)), labels=dice.some((LABEL,), 0, 1))
    case.asked += draw_operations(dice, case.world.supergraph, [name for name in said if "." in name])
    case.references += [Reference(case.world, said, draw_caller(dice)) for _ in range(3)]
    return case


@cache
def _runner() -> asyncio.Runner:
    return asyncio.Runner()


def assert_guarded(case: Case) -> None:
    """One engine for all: what it keeps of one caller must not show in the answer to another."""
    supergraph = load(case.sdl).under(case.world.labels)
    subgraphs = Subgraphs(case.world)
    engine = Engine(
        supergraph, subgraphs, limits=UNBOUNDED, development=True, override_labels=case.world.labels
    )
    for asked in case.asked:
        for reference in case.references:
            case.world.asked.clear()
            request = GraphQLRequest(asked.text, variables=asked.variables)
            result = _runner().run(engine.execute(request, reference.caller))
            if subgraphs.broken:
                raise subgraphs.broken[0]
            assert_answered(result, reference.truth(asked))
            assert_asked(case.world, reference)


def assert_answered(result: Result, truth: Truth) -> None:
    """The same data as the definition leaves, and each hole explained once, at its place."""
    assert orjson.dumps(result.data) == orjson.dumps(truth.told.data), result.errors
    assert {error["extensions"]["code"] for error in result.errors} <= {CODE}, result.errors
    assert_explained(result, truth)


def assert_asked(world: GuardedWorld, reference: Reference) -> None:
    """No service was asked for what is closed, but for keys."""
    asked = {
        coordinate
        for coordinate in world.asked - world.keys
        if reference.closes_type(coordinate[0]) or reference.closes_field(*coordinate)
    }
    assert not asked, f"{asked} was asked for"


def assert_explained(result: Result, truth: Truth) -> None:
    """Errors stand where something is closed, each place once, and no null is without one. None tells what opens it."""
    paths = [tuple(error["path"]) for error in result.errors]
    assert len(paths) == len(set(paths))
    assert set(paths) <= truth.closed
    if len(paths) < _MOST_ERRORS:
        assert set(_nulls(truth.told)) <= {null_at(result.data, path) for path in paths}
    messages = " ".join(error["message"] for error in result.errors)
    assert not [token for token in (*SCOPES, *POLICIES) if f" {token} " in messages]


def _nulls(told: ExecutionResult) -> Iterator[Path]:
    for error in told.errors or ():
        yield null_at(told.data, tuple(error.path or ()))
