"""Sources of money: what draws on them, what is passed on, and what they demand (DOMAIN 4.9)."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, text
from sqlalchemy.exc import DBAPIError

from services.grants.domain.sources import left_for_others, pass_through_reached
from services.grants.models import SourceDraw, SubAward
from tests.grants.programmes import Programmes
from tests.support.subgraph import caller_of
from vereda.database import Database
from vereda.ids import new_id

TODAY = datetime.now(UTC).date()
SOURCE = """mutation($input: CreateFundingSourceInput!) { createFundingSource(input: $input) { __typename
  ... on FundingSourceSaved { source { id leftForOthers } } ... on InvalidInput { problems { field } } } }"""
DRAW = """mutation($input: DrawOnSourceInput!) { drawOnSource(input: $input) { __typename
  ... on FundingSourceSaved { source { granted passThroughReached } } ... on InvalidInput { problems { field } } } }"""
PASS_ON = """mutation($input: RecordSubAwardInput!) { recordSubAward(input: $input) { __typename
  ... on SubAwardSaved { subAward { id amount deliverables { id version name } } } } }"""
AMEND = """mutation($input: AmendSubAwardInput!) { amendSubAward(input: $input) { __typename
  ... on SubAwardSaved { subAward { amount endsOn amendmentCount amendments { number amount } } } } }"""
DELIVER = """mutation($input: MoveDeliverableInput!) { moveDeliverable(input: $input) { __typename
  ... on DeliverableSaved { deliverable { id state version } } } }"""
DUE = "query($d: Int!) { deliverablesDue(withinDays: $d) { edges { node { name state subAward { purpose } } } } }"


async def done(
    programmes: Programmes, mutation: str, document: str, by: Any = None, /, **given: Any
) -> dict[str, Any]:
    given = {"idempotencyKey": str(new_id()), **given}
    return dict((await programmes.grants.data(by or programmes.funder, document, input=given))[mutation])


async def source(programmes: Programmes, total: str = "100000.00 USD", percent: int = 75) -> str:
    made = await done(
        programmes,
        "createFundingSource",
        SOURCE,
        name="Seed grants of the state",
        givenBy="The state",
        total=total,
        passThroughPercent=percent,
        startsOn=TODAY.isoformat(),
        endsOn=(TODAY + timedelta(days=365)).isoformat(),
    )
    return str(made["source"]["id"])


async def pass_on(programmes: Programmes, of: str, amount: str, *due_in_days: int) -> dict[str, Any]:
    return await done(
        programmes,
        "recordSubAward",
        PASS_ON,
        source=of,
        recipient=str(programmes.clinic.organization),
        purpose="Outreach in two valleys",
        amount=amount,
        startsOn=TODAY.isoformat(),
        endsOn=(TODAY + timedelta(days=200)).isoformat(),
        deliverables=[
            {"name": f"Report {days}", "dueOn": (TODAY + timedelta(days=days)).isoformat()}
            for days in due_in_days
        ],
    )


async def test_what_the_source_demands_for_people_is_never_used_for_anything_else(
    programmes: Programmes,
) -> None:
    of = await source(programmes)

    within = await pass_on(programmes, of, "25000.00 USD")
    over = await pass_on(programmes, of, "0.01 USD")
    round_, _ = await programmes.round(budget="75000.00 USD")
    drawn = await done(programmes, "drawOnSource", DRAW, source=of, round=round_, amount="75000.00 USD")

    assert (within["__typename"], over["__typename"]) == ("SubAwardSaved", "SourceExceeded")
    assert drawn["source"] == {"granted": "75000.00 USD", "passThroughReached": True}


async def test_a_source_is_not_overdrawn_at_once_from_all_sides(programmes: Programmes) -> None:
    of = await source(programmes, "10000.00 USD", 50)
    rounds = [(await programmes.round(budget="4000.00 USD"))[0] for _ in range(3)]

    answers = await asyncio.gather(
        *(
            done(programmes, "drawOnSource", DRAW, source=of, round=one, amount="4000.00 USD")
            for one in rounds
        ),
        *(pass_on(programmes, of, "3000.00 USD") for _ in range(3)),
    )

    kinds = Counter(answer["__typename"] for answer in answers)
    assert kinds["FundingSourceSaved"] * 4000 + kinds["SubAwardSaved"] * 3000 <= 10000
    assert kinds["SubAwardSaved"] <= 1
    assert kinds["SourceExceeded"] >= 3


async def test_a_round_is_given_no_more_than_its_budget(programmes: Programmes) -> None:
    of = await source(programmes)
    round_, _ = await programmes.round(budget="5000.00 USD")
    await done(programmes, "drawOnSource", DRAW, source=of, round=round_, amount="3000.00 USD")

    more = await done(programmes, "drawOnSource", DRAW, source=of, round=round_, amount="2000.01 USD")

    assert more["problems"] == [{"field": "amount"}]


async def test_an_amendment_changes_amount_and_end_and_is_in_order(programmes: Programmes) -> None:
    of = await source(programmes)
    made = (await pass_on(programmes, of, "20000.00 USD"))["subAward"]
    later = (TODAY + timedelta(days=300)).isoformat()
    change = {"id": made["id"], "amount": "25000.00 USD", "endsOn": later}

    first = await done(programmes, "amendSubAward", AMEND, number=1, **change)
    again = await done(programmes, "amendSubAward", AMEND, number=1, **change)
    over = await done(programmes, "amendSubAward", AMEND, number=2, **{**change, "amount": "25000.01 USD"})
    by_recipient = await done(programmes, "amendSubAward", AMEND, programmes.clinic, number=2, **change)

    assert first["subAward"] == {
        "amount": "25000.00 USD",
        "endsOn": later,
        "amendmentCount": 1,
        "amendments": [{"number": 1, "amount": "25000.00 USD"}],
    }
    kinds = [one["__typename"] for one in (again, over, by_recipient)]
    assert kinds == ["VersionConflict", "SourceExceeded", "NotAllowed"]


async def test_deliverables_are_due_to_both_sides_until_they_are_delivered(programmes: Programmes) -> None:
    of = await source(programmes)
    owed = (await pass_on(programmes, of, "20000.00 USD", 10, 60))["subAward"]["deliverables"]

    async def due(by: Any) -> list[str]:
        edges = (await programmes.grants.data(by, DUE, d=30))["deliverablesDue"]["edges"]
        return [edge["node"]["name"] for edge in edges]

    assert await due(programmes.funder) == await due(programmes.clinic) == ["Report 10"]
    assert await due(caller_of()) == []
    given = {"id": owed[0]["id"], "expectedVersion": owed[0]["version"]}
    early = await done(programmes, "moveDeliverable", DELIVER, move="ACCEPT", **given)
    by_giver = await done(programmes, "moveDeliverable", DELIVER, move="SUBMIT", **given)
    sent = await done(programmes, "moveDeliverable", DELIVER, programmes.clinic, move="SUBMIT", **given)
    accepted = await done(
        programmes, "moveDeliverable", DELIVER, move="ACCEPT", **{**given, "expectedVersion": 2}
    )

    assert (early["__typename"], by_giver["__typename"]) == ("NotAllowed", "NotAllowed")
    assert (sent["deliverable"]["state"], accepted["deliverable"]["state"]) == ("SUBMITTED", "ACCEPTED")
    assert await due(programmes.clinic) == []


async def test_the_database_keeps_a_sources_sums_whoever_writes(
    programmes: Programmes, database: Database
) -> None:
    of = UUID(await source(programmes))
    round_, _ = await programmes.round(budget="200000.00 USD")
    own = {
        "id": new_id(),
        "organization_id": programmes.funder.organization,
        "source_id": of,
        "currency": "USD",
    }
    passing = {
        **own,
        "recipient_id": new_id(),
        "purpose": "x",
        "starts_on": TODAY,
        "ends_on": TODAY + timedelta(1),
    }
    drawing = {**own, "round_id": UUID(round_), "drawn_at": text("now()")}
    del drawing["currency"]
    for statement, wall in (
        (insert(SubAward).values(amount_cents=25_000_01, **passing), "ck_funding_sources_pass_through"),
        (insert(SourceDraw).values(amount_cents=100_000_01, **drawing), "ck_funding_sources_total"),
        (text("UPDATE funding_sources SET total_cents = 1"), "permission denied"),
    ):
        with pytest.raises(DBAPIError, match=wall):
            async with database.transaction(programmes.funder) as session:
                await session.execute(statement)


@given(st.integers(1, 10**12), st.integers(0, 100), st.data())
def test_what_is_left_for_others_always_lets_the_pass_through_be_reached(
    total: int, percent: int, data: st.DataObject
) -> None:
    other = data.draw(st.integers(0, left_for_others(total, percent)))

    assert pass_through_reached(total, percent, total - other)
    assert other * 100 <= total * (100 - percent)
