"""The HSDS API as an allied network meets it: through the gateway, with an access token of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest
import pytest_asyncio

from gateway import main
from gateway.oauth import clients
from gateway.store import FOLDER
from services.partners.app import SERVICE
from tests.gateway.http.network import serving
from tests.support.databases import Databases
from tests.support.directory import Directory
from vereda.caller import Scope
from vereda.ids import new_id
from vereda.service import create_app
from vereda.settings import Settings

pytestmark = [pytest.mark.servers, pytest.mark.security]

SECRET = "correct-horse-battery-staple-7"


@dataclass
class Network:
    http: httpx.AsyncClient
    partners: httpx.AsyncClient
    databases: Databases
    directory: Directory

    async def token(self, *scopes: Scope) -> dict[str, str]:
        client_id = f"system-{new_id()}"
        await clients.register(
            await self.databases.of("gateway", FOLDER),
            clients.Registration(
                client_id=client_id, secret=SECRET, organization=new_id(), name="A system", scopes=scopes
            ),
        )
        answer = await self.http.post(
            "/oauth/token", data={"grant_type": "client_credentials"}, auth=(client_id, SECRET)
        )
        return {"Authorization": f"Bearer {answer.json()['access_token']}"}


@pytest_asyncio.fixture
async def network(
    databases: Databases, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Network]:
    database = await databases.migrated("partners_behind_the_gateway", SERVICE.folder)
    await databases.of("gateway", FOLDER)
    async with serving(create_app(SERVICE, settings, database)) as url:
        monkeypatch.setenv("VEREDA_HOME", str(settings.home))
        monkeypatch.setenv("VEREDA_GATEWAY_DATABASE_URL", databases.urls["gateway"])
        monkeypatch.setenv("VEREDA_SUBGRAPH_URLS", f"partners={url}/graphql")
        monkeypatch.setenv("VEREDA_PASSED_PATHS", "/hsds/3.0=partners")
        async with (
            serving(main.create()) as base,
            httpx.AsyncClient(base_url=base) as http,
            httpx.AsyncClient(base_url=url) as partners,
        ):
            yield Network(http, partners, databases, Directory(database))


async def test_the_three_walls_of_the_hsds_api(network: Network) -> None:
    """The gateway lets nobody in without a token, the service asks for the scope, and takes no token but the gateway's."""
    clinic = await network.directory.organization()
    service = await network.directory.service(clinic.id)
    reader = await network.token(Scope.DIRECTORY_READ)

    answer = await network.http.get("/hsds/3.0/services", headers=reader)
    stranger = await network.http.get("/hsds/3.0/services")
    other = await network.http.get("/hsds/3.0/services", headers=await network.token(Scope.REFERRAL_SEND))
    inside = await network.partners.get("/hsds/3.0/services", headers=reader)

    assert [one["id"] for one in answer.json()["contents"]] == [str(service.id)]
    assert stranger.status_code == 401
    assert "resource_metadata=" in stranger.headers["www-authenticate"]
    assert (other.status_code, other.json()["requiredScope"]) == (403, "directory:read")
    assert 'scope="directory:read"' in other.headers["www-authenticate"]
    assert (inside.status_code, inside.json()["code"]) == (401, "UNAUTHENTICATED")


async def test_a_copy_is_kept_up_to_date_by_what_has_changed(network: Network) -> None:
    clinic = await network.directory.organization()
    service = await network.directory.service(clinic.id)
    head = await network.token(Scope.DIRECTORY_READ)

    changed = await network.http.get("/hsds/3.0/services?minimal=true&format=ndjson", headers=head)
    whole = await network.http.get(f"/hsds/3.0/services/{service.id}", headers=head)
    again = await network.http.get(
        f"/hsds/3.0/services/{service.id}", headers={**head, "If-None-Match": whole.headers["etag"]}
    )

    assert changed.headers["content-type"] == "application/x-ndjson"
    assert str(service.id) in changed.text
    assert whole.json()["organization"]["name"] == clinic.name
    assert whole.headers["cache-control"] == "private, no-cache"
    assert "ratelimit" in whole.headers
    assert (again.status_code, again.content) == (304, b"")
