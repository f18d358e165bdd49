"""Back-off after failures: counted for all replicas together, readable by nobody, forgotten in time."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, text

from gateway.backoff import Backoff, network_of
from gateway.store import SignInFailures
from vereda.caller import system_caller
from vereda.database import Database, count_statements
from vereda.ids import new_id

SYSTEM = system_caller(new_id())


class Clock:
    def __init__(self) -> None:
        self.at = datetime(2030, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def backoff(database: Database, clock: Clock) -> Backoff:
    return Backoff(database, str(new_id()).encode(), now=clock)


async def wait_s(backoff: Backoff, *tried: str) -> float:
    return (await backoff.attempt(*tried)).wait_s


async def fail(backoff: Backoff, times: int, *tried: str) -> None:
    for _ in range(times):
        await (await backoff.attempt(*tried)).failed()


async def test_five_failures_are_free_then_each_wait_is_twice_the_last(
    backoff: Backoff, clock: Clock
) -> None:
    await fail(backoff, 4, "client", "clinic", "192.0.2.1")
    waits = [await wait_s(backoff, "client", "clinic", "192.0.2.1")]

    for _ in range(8):
        await fail(backoff, 1, "client", "clinic", "192.0.2.1")
        waits.append(await wait_s(backoff, "client", "clinic", "192.0.2.1"))
        clock.at += timedelta(seconds=waits[-1])

    assert waits == [0, 1, 2, 4, 8, 16, 32, 60, 60]
    assert await wait_s(backoff, "client", "clinic", "192.0.2.1") == 0


async def test_one_success_forgets_all_failures(backoff: Backoff, clock: Clock) -> None:
    await fail(backoff, 5, "client", "clinic", "192.0.2.1")
    clock.at += timedelta(seconds=1)

    await (await backoff.attempt("client", "clinic", "192.0.2.1")).succeeded()
    await fail(backoff, 4, "client", "clinic", "192.0.2.1")

    assert await wait_s(backoff, "client", "clinic", "192.0.2.1") == 0


async def test_a_success_without_a_failure_before_it_writes_nothing(
    backoff: Backoff, database: Database
) -> None:
    attempt = await backoff.attempt("client", "clinic", "192.0.2.1")

    statements = count_statements(database)
    await attempt.succeeded()

    assert statements == []


async def test_replicas_count_together_and_lose_no_failure(database: Database, clock: Clock) -> None:
    key = str(new_id()).encode()
    replicas = [Backoff(database, key, now=clock) for _ in range(3)]

    await asyncio.gather(*(fail(replica, 3, "client", "clinic", "192.0.2.1") for replica in replicas))

    assert {await wait_s(replica, "client", "clinic", "192.0.2.1") for replica in replicas} == {16}


@pytest.mark.parametrize(
    "other",
    [
        ("client", "clinic", "198.51.100.7"),
        ("client", "clinic2", "192.0.2.1"),
        ("person", "clinic", "192.0.2.1"),
        ("client", "clinic192.0.2.1", ""),
        ("client", "clinic"),
    ],
)
async def test_who_guesses_at_another_or_from_elsewhere_locks_nobody_out(
    backoff: Backoff, other: tuple[str, ...]
) -> None:
    await fail(backoff, 6, *other)

    assert await wait_s(backoff, *other) == 2
    assert await wait_s(backoff, "client", "clinic", "192.0.2.1") == 0


async def test_a_quarter_of_an_hour_forgets_and_old_rows_go(
    backoff: Backoff, database: Database, clock: Clock
) -> None:
    await fail(backoff, 9, "client", "clinic", "192.0.2.1")

    async def rows() -> int:
        async with database.transaction(SYSTEM) as session:
            found = select(func.count()).select_from(SignInFailures)
            return int(await session.scalar(found.where(SignInFailures.last_at < clock.at)) or 0)

    clock.at += timedelta(minutes=15, seconds=1)
    before = await rows()
    assert await wait_s(backoff, "client", "clinic", "192.0.2.1") == 0
    await fail(backoff, 1, "client", "another", "192.0.2.1")

    assert (before > 0, await rows() < before) == (True, True)
    await fail(backoff, 4, "client", "clinic", "192.0.2.1")
    assert await wait_s(backoff, "client", "clinic", "192.0.2.1") == 0, "counted from the beginning"


async def test_what_was_tried_cannot_be_read_from_the_table(backoff: Backoff, database: Database) -> None:
    await fail(backoff, 1, "person", "canary@example.org", "203.0.113.9")

    async with database.transaction(SYSTEM) as session:
        everything = str(
            await session.scalar(text("SELECT string_agg(f::text, ' ') FROM sign_in_failures f"))
        )
    assert everything
    assert "canary" not in everything
    assert b"canary".hex() not in everything
    assert b"203.0.113.9".hex() not in everything


def test_a_network_is_what_one_party_commands() -> None:
    assert network_of("192.0.2.1") == "192.0.2.1"
    assert network_of("2001:db8::1") == network_of("2001:db8::ffff") != network_of("2001:db8:0:1::1")
    assert network_of("") == network_of("unix") == ""


async def test_any_text_at_all_may_have_been_tried(backoff: Backoff) -> None:
    await fail(backoff, 1, "person", "\x00\ud800ü", "")
