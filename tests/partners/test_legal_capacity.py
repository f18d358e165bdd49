"""Legal capacity as the API tells it: who may help where, what if, what lapses, and where no one speaks a language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.partners.domain.terms import OrganizationKind
from tests.support.databases import for_want_of_a_right
from tests.support.directory import Directory
from tests.support.subgraph import Subgraph, caller_of
from vereda.caller import Scope, system_caller
from vereda.ids import new_id

STANDING: Final = "representatives attorneys weeklyHours matters { term authorised places }"
CAPACITY: Final = f"""query($county: ID, $on: Date) {{ legalCapacity(county: $county, on: $on) {{
  on county {{ name }} standing {{ {STANDING} }} practitioners {{ weeklyHours practitioner {{ id role }} }}
  representativesPer100k {{ value immigrants year source reason }}
  services {{ id capacity {{ status source available }} }}
  ifLapses {{ expiresOn weeklyHours leftWithNobody places {{ term places }} practitioner {{ id }} }} }} }}"""
WHAT_IF: Final = f"""query($county: ID, $added: [LegalAdditionInput!]!) {{
  legalCapacityIf(county: $county, added: $added) {{ before {{ standing {{ {STANDING} }} }} after {{ {STANDING} }} }} }}"""
SAVED: Final = {
    "addPractitioner": "... on PractitionerSaved { practitioner { id version weeklyHours endedOn } }",
    "changePractitioner": "... on PractitionerSaved { practitioner { id version weeklyHours endedOn } }"
    " ... on VersionConflict { currentVersion }",
    "recordCredential": "... on CredentialSaved { credential { id kind expiresOn } }",
    "endCredential": "... on CredentialSaved { credential { id } }",
    "confirmCredential": "... on CredentialSaved { credential { id } } ... on NotAllowed { message }",
    "setPopulation": "... on PopulationSet { immigrants }",
}
COUNTY: Final = "06039"
TODAY: Final = datetime.now(UTC).date()


@dataclass
class Bureau:
    """A legal organisation of one county, and what it says of itself."""

    partners: Subgraph
    directory: Directory
    id: UUID
    county: str

    async def did(self, what: str, by: UUID | None = None, *scopes: Scope, **given: Any) -> dict[str, Any]:
        document = (
            f"mutation($input: {what[0].upper()}{what[1:]}Input!) {{ {what}(input: $input)"
            f" {{ __typename {SAVED[what]} ... on InvalidInput {{ problems {{ field }} }} }} }}"
        )
        request = {"idempotencyKey": str(new_id()), **given}
        caller = caller_of(by or self.id, *scopes)
        return dict((await self.partners.data(caller, document, input=request))[what])

    async def employs(self, role: str = "PARTIAL_REP", hours: int = 30, **more: Any) -> dict[str, Any]:
        given = {"role": role, "weeklyHours": hours, "languages": ["spa"], **more}
        return dict((await self.did("addPractitioner", practitioner=given))["practitioner"])

    async def holds(self, until: date, person: dict[str, Any] | None = None, level: str = "PARTIAL") -> str:
        about = {} if person is None else {"practitioner": person["id"], "level": level}
        days = {"grantedOn": "2024-01-01", "expiresOn": until.isoformat()}
        return str((await self.did("recordCredential", **days, **about))["credential"]["id"])

    async def capacity(self, on: date | None = None) -> dict[str, Any]:
        asked = {"county": self.county, "on": on.isoformat() if on else None}
        return dict((await self.partners.data(caller_of(), CAPACITY, **asked))["legalCapacity"])


@pytest_asyncio.fixture
async def bureau(partners: Subgraph, directory: Directory) -> Bureau:
    """The only one of its county: what others counted there is taken out of it."""
    async with directory.database.transaction(system_caller(new_id())) as session:
        await session.execute(
            text("UPDATE organizations SET counties = '{}' WHERE CAST(:county AS text) = ANY (counties)"),
            {"county": COUNTY},
        )
    host = await directory.organization("Ayuda", OrganizationKind.LEGAL, counties=[COUNTY])
    return Bureau(partners, directory, host.id, COUNTY)


def places(standing: dict[str, Any], term: str) -> int:
    return next(one["places"] for one in standing["matters"] if one["term"] == f"legal.immigration.{term}")


async def test_what_an_organisation_says_of_its_people_is_what_can_be_taken_on(bureau: Bureau) -> None:
    await bureau.holds(date(2040, 1, 1))
    representative = await bureau.employs(hours=30)
    await bureau.employs("ATTORNEY", 20)
    await bureau.employs("NAVIGATOR", 40)
    unaccredited = (await bureau.capacity())["standing"]
    await bureau.holds(TODAY + timedelta(days=200), representative)

    found = await bureau.capacity()

    assert (unaccredited["representatives"], unaccredited["weeklyHours"]) == (0, 20)
    standing = found["standing"]
    assert (standing["representatives"], standing["attorneys"], standing["weeklyHours"]) == (1, 1, 50)
    assert places(standing, "daca_renewal") == 10
    assert sorted(one["weeklyHours"] for one in found["practitioners"]) == [20, 30]
    assert found["representativesPer100k"]["value"] is None
    assert "source" in found["representativesPer100k"]["reason"]


async def test_another_day_is_counted_as_of_that_day(bureau: Bureau) -> None:
    await bureau.holds(date(2040, 1, 1))
    representative = await bureau.employs()
    last = TODAY + timedelta(days=100)
    await bureau.holds(last, representative)

    on_the_last, after = await bureau.capacity(last), await bureau.capacity(last + timedelta(days=1))
    before_any = await bureau.capacity(date(2023, 12, 31))

    counts = [one["standing"]["representatives"] for one in (on_the_last, after, before_any)]
    assert counts == [1, 0, 0]
    assert on_the_last["services"] is None


async def test_it_is_said_what_is_lost_if_one_lapses(bureau: Bureau) -> None:
    await bureau.holds(date(2040, 1, 1))
    partial, full = await bureau.employs(hours=20), await bureau.employs("FULL_REP", 40)
    await bureau.holds(TODAY + timedelta(days=300), partial)
    await bureau.holds(TODAY + timedelta(days=100), full, "FULL")

    lapses = (await bureau.capacity())["ifLapses"]

    assert [one["practitioner"]["id"] for one in lapses] == [full["id"], partial["id"]]
    assert lapses[0]["leftWithNobody"] == ["legal.immigration.asylum"]
    assert [one["weeklyHours"] for one in lapses] == [40, 20]


async def test_what_if_is_the_same_rule_and_keeps_nothing(bureau: Bureau) -> None:
    await bureau.employs("ATTORNEY", 20)
    added = [
        {"organization": str(bureau.id), "role": "PARTIAL_REP", "people": 2, "weeklyHours": 30},
        {"role": "ATTORNEY", "people": 1, "weeklyHours": 20},
    ]

    found = (await bureau.partners.data(caller_of(), WHAT_IF, county=bureau.county, added=added))[
        "legalCapacityIf"
    ]

    assert found["before"]["standing"]["representatives"] == 0
    assert (found["after"]["representatives"], found["after"]["attorneys"]) == (2, 2)
    assert places(found["after"], "daca_renewal") == 16 + 4
    assert (await bureau.capacity())["standing"] == found["before"]["standing"]


@pytest.mark.parametrize(
    "added",
    [
        [],
        [{"role": "NAVIGATOR", "weeklyHours": 10}],
        [{"role": "ATTORNEY", "weeklyHours": 0}],
        [{"role": "ATTORNEY", "weeklyHours": 10, "organization": str(new_id())}],
    ],
)
async def test_what_cannot_be_added_is_refused(partners: Subgraph, added: list[dict[str, Any]]) -> None:
    answer = await partners.answer(caller_of(), WHAT_IF, added=added)

    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_the_region_is_counted_against_its_stated_population_and_a_county_once_one_is_set(
    bureau: Bureau,
) -> None:
    region = (await bureau.partners.data(caller_of(), CAPACITY))["legalCapacity"]["representativesPer100k"]
    source = "American Community Survey, five years to 2023"
    given = {"county": bureau.county, "immigrants": 50_000, "year": 2023, "source": source}
    no_coordinator = caller_of(None, Scope.DIRECTORY_READ, Scope.DIRECTORY_WRITE)
    refused = await bureau.partners.answer(
        no_coordinator,
        "mutation($input: SetPopulationInput!) { setPopulation(input: $input) { __typename } }",
        input={"idempotencyKey": "p", **given},
    )
    unsourced = await bureau.did("setPopulation", **{**given, "source": ""})
    await bureau.did("setPopulation", **given)
    await bureau.holds(date(2040, 1, 1))
    await bureau.holds(date(2040, 1, 1), await bureau.employs())

    county = (await bureau.capacity())["representativesPer100k"]

    assert (region["immigrants"], region["year"]) == (890_335, 2014)
    assert "cviic.org" in region["source"]
    assert refused["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert unsourced["problems"] == [{"field": "source"}]
    assert (county["value"], county["source"]) == (2.0, source)


async def test_deserts_are_told_by_county_language_and_matter(bureau: Bureau) -> None:
    await bureau.employs("ATTORNEY", 20, languages=["spa", "mxb"])
    asked = """query($county: ID) { legalDeserts(county: $county, languages: ["spa", "hmong"],
      terms: ["legal.immigration.family"]) { total nodes { county { name } language matter } } }"""

    found = (await bureau.partners.data(caller_of(), asked, county=bureau.county))["legalDeserts"]

    desert = {"county": {"name": "Madera"}, "language": "hmong", "matter": "legal.immigration.family"}
    assert found == {"total": 1, "nodes": [desert]}


async def test_services_show_the_room_that_they_have_reported_inferred_or_by_hours(bureau: Bureau) -> None:
    await bureau.employs("ATTORNEY", 20)
    reported = await bureau.directory.service(bureau.id, "Renewals", available=3)
    by_hours = await bureau.directory.service(bureau.id, "Family petitions", ("legal.immigration.family",))

    found = {one["id"]: one["capacity"] for one in (await bureau.capacity())["services"]}

    assert (found[str(reported.id)]["source"], found[str(reported.id)]["available"]) == ("REPORTED", 3)
    assert found[str(by_hours.id)]["source"] == "DERIVED_FROM_HOURS"


async def test_who_leaves_is_counted_until_their_last_day(bureau: Bureau) -> None:
    attorney = await bureau.employs("ATTORNEY", 20)
    given = {"role": "ATTORNEY", "weeklyHours": 10, "endedOn": TODAY.isoformat()}

    changed = await bureau.did("changePractitioner", id=attorney["id"], expectedVersion=1, practitioner=given)
    stale = await bureau.did("changePractitioner", id=attorney["id"], expectedVersion=1, practitioner=given)
    stranger = await bureau.did(
        "changePractitioner", new_id(), id=attorney["id"], expectedVersion=2, practitioner=given
    )

    assert changed["practitioner"]["weeklyHours"] == 10
    assert (stale["__typename"], stranger["__typename"]) == ("VersionConflict", "NotAllowed")
    tomorrow = TODAY + timedelta(days=2)
    counts = [(await bureau.capacity(day))["standing"]["attorneys"] for day in (TODAY, tomorrow)]
    assert counts == [1, 0]


async def test_what_was_ended_before_its_term_is_history(bureau: Bureau) -> None:
    await bureau.holds(date(2040, 1, 1))
    held = await bureau.holds(date(2040, 1, 1), await bureau.employs())
    ended = TODAY - timedelta(days=10)
    given = {"kind": "ACCREDITATION", "id": held, "endedOn": ended.isoformat()}

    still_active = await bureau.did("endCredential", status="ACTIVE", **given)
    await bureau.did("endCredential", status="WITHDRAWN", **given)

    assert still_active["problems"] == [{"field": "status"}]
    days = (ended - timedelta(days=1), ended)
    assert [(await bureau.capacity(day))["standing"]["representatives"] for day in days] == [1, 0]


async def test_a_credential_is_confirmed_by_others_and_what_changes_is_unconfirmed_again(
    bureau: Bureau,
) -> None:
    held = await bureau.holds(date(2040, 1, 1))
    given = {"kind": "RECOGNITION", "id": held}
    listing = "query($id: ID!) { organization(id: $id) { recognitions { confirmedOn } } }"

    async def confirmed() -> str | None:
        found = await bureau.partners.data(caller_of(), listing, id=str(bureau.id))
        return str(found["organization"]["recognitions"][0]["confirmedOn"])

    own = await bureau.did("confirmCredential", **given)
    before = await confirmed()
    await bureau.did("confirmCredential", new_id(), **given)
    after = await confirmed()
    async with bureau.directory.database.transaction(caller_of(bureau.id)) as session:
        await session.execute(
            text("UPDATE recognitions SET expires_on = expires_on + 1 WHERE id = :id"), {"id": UUID(held)}
        )

    assert own["__typename"] == "NotAllowed"
    assert (before, await confirmed()) == ("None", "None")
    assert after != "None"
    with pytest.raises(DBAPIError) as refused:
        async with bureau.directory.database.transaction(caller_of(bureau.id)) as session:
            await session.execute(
                text("UPDATE recognitions SET confirmed_on = now() WHERE id = :id"), {"id": UUID(held)}
            )
    assert for_want_of_a_right(refused.value)
