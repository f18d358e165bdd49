"""Mutations about systems."""

from __future__ import annotations

from typing import Annotated, TypeVar

import strawberry

from gateway.accounts.operations import clients
from gateway.accounts.refusals import ClientExists, RecentSignInNeeded
from gateway.accounts.schema.context import ADMINISTRATORS, Info
from gateway.accounts.schema.queries import organization_of
from gateway.accounts.schema.types import ApiClient
from gateway.oauth.client import Client, GrantType
from vereda.caller import Scope
from vereda.refusals import InvalidInput, NotAllowed, NotFound

_ORGANIZATION = "Yours where it is left out; another's needs `admin:network`."
_JWKS = "Its public keys by value: the JSON text of a JWK Set (RFC 7517)."
_JWKS_URI = "Where it publishes its public keys, as a JWK Set."
_SECRET = "Told now, and never again."  # noqa: S105

R = TypeVar("R")


@strawberry.input(description="A system of an organisation.")
class ApiClientInput:
    organization: strawberry.ID | None = strawberry.field(default=None, description=_ORGANIZATION)
    client_id: strawberry.ID


@strawberry.input
class RegisterApiClientInput(ApiClientInput):
    name: str = strawberry.field(description="What people are shown.")
    scopes: list[Scope]
    purpose: str | None = strawberry.field(default=None, description="What its tokens are for.")
    grants: list[GrantType] | None = strawberry.field(
        default=None, description="CLIENT_CREDENTIALS by default."
    )
    redirect_uris: list[str] | None = strawberry.field(
        default=None, description="Where people come back to, to the letter; with AUTHORIZATION_CODE."
    )
    jwks: str | None = strawberry.field(
        default=None, description=f"{_JWKS} Without it and `jwksUri` it gets a secret."
    )
    jwks_uri: str | None = strawberry.field(default=None, description=_JWKS_URI)
    dpop_required: bool | None = strawberry.field(
        default=None, description="Only tokens that are bound to a key of its own (RFC 9449)."
    )
    trusted_documents_only: bool | None = strawberry.field(
        default=None, description="Only operations that were registered for it."
    )
    cost_per_minute: int | None = strawberry.field(
        default=None, description="What its operations may cost; for a network coordinator to say."
    )

    def parsed(self) -> clients.ClientFields:
        return clients.ClientFields(
            name=self.name,
            scopes=_values(self.scopes),
            purpose=self.purpose,
            grant_types=_grants(self.grants),
            redirect_uris=_tuple(self.redirect_uris),
            jwks=self.jwks,
            jwks_uri=self.jwks_uri,
            dpop_required=self.dpop_required,
            trusted_documents_only=self.trusted_documents_only,
            cost_per_minute=self.cost_per_minute,
        )


@strawberry.input(description="What is left out stays as it is.")
class ChangeApiClientInput(ApiClientInput):
    name: str | None = None
    scopes: list[Scope] | None = None
    purpose: str | None = None
    grants: list[GrantType] | None = None
    redirect_uris: list[str] | None = None
    dpop_required: bool | None = None
    trusted_documents_only: bool | None = None
    cost_per_minute: int | None = None

    def parsed(self) -> clients.ClientFields:
        return clients.ClientFields(
            name=self.name,
            scopes=None if self.scopes is None else _values(self.scopes),
            purpose=self.purpose,
            grant_types=_grants(self.grants),
            redirect_uris=_tuple(self.redirect_uris),
            dpop_required=self.dpop_required,
            trusted_documents_only=self.trusted_documents_only,
            cost_per_minute=self.cost_per_minute,
        )


@strawberry.input
class RotateApiClientSecretInput(ApiClientInput):
    compromised: bool = strawberry.field(
        default=False,
        description="Refuse the old secret at once, and end all tokens; otherwise it is taken for a day longer.",
    )


@strawberry.input
class ReplaceApiClientKeysInput(ApiClientInput):
    jwks: str | None = strawberry.field(default=None, description=_JWKS)
    jwks_uri: str | None = strawberry.field(default=None, description=_JWKS_URI)


@strawberry.input
class RegisterTrustedDocumentsInput(ApiClientInput):
    documents: list[str] = strawberry.field(description="The text of each, to the letter as it will be sent.")
    only_these: bool = strawberry.field(default=False, description="Those of before are trusted no more.")


@strawberry.type
class TrustedDocumentsRegistered:
    client: ApiClient
    sha256_hashes: list[str] = strawberry.field(
        description="What each is named by in `extensions.persistedQuery.sha256Hash`, in their order."
    )


@strawberry.type
class ApiClientRegistered:
    client: ApiClient
    secret: str | None = strawberry.field(
        description=f"{_SECRET} Null where it signs with keys, or was registered before."
    )


@strawberry.type
class ApiClientChanged:
    client: ApiClient


@strawberry.type
class ApiClientSecretRotated:
    client: ApiClient
    secret: str = strawberry.field(description=_SECRET)


