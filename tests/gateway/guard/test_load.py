"""How much is begun at the same time: by number, and by how long what is ready waits for its turn."""

from __future__ import annotations

import asyncio
import time
from contextlib import ExitStack, suppress

import pytest

from gateway.guard.load import Load, OverloadedError
from gateway.identity import Identity

LONG = 0.9
NOBODY = Identity(key="anonymous", authenticated=False)


def busy(requests: int, *lags: float) -> tuple[Load, ExitStack]:
    """A load with so many under way, after these looks at the lag."""
    load, under_way = Load(most=100, most_of_one=100, most_lag_s=0.5), ExitStack()
    for _ in range(requests):
        under_way.enter_context(load.one_more(NOBODY))
    for lag in lags:
        load.lagged(lag)
    return load, under_way


def test_while_what_is_ready_waits_long_newcomers_are_turned_away_and_those_under_way_go_on() -> None:
    load, under_way = busy(30, LONG, LONG, LONG)

    with pytest.raises(OverloadedError), load.one_more(NOBODY):
        pass

    assert load.now == 30
    under_way.close()
    assert load.now == 0


@pytest.mark.parametrize(
    ("requests", "lags"),
    [(30, (LONG, 0.0, LONG)), (30, (LONG, LONG)), (30, (0.4, 0.4, 0.4)), (5, (LONG, LONG, LONG))],
)
def test_one_long_step_or_a_few_requests_are_no_overload(requests: int, lags: tuple[float, ...]) -> None:
    load, under_way = busy(requests, *lags)

    with under_way, load.one_more(NOBODY):
        assert not load.full


def test_it_is_over_with_the_first_short_look() -> None:
    load, under_way = busy(30, LONG, LONG, LONG)

    load.lagged(0.01)

    with under_way:
        assert not load.full


async def test_the_lag_is_that_of_the_event_loop() -> None:
    load = Load(most=100, most_of_one=100, most_lag_s=0.5)
    watching = asyncio.create_task(load.watch_lag())
    try:
        while load.lag_s < 0.05:  # three looks in a row find the loop held up
            await asyncio.sleep(0)
            time.sleep(0.2)  # noqa: ASYNC251 - this is what it shall notice
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching

    assert load.lag_s < 5
