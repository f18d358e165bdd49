"""The README's tour, asked as it stands there, is answered as it stands there."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.e2e.test_first_day import system
from tests.support.running import RunningNetwork

README = (Path(__file__).parent.parent.parent / "README.md").read_text()
TOUR = re.findall(r"```graphql\n(.*?)```\s+```json\n(.*?)```", README, re.DOTALL)

pytestmark = pytest.mark.processes


def test_the_tour_has_its_stops() -> None:
    assert len(TOUR) == 4


@pytest.mark.parametrize("stop", range(4))
async def test_the_tour_is_true(network: RunningNetwork, stop: int) -> None:
    request, answer = TOUR[stop]

    assert await system(network, "demo-clinic").ask(request) == json.loads(answer)
