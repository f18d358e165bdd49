"""The register of OAuth clients: what administrators, operators and the demo network do with it.

`by` is who does it: a person's or client's id, or `operator` for the command line; each act is written to the security
events. What takes a `store` does it in a transaction of its own, or within the one that it is given.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.hashing import hash_secret, matches
from gateway.oauth.client import SERVER, AuthMethod, Client, GrantType, find
from gateway.oauth.events import Event, record
from gateway.oauth.registration import Registration, checked_credentials
from gateway.store import AccessToken, OAuthClient, TokenFamily
from gateway.store.acting import Store, within
from vereda.database import Database
from vereda.errors import OperatorError

OPERATOR: Final = "operator"
#: How long the secret before is still taken, unless said otherwise.
OVERLAP: Final = timedelta(days=1)
_LONGEST_OVERLAP: Final = timedelta(days=30)

__all__ = [
    "OPERATOR",
    "OVERLAP",
    "SERVER",
    "AuthMethod",
    "Client",
    "GrantType",
    "Registration",
    "change",
    "disable",
    "enable",
    "find",
    "list_clients",
    "new_secret",
    "register",
    "replace_keys",
    "revoke_tokens",
    "rotate_secret",
]


def new_secret() -> str:
    """A client secret: 256 random bits, URL-safe."""
    return secrets.token_urlsafe(32)


async def register(
    store: Store, registration: Registration, *, by: str = OPERATOR, only_new: bool = False
) -> Client:
    """Make the client what is said here, whether it exists or not (`only_new`: not when it does); the same again changes
    nothing.

    When its credentials or a right changes, tokens that it already has are revoked. A disabled client stays disabled.

    Raises: OperatorError when it cannot be so, or the client is another organisation's.
    """
    columns = registration.columns()
    client_id, organization = registration.client_id, registration.organization
    async with within(store, SERVER) as session:
        known = await session.get(OAuthClient, client_id, with_for_update=True)
        if known is not None and (only_new or known.organization_id != organization):
            raise OperatorError(
                f"There is a client `{client_id}` already: choose another id."
                if known.organization_id == organization
                else f"The client `{client_id}` belongs to another organization: choose another id."
            )
        secret_hash = await _hash(registration.secret, known)
        same = known is not None and _says(known, {**registration.rights(), "secret_hash": secret_hash})
        if known is not None and not same:
            await _revoke_tokens(session, client_id, reason="client_changed")
        values = {**columns, "secret_hash": secret_hash}
        if known is None or known.secret_hash != secret_hash:
            values |= {"previous_secret_hash": None, "previous_secret_until": None}
        if known is None or not _says(known, values):
            event = Event.REGISTERED if known is None else Event.CHANGED
            record(session, event, client_id, by=by, organization=organization)
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
        if row is None:  # made by another at the same moment, for another: nothing of the above is kept
            raise OperatorError(
                f"The client `{client_id}` belongs to another organization: choose another id."
            )
        return Client.of(row)


async def list_clients(database: Database, organization: UUID | None = None) -> list[Client]:
    """All clients, or one organisation's, in order of their ids. Index: ix_oauth_clients_organization_id_client_id."""
    chosen = select(OAuthClient).order_by(OAuthClient.client_id)
    if organization is not None:
        chosen = chosen.where(OAuthClient.organization_id == organization)
    async with database.transaction(SERVER, read_only=True) as session:
        return [Client.of(row) for row in await session.scalars(chosen)]


async def change(store: Store, client_id: str, changes: Mapping[str, Any], *, by: str = OPERATOR) -> Client:
    """Change what is said of a client: `changes` are fields of `Registration`, but neither ids nor credentials. When a
    right changes, its tokens end. Raises: OperatorError when there is no such client, or it cannot be so."""
    async with within(store, SERVER) as session:
        row = await _get(session, client_id)
        said = replace(_said(row), **changes)
        columns = said.columns()
        if not _says(row, said.rights()):
            await _revoke_tokens(session, client_id, reason="client_changed")
        if not _says(row, columns):
            record(session, Event.CHANGED, client_id, by=by, organization=row.organization_id)
        for name, value in columns.items():
            setattr(row, name, value)
        await session.flush()
        return Client.of(row)


