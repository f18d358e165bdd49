"""Who saw what grants keeps of somebody is in the audit, and told to the organisation that brought them (R27, R28)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.grants.models import AuditEntry
from tests.grants.programmes import Programmes
from tests.support.subgraph import caller_of
from vereda.caller import Caller
from vereda.database import Database
from vereda.ids import new_id

SEEN = """programDisclosures { edges { node { purpose dataClasses consent recipient { id } } } }"""
SEATS = "query($id: ID!) { cohort(id: $id) { participants { nodes { id status } } } }"


async def told(programmes: Programmes, by: Caller, handle: UUID) -> list[dict[str, Any]]:
    fragment = f"... on Client {{ {SEEN} }}"
    [client] = await programmes.grants.entities(by, fragment, {"__typename": "Client", "handle": str(handle)})
    return [edge["node"] for edge in client["programDisclosures"]["edges"]]


async def test_r28_who_brought_a_client_is_told_that_the_host_read_their_seat(programmes: Programmes) -> None:
    handle, consent = new_id(), new_id()
    cohort = await programmes.cohort()
    await programmes.enrol(cohort, programmes.proof(handle=handle, consent=consent))
    unread = await told(programmes, programmes.clinic, handle)

    await programmes.grants.data(programmes.school, SEATS, id=cohort)

    assert unread == []
    assert await told(programmes, programmes.clinic, handle) == [
        {
            "purpose": "PROGRAM_ENROLMENT",
            "dataClasses": ["PROGRAM"],
            "consent": str(consent),
            "recipient": {"id": str(programmes.school.organization)},
        }
    ]


async def test_r28_a_decided_application_is_a_disclosure_and_one_that_is_nobodys_is_none(
    programmes: Programmes,
) -> None:
    round_, tiers = await programmes.round()
    handle = new_id()
    made = (await programmes.apply(round_, tiers["1000.00 USD"], handle))["application"]
    await programmes.move(programmes.clinic, made, "SUBMIT")
    for step in ("SCREEN", "REVIEW"):
        await programmes.move(programmes.funder, made, step)
    blind = await told(programmes, programmes.clinic, handle)

    await programmes.move(programmes.funder, made, "APPROVE")

    assert blind == []
    [once] = await told(programmes, programmes.clinic, handle)
    assert (once["purpose"], once["dataClasses"]) == ("GRANT_APPLICATION", ["FINANCIAL"])
    assert once["recipient"] == {"id": str(programmes.funder.organization)}


async def test_r27_ones_own_reading_is_no_disclosure_and_nobody_else_is_told(
    programmes: Programmes, database: Database
) -> None:
    handle = new_id()
    cohort = await programmes.cohort()
    await programmes.enrol(cohort, programmes.proof(handle=handle))
    await programmes.grants.data(programmes.clinic, SEATS, id=cohort)
    assert await told(programmes, programmes.clinic, handle) == []

    await programmes.grants.data(programmes.school, SEATS, id=cohort)

    assert await told(programmes, caller_of(), handle) == []
    async with database.transaction(caller_of()) as session:
        rows = await session.scalars(select(AuditEntry).where(AuditEntry.client_id == handle))
        assert rows.all() == []
