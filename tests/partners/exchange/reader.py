"""What is in a directory, as its clients find it: through the subgraph, page by page."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from services.partners.app import SERVICE
from services.partners.exchange.writing import TARGETS
from tests.support.subgraph import Subgraph, caller_of
from vereda.caller import system_caller
from vereda.database import Database
from vereda.ids import new_id
from vereda.settings import Settings

_ORGANIZATIONS = """query($source: String!, $after: String) {
  organizations(filter: {source: $source}, first: 50, after: $after) {
    nodes { id sourceId name kind } pageInfo { hasNextPage endCursor } } }"""
_SERVICES = """query($source: String!, $after: String) {
  services(filter: {source: $source, statuses: [ACTIVE, INACTIVE, DEFUNCT, TEMPORARILY_CLOSED]}, first: 50, after: $after) {
    nodes { id sourceId name status sensitivity eligibilityDescription terms { code }
      organization { id } serviceAtLocations { location { sourceId } } languages { code name } }
    pageInfo { hasNextPage endCursor } } }"""
_LOCATIONS = """query($id: ID!, $after: String) { organization(id: $id) {
  locations(first: 50, after: $after) {
    nodes { id sourceId name city latitude longitude visibility address { address1 postalCode } }
    pageInfo { hasNextPage endCursor } } } }"""


class Directory:
    """One partners database and its subgraph."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self.database = database
        self.subgraph = Subgraph(SERVICE, database, settings)

    async def organizations(self, source: str) -> list[dict[str, Any]]:
        return await self._all(_ORGANIZATIONS, "organizations", source=source)

    async def services(self, source: str) -> list[dict[str, Any]]:
        return await self._all(_SERVICES, "services", source=source)

    async def locations(self, source: str) -> list[dict[str, Any]]:
        found = []
        for organization in await self.organizations(source):
            found += await self._all(_LOCATIONS, "organization.locations", id=organization["id"])
        return found

    async def ids(self, source: str) -> dict[str, set[str]]:
        """The source's own identifiers of what is found of it."""
        return {
            "organizations": {row["sourceId"] for row in await self.organizations(source)},
            "services": {row["sourceId"] for row in await self.services(source)},
            "locations": {row["sourceId"] for row in await self.locations(source)},
        }

    async def rows(self) -> dict[str, list[dict[str, Any]]]:
        """Every row of every table that an import writes, without what tells when it was written."""
        found = {}
        async with self.database.transaction(system_caller(new_id())) as session:
            for target in TARGETS.values():
                table = target.table
                rows = await session.execute(select(table).order_by(table.c.id))
                kept = [c.name for c in table.columns if c.name not in ("created_at", "updated_at", "search")]
                found[table.name] = [{name: row[name] for name in kept} for row in rows.mappings()]
        return found

    async def _all(self, document: str, path: str, **variables: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        after = None
        while True:
            page: Any = await self.subgraph.data(caller_of(), document, after=after, **variables)
            for key in path.split("."):
                page = page[key]
            found += page["nodes"]
            after = page["pageInfo"]["endCursor"]
            if not page["pageInfo"]["hasNextPage"]:
                assert len({row["id"] for row in found}) == len(found)
                return found
