"""Numbers of grants: exact for who is concerned, suppressed for the network, and money as hidden as its count (R31)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.grants.app import SERVICE
from services.grants.models import FundingProgram, PublishedGrants
from services.grants.operations.numbers import OUTCOMES, money_of, publish, shown
from tests.grants.programmes import HALVES, Programmes
from tests.support.databases import Databases
from tests.support.subgraph import Subgraph, caller_of
from vereda.caller import system_caller
from vereda.context import RequestContext
from vereda.ids import new_id
from vereda.settings import Settings

NUMBERS = """query($id: ID!) { fundingRound(id: $id) { numbers { applications approved awarded disbursed receipted
  medianDaysToDecision medianDaysToMoney tiers { tier approved awarded } } } }"""
FIGURES = "query($y: Int!) { publishedGrants(year: $y) { figures { tier outcome count mark awarded } medianDaysToDecision } }"


async def test_the_numbers_are_exact_for_the_funder_and_ones_own_for_the_applicants_side(
    programmes: Programmes,
) -> None:
    round_, tiers = await programmes.round(budget="50000.00 USD", tranches=HALVES)
    award = await programmes.awarded(round_, tiers["10000.00 USD"])
    await programmes.disburse(award, 1)
    await programmes.receipt(award, "1000.00 USD")
    first, programmes.clinic = programmes.clinic, caller_of()
    await programmes.reviewed(round_, tiers["5000.00 USD"])

    async def numbers(by: Any) -> dict[str, Any]:
        return dict((await programmes.grants.data(by, NUMBERS, id=round_))["fundingRound"]["numbers"])

    all_of_it = await numbers(programmes.funder)
    assert all_of_it == {
        "applications": 2,
        "approved": 1,
        "awarded": "10000.00 USD",
        "disbursed": "5000.00 USD",
        "receipted": "1000.00 USD",
        "medianDaysToDecision": 0.0,
        "medianDaysToMoney": 0.0,
        "tiers": [{"tier": tiers["10000.00 USD"], "approved": 1, "awarded": "10000.00 USD"}],
    }
    assert ((await numbers(first))["applications"], (await numbers(first))["approved"]) == (1, 1)
    assert (
        (await numbers(programmes.clinic))["applications"],
        (await numbers(programmes.clinic))["approved"],
    ) == (1, 0)
    assert (await numbers(caller_of()))["applications"] == 0


async def test_r31_the_networks_figures_are_published_once_and_never_changed(
    databases: Databases, settings: Settings
) -> None:
    database = await databases.migrated("grants", SERVICE.folder)
    context = RequestContext(system_caller(new_id()), database, settings, SERVICE.make_loaders)
    figures = shown(
        [
            ({"tier": "5000.00 USD", "outcome": "APPROVED"}, 40),
            ({"tier": "5000.00 USD", "outcome": "NOT_APPROVED"}, 20),
        ]
    )
    before_anybody = await publish(context)
    async with database.transaction(system_caller(new_id())) as session:
        session.add(FundingProgram(organization_id=new_id(), name="Grants", attestation="I am one of them."))
        session.add(
            PublishedGrants(
                year=2020, figures=figures, median_days_to_decision=21, published_at=datetime.now(UTC)
            )
        )

    assert (before_anybody, await publish(context), await publish(context)) == (0, 1, 0)
    await context.close()

    answer = await Subgraph(SERVICE, database, settings).data(caller_of(), FIGURES, y=2020)
    rows = answer["publishedGrants"]["figures"]
    assert {
        "tier": "5000.00 USD",
        "outcome": "APPROVED",
        "count": 40,
        "mark": None,
        "awarded": "200000.00 USD",
    } in rows


@given(
    st.dictionaries(
        st.tuples(st.sampled_from(("5000.00 USD", "10000.00 USD")), st.sampled_from(OUTCOMES)),
        st.integers(0, 60),
    )
)
def test_r31_money_is_shown_exactly_where_its_count_is(counted: dict[tuple[str, str], int]) -> None:
    figures = shown([({"tier": tier, "outcome": came}, number) for (tier, came), number in counted.items()])

    for cell, count in figures:
        assert count == 0 or isinstance(count, str) or count >= 11
        values = dict(map(tuple, cell))
        if values.keys() == {"tier", "outcome"} and values["outcome"] == "APPROVED":
            cents = int(values["tier"].partition(" ")[0].replace(".", ""))
            assert money_of(figures)[values["tier"]] == (count * cents if isinstance(count, int) else None)


@pytest.mark.parametrize("number", [1, 5, 10])
def test_r31_a_small_number_of_awards_hides_its_money(number: int) -> None:
    figures = shown(
        [
            ({"tier": "5000.00 USD", "outcome": "APPROVED"}, number),
            ({"tier": "5000.00 USD", "outcome": "OPEN"}, 40),
        ]
    )

    assert money_of(figures).get("5000.00 USD") is None
    assert str(number * 500_000) not in str(figures)
