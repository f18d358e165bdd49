"""The gateway and two services in this process, asked over HTTP by callers that need no sign-in."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import httpx
from starlette.applications import Starlette
from starlette.requests import Request

from gateway.app import create_app
from gateway.guard import Limits
from gateway.identity import AuthenticationError, Identity, identity_key
from gateway.policies import Policies
from gateway.settings import GatewaySettings
from services.partners.app import SERVICE as PARTNERS
from services.partners.domain.terms import OrganizationKind
from services.referrals.app import SERVICE as REFERRALS
from tests.support.directory import Directory
from vereda.caller import Caller, Scope
from vereda.database import Database
from vereda.keys import KeyRing
from vereda.service import create_app as create_service
from vereda.settings import Settings
from vereda.supervisor import FACADES
from vereda.tokens import HEADER, mint

ROOT: Final = Path(__file__).parents[2]
URL: Final = "http://127.0.0.1:4000"
BASE: Final = f"{URL}/fhir/R4"
FHIR: Final = "application/fhir+json"


class Named:
    """Takes a caller's name for its token."""

    def __init__(self, settings: Settings) -> None:
        self.callers: dict[str, Caller] = {}
        #: What is said of some of them besides, as of OAuth clients: `cost_per_minute`, `trusted_documents_only`.
        self.policies: dict[str, dict[str, Any]] = {}
        self.asked = 0
        self._keys = KeyRing(settings.keys / "transaction")

    async def authenticate(self, request: Request) -> Identity:
        self.asked += 1
        assert "cookie" not in request.headers or request.url.path == "/graphql"
        name = request.headers.get("authorization", "").removeprefix("Bearer ")
        caller = self.callers.get(name)
        if caller is None:
            raise AuthenticationError("An access token is needed.")
        return Identity(
            identity_key(caller),
            {HEADER: mint(self._keys, caller)},
            caller.scopes,
            client_id=caller.subject,
            organization=caller.organization,
            **self.policies.get(name, {}),
        )


@dataclass
class Partner:
    """An organisation of the network, as its system asks."""

    network: Network
    organization: UUID
    name: str
    service: UUID = field(default_factory=lambda: UUID(int=0))

    def headers(self, more: dict[str, str]) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.name}", **more}

    async def fhir(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """A request to the FHIR facade. Names of headers are written with underscores."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None:
            named.setdefault("Content-Type", FHIR)
        url = path if path.startswith("http") else f"{BASE}{path}"
        return await self.network.http.request(method, url, json=body, headers=self.headers(named))

    async def read(self, path: str) -> dict[str, Any]:
        answer = await self.fhir("GET", path)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def ask(self, document: str, **variables: Any) -> dict[str, Any]:
        """GraphQL's data; an error fails the test."""
        body = {"query": document, "variables": variables}
        answer = await self.network.http.post(f"{URL}/graphql", json=body, headers=self.headers({}))
        assert "errors" not in answer.json(), answer.text
        return dict(answer.json()["data"])

    def colleague(self, *scopes: Scope) -> Partner:
        """Somebody else of the same organisation, with these scopes only, where any are named."""
        return self.network.partner(self.organization, self.service, *scopes)


class Network:
    def __init__(self, app: Starlette, directory: Directory, named: Named) -> None:
        self.app = app
        self.directory = directory
        self.named = named
        transport = httpx.ASGITransport(app=app)
        self.http = httpx.AsyncClient(transport=transport, base_url=URL)

    @classmethod
    async def over(cls, partners: Database, referrals: Database, settings: Settings) -> Network:
        named = Named(settings)
        app = create_app(
            GatewaySettings(
                ROOT / "schema" / "supergraph.graphql",
                policies=Policies(facades=tuple(FACADES.split(","))),
                limits=Limits(cost_per_minute=50_000_000, organization_cost_per_minute=50_000_000),
            ),
            named,
            mounted={
                "partners": create_service(PARTNERS, settings, partners),
                "referrals": create_service(REFERRALS, settings, referrals),
            },
            public_url=URL,
        )
        return cls(app, Directory(partners), named)

    async def member(
        self,
        name: str,
        kind: OrganizationKind = OrganizationKind.CBO,
        terms: tuple[str, ...] = ("basic.food",),
    ) -> Partner:
        """A new organisation with one service, and its system."""
        organization = await self.directory.organization(name, kind)
        service = await self.directory.service(organization.id, f"{name}'s service", terms, available=None)
        return self.partner(organization.id, service.id)

    def partner(self, organization: UUID, service: UUID, *scopes: Scope) -> Partner:
        name = f"system-{len(self.named.callers)}"
        granted = frozenset(one.value for one in scopes or tuple(Scope) if one.value != "system")
        self.named.callers[name] = Caller(name, organization, granted)
        return Partner(self, organization, name, service)

    async def close(self) -> None:
        await self.http.aclose()