async def rotate_secret(
    store: Store, client_id: str, *, by: str = OPERATOR, overlap: timedelta = OVERLAP
) -> str:
    """The client's new secret, told once. The one before is taken for `overlap` longer, so that no request fails while the
    new one is put in place; with none, because it leaked, its tokens end, too.

    Raises: OperatorError when there is no such client, or it has no secret.
    """
    if not timedelta(0) <= overlap <= _LONGEST_OVERLAP:
        raise OperatorError("The secret before may be taken for 0 to 30 days longer.")
    secret = new_secret()
    secret_hash = await asyncio.to_thread(hash_secret, secret)
    async with within(store, SERVER) as session:
        row = await _get(session, client_id)
        if row.secret_hash is None:
            raise OperatorError(f"The client `{client_id}` has no secret: it signs with its own keys.")
        row.previous_secret_hash = row.secret_hash if overlap else None
        row.previous_secret_until = datetime.now(UTC) + overlap if overlap else None
        row.secret_hash = secret_hash
        if not overlap:
            await _revoke_tokens(session, client_id, reason="client_changed")
        record(session, Event.SECRET_CHANGED, client_id, by=by, organization=row.organization_id)
    return secret


async def replace_keys(
    store: Store,
    client_id: str,
    *,
    jwks: Mapping[str, Any] | None = None,
    jwks_uri: str | None = None,
    by: str = OPERATOR,
) -> Client:
    """Let the client sign in with these keys and with nothing else from now on: a secret that it had is gone. Its tokens
    stay: to replace keys without a failed request, give the old and the new ones, then the new ones.

    Raises: OperatorError when there is no such client, or the keys cannot be used.
    """
    columns = checked_credentials(jwks, jwks_uri)
    async with within(store, SERVER) as session:
        row = await _get(session, client_id)
        row.auth_method = AuthMethod.ASSERTION.value
        row.secret_hash = row.previous_secret_hash = row.previous_secret_until = None
        row.jwks, row.jwks_uri = columns
        record(session, Event.KEYS_CHANGED, client_id, by=by, organization=row.organization_id)
        await session.flush()
        return Client.of(row)


async def disable(store: Store, client_id: str, *, by: str = OPERATOR, by_network: bool = True) -> None:
    """Give the client no more tokens, and revoke those that it has. `by_network`: not by its organisation's own
    administrator, who then may not undo it. Raises: OperatorError when there is none."""
    async with within(store, SERVER) as session:
        row = await _get(session, client_id)
        row.disabled_at = datetime.now(UTC)
        row.disabled_by_network |= by_network
        await _revoke_tokens(session, client_id, reason="client_disabled")
        record(session, Event.DISABLED, client_id, by=by, organization=row.organization_id)


async def enable(store: Store, client_id: str, *, by: str = OPERATOR) -> None:
    """Let a disabled client ask for tokens again. Raises: OperatorError when there is none."""
    async with within(store, SERVER) as session:
        row = await _get(session, client_id)
        row.disabled_at, row.disabled_by_network = None, False
        record(session, Event.ENABLED, client_id, by=by, organization=row.organization_id)


async def revoke_tokens(store: Store, client_id: str, *, by: str = OPERATOR) -> None:
    """End all tokens that the client has, of its own and of people. Raises: OperatorError when there is none."""
    async with within(store, SERVER) as session:
        row = await _get(session, client_id)
        await _revoke_tokens(session, client_id, reason="revoked")
        record(session, Event.TOKENS_REVOKED, client_id, by=by, organization=row.organization_id)


def _said(row: OAuthClient) -> Registration:
    """What is said of the client now. Its secret nobody knows: one that could be stands in for it."""
    said = {one.name: getattr(row, one.name) for one in fields(Registration) if hasattr(row, one.name)}
    secret = new_secret() if row.secret_hash is not None else None
    return Registration(**said, organization=row.organization_id, secret=secret)


async def _get(session: AsyncSession, client_id: str) -> OAuthClient:
    row = await session.get(OAuthClient, client_id, with_for_update=True)
    if row is None:
        raise OperatorError(f"There is no client `{client_id}`.")
    return row


async def _revoke_tokens(session: AsyncSession, client_id: str, *, reason: str) -> None:
    """Indexes: ix_access_tokens_client_id, ix_token_families_client_id."""
    now = datetime.now(UTC)
    await session.execute(
        update(AccessToken)
        .where(AccessToken.client_id == client_id, AccessToken.revoked_at.is_(None))
        .values(revoked_at=now)
    )
    await session.execute(
        update(TokenFamily)
        .where(TokenFamily.client_id == client_id, TokenFamily.revoked_at.is_(None))
        .values(revoked_at=now, reason=reason)
    )


async def _hash(secret: str | None, known: OAuthClient | None) -> str | None:
    """The secret's hash: the one that is stored, when it is of the same secret."""
    if secret is None:
        return None
    stored = known.secret_hash if known is not None else None
    if stored is not None and await asyncio.to_thread(matches, stored, secret):
        return stored
    return await asyncio.to_thread(hash_secret, secret)


def _says(row: OAuthClient, columns: Mapping[str, Any]) -> bool:
    return all(getattr(row, name) == value for name, value in columns.items())
