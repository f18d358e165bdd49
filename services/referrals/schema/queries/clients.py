"""One's own clients, and the consents that name one's organisation."""

from __future__ import annotations

import strawberry

from services.referrals.domain.scripts import NETWORK_SCRIPTS
from services.referrals.operations.clients import CLIENT_ORDER, own_clients
from services.referrals.operations.scripts import SCRIPT_ORDER, published
from services.referrals.schema.clients import Client
from services.referrals.schema.consents import Consent, ConsentScript
from services.referrals.schema.context import Info
from vereda.caller import Scope
from vereda.graph import one_of
from vereda.loading import listed
from vereda.pagination import Connection


@strawberry.input(description="All that is given must hold.")
class ClientFilter:
    name: str | None = strawberry.field(default=None, description="All of these words are in their name.")


@strawberry.input(description="All that is given must hold.")
class ConsentScriptFilter:
    language: str | None = strawberry.field(default=None, description="ISO 639-3.")


@strawberry.type
class ClientQueries:
    @strawberry.federation.field(
        requires_scopes=one_of(Scope.CLIENT_READ), description="A client, by your organisation's own handle."
    )
    async def client(self, info: Info, handle: strawberry.ID) -> Client | None:
        info.context.caller.require(Scope.CLIENT_READ)
        return await Client.resolve_reference(info, handle)

    @strawberry.federation.field(
        requires_scopes=one_of(Scope.CLIENT_READ),
        description="Clients whom your organisation recorded, the newest first.",
    )
    async def clients(
        self,
        info: Info,
        filter: ClientFilter | None = None,
        first: int | None = None,
        after: str | None = None,
    ) -> Connection[Client] | None:
        info.context.caller.require(Scope.CLIENT_READ)
        statement = own_clients(info.context, filter.name if filter else None)
        return await listed(
            info.context, statement, CLIENT_ORDER, first, after, lambda row: Client.of(info, row)
        )

    @strawberry.federation.field(requires_scopes=one_of(Scope.CLIENT_READ))
    async def consent(self, info: Info, id: strawberry.ID) -> Consent | None:
        info.context.caller.require(Scope.CLIENT_READ)
        return await Consent.resolve_reference(info, id)

    @strawberry.federation.field(
        requires_scopes=one_of(Scope.CONSENT_MANAGE),
        description="What members published to be read to clients, the newest first.",
    )
    async def consent_scripts(
        self,
        info: Info,
        filter: ConsentScriptFilter | None = None,
        first: int | None = None,
        after: str | None = None,
    ) -> Connection[ConsentScript] | None:
        info.context.caller.require(Scope.CONSENT_MANAGE)
        statement = published(filter.language if filter else None)
        return await listed(info.context, statement, SCRIPT_ORDER, first, after, ConsentScript.of)

    @strawberry.federation.field(
        requires_scopes=one_of(Scope.CONSENT_MANAGE),
        description="The network's own scripts, to read to clients: English and Spanish.",
    )
    def network_consent_scripts(self, info: Info) -> list[ConsentScript] | None:
        info.context.caller.require(Scope.CONSENT_MANAGE)
        return [ConsentScript.own(one) for one in NETWORK_SCRIPTS]
