"""What a partner that means harm tries with money and seats, past our code and straight at the database."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.grants.programmes import Programmes
from tests.support.subgraph import caller_of
from vereda.caller import Caller, Scope
from vereda.database import Database
from vereda.ids import new_id

REFUSED = r"may not be changed|host to say|funder to say|row-level security"


async def refused(database: Database, caller: Caller, statement: str, **values: object) -> None:
    with pytest.raises(DBAPIError, match=REFUSED):
        async with database.transaction(caller) as session:
            done = await session.execute(text(statement), values)
            assert done.rowcount  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "change",
    [
        "state = 'APPROVED', awarded_cents = 99999999",
        "awarded_cents = 1",
        "decided_at = now()",
        "state = 'DENIED'",
        "funder_id = vereda_organization()",
        "tier_id = gen_random_uuid()",
    ],
)
async def test_an_applicant_cannot_decide_on_an_application(
    programmes: Programmes, database: Database, change: str
) -> None:
    round_, tiers = await programmes.round()
    made = (await programmes.apply(round_, tiers["1000.00 USD"]))["application"]

    statement = f"UPDATE grant_applications SET {change} WHERE id = :id"
    await refused(database, programmes.clinic, statement, id=made["id"])


@pytest.mark.parametrize(
    "change",
    ["organization_id = vereda_organization()", "status = 'COMPLETED'", "consent_expires_at = now()"],
)
async def test_a_sponsor_cannot_speak_for_the_host(
    programmes: Programmes, database: Database, change: str
) -> None:
    seat = (await programmes.enrol(await programmes.cohort(), programmes.proof()))["participant"]

    await refused(
        database, programmes.clinic, f"UPDATE participants SET {change} WHERE id = :id", id=seat["id"]
    )


async def test_a_round_or_tier_is_not_hung_on_anothers_program(
    programmes: Programmes, database: Database
) -> None:
    round_, _ = await programmes.round()
    program = f"(SELECT program_id FROM funding_rounds WHERE id = '{round_}')"

    await refused(
        database,
        caller_of(),
        "INSERT INTO funding_tiers (id, organization_id, program_id, amount_cents, requires_training)"
        f" VALUES (gen_random_uuid(), vereda_organization(), {program}, 1, false)",
    )
    await refused(
        database,
        caller_of(),
        "INSERT INTO funding_rounds (id, organization_id, program_id, name, opens_at, closes_at, budget_cents,"
        " awarded_cents, version)"
        f" VALUES (gen_random_uuid(), vereda_organization(), {program}, 'x', now(), now() + interval '1 day', 1, 0, 1)",
    )


async def test_an_applicant_cannot_write_the_funders_part_of_the_history(
    programmes: Programmes, database: Database
) -> None:
    round_, tiers = await programmes.round()
    made = (await programmes.apply(round_, tiers["1000.00 USD"]))["application"]

    await refused(
        database,
        programmes.clinic,
        "INSERT INTO application_events (application_id, sequence, move, to_state, side, organization_id, actor,"
        " occurred_at) VALUES (:id, 9, 'APPROVE', 'APPROVED', 'FUNDER', vereda_organization(), 'x', now())",
        id=made["id"],
    )


async def test_a_refused_award_leaves_no_trace_on_the_application(programmes: Programmes) -> None:
    round_, tiers = await programmes.round(budget="5000.00 USD")
    first, second = [await programmes.reviewed(round_, tiers["5000.00 USD"]) for _ in range(2)]
    await programmes.move(programmes.funder, first, "APPROVE")

    refused_ = await programmes.move(programmes.funder, second, "APPROVE")
    seen = await programmes.grants.data(
        programmes.funder, "query($id: ID!) { grantApplication(id: $id) { state awarded } }", id=second["id"]
    )

    assert refused_["__typename"] == "BudgetExceeded"
    assert seen["grantApplication"] == {"state": "UNDER_REVIEW", "awarded": None}


async def test_a_waiver_needs_a_name_and_the_funder_sees_it_once_it_has_decided(
    programmes: Programmes,
) -> None:
    round_, tiers = await programmes.round()

    nobody = await programmes.apply(round_, tiers["5000.00 USD"], trainingWaivedBy="  ")
    made = (await programmes.apply(round_, tiers["5000.00 USD"], trainingWaivedBy="A. Director"))[
        "application"
    ]
    await programmes.move(programmes.clinic, made, "SUBMIT")

    async def seen() -> str | None:
        asked = "query($id: ID!) { grantApplication(id: $id) { trainingWaivedBy } }"
        return (await programmes.grants.data(programmes.funder, asked, id=made["id"]))["grantApplication"][
            "trainingWaivedBy"
        ]

    blind = await seen()
    for step in ("SCREEN", "REVIEW", "APPROVE"):
        await programmes.move(programmes.funder, made, step)

    assert nobody["problems"] == [{"field": "trainingWaivedBy"}]
    assert (blind, await seen()) == (None, "A. Director")


async def test_no_road_leads_to_a_persons_seat_or_application_without_a_scope_for_it(
    programmes: Programmes,
) -> None:
    handle, consent = new_id(), new_id()
    cohort = await programmes.cohort()
    await programmes.enrol(cohort, programmes.proof(handle=handle, consent=consent))
    narrow = replace(programmes.clinic, scopes=frozenset({Scope.DIRECTORY_READ.value}))
    client = "query($r: [_Any!]!) { _entities(representations: $r) { ... on Client { participations { status } } } }"

    answers = [
        await programmes.grants.answer(
            narrow, "query($id: ID!) { cohort(id: $id) { participants { nodes { status } } } }", id=cohort
        ),
        await programmes.grants.answer(
            narrow,
            client,
            r=[
                {
                    "__typename": "Client",
                    "handle": str(handle),
                    "assurance": programmes.assurance(handle, consent),
                }
            ],
        ),
    ]

    assert [answer["errors"][0]["extensions"]["code"] for answer in answers] == ["FORBIDDEN", "FORBIDDEN"]