RegisterApiClientPayload = Annotated[
    ApiClientRegistered | ClientExists | InvalidInput | NotAllowed | RecentSignInNeeded,
    strawberry.union("RegisterApiClientPayload"),
]
ChangeApiClientPayload = Annotated[
    ApiClientChanged | InvalidInput | NotFound | NotAllowed | RecentSignInNeeded,
    strawberry.union("ChangeApiClientPayload"),
]
RotateApiClientSecretPayload = Annotated[
    ApiClientSecretRotated | InvalidInput | NotFound | NotAllowed | RecentSignInNeeded,
    strawberry.union("RotateApiClientSecretPayload"),
]
ReplaceApiClientKeysPayload = Annotated[
    ApiClientChanged | InvalidInput | NotFound | NotAllowed | RecentSignInNeeded,
    strawberry.union("ReplaceApiClientKeysPayload"),
]
RegisterTrustedDocumentsPayload = Annotated[
    TrustedDocumentsRegistered | InvalidInput | NotFound | NotAllowed | RecentSignInNeeded,
    strawberry.union("RegisterTrustedDocumentsPayload"),
]
DisableApiClientPayload = Annotated[
    ApiClientChanged | NotFound | NotAllowed | RecentSignInNeeded, strawberry.union("DisableApiClientPayload")
]
EnableApiClientPayload = Annotated[
    ApiClientChanged | NotFound | NotAllowed | RecentSignInNeeded, strawberry.union("EnableApiClientPayload")
]
RevokeApiClientTokensPayload = Annotated[
    ApiClientChanged | NotFound | NotAllowed | RecentSignInNeeded,
    strawberry.union("RevokeApiClientTokensPayload"),
]


@strawberry.type
class ClientsMutation:
    @strawberry.federation.mutation(
        requires_scopes=ADMINISTRATORS, description="Let a system sign in; its secret is told once."
    )
    async def register_api_client(
        self, info: Info, input: RegisterApiClientInput
    ) -> RegisterApiClientPayload | None:
        done = await clients.register(
            info.context, organization_of(input.organization), input.client_id, input.parsed()
        )
        if isinstance(done, clients.Registered):
            return ApiClientRegistered(client=ApiClient.of(done.client), secret=done.secret)
        return done

    @strawberry.federation.mutation(
        requires_scopes=ADMINISTRATORS,
        description="Change what is said of a system. Where that changes its rights, its tokens end.",
    )
    async def change_api_client(
        self, info: Info, input: ChangeApiClientInput
    ) -> ChangeApiClientPayload | None:
        return _changed(
            await clients.change(
                info.context, organization_of(input.organization), input.client_id, input.parsed()
            )
        )

    @strawberry.federation.mutation(
        requires_scopes=ADMINISTRATORS, description="Give a system a new secret, told once."
    )
    async def rotate_api_client_secret(
        self, info: Info, input: RotateApiClientSecretInput
    ) -> RotateApiClientSecretPayload | None:
        done = await clients.rotate_secret(
            info.context,
            organization_of(input.organization),
            input.client_id,
            compromised=input.compromised,
        )
        if isinstance(done, clients.Rotated):
            return ApiClientSecretRotated(client=ApiClient.of(done.client), secret=done.secret)
        return done

    @strawberry.federation.mutation(
        requires_scopes=ADMINISTRATORS,
        description="Let a system sign in with these keys, and nothing else, from now on; its tokens stay.",
    )
    async def replace_api_client_keys(
        self, info: Info, input: ReplaceApiClientKeysInput
    ) -> ReplaceApiClientKeysPayload | None:
        return _changed(
            await clients.replace_keys(
                info.context,
                organization_of(input.organization),
                input.client_id,
                jwks=input.jwks,
                jwks_uri=input.jwks_uri,
            )
        )

    @strawberry.federation.mutation(
        requires_scopes=ADMINISTRATORS,
        description="Name the operations that a system may run, where it runs registered ones only.",
    )
    async def register_trusted_documents(
        self, info: Info, input: RegisterTrustedDocumentsInput
    ) -> RegisterTrustedDocumentsPayload | None:
        done = await clients.register_documents(
            info.context,
            organization_of(input.organization),
            input.client_id,
            input.documents,
            only_these=input.only_these,
        )
        if isinstance(done, clients.Documents):
            return TrustedDocumentsRegistered(
                client=ApiClient.of(done.client), sha256_hashes=list(done.names)
            )
        return done

    @strawberry.federation.mutation(
        requires_scopes=ADMINISTRATORS, description="Let a system in no more; its tokens end."
    )
    async def disable_api_client(self, info: Info, input: ApiClientInput) -> DisableApiClientPayload | None:
        return _changed(
            await clients.disable(info.context, organization_of(input.organization), input.client_id)
        )

    @strawberry.federation.mutation(
        requires_scopes=ADMINISTRATORS, description="Let a system in again that was disabled."
    )
    async def enable_api_client(self, info: Info, input: ApiClientInput) -> EnableApiClientPayload | None:
        return _changed(
            await clients.enable(info.context, organization_of(input.organization), input.client_id)
        )

    @strawberry.federation.mutation(
        requires_scopes=ADMINISTRATORS,
        description="End all tokens that a system holds, its own and those in the name of people.",
    )
    async def revoke_api_client_tokens(
        self, info: Info, input: ApiClientInput
    ) -> RevokeApiClientTokensPayload | None:
        return _changed(
            await clients.revoke_tokens(info.context, organization_of(input.organization), input.client_id)
        )


def _changed(done: Client | R) -> ApiClientChanged | R:
    return ApiClientChanged(client=ApiClient.of(done)) if isinstance(done, Client) else done


def _values(scopes: list[Scope]) -> frozenset[str]:
    return frozenset(scope.value for scope in scopes)


def _grants(grants: list[GrantType] | None) -> frozenset[str] | None:
    return None if grants is None else frozenset(grant.value for grant in grants)


def _tuple(values: list[str] | None) -> tuple[str, ...] | None:
    return None if values is None else tuple(values)
