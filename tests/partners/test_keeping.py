"""Each organisation keeps its own part of the directory, and only that."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import DBAPIError

from services.partners.domain.taxonomy import TERMS
from services.partners.domain.terms import Visibility
from services.partners.models import Address, Base, Organization, Service
from tests.support.directory import Directory
from tests.support.subgraph import Subgraph, caller_of
from vereda.caller import Scope
from vereda.database import Database
from vereda.ids import new_id
from vereda.migrations import differences, unprotected_tables

CREATE = """mutation($input: CreateServiceInput!) { createService(input: $input) { __typename
  ... on ServiceSaved { service { id version name } } ... on InvalidInput { problems { field problem } } } }"""
UPDATE = """mutation($input: UpdateServiceInput!) { updateService(input: $input) { __typename
  ... on ServiceSaved { service { id version name } } ... on VersionConflict { currentVersion } } }"""


def service_input(**more: Any) -> dict[str, Any]:
    return {"name": "English classes", "terms": ["education.esl"], "languages": ["spa"], **more}


async def test_an_organisation_adds_and_changes_its_own_service(
    partners: Subgraph, directory: Directory
) -> None:
    school = caller_of((await directory.organization("School")).id)

    made = await partners.data(school, CREATE, input={"idempotencyKey": "1", "service": service_input()})
    row = made["createService"]["service"]
    changed = await partners.data(
        school,
        UPDATE,
        input={
            "idempotencyKey": "2",
            "id": row["id"],
            "expectedVersion": row["version"],
            "service": service_input(name="Evening classes"),
        },
    )

    assert changed["updateService"]["service"] == {**row, "name": "Evening classes", "version": 2}


async def test_it_cannot_change_what_belongs_to_another(partners: Subgraph, directory: Directory) -> None:
    theirs = await directory.service((await directory.organization()).id)
    stranger = caller_of((await directory.organization("Stranger")).id)
    change = {"idempotencyKey": "k", "id": str(theirs.id), "expectedVersion": 1, "service": service_input()}

    answer = await partners.data(stranger, UPDATE, input=change)

    assert answer["updateService"]["__typename"] == "NotAllowed"


async def test_row_level_security_alone_refuses_a_foreign_write(
    database: Database, directory: Directory
) -> None:
    theirs = await directory.service((await directory.organization()).id)
    stranger = caller_of(new_id())

    async with database.transaction(stranger) as session:
        changed = await session.execute(update(Service).where(Service.id == theirs.id).values(name="x"))
    assert changed.rowcount == 0  # type: ignore[attr-defined]
    with pytest.raises(DBAPIError, match="row-level security"):
        async with database.transaction(stranger) as session:
            session.add(Service(organization_id=theirs.organization_id, name="forged"))


async def test_a_confidential_address_is_seen_by_its_owner_alone_r17(
    partners: Subgraph, database: Database, directory: Directory
) -> None:
    owner = await directory.organization("Refugio")
    place = await directory.location(owner.id, visibility=Visibility.OWNER, address_1="9 Hidden Way")
    document = "query($id: ID!) { location(id: $id) { city address { address1 } } }"

    mine = await partners.data(caller_of(owner.id), document, id=str(place.id))
    others = await partners.answer(caller_of(), document, id=str(place.id))

    assert mine["location"]["address"] == {"address1": "9 Hidden Way"}
    assert others["data"]["location"] == {"city": "Fresno", "address": None}
    assert others["extensions"]["redactions"] == [
        {"path": ["location", "address"], "dataClass": "LOCATION", "reason": "CONFIDENTIAL_ADDRESS"}
    ]
    async with database.transaction(caller_of()) as session:
        assert (
            await session.scalar(text("SELECT count(*) FROM addresses WHERE address_1 = '9 Hidden Way'")) == 0
        )
    assert Address.__tablename__ == "addresses"


async def test_the_same_key_gives_the_same_answer_and_writes_once(
    partners: Subgraph, directory: Directory
) -> None:
    school = caller_of((await directory.organization()).id)
    request = {"idempotencyKey": "same", "service": service_input()}

    answers = await asyncio.gather(*(partners.data(school, CREATE, input=request) for _ in range(5)))
    other = await partners.answer(
        school, CREATE, input={"idempotencyKey": "same", "service": service_input(name="Another")}
    )

    assert len({answer["createService"]["service"]["id"] for answer in answers}) == 1
    assert other["errors"][0]["extensions"]["code"] == "IDEMPOTENCY_KEY_REUSED"


async def test_a_change_to_what_has_moved_on_is_refused_with_the_version(
    partners: Subgraph, directory: Directory
) -> None:
    owner = await directory.organization()
    row = await directory.service(owner.id)
    change = {"idempotencyKey": "a", "id": str(row.id), "expectedVersion": 1, "service": service_input()}
    await partners.data(caller_of(owner.id), UPDATE, input=change)

    late = await partners.data(caller_of(owner.id), UPDATE, input={**change, "idempotencyKey": "b"})

    assert late["updateService"] == {"__typename": "VersionConflict", "currentVersion": 2}


async def test_input_problems_name_their_fields(partners: Subgraph, directory: Directory) -> None:
    school = caller_of((await directory.organization()).id)
    bad = service_input(name=" ", terms=["20011"], languages=["español"], locations=[str(new_id())])

    answer = await partners.data(school, CREATE, input={"idempotencyKey": "1", "service": bad})

    assert {p["field"] for p in answer["createService"]["problems"]} == {
        "name",
        "terms",
        "languages",
        "locationIds",
    }


async def test_only_the_coordinator_lets_an_organisation_in(partners: Subgraph) -> None:
    document = """mutation($input: RegisterOrganizationInput!) { registerOrganization(input: $input) { __typename
      ... on OrganizationSaved { organization { id slug } } } }"""
    request = {
        "idempotencyKey": "k",
        "organization": {"slug": f"new-{new_id().hex[-6:]}", "name": "New", "kind": "CBO"},
    }

    refused = await partners.answer(caller_of(None, Scope.DIRECTORY_WRITE), document, input=request)
    done = await partners.data(caller_of(None, Scope.ADMIN_NETWORK), document, input=request)

    assert refused["errors"][0]["extensions"] == {"code": "FORBIDDEN", "requiredScope": "admin:network"}
    assert done["registerOrganization"]["__typename"] == "OrganizationSaved"


@pytest.mark.parametrize(
    ("accredited_until", "typename"), [("2027-05-01", "WorkshopSaved"), ("2027-04-30", "NotAllowed")]
)
async def test_a_workshop_is_announced_only_when_somebody_authorised_is_there_on_its_day(
    partners: Subgraph, directory: Directory, accredited_until: str, typename: str
) -> None:
    legal = await directory.organization("Ayuda")
    await directory.recognised(legal.id)
    someone = await directory.representative(legal.id, date.fromisoformat(accredited_until))
    plan = """mutation($input: PlanWorkshopInput!) { planWorkshop(input: $input) {
      ... on WorkshopSaved { workshop { id version status } } } }"""
    publish = """mutation($input: PublishWorkshopInput!) { publishWorkshop(input: $input) { __typename } }"""
    planned = await partners.data(
        caller_of(legal.id),
        plan,
        input={
            "idempotencyKey": "p",
            "title": "DACA day",
            "county": "06019",
            "terms": ["legal.immigration.daca_renewal"],
            "startsAt": "2027-05-02T02:00:00Z",  # the evening of 1 May in California
            "endsAt": "2027-05-02T04:00:00Z",
            "capacity": 40,
            "practitioners": [str(someone.id)],
            "overrideReason": "The calendar of this database is full of tests.",
        },
    )
    workshop = planned["planWorkshop"]["workshop"]

    answer = await partners.data(
        caller_of(legal.id),
        publish,
        input={"idempotencyKey": "q", "id": workshop["id"], "expectedVersion": workshop["version"]},
    )

    assert answer["publishWorkshop"]["__typename"] == typename


async def test_entities_are_answered_by_key_and_unknown_ones_with_null(
    partners: Subgraph, directory: Directory
) -> None:
    row = await directory.service((await directory.organization()).id, "Known")
    keys = [{"__typename": "Service", "id": str(i)} for i in (row.id, new_id())]

    assert await partners.entities(caller_of(), "... on Service { name }", *keys) == [{"name": "Known"}, None]


async def test_tables_are_protected_and_as_the_models_say(database: Database) -> None:
    assert await unprotected_tables(database) == []
    assert await differences(database, Base.metadata) == []
    assert Organization.__tablename__ == "organizations"


async def test_our_taxonomy_is_in_the_graph(partners: Subgraph) -> None:
    data = await partners.data(caller_of(), "{ taxonomyTerms(first: 100) { nodes { code } } }")

    assert {node["code"] for node in data["taxonomyTerms"]["nodes"]} == {term.code for term in TERMS}


FOREIGN_PARTS = {
    "a report of another's room": (
        "INSERT INTO capacity_reports (id, organization_id, service_id, status, available, unit, source, reported_at,"
        " expires_at) VALUES (gen_random_uuid(), vereda_organization(), :service, 'CAPACITY', 99, 'case', 'REPORTED',"
        " now(), now() + interval '1 day')"
    ),
    "a language for another's service": (
        "INSERT INTO language_offers (id, organization_id, service_id, code, modality, via)"
        " VALUES (gen_random_uuid(), vereda_organization(), :service, 'spa', 'SPOKEN', 'STAFF')"
    ),
    "a place for another's service": (
        "INSERT INTO services_at_locations (id, organization_id, service_id, location_id)"
        " VALUES (gen_random_uuid(), vereda_organization(), :service, :location)"
    ),
    "an address for another's place": (
        "INSERT INTO addresses (id, organization_id, location_id, address_1, country, address_type)"
        " VALUES (gen_random_uuid(), vereda_organization(), :location, 'x', 'US', 'physical')"
    ),
    "a credential for another's practitioner": (
        "INSERT INTO accreditations (id, organization_id, practitioner_id, level, granted_on, expires_on, status,"
        " pending_renewal) VALUES (gen_random_uuid(), vereda_organization(), :practitioner, 'FULL', now(), now(),"
        " 'ACTIVE', false)"
    ),
}


@pytest.mark.parametrize("attempt", FOREIGN_PARTS)
async def test_nothing_is_hung_on_what_belongs_to_another(
    database: Database, directory: Directory, attempt: str
) -> None:
    owner = await directory.organization()
    stranger = await directory.organization("Stranger")
    ids = {
        "service": (await directory.service(owner.id)).id,
        "location": (await directory.location(owner.id)).id,
        "practitioner": (await directory.representative(owner.id, date(2030, 1, 1))).id,
    }
    statement = text(FOREIGN_PARTS[attempt])

    with pytest.raises(DBAPIError, match="row-level security"):
        async with database.transaction(caller_of(stranger.id)) as session:
            await session.execute(
                statement, {k: v for k, v in ids.items() if f":{k}" in FOREIGN_PARTS[attempt]}
            )


async def test_a_record_cannot_be_given_to_another_organisation(
    database: Database, directory: Directory
) -> None:
    mine = await directory.organization()
    service = await directory.service(mine.id)

    with pytest.raises(DBAPIError, match=r"may not be changed|row-level security"):
        async with database.transaction(caller_of(mine.id)) as session:
            await session.execute(
                text("UPDATE services SET organization_id = :other WHERE id = :id"),
                {"other": new_id(), "id": service.id},
            )


async def test_another_organisations_practitioner_makes_no_workshop_lawful(
    partners: Subgraph, directory: Directory
) -> None:
    legal, school = await directory.organization("Ayuda"), await directory.organization("School")
    someone = await directory.representative(legal.id, date(2030, 1, 1))
    plan = """mutation($input: PlanWorkshopInput!) { planWorkshop(input: $input) {
      ... on WorkshopSaved { workshop { id version } } } }"""
    given = {
        "idempotencyKey": "p",
        "title": "DACA day",
        "county": "06019",
        "terms": ["legal.immigration.daca_renewal"],
        "startsAt": "2027-05-02T02:00:00Z",
        "endsAt": "2027-05-02T04:00:00Z",
        "capacity": 40,
        "practitioners": [str(someone.id)],
        "overrideReason": "The calendar of this database is full of tests.",
    }
    planned = (await partners.data(caller_of(school.id), plan, input=given))["planWorkshop"]["workshop"]

    published = await partners.data(
        caller_of(school.id),
        "mutation($input: PublishWorkshopInput!) { publishWorkshop(input: $input) { __typename } }",
        input={"idempotencyKey": "q", "id": planned["id"], "expectedVersion": planned["version"]},
    )

    assert published["publishWorkshop"]["__typename"] == "NotAllowed"
