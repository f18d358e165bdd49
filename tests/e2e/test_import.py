"""Directories that others publish, taken in by command and found through the gateway."""

from __future__ import annotations

import csv
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.support.running import RunningNetwork
from vereda.demo.caller import PartnerSystem
from vereda.ids import new_id

DATA = Path(__file__).parents[3] / "shared" / "data"

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(not DATA.is_dir(), reason="the published packages are not beside this repository"),
]


@pytest_asyncio.fixture(scope="module")
async def empty(
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[tuple[RunningNetwork, PartnerSystem]]:
    """A network with nothing in it, and a system that reads its directory."""
    network = RunningNetwork(tmp_path_factory.mktemp("importing"))
    await network.start("--no-demo")
    added = ("client", "add", "reader", "--organization", str(new_id()), "--name", "Reader")
    _, secret = await network.run(*added, "--scope", "directory:read")
    yield network, PartnerSystem(network.url, "reader", secret.strip())
    await network.stop()


async def found(reader: PartnerSystem, source: str) -> dict[str, set[str]]:
    """The source's own ids of what the gateway shows: organisations, services, and their places."""
    organizations: set[str] = set()
    services: set[str] = set()
    locations: set[str] = set()
    everything = "[ACTIVE, INACTIVE, DEFUNCT, TEMPORARILY_CLOSED]"
    organization = f'organizations(first: 100, after: $after, filter: {{source: "{source}"}})'
    document = f"query($after: String) {{ page: {organization} {{ nodes {{ sourceId }} {PAGE} }} }}"
    for node in await walk(reader, document):
        organizations.add(node["sourceId"])
    service = f'services(first: 100, after: $after, filter: {{source: "{source}", statuses: {everything}}})'
    document = f"query($after: String) {{ page: {service} {{ nodes {{ sourceId }} {PAGE} }} }}"
    for node in await walk(reader, document):
        services.add(node["sourceId"])
    document = f"""query($after: String) {{ page: {organization} {{ nodes {{ id
      locations(first: 100) {{ nodes {{ sourceId }} pageInfo {{ hasNextPage }} }} }} {PAGE} }} }}"""
    for node in await walk(reader, document):
        assert not node["locations"]["pageInfo"]["hasNextPage"]
        locations |= {place["sourceId"] for place in node["locations"]["nodes"]}
    return {"organizations": organizations, "services": services, "locations": locations}


PAGE = "pageInfo { hasNextPage endCursor }"


async def walk(reader: PartnerSystem, document: str) -> list[dict]:  # type: ignore[type-arg]
    nodes, after = [], None
    while True:
        answer = await reader.ask(document, {"after": after})
        assert "errors" not in answer, answer["errors"]
        page = answer["data"]["page"]
        nodes += page["nodes"]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            return nodes


def ids(path: Path, column: str) -> set[str]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        return {row[column] for row in csv.DictReader(file) if row.get(column)}


#: Folder, and the column that holds the identifier in each of its tables.
PACKAGES = {
    "florida": ("hsds-transformer/florida_legal_aid", ("organization_uuid", "service_uuid", "location_uuid")),
    "hsds-3-0": ("hsds-3.0/csv", ("id", "id", "id")),
    "hsds-3-1": ("hsds-3.1-dev/csv", ("id", "id", "id")),
}
TABLES = ("organizations", "services", "locations")


@pytest.mark.parametrize("source", PACKAGES)
async def test_a_published_package_is_found_through_the_gateway_exactly_as_it_is(
    empty: tuple[RunningNetwork, PartnerSystem], source: str
) -> None:
    network, reader = empty
    folder, columns = PACKAGES[source]

    status, said = await network.run("import", "hsds", str(DATA / folder), "--source", source)
    again, report = await network.run("import", "hsds", str(DATA / folder), "--source", source, "--json")

    assert status in (0, 2), said
    held = {
        table: ids(DATA / folder / f"{table}.csv", column)
        for table, column in zip(TABLES, columns, strict=True)
    }
    assert await found(reader, source) == held
    repeated = json.loads(report[report.index("{") :])
    assert (again in (0, 2), sum(repeated["added"].values()), sum(repeated["changed"].values())) == (
        True,
        0,
        0,
    )


async def test_what_is_no_package_is_told_in_a_sentence(
    empty: tuple[RunningNetwork, PartnerSystem], tmp_path: Path
) -> None:
    network, _ = empty

    for path in (tmp_path, tmp_path / "nowhere"):
        status, said = await network.run("import", "hsds", str(path))
        assert (status, len(said.strip().splitlines())) == (1, 1)
