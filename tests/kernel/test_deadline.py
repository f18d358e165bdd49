"""A request ends when its time is over, in Postgres and here, and leaves nothing behind that goes on working for it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.kernel.graph_of_notes import SERVICE, RunningService, running
from tests.support.subgraph import caller_of
from vereda.context import RequestContext
from vereda.database import Database
from vereda.deadline import HEADER, Deadline
from vereda.errors import ClientError
from vereda.settings import Settings

TIMEOUT = "{ runs(statement: \"SELECT setting::int FROM pg_settings WHERE name = 'statement_timeout'\") }"
SLEEPS = '{ runs(statement: "SELECT pg_sleep(60)") }'


@pytest.fixture
def service(settings: Settings, notes: Database) -> RunningService:
    return running(settings, notes)


async def within(service: RunningService, milliseconds: str | None, query: Any) -> httpx.Response:
    headers = {} if milliseconds is None else {HEADER: milliseconds}
    content = {"query": query} if isinstance(query, str) else query
    return await service.send(content, caller_of(), headers)


def codes(answer: httpx.Response) -> list[str]:
    return [error["extensions"]["code"] for error in answer.json().get("errors", ())]


async def test_what_is_left_bounds_each_statement_where_it_is_less_than_the_setting(
    service: RunningService,
) -> None:
    bound = {
        given: int((await within(service, given, TIMEOUT)).json()["data"]["runs"])
        for given in ("2000", "60000", None)
    }

    assert 0 < bound["2000"] <= 2_000
    assert bound["60000"] == bound[None] == 10_000


async def test_the_bound_ends_with_the_request_and_does_not_stay_in_the_pool(
    service: RunningService, notes: Database
) -> None:
    for _ in range(20):
        await within(service, "2000", TIMEOUT)
        assert (await within(service, None, TIMEOUT)).json()["data"]["runs"] == "10000"


@pytest.mark.parametrize("query", [SLEEPS, "{ waits }"], ids=["in Postgres", "here"])
async def test_a_request_that_takes_too_long_is_ended(
    service: RunningService, notes: Database, query: str
) -> None:
    answers = await asyncio.gather(*(within(service, "150", query) for _ in range(30)))

    assert {code for answer in answers for code in codes(answer)} == {"DEADLINE_EXCEEDED"}
    assert {answer.status_code for answer in answers} <= {200, 503}
    assert (await within(service, None, TIMEOUT)).json() == {"data": {"runs": "10000"}}
    assert notes.requests.sync_engine.pool.checkedout() == 0  # type: ignore[attr-defined]


async def test_a_body_that_does_not_come_is_not_waited_for(service: RunningService) -> None:
    async def body() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.Event().wait()

    answer = await within(service, "50", body())

    assert (answer.status_code, codes(answer)) == (503, ["DEADLINE_EXCEEDED"])


async def test_without_time_left_nothing_is_begun(settings: Settings, notes: Database) -> None:
    context = RequestContext(
        caller_of(), notes, settings, SERVICE.make_loaders, Deadline(time.monotonic() - 1)
    )

    for way in (context.read, context.write):
        with pytest.raises(ClientError, match="longer than it may"):
            async with way():
                pytest.fail("a transaction was begun")


async def test_what_outlives_its_request_gets_no_transaction(settings: Settings, notes: Database) -> None:
    """A loader's batch runs in a task of its own, which the end of the request does not end."""
    context = RequestContext(caller_of(), notes, settings, SERVICE.make_loaders)
    await context.end()

    for way in (context.read, context.write):
        with pytest.raises(asyncio.CancelledError):
            async with way():
                pytest.fail("a transaction was begun")


@given(st.integers(0, 10**12 - 1))
def test_a_number_of_milliseconds_is_a_deadline(milliseconds: int) -> None:
    deadline = Deadline.read(str(milliseconds))

    assert deadline is not None
    assert 0 <= deadline.left_s <= min(milliseconds, 3_600_000) / 1000


@given(st.text().filter(lambda text: not (text.isascii() and text.isdigit() and len(text) <= 12)))
def test_anything_else_is_none(text: str) -> None:
    assert Deadline.read(text) is None
