"""What a list can be asked for, what it refuses, and who is told what."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from sqlalchemy import update

from services.partners.domain.terms import Visibility
from services.partners.models import Phone, Service
from tests.partners.rest.conftest import Api
from tests.support.directory import Directory
from tests.support.subgraph import caller_of
from vereda.caller import Scope, system_caller
from vereda.ids import new_id

PATHS = ("/", "/services", "/organizations", "/service_at_locations", "/taxonomies", "/taxonomy_terms", "/x")


async def test_nobody_is_let_in_without_a_transaction_token(api: Api) -> None:
    answers = [await api.client.get(f"/hsds/3.0{path}") for path in PATHS]
    forged = await api.client.get("/hsds/3.0/services", headers={**api.head(), "Vereda-Purpose": "X"})

    assert {answer.status_code for answer in answers} == {401}
    assert {answer.json()["code"] for answer in answers} == {"UNAUTHENTICATED"}
    assert forged.status_code == 200, "a purpose that nobody forbade"


async def test_the_scope_is_asked_for_on_every_path(api: Api) -> None:
    """RFC 6750 §3.1: 403, and which scope is wanted."""
    others = caller_of(None, *(scope for scope in Scope if scope is not Scope.DIRECTORY_READ))

    for path in (*PATHS, f"/services/{new_id()}", f"/taxonomies/{new_id()}", f"/organizations/{new_id()}"):
        answer = await api.get(path, others)

        assert (answer.status_code, answer.json()["code"]) == (403, "FORBIDDEN")
        assert answer.headers["www-authenticate"] == (
            'Bearer error="insufficient_scope", scope="directory:read"'
        )


async def test_pages_follow_each_other_and_miss_nothing(api: Api, directory: Directory) -> None:
    clinic = await directory.organization()
    for number in range(5):
        await directory.service(clinic.id, name=f"Service {number}")

    first, second, third, beyond = [
        await api.found(f"/services?per_page=2&page={page}") for page in (1, 2, 3, 4)
    ]

    assert [[one["name"][-1] for one in page["contents"]] for page in (first, second, third)] == [
        ["0", "1"],
        ["2", "3"],
        ["4"],
    ]
    assert {name: value for name, value in second.items() if name != "contents"} == {
        "total_items": 5,
        "total_pages": 3,
        "page_number": 2,
        "size": 2,
        "first_page": False,
        "last_page": False,
        "empty": False,
    }
    assert (third["last_page"], beyond["empty"], beyond["size"]) == (True, True, 0)


async def test_links_lead_to_the_other_pages_with_what_was_asked_for(api: Api, directory: Directory) -> None:
    """RFC 8288."""
    clinic = await directory.organization()
    for number in range(3):
        await directory.service(clinic.id, name=f"Clase {number}")

    answer = await api.get("/services?per_page=1&page=2&search=clase")

    assert answer.headers["link"] == ", ".join(
        f'<?search=clase&page={page}&per_page=1>; rel="{name}"'
        for name, page in (("first", 1), ("prev", 1), ("next", 3), ("last", 3))
    )


async def test_lines_hold_what_pages_hold(api: Api, directory: Directory) -> None:
    clinic = await directory.organization()
    for number in range(25):
        await directory.service(clinic.id, name=f"Service {number:02}")

    answer = await api.get("/services?format=ndjson")

    assert answer.headers["content-type"] == "application/x-ndjson"
    assert answer.content.count(b"\n") == 25, "without pages, as far as they go into one answer"


async def test_what_has_not_changed_is_not_sent_again(api: Api, directory: Directory) -> None:
    clinic = await directory.organization()
    await directory.service(clinic.id)

    first = await api.get("/services")
    again = await api.get("/services", **{"If-None-Match": first.headers["etag"]})
    await directory.service(clinic.id)
    changed = await api.get("/services", **{"If-None-Match": first.headers["etag"]})

    assert first.headers["cache-control"] == "private, no-cache"
    assert (again.status_code, again.content) == (304, b"")
    assert changed.status_code == 200


async def test_words_are_found_with_or_without_accents(api: Api, directory: Directory) -> None:
    clinic = await directory.organization("Clínica Sol")
    mine = await directory.service(clinic.id, name="Clases de inglés")
    await directory.service(clinic.id, name="Food pantry")

    assert await api.ids("/services?search=ingles") == [mine.id]
    assert await api.ids(f"/services?search={quote('Inglés')}") == [mine.id]
    assert await api.ids("/organizations?search=clinica") == [clinic.id]
    assert await api.ids("/organizations?search=luna") == []


async def test_services_are_found_by_organization_term_and_taxonomy(api: Api, directory: Directory) -> None:
    clinic, school = await directory.organization(), await directory.organization("School")
    asylum = await directory.service(clinic.id, terms=("legal.immigration.asylum",))
    english = await directory.service(school.id, terms=("education.esl",))
    terms = {one["code"]: one for one in (await api.found("/taxonomy_terms?per_page=500"))["contents"]}
    taxonomy = terms["education.esl"]["taxonomy_id"]

    assert await api.ids(f"/services?organization_id={school.id}") == [english.id]
    assert await api.ids(f"/services?taxonomy_term_id={terms['education.esl']['id']}") == [english.id]
    assert await api.ids(f"/services?taxonomy_term_id={terms['legal.immigration']['id']}") == [asylum.id]
    assert set(await api.ids(f"/services?taxonomy_id={taxonomy}")) == {asylum.id, english.id}
    assert await api.ids(f"/services?taxonomy_id={new_id()}") == []


async def test_terms_are_found_by_parent_and_those_with_nothing_below_them(api: Api) -> None:
    terms = {one["code"]: one for one in (await api.found("/taxonomy_terms?per_page=500"))["contents"]}

    below = await api.found(f"/taxonomy_terms?parent_id={terms['legal']['id']}&per_page=500")
    leaves = await api.found("/taxonomy_terms?top_only=true&per_page=500")

    assert {one["parent_id"] for one in below["contents"]} == {terms["legal"]["id"]}
    assert "legal.immigration" in {one["code"] for one in below["contents"]}
    assert "legal" not in {one["code"] for one in leaves["contents"]}
    assert leaves["contents"]


async def test_a_change_of_what_hangs_on_a_service_is_a_change_of_the_service(
    api: Api, directory: Directory
) -> None:
    clinic = await directory.organization()
    place = await directory.location(clinic.id)
    old, phoned = await directory.service(clinic.id, at=place), await directory.service(clinic.id, at=place)
    phone = Phone(organization_id=clinic.id, service_id=phoned.id, number="559 555 0100")
    await directory.add(phone)
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    async with api.database.transaction(system_caller(new_id())) as session:
        await session.execute(update(Service).values(updated_at=long_ago))
    asked = quote((datetime.now(UTC) - timedelta(hours=1)).isoformat())

    everything = await api.found("/services?minimal=true")
    modified = await api.found(f"/services?modified_after={asked}&minimal=true")

    assert {one["id"] for one in everything["contents"]} == {str(old.id), str(phoned.id)}
    assert {one["id"] for one in modified["contents"]} == {str(old.id), str(phoned.id)}, (
        "both have a new place"
    )
    assert all(one["modified_date"] > "2025" for one in modified["contents"])
    later = quote((datetime.now(UTC) + timedelta(hours=1)).isoformat())
    assert (await api.found(f"/services?modified_after={later}"))["empty"]


async def test_places_are_found_around_a_postcode_nearest_first(api: Api, directory: Directory) -> None:
    clinic = await directory.organization()
    fresno = await directory.service(clinic.id, name="B", at=await directory.location(clinic.id, "93721"))
    clovis = await directory.service(clinic.id, name="A", at=await directory.location(clinic.id, "93612"))
    await directory.service(clinic.id, name="C", at=await directory.location(clinic.id, "93301"))

    near = await api.found("/service_at_locations?postcode=93721&proximity=25000")
    all_of_them = await api.found("/service_at_locations?postcode=93721")

    assert [one["service"]["id"] for one in near["contents"]] == [str(fresno.id), str(clovis.id)]
    assert all_of_them["total_items"] == 3


async def test_r17_an_address_that_is_kept_back_is_kept_back_here_too(api: Api, directory: Directory) -> None:
    shelter = await directory.organization("Casa Segura")
    open_place = await directory.location(shelter.id, address_1="1 Open St")
    hidden = await directory.location(shelter.id, visibility=Visibility.OWNER, address_1="9 Hidden St")
    await directory.service(shelter.id, name="Shelter", at=hidden)
    await directory.service(shelter.id, name="Counter", at=open_place)
    paths = (
        f"/organizations/{shelter.id}",
        "/services?full=true",
        "/service_at_locations?full=true",
        "/organizations?full=true&full_service=true",
    )

    strangers = [(await api.get(path)).text for path in paths]
    own = [(await api.get(path, caller_of(shelter.id, Scope.DIRECTORY_READ))).text for path in paths]

    assert all("1 Open St" in text and "9 Hidden St" not in text for text in strangers)
    assert all("9 Hidden St" in text for text in own)


@pytest.mark.parametrize(
    "asked",
    [
        "page=0", "page=x", "page=99999999999", "per_page=0", "per_page=1001", "per_page=101&full=true",
        "full=maybe", "minimal=true&full=true", "modified_after=yesterday", "format=xml", "taxonomy_term_id=esl",
        "organization_id=%00", "proximity=5", "search=" + "a" * 201, "search=%00", "serach=x", "page=1&page=2",
        "postcode=93721",
    ],
)  # fmt: skip
async def test_what_cannot_be_taken_is_told_and_not_overlooked(api: Api, asked: str) -> None:
    answer = await api.get(f"/services?{asked}")

    assert (answer.status_code, answer.json()["code"]) == (400, "BAD_USER_INPUT")
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "asked", ["postcode=00000", "postcode=x", "postcode=93721&proximity=-1", "postcode=93721&proximity=nan"]
)
async def test_a_place_that_is_none_is_told(api: Api, asked: str) -> None:
    assert (await api.get(f"/service_at_locations?{asked}")).status_code == 400


async def test_what_is_not_there_is_a_problem_like_what_may_not_be_known(api: Api) -> None:
    for path in ("services", "organizations", "service_at_locations", "taxonomy_terms", "taxonomies"):
        for id_ in (str(new_id()), "x", "%00"):
            answer = await api.get(f"/{path}/{id_}")

            assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")
    assert (await api.get("/nowhere/at/all")).json()["code"] == "NOT_FOUND"


async def test_what_breaks_inside_is_masked(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_args: object, **_options: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("services.partners.rest.gathering.Gathering.taxonomies", broken)

    answer = await api.get("/taxonomies")

    assert (answer.status_code, answer.json()["code"]) == (500, "INTERNAL")
    assert "secret" not in answer.text


async def test_the_time_of_a_request_is_bounded_by_its_deadline(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def endless(*_args: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr("services.partners.rest.gathering.Gathering.taxonomies", endless)

    answer = await api.get("/taxonomies", **{"X-Request-Deadline": "20"})

    assert (answer.status_code, answer.json()["code"]) == (503, "DEADLINE_EXCEEDED")
