"""Seats of a cohort are never given twice."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.grants.domain.cohorts import MOVES, SEATED, ParticipantStatus
from services.grants.models import Base
from tests.grants.programmes import Programmes
from tests.support.subgraph import caller_of
from vereda.caller import system_caller
from vereda.database import Database, count_statements
from vereda.ids import new_id
from vereda.migrations import differences, unprotected_tables


async def seats(programmes: Programmes, cohort: str) -> int:
    data = await programmes.grants.data(
        caller_of(), "query($id: ID!) { cohort(id: $id) { admitted } }", id=cohort
    )
    return int(data["cohort"]["admitted"])


async def test_of_many_who_enrol_at_once_exactly_as_many_are_admitted_as_there_are_seats(
    programmes: Programmes,
) -> None:
    cohort = await programmes.cohort(capacity=4)

    answers = await asyncio.gather(*(programmes.enrol(cohort, programmes.proof()) for _ in range(11)))

    statuses = [answer["participant"]["status"] for answer in answers]
    assert (statuses.count("ADMITTED"), statuses.count("WAITLISTED")) == (4, 7)
    assert await seats(programmes, cohort) == 4


async def test_the_database_itself_refuses_a_seat_too_many(
    programmes: Programmes, database: Database
) -> None:
    cohort = await programmes.cohort(capacity=1)
    await programmes.enrol(cohort, programmes.proof())

    with pytest.raises(DBAPIError, match="ck_cohorts_seats"):
        async with database.transaction(system_caller(new_id())) as session:
            await session.execute(
                text("UPDATE cohorts SET admitted = admitted + 1 WHERE id = :id"), {"id": cohort}
            )


async def test_a_seat_that_becomes_free_goes_to_who_waited_longest(programmes: Programmes) -> None:
    cohort = await programmes.cohort(capacity=1)
    first, second, third = [
        (await programmes.enrol(cohort, programmes.proof()))["participant"] for _ in range(3)
    ]

    await programmes.change(programmes.clinic, first, "WITHDRAWN")

    data = await programmes.grants.data(
        programmes.school,
        "query($id: ID!) { cohort(id: $id) { participants { nodes { id status } } } }",
        id=cohort,
    )
    statuses = {p["id"]: p["status"] for p in data["cohort"]["participants"]["nodes"]}
    assert statuses == {first["id"]: "WITHDRAWN", second["id"]: "ADMITTED", third["id"]: "WAITLISTED"}
    assert await seats(programmes, cohort) == 1


@pytest.mark.parametrize(("days_into_the_course", "admitted"), [(-60, 1), (0, 1), (21, 1), (22, 0), (90, 0)])
async def test_the_waiting_list_moves_up_until_three_weeks_into_the_course(
    programmes: Programmes, days_into_the_course: int, admitted: int
) -> None:
    starts_on = datetime.now(UTC).date() - timedelta(days=days_into_the_course)
    cohort = await programmes.cohort(capacity=1, starts_on=starts_on)
    first, _ = [(await programmes.enrol(cohort, programmes.proof()))["participant"] for _ in range(2)]

    await programmes.change(programmes.school, first, "WITHDRAWN")

    assert await seats(programmes, cohort) == admitted


WAYS = [
    [ParticipantStatus.ADMITTED, *more]
    for more in ((), ("ACTIVE",), ("ACTIVE", "COMPLETED"), ("ACTIVE", "DROPPED"), ("ACTIVE", "WITHDRAWN"))
]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way[-1])
async def test_seats_are_taken_by_those_who_are_in_the_course_and_by_nobody_else(
    programmes: Programmes, way: list[ParticipantStatus]
) -> None:
    cohort = await programmes.cohort(capacity=3)
    one = (await programmes.enrol(cohort, programmes.proof()))["participant"]

    for status in way[1:]:
        one = (await programmes.change(programmes.school, one, status))["participant"]

    assert one["status"] == way[-1]
    assert await seats(programmes, cohort) == int(ParticipantStatus(way[-1]) in SEATED)


def test_no_move_leads_back_to_a_seat() -> None:
    assert all(not (MOVES[status] & SEATED) for status in set(ParticipantStatus) - SEATED)


async def test_nobody_is_enrolled_without_the_clients_consent(programmes: Programmes) -> None:
    cohort = await programmes.cohort()

    forged = programmes.proof()[:-4] + "AAAA"
    refused = [
        await programmes.enrol(cohort, forged),
        await programmes.enrol(cohort, programmes.proof("GRANT_APPLICATION", recipient=programmes.school)),
        await programmes.enrol(cohort, programmes.proof(days=-1)),
        await programmes.enrol(cohort, programmes.proof(), by=caller_of()),
    ]
    elsewhere = await programmes.enrol(cohort, programmes.proof(recipient=programmes.funder))

    assert {answer["__typename"] for answer in refused} == {"ConsentProofRefused"}
    assert elsewhere["__typename"] == "NotFound"


async def test_a_client_has_one_seat_and_the_same_key_one_answer(programmes: Programmes) -> None:
    cohort, proof = await programmes.cohort(), programmes.proof()

    one, again = await asyncio.gather(*(programmes.enrol(cohort, proof, key="k") for _ in range(2)))
    other = await programmes.enrol(cohort, proof)

    assert one == again
    assert other["__typename"] == "AlreadyThere"


async def test_host_and_sponsor_see_their_own_handle_and_nobody_else_sees_the_participant_r19(
    programmes: Programmes,
) -> None:
    handle = new_id()
    cohort = await programmes.cohort()
    enrolled = (await programmes.enrol(cohort, programmes.proof(handle=handle)))["participant"]
    document = "query($id: ID!) { participant(id: $id) { client { handle } } }"

    async def seen(by):  # type: ignore[no-untyped-def]
        return (await programmes.grants.data(by, document, id=enrolled["id"]))["participant"]

    assert (await seen(programmes.clinic))["client"]["handle"] == str(handle)
    assert (await seen(programmes.school))["client"]["handle"] == str(new_handle(handle))
    assert await seen(caller_of()) is None


def new_handle(handle):  # type: ignore[no-untyped-def]
    """The handle of the proof's recipient, as `Programmes.proof` makes it."""
    return type(handle)(int=handle.int ^ 1)


