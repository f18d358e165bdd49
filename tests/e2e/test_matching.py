"""A need is answered by the running network: ranked, with what referrals stated, through one endpoint."""

from __future__ import annotations

import pytest

from tests.e2e.test_first_day import system
from tests.support.running import RunningNetwork

pytestmark = pytest.mark.processes

MATCH = """{ matchServices(input: {needs: ["health.primary"], postalCode: "93721", language: "spa"}) {
  considered matches(first: 3) { score distanceMiles reasons { factor points text }
    service { name organization { name } recentAcceptRate medianDaysToContact capacity { status source } } }
  whyNot { obstacles { filter } } } }"""


async def test_standings_are_carried_and_a_match_shows_what_both_services_know(
    network: RunningNetwork,
) -> None:
    status, output = await network.run("standings")
    again, _ = await network.run("standings", "--client-id", "demo-clinic")

    assert (status, again) == (0, 0), output
    assert output.strip().endswith("200 services have a newer standing.")
    answer = await system(network, "demo-clinic").ask(MATCH)
    assert "errors" not in answer, answer
    matching = answer["data"]["matchServices"]
    scores = [match["score"] for match in matching["matches"]]
    assert scores
    assert scores == sorted(scores, reverse=True)
    assert {"filter": "SERVICE_AREA"} in matching["whyNot"][0]["obstacles"]  # clinics of other counties
    assert matching["considered"] > len(scores)


async def test_standings_are_carried_by_those_who_may(network: RunningNetwork) -> None:
    status, output = await network.run("standings", "--client-id", "demo-ally")

    assert status == 1
    assert "could not be carried" in output
