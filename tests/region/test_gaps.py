"""One query, three services: all at once, and what fails is a gap with a name (DOMAIN 4.2)."""

from __future__ import annotations

import pytest

from tests.region.conftest import Regions

pytestmark = pytest.mark.servers

DASHBOARD = """{ regionalDashboard(period: "2025-Q1") { period { name }
  capacity { partners { value mark } } services { referred { value mark } workshops { value } }
  outreach { reached { value mark } } economic { cohorts { value } }
  quality { workshopsUnclosed { value } unanswered { mark } sessionsUnclosed { value } } targets { measure value } } }"""
COUNTY = """{ county(fips: "06107") { name dashboard(period: "2025-Q1") {
  services { referred { mark } workshops { value } } economic { ventures { mark } } } } }"""
#: What each service answers, and nobody else.
OWN = {
    "partners": (("capacity",), ("services", "workshops"), ("quality", "workshopsUnclosed"), ("targets",)),
    "referrals": (("services", "referred"), ("outreach",), ("quality", "unanswered")),
    "grants": (("economic",), ("quality", "sessionsUnclosed")),
}


async def test_all_three_services_answer_one_query(regions: Regions) -> None:
    async with regions.without() as region:
        answer = await region.ask(DASHBOARD)
        county = await region.ask(COUNTY)

    assert "errors" not in answer, answer
    found = answer["data"]["regionalDashboard"]
    assert found["period"]["name"] == "2025-Q1"
    assert found["services"] == {
        "referred": {"value": None, "mark": "NOT_PUBLISHED"},
        "workshops": {"value": 0},
    }
    assert found["economic"]["cohorts"]["value"] == 0
    assert {"measure": "services.workshops", "value": 25} in found["targets"]
    assert "errors" not in county, county
    assert county["data"]["county"]["name"] == "Tulare"


@pytest.mark.parametrize("down", sorted(OWN))
async def test_a_service_that_is_down_is_a_named_gap_and_no_zero(regions: Regions, down: str) -> None:
    async with regions.without({down}) as region:
        answer = await region.ask(DASHBOARD)

    [error] = answer["errors"]
    assert (error["extensions"]["code"], error["extensions"]["service"]) == ("SUBGRAPH_UNAVAILABLE", down)
    dashboard = answer["data"]["regionalDashboard"]
    for service, places in OWN.items():
        for place in places:
            found = dashboard
            for step in place:
                found = None if found is None else found[step]
            assert (found is None) == (service == down), place


async def test_with_every_service_down_there_are_three_gaps(regions: Regions) -> None:
    async with regions.without(OWN) as region:
        answer = await region.ask(DASHBOARD)

    assert answer["data"] == {"regionalDashboard": None}
    assert {error["extensions"]["service"] for error in answer["errors"]} == set(OWN)
