"""Finding a service that fits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.partners.domain.terms import OrganizationKind
from tests.support.directory import Directory
from tests.support.subgraph import Subgraph, caller_of
from vereda.database import count_statements
from vereda.ids import new_id

SERVICES = "query($f: ServiceFilter!) { services(filter: $f, first: 100) { nodes { name } } }"


async def names(partners: Subgraph, **filter_: Any) -> set[str]:
    data = await partners.data(caller_of(), SERVICES, f=filter_)
    return {node["name"] for node in data["services"]["nodes"]}


async def test_a_spanish_speaking_legal_provider_with_room_is_found_within_forty_miles(
    partners: Subgraph, directory: Directory
) -> None:
    tag = f"t{new_id().hex[-8:]}"
    legal = await directory.organization("Ayuda", OrganizationKind.LEGAL)
    fresno, bakersfield = await directory.location(legal.id), await directory.location(legal.id, "93301")
    fits = {"terms": ("legal.immigration.daca_renewal",), "languages": ("spa",), "available": 3}
    await directory.service(legal.id, f"{tag} fits", at=fresno, **fits)
    await directory.service(legal.id, f"{tag} far", at=bakersfield, **fits)
    await directory.service(legal.id, f"{tag} full", at=fresno, **{**fits, "available": 0})
    await directory.service(legal.id, f"{tag} hmong", at=fresno, **{**fits, "languages": ("hmn",)})
    await directory.service(legal.id, f"{tag} other", at=fresno, **{**fits, "terms": ("legal.housing",)})

    found = await names(
        partners,
        text=tag,
        terms=["legal.immigration"],
        languages=["spa"],
        organizationKinds=["LEGAL"],
        near={"postalCode": "93721", "miles": 40},
        withCapacity=True,
    )

    assert found == {f"{tag} fits"}


async def test_words_are_found_without_their_accents_and_in_both_languages(
    partners: Subgraph, directory: Directory
) -> None:
    owner = await directory.organization()
    tag = f"w{new_id().hex[-8:]}"
    await directory.service(owner.id, f"{tag} naturalization", name_es="Naturalización y ciudadanía")

    assert await names(partners, text=f"{tag} ciudadania")
    assert await names(partners, text=f"{tag} naturalización")
    assert not await names(partners, text=f"{tag} asilo")


async def test_capacity_that_expired_is_unknown_and_does_not_count_as_room(
    partners: Subgraph, directory: Directory
) -> None:
    owner = await directory.organization()
    old = datetime.now(UTC) - timedelta(days=15)
    row = await directory.service(owner.id, available=5, reported_at=old)

    data = await partners.data(
        caller_of(), "query($id: ID!) { service(id: $id) { capacity { status available } } }", id=str(row.id)
    )

    assert data["service"]["capacity"]["status"] == "UNKNOWN"
    assert row.name not in await names(partners, text=f'"{row.id}"', withCapacity=True)


async def test_the_county_of_a_place_or_of_a_service_area_finds_a_service(
    partners: Subgraph, directory: Directory
) -> None:
    owner = await directory.organization()
    tag = f"c{new_id().hex[-8:]}"
    await directory.service(owner.id, f"{tag} merced", at=await directory.location(owner.id, "95340"))

    assert await names(partners, text=tag, county="06047") == {f"{tag} merced"}
    assert await names(partners, text=tag, county="06019") == set()


@pytest.mark.parametrize("near", [{"postalCode": "00000"}, {"postalCode": "93721", "miles": 0}])
async def test_a_place_that_makes_no_sense_is_refused_with_a_code(
    partners: Subgraph, near: dict[str, Any]
) -> None:
    answer = await partners.answer(caller_of(), SERVICES, f={"near": near})

    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_pages_follow_each_other_without_gap_or_repetition(
    partners: Subgraph, directory: Directory
) -> None:
    owner = await directory.organization()
    tag = f"p{new_id().hex[-8:]}"
    for number in range(7):
        await directory.service(owner.id, f"{tag} {number % 3}")
    document = """query($f: ServiceFilter!, $after: String) {
      services(filter: $f, first: 3, after: $after) { nodes { id name } pageInfo { hasNextPage endCursor } } }"""

    seen: list[tuple[str, str]] = []
    after = None
    while True:
        page = (await partners.data(caller_of(), document, f={"text": tag}, after=after))["services"]
        seen += [(node["name"], node["id"]) for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break

    assert len(seen) == 7 == len(set(seen))
    assert seen == sorted(seen)


async def test_the_number_of_sql_statements_does_not_grow_with_the_page(
    partners: Subgraph, directory: Directory
) -> None:
    owner = await directory.organization()
    tag = f"n{new_id().hex[-8:]}"
    place = await directory.location(owner.id)
    for _ in range(12):
        await directory.service(owner.id, f"{tag} many", at=place, languages=("spa", "eng"), available=2)
    document = """query($f: ServiceFilter!, $n: Int!) { services(filter: $f, first: $n) { nodes {
      name organization { name practitioners { role accreditations { level } } locations(first: 2) { nodes { city } } }
      languages { code } terms { name parent { name } } capacity { status } phones { number } contacts { name }
      schedules { byday } serviceAreas { name } program { name } distanceMiles(fromPostalCode: "93701")
      serviceAtLocations { location { city address { address1 } services: servicesAtLocation { service { name } } } }
    } } }"""
    statements = count_statements(partners.database)

    async def count(first: int) -> int:
        del statements[:]
        await partners.data(caller_of(), document, f={"text": tag}, n=first)
        return len(statements)

    assert await count(12) <= await count(2)
