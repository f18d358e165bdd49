"""A registered client as the authorization server knows it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from gateway.store import OAuthClient
from gateway.store.acting import server_caller
from vereda.database import Database

#: The authorization server looks a client up before it knows whose it is: it acts for no organisation.
SERVER: Final = server_caller("authorization-server")

LONGEST_CLIENT_ID: Final = 80
CLIENT_ID: Final = re.compile(rf"[A-Za-z0-9._-]{{3,{LONGEST_CLIENT_ID}}}")


class AuthMethod(StrEnum):
    """How a client authenticates (RFC 7591 §2 `token_endpoint_auth_method`). There is no `none`: each is confidential."""

    SECRET = "client_secret_basic"  # noqa: S105
    """With a secret: in the header, or in the form (`client_secret_post`)."""
    ASSERTION = "private_key_jwt"
    """With a JWT that its private key signed (RFC 7523 §2.2)."""


class GrantType(StrEnum):
    """RFC 7591 §2 `grant_types`. No password and no implicit grant (RFC 9700 §2.1.2, §2.4)."""

    CLIENT_CREDENTIALS = "client_credentials"
    AUTHORIZATION_CODE = "authorization_code"
    REFRESH_TOKEN = "refresh_token"  # noqa: S105
    TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"  # noqa: S105


@dataclass(frozen=True, slots=True)
class Client:
    """A registered client, without its secret. `jwks` is its JWK Set by value, `jwks_uri` where it publishes one.

    The methods are what authlib asks of a client (RFC 6749).
    """

    client_id: str
    organization: UUID
    name: str
    auth_method: AuthMethod
    grant_types: frozenset[str]
    scopes: frozenset[str]
    roles: frozenset[str]
    purpose: str | None
    redirect_uris: tuple[str, ...]
    jwks: Mapping[str, Any] | None = field(hash=False)
    jwks_uri: str | None
    dpop_required: bool
    first_party: bool
    trusted_documents_only: bool
    cost_per_minute: int | None
    created_at: datetime
    disabled_at: datetime | None

    @classmethod
    def of(cls, row: OAuthClient) -> Client:
        return cls(
            client_id=row.client_id,
            organization=row.organization_id,
            name=row.name,
            auth_method=AuthMethod(row.auth_method),
            grant_types=frozenset(row.grant_types),
            scopes=frozenset(row.scopes),
            roles=frozenset(row.roles),
            purpose=row.purpose,
            redirect_uris=tuple(row.redirect_uris),
            jwks=row.jwks,
            jwks_uri=row.jwks_uri,
            dpop_required=row.dpop_required,
            first_party=row.first_party,
            trusted_documents_only=row.trusted_documents_only,
            cost_per_minute=row.cost_per_minute,
            created_at=row.created_at,
            disabled_at=row.disabled_at,
        )

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type in self.grant_types

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """RFC 9700 §4.1.3: by comparison of the whole text. Clients here keep a secret, so none is an application on a
        device whose port changes (RFC 8252 §7.3)."""
        return redirect_uri in self.redirect_uris

    def get_default_redirect_uri(self) -> str | None:
        """RFC 6749 §3.1.2.3: it may be left out where there is only one."""
        return self.redirect_uris[0] if len(self.redirect_uris) == 1 else None


@dataclass(frozen=True, slots=True)
class Known:
    """A client, and the argon2id hashes of the secrets that it may authenticate with, newest first."""

    client: Client
    secret_hashes: tuple[str, ...] = field(repr=False)


async def find(database: Database, client_id: str) -> Known | None:
    """The client of this id, disabled or not. Index: the primary key."""
    if not CLIENT_ID.fullmatch(client_id):
        return None
    async with database.transaction(SERVER, read_only=True) as session:
        row = await session.get(OAuthClient, client_id)
    return None if row is None else Known(Client.of(row), _secret_hashes(row))


def _secret_hashes(row: OAuthClient) -> tuple[str, ...]:
    until = row.previous_secret_until
    previous = row.previous_secret_hash if until is not None and until > datetime.now(UTC) else None
    return tuple(one for one in (row.secret_hash, previous) if one is not None)
