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
        self, info: Info, name: str | None = None, first: int | None = None, after: str | None = None
    ) -> Connection[Client] | None:
        info.context.caller.require(Scope.CLIENT_READ)
        statement = own_clients(info.context, name)
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
        self, info: Info, language: str | None = None, first: int | None = None, after: str | None = None
    ) -> Connection[ConsentScript] | None:
        info.context.caller.require(Scope.CONSENT_MANAGE)
        return await listed(info.context, published(language), SCRIPT_ORDER, first, after, ConsentScript.of)

    @strawberry.federation.field(
        requires_scopes=one_of(Scope.CONSENT_MANAGE),
        description="The network's own scripts, to read to clients: English and Spanish.",
    )
    def network_consent_scripts(self, info: Info) -> list[ConsentScript] | None:
        info.context.caller.require(Scope.CONSENT_MANAGE)
        return [ConsentScript.own(one) for one in NETWORK_SCRIPTS]
