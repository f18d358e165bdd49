"""What a service does on its own: one process at a time, batch after batch, and again after an error."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import structlog.testing
from sqlalchemy import select

from tests.kernel.graph_of_notes import SERVICE
from tests.kernel.notes.models import Note
from vereda import rounds
from vereda.caller import SYSTEM_SCOPE, system_caller
from vereda.context import RequestContext
from vereda.database import Database
from vereda.idempotency import mark_recorded
from vereda.ids import new_id
from vereda.rounds import NOBODY, Round, Rounds, make
from vereda.service import create_app
from vereda.settings import Settings

Act = Callable[[RequestContext[Any]], Awaitable[int]]


def a_round(act: Act, every_s: float = 3600) -> Round:
    return Round(f"test {new_id()}", every_s, act)


async def test_batches_follow_each_other_until_nothing_is_left(notes: Database, settings: Settings) -> None:
    left = [3, 3, 1, 0]

    async def act(_context: RequestContext[Any]) -> int:
        return left.pop(0)

    assert await make(a_round(act), notes, settings) == 7
    assert left == []


async def test_each_batch_works_as_the_system_at_the_time_that_the_clock_tells(
    notes: Database, settings: Settings
) -> None:
    seen = []

    async def act(context: RequestContext[Any]) -> int:
        seen.append((SYSTEM_SCOPE in context.caller.scopes, context.caller.organization, context.now))
        return 2 - len(seen)

    at = datetime(2031, 1, 2, tzinfo=UTC)
    await make(a_round(act), notes, settings, lambda: at)

    assert seen == [(True, NOBODY, at)] * 2


async def test_one_process_at_a_time_makes_a_round(notes: Database, settings: Settings) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def act(_context: RequestContext[Any]) -> int:
        begun.set()
        await go_on.wait()
        return 0

    round_ = a_round(act)
    first = asyncio.create_task(make(round_, notes, settings))
    await begun.wait()

    meanwhile = await make(round_, notes, settings)
    go_on.set()

    assert (meanwhile, await first, await make(round_, notes, settings)) == (None, 0, 0)


async def test_what_an_act_did_not_record_is_not_kept(notes: Database, settings: Settings) -> None:
    texts = {recorded: str(new_id()) for recorded in (True, False)}

    async def act(context: RequestContext[Any]) -> int:
        for recorded, words in texts.items():
            async with context.write() as session:
                session.add(Note(organization_id=NOBODY, text=words))
                if recorded:
                    mark_recorded(session)
        return 0

    await make(a_round(act), notes, settings)

    async with notes.transaction(system_caller(NOBODY)) as session:
        kept = set(await session.scalars(select(Note.text).where(Note.text.in_(texts.values()))))
    assert kept == {texts[True]}


async def test_an_error_is_told_without_its_words_and_the_lock_is_given_back_r34(
    notes: Database, settings: Settings
) -> None:
    name = "Marisol Q."

    async def act(_context: RequestContext[Any]) -> int:
        raise ValueError(name)

    round_ = a_round(act)
    running = Rounds([round_], notes, settings)

    with structlog.testing.capture_logs() as logged:
        outcomes = [await running.once(round_), await running.once(round_)]

    assert outcomes == [False, False]
    assert f'vereda_rounds_total{{round="{round_.name}",outcome="failed"}} 2' in running.text()
    assert [event["kind"] for event in logged] == ["builtins.ValueError"] * 2
    assert name not in str(logged)


async def test_it_goes_on_after_an_error_and_ends_when_it_is_told_to(
    notes: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rounds, "_AGAIN_AFTER_S", 0.001)
    calls, third = 0, asyncio.Event()

    async def act(_context: RequestContext[Any]) -> int:
        nonlocal calls
        calls += 1
        if calls < 3:
            raise ConnectionError
        third.set()
        return 0

    running = Rounds([a_round(act, every_s=0.001)], notes, settings)
    running.begin()
    await asyncio.wait_for(third.wait(), 10)
    await running.end()

    ended_at = calls
    await asyncio.sleep(0.02)
    assert calls == ended_at


async def test_a_round_that_is_ended_in_the_middle_changes_nothing(
    notes: Database, settings: Settings
) -> None:
    words, begun = str(new_id()), asyncio.Event()

    async def act(context: RequestContext[Any]) -> int:
        async with context.write() as session:
            session.add(Note(organization_id=NOBODY, text=words))
            await session.flush()
            mark_recorded(session)
            begun.set()
            await asyncio.Event().wait()
        return 0

    round_ = a_round(act, every_s=0.001)
    running = Rounds([round_], notes, settings)
    running.begin()
    await asyncio.wait_for(begun.wait(), 10)
    await running.end()

    async with notes.transaction(system_caller(NOBODY)) as session:
        assert await session.scalar(select(Note.id).where(Note.text == words)) is None

    async def nothing(_context: RequestContext[Any]) -> int:
        return 0

    assert await make(replace(round_, act=nothing), notes, settings) == 0  # the lock is free


async def test_a_service_makes_its_rounds_while_it_runs_and_counts_them(
    notes: Database, settings: Settings
) -> None:
    made = asyncio.Event()

    async def act(_context: RequestContext[Any]) -> int:
        if made.is_set():
            return 0
        made.set()
        return 1

    round_ = a_round(act, every_s=0.001)
    store = Database(notes.engine.url.render_as_string(hide_password=False), pool_size=3)
    app = create_app(replace(SERVICE, rounds=(round_,)), settings, store)

    async with _running(app) as client:
        await asyncio.wait_for(made.wait(), 10)
        while f'vereda_round_rows_total{{round="{round_.name}"}} 1' not in await _metrics(client):
            await asyncio.sleep(0.001)
        assert f'vereda_rounds_total{{round="{round_.name}",outcome="made"}}' in await _metrics(client)


async def _metrics(client: httpx.AsyncClient) -> str:
    return (await client.get("/metrics")).text


@asynccontextmanager
async def _running(app: Any) -> AsyncIterator[httpx.AsyncClient]:
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://service") as client,
    ):
        yield client
