"""Every answer about the packages that others publish fits the published OpenAPI description and JSON schemas."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Final

import pytest
import pytest_asyncio

from services.partners.app import SERVICE
from services.partners.exchange.importing import import_hsds
from tests.partners.published import DATA, needs_published, of_openapi, openapi, schema_of
from tests.partners.rest.conftest import Api, opened
from tests.support.databases import Databases
from vereda.settings import Settings

pytestmark = needs_published

PACKAGES: Final = (
    "hsds-3.0/json",
    "hsds-3.1-dev/csv",
    "hsds-transformer/florida_legal_aid",
    "hsds-transformer/ilao",
    "ohana-api",
)
COLLECTIONS: Final = ("services", "organizations", "service_at_locations", "taxonomies", "taxonomy_terms")


@pytest_asyncio.fixture(scope="module")
async def api(databases: Databases, settings: Settings) -> AsyncIterator[Api]:
    """All of the packages in one directory."""
    database = await databases.migrated("partners_rest_published", SERVICE.folder)
    for name in PACKAGES:
        await import_hsds(database, DATA / name)
    async for one in opened(database, settings):
        yield one
    await database.close()


def schema_of_answer(path: str) -> dict[str, Any]:
    if path == "/service_at_locations/{id}":
        # The description names the schema of a service there; its own words and the published example do not.
        return {"$ref": "service_at_location.json"}
    content = openapi()["paths"][path]["get"]["responses"]["200"]["content"]
    return dict(content["application/json"]["schema"])


async def every(api: Api, path: str) -> AsyncIterator[tuple[dict[str, Any], list[Any]]]:
    """The pages of a list, one after the other, as `Link` leads to them."""
    page = 1
    while True:
        joined = f"{path}{'&' if '?' in path else '?'}page={page}"
        answer = await api.get(joined)
        assert answer.status_code == 200, answer.text
        yield answer.json(), answer.json()["contents"]
        if 'rel="next"' not in answer.headers.get("link", ""):
            return
        page += 1


@pytest.mark.parametrize("collection", COLLECTIONS)
async def test_every_page_of_every_list_fits(api: Api, collection: str) -> None:
    ids: list[str] = []
    async for page, contents in every(api, f"/{collection}?per_page=200"):
        assert of_openapi(page, schema_of_answer(f"/{collection}")) == []
        ids += [one["id"] for one in contents]

    assert len(ids) == len(set(ids)) == page["total_items"] > 0


@pytest.mark.parametrize("collection", COLLECTIONS[:3])
async def test_every_whole_object_fits_in_lists_and_alone(api: Api, collection: str) -> None:
    kind, alone = schema_of_answer(f"/{collection}/{{id}}"), None
    async for _, contents in every(api, f"/{collection}?full=true&per_page=100"):
        for one in contents:
            assert of_openapi(one, kind) == []
        alone = alone or contents[0]

    assert alone is not None
    assert await api.found(f"/{collection}/{alone['id']}") == alone


@pytest.mark.parametrize("collection", COLLECTIONS[3:])
async def test_every_taxonomy_and_term_is_found_by_its_id(api: Api, collection: str) -> None:
    page = await api.found(f"/{collection}?per_page=100")

    for one in page["contents"][:30]:
        found = await api.found(f"/{collection}/{one['id']}")
        assert of_openapi(found, schema_of_answer(f"/{collection}/{{id}}")) == []
        assert found == one


async def test_an_organization_with_whole_services_fits(api: Api) -> None:
    async for _, contents in every(api, "/organizations?full_service=true&per_page=50"):
        for one in contents:
            assert of_openapi(one, schema_of_answer("/organizations/{id}")) == []


async def test_the_description_of_the_api_says_what_it_must(api: Api) -> None:
    about = await api.found("/")

    assert of_openapi(about, schema_of_answer("/")) == []
    assert about["version"] == "3.0"


def test_every_published_path_and_parameter_is_served() -> None:
    from services.partners.rest.asked import PAGING
    from services.partners.rest.paths import COLLECTIONS as COLLECTED
    from services.partners.rest.paths import PATHS, PREFIX

    served = {one.path.removeprefix(PREFIX) for one in PATHS}
    assert served - {"/{rest:path}"} == set(openapi()["paths"])

    for collected in COLLECTED:
        described = openapi()["paths"][collected.path]["get"]["parameters"]
        names = {one.get("name") or one["$ref"].rpartition("/")[2] for one in described}
        assert names == collected.parameters | PAGING


def test_the_schemas_hold_what_this_check_looks_at() -> None:
    assert {"required", "properties"} <= schema_of("service").keys()
