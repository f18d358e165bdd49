"""The short form of `make chaos`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import pytest

from tests.chaos.history import History
from tests.chaos.running import UNLIMITED, Ran, wreak
from tests.support.running import RunningNetwork
from vereda.ids import new_id

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(sys.platform != "linux", reason="process ids are read from /proc"),
]


async def test_nothing_acknowledged_is_lost_and_nothing_is_done_twice(tmp_path: Path) -> None:
    network = RunningNetwork(tmp_path / "home", **UNLIMITED)
    await network.start()
    try:
        ran = await wreak(network, seconds=10, workers=4, seed=1)
        await ran.check()
        found = [await what_is_missed(ran, pretend) for pretend in PRETENCES]
    finally:
        await network.stop()

    assert ran.faults.total() >= 2
    assert len(ran.history.moves) >= 4, ran.history.told()
    assert [message.split(":")[0] for message in found] == [
        "an acknowledged client is gone",
        "revocations are not those that were acknowledged",
        "referrals are not those that were acknowledged",
        "a move was lost, or made twice",
        "enrolments are not those that were acknowledged",
    ]


def a_client(history: History) -> None:
    history.clients.append(str(new_id()))


def a_revocation(history: History) -> None:
    history.revoked ^= {history.consents[0]}


def a_referral(history: History) -> None:
    history.sent(str(new_id()), history.consents[0])


def a_move(history: History) -> None:
    next(iter(history.moves.values()))["START"] += 1


def a_seat(history: History) -> None:
    history.seats += 1


#: What callers might have been told and the databases do not have: the check has to see each.
PRETENCES = (a_client, a_revocation, a_referral, a_move, a_seat)


async def what_is_missed(ran: Ran, pretend: Callable[[History], None]) -> str:
    history = deepcopy(ran.history)
    pretend(history)
    with pytest.raises(AssertionError) as missed:
        await replace(ran, history=history).check()
    return str(missed.value)
