"""Equal reads of one caller, under way at the same time, are sent once."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest

from gateway.transport import SharedReads, SubgraphAnswer, SubgraphUnavailableError


class Held:
    """A transport that answers when it is told to, each request with a number of its own."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, bytes, dict[str, str]]] = []
        self.cancelled = 0
        self.fails = False
        self._may_answer = asyncio.Event()

    async def send(
        self, subgraph: str, body: bytes, headers: Mapping[str, str], *, repeatable: bool = True
    ) -> SubgraphAnswer:
        self.sent.append((subgraph, body, dict(headers)))
        number = len(self.sent)
        try:
            await self._may_answer.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        if self.fails:
            raise SubgraphUnavailableError(subgraph, "the test says so")
        return SubgraphAnswer(200, b"%d" % number)

    def answer(self) -> None:
        self._may_answer.set()

    async def close(self) -> None: ...


async def answers(held: Held, *reads: asyncio.Future[SubgraphAnswer]) -> list[bytes]:
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    held.answer()
    return [(await read).body for read in reads]


def asking(
    shared: SharedReads, body: bytes = b"q", token: str = "t", *, repeatable: bool = True, name: str = "a"
) -> asyncio.Task[SubgraphAnswer]:
    return asyncio.create_task(shared.send(name, body, {"Txn-Token": token}, repeatable=repeatable))


async def test_equal_reads_under_way_are_one_request() -> None:
    held = Held()
    shared = SharedReads(held)

    got = await answers(held, *[asking(shared) for _ in range(3)])

    assert got == [b"1", b"1", b"1"]
    assert len(held.sent) == 1


@pytest.mark.parametrize("other", [{"body": b"r"}, {"token": "u"}, {"name": "b"}])
async def test_another_document_caller_or_service_is_another_request(other: dict[str, str]) -> None:
    held = Held()
    shared = SharedReads(held)

    got = await answers(held, asking(shared), asking(shared, **other))  # type: ignore[arg-type]

    assert got == [b"1", b"2"]


async def test_a_read_is_asked_again_once_it_was_answered() -> None:
    held = Held()
    shared = SharedReads(held)

    first = await answers(held, asking(shared))
    second = await answers(held, asking(shared))

    assert (first, second) == ([b"1"], [b"2"])


async def test_writes_are_never_shared_and_what_is_read_after_a_write_is_read_anew() -> None:
    held = Held()
    shared = SharedReads(held)

    before = asking(shared)
    await asyncio.sleep(0)
    writes = [asking(shared, b"w", repeatable=False) for _ in range(2)]
    await asyncio.sleep(0)
    after = asking(shared)

    assert await answers(held, before, *writes, after) == [b"1", b"2", b"3", b"4"]


async def test_a_failure_is_shared_too() -> None:
    held = Held()
    held.fails = True
    shared = SharedReads(held)
    reads = [asking(shared), asking(shared)]
    await asyncio.sleep(0)
    held.answer()

    failures = await asyncio.gather(*reads, return_exceptions=True)

    assert [type(failure) for failure in failures] == [SubgraphUnavailableError] * 2
    assert len(held.sent) == 1


async def test_who_goes_away_takes_nothing_from_the_others() -> None:
    held = Held()
    shared = SharedReads(held)
    first, second = asking(shared), asking(shared)
    await asyncio.sleep(0)
    await asyncio.sleep(0)

    first.cancel()

    assert await answers(held, second) == [b"1"]
    assert held.cancelled == 0


async def test_when_nobody_waits_any_more_the_request_is_given_up() -> None:
    held = Held()
    shared = SharedReads(held)
    reads = [asking(shared), asking(shared)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)

    for read in reads:
        read.cancel()
    await asyncio.gather(*reads, return_exceptions=True)
    await asyncio.sleep(0)

    assert held.cancelled == 1
