"""Where a place is, is known to whom its visibility says and to nobody else, by no way there is (R17)."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import pytest
from sqlalchemy import text

from services.partners.domain.geography import postal_code, town_centre
from services.partners.domain.terms import Visibility
from services.partners.domain.visibility import told
from services.partners.exchange.exporting import export_hsds
from services.partners.models import Location, Organization, Schedule, ServiceAtLocation
from services.partners.operations.search_index import refresh_search
from tests.support.directory import Directory
from tests.support.subgraph import Subgraph, caller_of
from vereda import rounds
from vereda.database import Database
from vereda.ids import new_id
from vereda.rounds import Round

CREATE = """mutation($input: CreateLocationInput!) { createLocation(input: $input) {
  ... on LocationSaved { location { id version } } } }"""
UPDATE = """mutation($input: UpdateLocationInput!) { updateLocation(input: $input) { __typename
  ... on LocationSaved { location { id version } } } }"""
TRUST = """mutation($input: SetTrustedPartnersInput!) { setTrustedPartners(input: $input) { __typename } }"""

PLACE: Final = """id name alternateName description locationType visibility city stateProvince latitude longitude rural
  transportation accessibility county { fips } address { address1 address2 postalCode city } schedules { opensAt }
  servicesAtLocation { id description }"""
#: Every way to a place that the graph has, each with what it tells.
WAYS: Final[dict[str, str]] = {
    "location": f"query {{ location(id: $l) {{ {PLACE} }} }}",
    "organisation": f"""query {{ organization(id: $o) {{
       counties {{ fips }} locations {{ nodes {{ {PLACE} }} }} }} }}""",
    "service": f"""query {{ service(id: $s) {{
       a: distanceMiles(fromPostalCode: "93721") b: distanceMiles(fromPostalCode: "93650") c: distanceMiles(fromPostalCode: "93291")
       serviceAtLocations {{ description location {{ {PLACE} }} }} }} }}""",
    "entities": f"""query {{ location(id: $l) {{ organization {{ locations {{
       edges {{ node {{ {PLACE} servicesAtLocation {{ location {{ {PLACE} }} }} }} }} }} }} }} }}""",
    **{
        f"search {number}": f"""query {{
           services(filter: {{text: $t, {condition}}}, orderBy: {order}) {{ totalCount facets {{ facet values {{ value count }} }}
             edges {{ distanceMiles score matches {{ field ranges {{ start }} }} node {{ name }} }} }} }}"""
        for number, (condition, order) in enumerate(
            [
                ('near: {postalCode: "93721", miles: 3}', "DISTANCE_ASC"),
                ("near: {latitude: 36.7, longitude: -119.7, miles: 60}", "DISTANCE_ASC"),
                ('county: "06019"', "NAME_ASC"),
                ("openNow: true", "NAME_ASC"),
            ]
        )
    },
    "words of the place": """query {
       services(filter: {text: "Hidden Way", county: "06019"}) { totalCount } }""",
    "matching": """query {
       matchServices(input: {needs: ["basic.shelter"], postalCode: "93721", idempotencyKey: "k"}) {
         matches(first: 50) { score distanceMiles callFirst location { id name address { address1 } } service { name } } } }""",
}
#: Two worlds that differ in all that may be withheld of a place in one town, and in nothing else.
ONE: Final = {
    "name": "Casa at 9 Hidden Way",
    "address1": "9 Hidden Way",
    "postalCode": "93721",
    "description": "Ring at Hidden",
    "transportation": "Bus 1 to Hidden Way",
}
OTHER: Final = {
    "name": "Ranch",
    "address1": "700 Other Road",
    "postalCode": "93650",
    "description": None,
    "transportation": None,
}


class Shelter:
    """An organisation with one place, a service there, and readers of all kinds."""

    def __init__(self, partners: Subgraph, directory: Directory, owner: Organization) -> None:
        self.partners, self.directory, self.owner = partners, directory, owner
        self.tag = f"v{new_id().hex[-8:]}"
        self.place: dict[str, Any] = {}
        self.service = ""
        self.friend = new_id()

    async def open(self, visibility: Visibility) -> None:
        given = {"idempotencyKey": str(new_id()), "visibility": visibility.value, **ONE}
        made = await self.partners.data(caller_of(self.owner.id), CREATE, input=given)
        self.place = made["createLocation"]["location"]
        row = await self.directory.service(self.owner.id, self.tag, terms=("basic.shelter",))
        self.service = str(row.id)
        place = UUID(self.place["id"])
        owned = {"organization_id": self.owner.id, "location_id": place}
        await self.directory.add(
            ServiceAtLocation(**owned, service_id=row.id, description="Floor 2, 9 Hidden Way"),
            Schedule(**owned, freq="DAILY", description="at Hidden Way"),
            Organization(id=self.friend, slug=f"friend-{self.friend}", name="Friend", kind="CBO"),
        )
        await self.trust(self.friend)

    async def trust(self, *partners: UUID) -> None:
        given = {"idempotencyKey": str(new_id()), "partners": [str(one) for one in partners]}
        done = await self.partners.data(caller_of(self.owner.id), TRUST, input=given)
        assert done["setTrustedPartners"]["__typename"] == "TrustedPartnersSet"

    async def becomes(self, visibility: Visibility, world: dict[str, Any]) -> None:
        given = {
            "idempotencyKey": str(new_id()),
            "id": self.place["id"],
            "expectedVersion": self.place["version"],
            "visibility": visibility.value,
            **world,
        }
        done = await self.partners.data(caller_of(self.owner.id), UPDATE, input=given)
        self.place = done["updateLocation"]["location"]

    async def told(self, reader: UUID, ways: dict[str, str] = WAYS) -> dict[str, str]:
        """What each way tells this reader, redactions included, as text."""
        given = {"$l": self.place["id"], "$s": self.service, "$o": str(self.owner.id), "$t": self.tag}
        answers = {}
        for way, document in ways.items():
            for name, value in given.items():
                document = document.replace(name, json.dumps(value))
            answer = await self.partners.answer(caller_of(reader), document)
            assert not answer["errors"], (way, answer["errors"])
            if way == "matching":  # of this service alone
                found = answer["data"]["matchServices"]["matches"]
                answer = {
                    "data": [one for one in found if one["service"]["name"] == self.tag],
                    "extensions": {},
                }
                assert answer["data"]
            answers[way] = json.dumps(
                {"data": answer["data"], "extensions": answer["extensions"]}, default=str
            )
        return answers


@pytest.fixture
async def shelter(partners: Subgraph, directory: Directory) -> Shelter:
    return Shelter(partners, directory, await directory.organization("Refugio"))


READERS: Final = ("owner", "trusted", "member")
KNOWING: Final[dict[Visibility, frozenset[str]]] = {
    Visibility.PUBLIC: frozenset(READERS),
    Visibility.PARTNERS: frozenset(READERS),
    Visibility.TRUSTED: frozenset({"owner", "trusted"}),
    Visibility.OWNER: frozenset({"owner"}),
}


@pytest.mark.parametrize("visibility", Visibility)
async def test_r17_each_reader_is_told_the_place_by_each_way_exactly_where_its_visibility_says(
    shelter: Shelter, visibility: Visibility
) -> None:
    await shelter.open(visibility)
    readers = {"owner": shelter.owner.id, "trusted": shelter.friend, "member": new_id()}

    for reader, organization in readers.items():
        answers = await shelter.told(organization)
        telling = {way for way, said in answers.items() if "Hidden" in said}
        knows = reader in KNOWING[visibility]
        assert telling == (
            {"location", "organisation", "service", "entities", "matching"} if knows else set()
        ), reader
        for way in ("location", "organisation", "service", "entities"):
            assert '"city": "Fresno"' in answers[way]
            assert '"fips": "06019"' in answers[way]


@pytest.mark.parametrize("visibility", [Visibility.TRUSTED, Visibility.OWNER])
async def test_r17_who_may_not_know_a_place_cannot_tell_two_places_of_a_town_apart_by_any_way(
    shelter: Shelter, visibility: Visibility
) -> None:
    """The two worlds differ in address, ZIP code, name, description and transport; the answers in nothing."""
    await shelter.open(visibility)
    stranger = new_id()
    before = await shelter.told(stranger)

    await shelter.becomes(visibility, OTHER)

    assert await shelter.told(stranger) == before
    assert re.search(r'"callFirst": true', before["matching"])


async def test_r17_a_place_that_is_moved_into_hiding_is_gone_from_every_way_at_once_and_trust_ends_at_once(
    shelter: Shelter,
) -> None:
    await shelter.open(Visibility.PUBLIC)
    stranger = new_id()
    assert "Hidden" in (await shelter.told(stranger))["location"]

    await shelter.becomes(Visibility.TRUSTED, ONE)
    assert not any("Hidden" in said for said in (await shelter.told(stranger)).values())
    assert "Hidden" in (await shelter.told(shelter.friend))["location"]

    await shelter.trust()
    assert not any("Hidden" in said for said in (await shelter.told(shelter.friend)).values())


@pytest.mark.parametrize("visibility", [Visibility.PARTNERS, Visibility.TRUSTED, Visibility.OWNER])
async def test_r17_an_export_is_the_same_wherever_in_town_a_place_is_that_not_everybody_may_know(
    shelter: Shelter, database: Database, tmp_path: Path, visibility: Visibility
) -> None:
    await shelter.open(visibility)

    async def exported(folder: str) -> str:
        await export_hsds(database, tmp_path / folder)
        files = sorted((tmp_path / folder).glob("*.csv"))
        lines = "".join(file.read_text(encoding="utf-8") for file in files).splitlines()
        return "\n".join(line for line in lines if shelter.place["id"] in line)

    one = await exported("one")
    await shelter.becomes(visibility, OTHER)

    assert one
    assert await exported("other") == one
    assert "Hidden Way" not in one


async def test_r17_hours_of_a_hidden_place_do_not_show_in_open_now(
    shelter: Shelter, partners: Subgraph
) -> None:
    await shelter.open(Visibility.OWNER)
    before = (await shelter.told(new_id()))["search 3"]

    await rounds.make(Round("search", 20, refresh_search), partners.database, partners.settings)

    assert (await shelter.told(new_id()))["search 3"] == before


@pytest.mark.parametrize("visibility", [Visibility.TRUSTED, Visibility.OWNER])
async def test_r17_the_row_that_every_member_can_read_holds_nothing_nearer_than_the_town(
    shelter: Shelter, database: Database, visibility: Visibility
) -> None:
    """The last wall, by SQL alone: no ZIP code, the town's own point, and no address."""
    await shelter.open(visibility)
    await shelter.becomes(Visibility.PUBLIC, ONE)
    await shelter.becomes(visibility, ONE)
    centre = town_centre("Fresno", "CA")
    assert centre is not None

    async with database.transaction(caller_of()) as session:
        row = await session.get_one(Location, UUID(shelter.place["id"]))
        addresses = await session.scalar(
            text("SELECT count(*) FROM addresses WHERE location_id = :id"), {"id": row.id}
        )
    assert (row.postal_code, row.latitude, row.longitude) == (None, centre.latitude, centre.longitude)
    assert addresses == 0


async def test_r17_no_statement_puts_a_zip_code_or_former_coordinates_beside_a_place_that_is_kept_back(
    shelter: Shelter, database: Database
) -> None:
    await shelter.open(Visibility.PUBLIC)
    place = {"id": UUID(shelter.place["id"])}

    async with database.transaction(caller_of(shelter.owner.id)) as session:
        await session.execute(text("UPDATE locations SET visibility = 'OWNER' WHERE id = :id"), place)
        await session.execute(text("UPDATE locations SET postal_code = '93721' WHERE id = :id"), place)
        row = (
            await session.execute(
                text("SELECT postal_code, latitude, longitude FROM locations WHERE id = :id"), place
            )
        ).one()
    assert tuple(row) == (None, None, None)


@pytest.mark.parametrize("visibility", Visibility)
def test_r17_what_a_row_may_hold_is_one_for_all_places_of_a_town_that_are_kept_back(
    visibility: Visibility,
) -> None:
    zips = ["93650", "93701", "93721", "93727"]
    held = {
        tuple(told(visibility, postal_code(one), 36.7 + n / 100, -119.8).values())
        for n, one in enumerate(zips)
    }

    assert len(held) == (len(zips) if "member" in KNOWING[visibility] else 1)
