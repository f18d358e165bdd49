"""The register of OAuth clients: what the demo network, the operator's commands and the token endpoint use of it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.hashing import hash_secret, matches
from gateway.store import AccessToken, OAuthClient
from vereda.caller import Scope, system_caller
from vereda.database import Database
from vereda.errors import OperatorError

#: The authorization server looks a client up before it knows whose it is: it acts for no organisation.
SERVER: Final = system_caller(UUID(int=0), "authorization-server")

LONGEST_CLIENT_ID: Final = 80
_CLIENT_ID: Final = re.compile(rf"[A-Za-z0-9._-]{{3,{LONGEST_CLIENT_ID}}}")
_SHORTEST_SECRET: Final = 16


@dataclass(frozen=True, slots=True)
class Client:
    """A registered client, without its secret."""

    client_id: str
    organization: UUID
    name: str
    scopes: frozenset[str]
    roles: frozenset[str]
    purpose: str | None
    created_at: datetime
    disabled_at: datetime | None

    def check_grant_type(self, grant_type: str) -> bool:
        """authlib asks this of a client. Every client here is confidential and acts for itself (RFC 6749 §4.4)."""
        return grant_type == "client_credentials"


async def register(
    database: Database,
    *,
    client_id: str,
    secret: str,
    organization: UUID,
    name: str,
    scopes: Iterable[str],
    roles: Iterable[str] = (),
    purpose: str | None = None,
) -> Client:
    """Make the client what is said here, whether it exists or not; the same again changes nothing.

    When the secret or a right changes, tokens that it already has are revoked. A disabled client stays disabled.

    Raises: OperatorError when the id, the secret or a scope cannot be, or the client is another organisation's.
    """
    rights = {"scopes": sorted(set(scopes)), "roles": sorted(set(roles)), "purpose": purpose}
    _check(client_id, secret, rights["scopes"] or [])
    async with database.transaction(SERVER) as session:
        known = await session.get(OAuthClient, client_id, with_for_update=True)
        known_hash = known.secret_hash if known else None
        same_secret = known_hash is not None and await asyncio.to_thread(matches, known_hash, secret)
        secret_hash = known_hash if same_secret else await asyncio.to_thread(hash_secret, secret)
        if known is not None and not (same_secret and _rights(known) == rights):
            await _revoke_tokens(session, client_id)
        values = {"name": name, "secret_hash": secret_hash, **rights}
        row = await session.scalar(
            insert(OAuthClient)
            .values(client_id=client_id, organization_id=organization, **values)
            .on_conflict_do_update(
                index_elements=["client_id"],
                set_=values,
                where=OAuthClient.organization_id == organization,
            )
            .returning(OAuthClient)
            .execution_options(populate_existing=True)
        )
        if row is None:  # it is there, and another's: nothing of the above is kept
            raise OperatorError(
                f"The client `{client_id}` belongs to another organization: choose another id."
            )
        return _client(row)


async def list_clients(database: Database) -> list[Client]:
    """All clients, in order of their ids."""
    async with database.transaction(SERVER, read_only=True) as session:
        rows = await session.scalars(select(OAuthClient).order_by(OAuthClient.client_id))
        return [_client(row) for row in rows]


async def disable(database: Database, client_id: str) -> None:
    """Give the client no more tokens, and revoke those that it has. Raises: OperatorError when there is none."""
    await _set_disabled(database, client_id, datetime.now(UTC))


async def enable(database: Database, client_id: str) -> None:
    """Let a disabled client ask for tokens again. Raises: OperatorError when there is none."""
    await _set_disabled(database, client_id, None)


async def find(database: Database, client_id: str) -> tuple[Client, str | None] | None:
    """The client and its secret's hash, if it has one. Index: the primary key."""
    if not _CLIENT_ID.fullmatch(client_id):
        return None
    async with database.transaction(SERVER, read_only=True) as session:
        row = await session.get(OAuthClient, client_id)
        return None if row is None else (_client(row), row.secret_hash)


async def _set_disabled(database: Database, client_id: str, at: datetime | None) -> None:
    async with database.transaction(SERVER) as session:
        row = await session.get(OAuthClient, client_id, with_for_update=True)
        if row is None:
            raise OperatorError(f"There is no client `{client_id}`.")
        row.disabled_at = at
        if at is not None:
            await _revoke_tokens(session, client_id)


async def _revoke_tokens(session: AsyncSession, client_id: str) -> None:
    """Index: ix_access_tokens_client_id."""
    await session.execute(
        update(AccessToken)
        .where(AccessToken.client_id == client_id, AccessToken.revoked_at.is_(None))
        .values(revoked_at=datetime.now(UTC))
    )


def _check(client_id: str, secret: str, scopes: Iterable[str]) -> None:
    if not _CLIENT_ID.fullmatch(client_id):
        raise OperatorError("A client id has 3 to 80 letters, digits, dots, hyphens or underscores.")
    if len(secret) < _SHORTEST_SECRET:
        raise OperatorError(f"The secret of `{client_id}` is shorter than {_SHORTEST_SECRET} characters.")
    if unknown := set(scopes) - {scope.value for scope in Scope}:
        raise OperatorError(f"There is no scope {', '.join(f'`{scope}`' for scope in sorted(unknown))}.")


def _rights(row: OAuthClient) -> dict[str, list[str] | str | None]:
    return {"scopes": row.scopes, "roles": row.roles, "purpose": row.purpose}


def _client(row: OAuthClient) -> Client:
    return Client(
        client_id=row.client_id,
        organization=row.organization_id,
        name=row.name,
        scopes=frozenset(row.scopes),
        roles=frozenset(row.roles),
        purpose=row.purpose,
        created_at=row.created_at,
        disabled_at=row.disabled_at,
    )
