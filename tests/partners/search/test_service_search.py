"""Searching services: what is found by which words, in which order, with which counts, and why."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from services.partners.domain.openings import TIME_ZONE, is_holiday
from services.partners.domain.terms import LocationType, OrganizationKind
from services.partners.models import Location, Organization, Schedule, Service, ServiceArea
from services.partners.operations.search_index import refresh_search
from tests.support.directory import Directory
from tests.support.subgraph import Subgraph, caller_of
from vereda import rounds
from vereda.caller import Scope
from vereda.ids import new_id
from vereda.rounds import Round

FIND = """query($f: ServiceFilter, $sort: ServiceOrder, $first: Int, $after: String) {
  services(filter: $f, orderBy: $sort, first: $first, after: $after) {
    totalCount pageInfo { hasNextPage endCursor }
    edges { cursor score distanceMiles node { id name } }
    facets { facet values { value count } }
    readAs { corrections { word as } }
  } }"""


async def find(
    partners: Subgraph, sort: str | None = None, first: int = 100, after: str | None = None, **filter_: Any
) -> dict[str, Any]:
    found = await partners.data(caller_of(), FIND, f=filter_, sort=sort, first=first, after=after)
    return dict(found["services"])


async def names(partners: Subgraph, **more: Any) -> list[str]:
    return [edge["node"]["name"] for edge in (await find(partners, **more))["edges"]]


async def keep_search(partners: Subgraph) -> None:
    await rounds.make(Round("search", 20, refresh_search), partners.database, partners.settings)


@pytest.mark.parametrize(
    ("typed", "term"),
    [
        ("DACA", "legal.immigration.daca_renewal"),
        ("amnistía", "legal.immigration.consultation"),
        ("papers", "legal.immigration.consultation"),
        ("arreglar papeles", "legal.immigration.consultation"),
        ("green card", "legal.immigration.family"),
        ("notario", "legal.immigration.consultation"),
        ("food", "basic.food"),
        ("despensa", "basic.food"),
        ("banco de comida", "basic.food"),
        ("ESL", "education.esl"),
        ("inglés", "education.esl"),
        ("permiso de trabajo", "legal.immigration.daca_renewal"),
        ("ciudadanía", "legal.immigration.naturalization"),
        ("ciudadnia", "legal.immigration.naturalization"),  # a typing error
        ("amistia", "legal.immigration.consultation"),
        ("permizo de trabjo", "legal.immigration.daca_renewal"),
        ("Medi-Cal", "health.enrollment"),
        ("abogado", "legal.housing"),
    ],
)
async def test_what_people_say_finds_what_the_directory_calls_otherwise(
    partners: Subgraph, directory: Directory, typed: str, term: str
) -> None:
    tag = f"s{new_id().hex[-8:]}"
    owner = await directory.organization()
    await directory.service(owner.id, f"{tag} wanted", terms=(term,))
    await directory.service(owner.id, f"{tag} other", terms=("basic.transport",))

    assert await names(partners, text=f"{tag} {typed}") == [f"{tag} wanted"]


async def test_an_error_in_a_word_that_only_one_service_uses_is_forgiven_once_the_round_has_read_it(
    partners: Subgraph, directory: Directory
) -> None:
    owner = await directory.organization()
    await directory.service(owner.id, "Xochipilli", description="Tlamachtiloyan", terms=("basic.food",))
    await keep_search(partners)

    found = await find(partners, text="tlamachtiloyam xochipili")

    assert [edge["node"]["name"] for edge in found["edges"]] == ["Xochipilli"]
    assert {one["word"]: one["as"] for one in found["readAs"]["corrections"]} == {
        "tlamachtiloyam": ["tlamachtiloyan"],
        "xochipili": ["xochipilli"],
    }


async def test_while_it_is_typed_the_last_word_is_a_beginning(
    partners: Subgraph, directory: Directory
) -> None:
    owner = await directory.organization()
    await directory.service(owner.id, "Quetzalcoatlus", terms=("basic.food",))
    await keep_search(partners)

    assert await names(partners, text="quetzalco", typing=True) == ["Quetzalcoatlus"]
    assert await names(partners, text="quetzalco") == []


async def test_the_name_of_the_organisation_finds_its_services_also_after_it_has_changed(
    partners: Subgraph, directory: Directory
) -> None:
    tag = f"o{new_id().hex[-8:]}"
    owner = await directory.organization(f"Clínica {tag}")
    await directory.service(owner.id, "Dental care", terms=("health.dental",))
    assert await names(partners, text=tag) == ["Dental care"]

    async with directory.database.transaction(caller_of(owner.id)) as session:
        (await session.get_one(Organization, owner.id)).name = f"Clínica {tag}new"

    assert await names(partners, text=tag) == []
    assert await names(partners, text=f"clinica {tag}new") == ["Dental care"]


async def test_a_word_in_the_name_weighs_more_than_one_in_the_description_and_an_old_record_less(
    partners: Subgraph, directory: Directory
) -> None:
    tag = f"r{new_id().hex[-8:]}"
    owner, now = await directory.organization(), datetime.now(UTC)
    plain = {"terms": ("basic.transport",)}
    await directory.service(owner.id, f"B {tag}", verified_at=now, **plain)
    await directory.service(owner.id, f"A {tag}", verified_at=now - timedelta(days=200), **plain)
    await directory.service(owner.id, "C", description=f"Here {tag} is said", verified_at=now, **plain)

    assert await names(partners, text=tag) == [f"B {tag}", f"A {tag}", "C"]
    assert await names(partners, text=tag, sort="NAME_ASC") == [f"A {tag}", f"B {tag}", "C"]
    assert await names(partners, text=tag, sort="VERIFIED_DESC") == [f"B {tag}", "C", f"A {tag}"]


@pytest.mark.parametrize("sort", ["RELEVANCE_DESC", "NAME_ASC", "DISTANCE_ASC", "VERIFIED_DESC"])
async def test_pages_of_every_order_follow_each_other_without_gap_or_repetition(
    partners: Subgraph, directory: Directory, sort: str
) -> None:
    tag = f"p{new_id().hex[-8:]}"
    owner = await directory.organization()
    places = [await directory.location(owner.id, zip_code) for zip_code in ("93721", "93291", "93230")]
    for number in range(11):
        await directory.service(owner.id, f"{tag} {number % 2}", at=places[number % 3])
    wanted = {"text": tag, "near": {"postalCode": "93721", "miles": 100}}

    whole = [edge["node"]["id"] for edge in (await find(partners, sort=sort, **wanted))["edges"]]
    seen: list[str] = []
    after = None
    while True:
        page = await find(partners, sort=sort, first=4, after=after, **wanted)
        seen += [edge["node"]["id"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break

    assert seen == whole
    assert len(set(seen)) == 11


async def test_by_distance_the_nearest_comes_first_and_says_how_far_it_is(
    partners: Subgraph, directory: Directory
) -> None:
    tag = f"d{new_id().hex[-8:]}"
    owner = await directory.organization()
    for zip_code in ("93230", "93721", "93291"):
        await directory.service(
            owner.id, f"{tag} {zip_code}", at=await directory.location(owner.id, zip_code)
        )
    await directory.service(owner.id, f"{tag} nowhere")

    found = await find(
        partners, sort="DISTANCE_ASC", text=tag, near={"latitude": 36.73, "longitude": -119.79, "miles": 60}
    )

    assert [edge["node"]["name"][-5:] for edge in found["edges"]] == ["93721", "93230", "93291"]
    miles = [edge["distanceMiles"] for edge in found["edges"]]
    assert miles == sorted(miles)
    assert miles[0] < 5 < miles[1] < miles[2] < 60


@pytest.mark.parametrize(
    "bad",
    [
        {"sort": "DISTANCE_ASC"},
        {"near": {"postalCode": "93721", "latitude": 1.0, "longitude": 1.0}},
        {"near": {"latitude": 1.0}},
        {"near": {"latitude": 91.0, "longitude": 1.0}},
        {"openAt": (datetime.now(UTC) + timedelta(days=22)).isoformat()},
        {"text": "x" * 301},
    ],
)
async def test_what_makes_no_sense_is_refused_with_a_code(partners: Subgraph, bad: dict[str, Any]) -> None:
    sort = bad.pop("sort", None)

    answer = await partners.answer(caller_of(), FIND, f=bad, sort=sort)

    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def stocked(directory: Directory) -> str:
    """Services of which any two differ in something; the word that all of them have."""
    tag = f"f{new_id().hex[-8:]}"
    clinic = await directory.organization("Clínica", OrganizationKind.CLINIC)
    legal = await directory.organization("Ayuda", OrganizationKind.LEGAL)
    everything = itertools.product(
        (clinic, legal),
        (("basic.food",), ("legal.housing", "basic.rent")),
        (("spa",), ("eng", "spa")),
        ("Free of charge", "$20 a visit"),
    )
    for number, (owner, terms, languages, fees) in enumerate(everything):
        place = await directory.location(owner.id, ("93721", "95340")[number % 2])
        await directory.service(
            owner.id, f"{tag} {number}", terms=terms, languages=languages, at=place, fees_description=fees
        )
    return tag


CHOICES: dict[str, dict[str, Any]] = {
    "TERM": {"terms": ["legal"]},
    "LANGUAGE": {"languages": ["eng"]},
    "COUNTY": {"county": "06019"},
    "ORGANIZATION_KIND": {"organizationKinds": ["LEGAL"]},
    "FEE": {"fees": ["FREE"]},
    "MODALITY": {"modalities": ["IN_PERSON"]},
    "OPEN": {"openNow": True},
}


def chosen(facet: str, value: str) -> dict[str, Any]:
    field = next(iter(CHOICES[facet]))
    return {field: value if facet == "COUNTY" else value == "true" if facet == "OPEN" else [value]}


@pytest.mark.parametrize("before", [{}, CHOICES["TERM"], CHOICES["LANGUAGE"] | CHOICES["COUNTY"]])
async def test_every_count_of_a_facet_is_how_many_are_found_when_it_is_chosen(
    partners: Subgraph, directory: Directory, before: dict[str, Any]
) -> None:
    tag = await stocked(directory)

    found = await find(partners, text=tag, **before)

    assert found["totalCount"] == len(found["edges"]) > 0
    for facet in found["facets"]:
        own = {next(iter(CHOICES[facet["facet"]]))}
        others = {name: value for name, value in before.items() if name not in own}
        for counted in facet["values"]:
            if facet["facet"] == "OPEN" and counted["value"] == "false":
                continue  # a value that no filter takes
            then = await find(partners, text=tag, **others, **chosen(facet["facet"], counted["value"]))
            assert then["totalCount"] == counted["count"] == len(then["edges"]), (facet, counted)


async def test_what_a_service_costs_and_how_it_is_had_is_read_from_its_record(
    partners: Subgraph, directory: Directory
) -> None:
    tag = f"m{new_id().hex[-8:]}"
    owner = await directory.organization()
    online = await directory.location(owner.id)
    async with directory.database.transaction(caller_of(owner.id)) as session:
        (await session.get_one(Location, online.id)).location_type = LocationType.VIRTUAL
    said = ("Gratis", "Not free: $5", "Escala según ingresos", None)
    for number, fees in enumerate(said):
        await directory.service(owner.id, f"{tag} {number}", fees_description=fees, at=online)

    found = await find(partners, text=tag)
    by = {one["facet"]: {v["value"]: v["count"] for v in one["values"]} for one in found["facets"]}

    assert by["FEE"] == {"FREE": 1, "FEE": 1, "SLIDING_SCALE": 1, "UNKNOWN": 1}
    assert by["MODALITY"] == {"REMOTE": 4}


async def test_open_at_a_time_goes_by_hours_in_california_and_holidays_are_closed(
    partners: Subgraph, directory: Directory
) -> None:
    tag = f"h{new_id().hex[-8:]}"
    owner = await directory.organization()
    all_day = {"organization_id": owner.id, "freq": "DAILY", "opens_at": time(9), "closes_at": time(17)}
    service = await directory.service(owner.id, tag)
    await directory.add(Schedule(**all_day, service_id=service.id))
    await directory.service(owner.id, f"{tag} without hours")
    await keep_search(partners)
    day = datetime.now(TIME_ZONE).date() + timedelta(days=8)
    while is_holiday(day):
        day += timedelta(days=1)

    def at(hour: int) -> str:
        return datetime.combine(day, time(hour), TIME_ZONE).isoformat()

    assert await names(partners, text=tag, openAt=at(9)) == [tag]
    assert await names(partners, text=tag, openAt=at(17)) == []
    assert await names(partners, text=tag, openAt=at(3)) == []


async def test_results_say_where_their_words_match_and_which_kind_was_meant(
    partners: Subgraph, directory: Directory
) -> None:
    tag = f"e{new_id().hex[-8:]}"
    owner = await directory.organization()
    text = "<b>Clases</b> de Inglés para adultos & familias"
    await directory.service(owner.id, tag, name_es=text, terms=("education.esl",))
    document = """query($f: ServiceFilter) { services(filter: $f) { edges {
      matches { field ranges { start length } } matchedTerms { code } } } }"""

    found = await partners.data(caller_of(), document, f={"text": f"{tag} INGLES clase"})
    (edge,) = found["services"]["edges"]
    marked = {
        m["field"]: [text[r["start"] : r["start"] + r["length"]] for r in m["ranges"]]
        for m in edge["matches"]
    }

    assert marked["nameEs"] == ["Clases", "Inglés"]
    assert edge["matchedTerms"] == [{"code": "education.esl"}]


async def test_search_needs_the_scope_of_the_directory_and_shows_no_service_of_who_has_left(
    partners: Subgraph, directory: Directory
) -> None:
    tag = f"l{new_id().hex[-8:]}"
    owner = await directory.organization(status="LEFT")
    await directory.service(owner.id, tag)

    refused = await partners.answer(caller_of(None, Scope.TALLY_SUBMIT), FIND, f={"text": tag})

    assert refused["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert await names(partners, text=tag) == []


async def test_a_part_that_goes_takes_its_service_out_of_what_it_was_found_by(
    partners: Subgraph, directory: Directory
) -> None:
    tag = f"g{new_id().hex[-8:]}"
    owner = await directory.organization()
    service = await directory.service(owner.id, tag)
    area = ServiceArea(id=new_id(), organization_id=owner.id, service_id=service.id, county_fips="06031")
    await directory.add(area)
    assert await names(partners, text=tag, county="06031") == [tag]

    async with directory.database.transaction(caller_of(owner.id)) as session:
        await session.delete(await session.get_one(ServiceArea, area.id))
    assert await names(partners, text=tag, county="06031") == []

    async with directory.database.transaction(caller_of(owner.id)) as session:
        await session.delete(await session.get_one(Service, service.id))
    assert await names(partners, text=tag) == []