async def test_a_clients_participations_are_reached_through_the_client(programmes: Programmes) -> None:
    handle, consent = new_id(), new_id()
    cohort = await programmes.cohort()
    await programmes.enrol(cohort, programmes.proof(handle=handle, consent=consent))
    selection = "... on Client { participations { status cohort { program { name } host { id } } } }"
    key = {"__typename": "Client", "handle": str(handle), "assurance": programmes.assurance(handle, consent)}

    [mine] = await programmes.grants.entities(programmes.clinic, selection, key)
    [strangers] = await programmes.grants.entities(caller_of(), selection, key)

    assert mine["participations"][0]["cohort"]["program"]["name"] == "Immigrant Entrepreneurs"
    assert strangers["participations"] == []


async def test_a_participation_is_shown_only_while_referrals_says_that_the_consent_holds_r9(
    programmes: Programmes,
) -> None:
    handle, other, consent = new_id(), new_id(), new_id()
    await programmes.enrol(await programmes.cohort(), programmes.proof(handle=handle, consent=consent))
    assurances = {
        "revoked": programmes.assurance(handle),
        "of another consent": programmes.assurance(handle, new_id()),
        "of another client": programmes.assurance(other, consent),
        "for another reader": programmes.assurance(handle, consent, reader=programmes.school),
        "forged": programmes.assurance(handle, consent)[:-4] + "AAAA",
        "missing": None,
    }

    for assurance in assurances.values():
        key = {"__typename": "Client", "handle": str(handle), "assurance": assurance}
        [seen] = await programmes.grants.entities(
            programmes.clinic, "... on Client { participations { status } }", key
        )
        assert seen["participations"] == []


async def test_the_number_of_sql_statements_does_not_grow_with_the_page(
    programmes: Programmes, database: Database
) -> None:
    cohort = await programmes.cohort()
    for _ in range(8):
        await programmes.enrol(cohort, programmes.proof())
    document = """query($id: ID!, $n: Int!) { cohort(id: $id) { participants(first: $n) { nodes { status
      client { handle participations { status } grantApplications { state } } cohort { program { name } }
      sponsor { cohortsHosted(first: 1) { nodes { year } } } } } } }"""
    statements = count_statements(database)

    async def count(first: int) -> int:
        del statements[:]
        await programmes.grants.data(programmes.school, document, id=cohort, n=first)
        return len(statements)

    assert await count(2) == await count(8)


async def test_tables_are_protected_and_as_the_models_say(database: Database) -> None:
    assert await unprotected_tables(database) == []
    assert await differences(database, Base.metadata) == []
