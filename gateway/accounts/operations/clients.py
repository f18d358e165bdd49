"""Acts on the systems of an organisation: OAuth clients that act for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import orjson

from gateway.accounts.domain.authority import Act, Reach, objection_to_client
from gateway.accounts.operations.acting import Acting, acting, administered
from gateway.accounts.refusals import ClientExists, RecentSignInNeeded, client_exists, refused
from gateway.oauth import clients
from gateway.oauth import documents as trusted
from gateway.oauth.client import Client, GrantType
from gateway.oauth.registration import Registration
from gateway.store import OAuthClient
from vereda.context import RequestContext
from vereda.errors import OperatorError
from vereda.refusals import InvalidInput, NotAllowed, NotFound, not_allowed, not_found

Refused = NotFound | NotAllowed | RecentSignInNeeded

#: Grants by which a client acts for people.
_FOR_PEOPLE: Final = frozenset({GrantType.AUTHORIZATION_CODE.value, GrantType.TOKEN_EXCHANGE.value})


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientFields:
    """What an administrator says of a system (RFC 7591 §2); None leaves it as it is, or as it is by default.

    `jwks` is the text of a JWK Set (RFC 7517 §5). Without it and `jwks_uri` a new client has a secret.
    """

    name: str | None = None
    scopes: frozenset[str] | None = None
    purpose: str | None = None
    grant_types: frozenset[str] | None = None
    redirect_uris: tuple[str, ...] | None = None
    dpop_required: bool | None = None
    trusted_documents_only: bool | None = None
    cost_per_minute: int | None = None
    jwks: str | None = None
    jwks_uri: str | None = None

    def said(self) -> dict[str, Any]:
        """Only what is said, for the register. Raises: OperatorError when the key set is no JSON."""
        said = {one.name: getattr(self, one.name) for one in fields(self)}
        said["jwks"] = parsed_keys(self.jwks)
        return {name: value for name, value in said.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Registered:
    """A client, and its secret: told now, and never again; None where it has none, or was told it before."""

    client: Client
    secret: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Rotated:
    """A client, and its new secret: told now, and never again."""

    client: Client
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Documents:
    """A client, and the SHA-256 (hex) of each document that was registered for it, in their order."""

    client: Client
    names: tuple[str, ...]


async def register(
    context: RequestContext[Any], organization: UUID | None, client_id: str, given: ClientFields
) -> Registered | InvalidInput | NotAllowed | RecentSignInNeeded | ClientExists:
    """Let a system sign in. The same again leads to the same, but the secret is not told twice."""
    chosen = administered(context, organization)
    try:
        said = given.said()
        secret = None if {"jwks", "jwks_uri"} & said.keys() else clients.new_secret()
        registration = Registration(
            **{"scopes": (), "name": "", **said}, client_id=client_id, organization=chosen, secret=secret
        )
        registration.columns()
    except OperatorError as error:
        return _unfit(error)
    async with acting(context, chosen) as act:
        known = await act.client(client_id)
        if known is not None:
            return Registered(Client.of(known), None) if _says(known, registration) else client_exists()
        if (no := _network_only(act, given)) is not None:
            return no
        objection = objection_to_client(
            act.who,
            Act.REGISTER_CLIENT,
            client_id,
            then=registration.scopes,
            for_people=bool(_FOR_PEOPLE & set(registration.grant_types)),
        )
        if objection:
            return refused(objection)
        try:
            client = await clients.register(act.session, registration, by=act.who.subject, only_new=True)
        except OperatorError as error:
            return _unfit(error)
        act.done()
        return Registered(client, secret)


async def change(
    context: RequestContext[Any], organization: UUID | None, client_id: str, given: ClientFields
) -> Client | InvalidInput | Refused:
    """Change what is said of a system; where that changes its rights, its tokens end."""
    async with acting(context, administered(context, organization)) as act:
        row = await act.client(client_id)
        if row is None:
            return not_found("system")
        if (no := _network_only(act, given)) is not None:
            return no
        grants = row.grant_types if given.grant_types is None else given.grant_types
        objection = objection_to_client(
            act.who,
            Act.CHANGE_CLIENT,
            client_id,
            scopes=row.scopes,
            roles=row.roles,
            then=row.scopes if given.scopes is None else given.scopes,
            for_people=bool(_FOR_PEOPLE & set(grants)),
            first_party=row.first_party,
        )
        if objection:
            return refused(objection)
        try:
            changed = await clients.change(act.session, client_id, given.said(), by=act.who.subject)
        except OperatorError as error:
            return _unfit(error)
        act.done()
        return changed


async def rotate_secret(
    context: RequestContext[Any], organization: UUID | None, client_id: str, *, compromised: bool
) -> Rotated | InvalidInput | Refused:
    """Give a system a new secret. The one before is taken for a day longer; not where it is `compromised`."""
    async with acting(context, administered(context, organization)) as act:
        found = await _allowed(act, Act.ROTATE_SECRET, client_id)
        if not isinstance(found, OAuthClient):
            return found
        overlap = timedelta(0) if compromised else clients.OVERLAP
        try:
            secret = await clients.rotate_secret(act.session, client_id, by=act.who.subject, overlap=overlap)
        except OperatorError as error:
            return _unfit(error)
        act.done()
        return Rotated(Client.of(found), secret)


async def replace_keys(
    context: RequestContext[Any],
    organization: UUID | None,
    client_id: str,
    *,
    jwks: str | None,
    jwks_uri: str | None,
) -> Client | InvalidInput | Refused:
    """Let a system sign in with these keys, and nothing else, from now on."""
    async with acting(context, administered(context, organization)) as act:
        found = await _allowed(act, Act.ROTATE_SECRET, client_id)
        if not isinstance(found, OAuthClient):
            return found
        try:
            client = await clients.replace_keys(
                act.session, client_id, jwks=parsed_keys(jwks), jwks_uri=jwks_uri, by=act.who.subject
            )
        except OperatorError as error:
            return _unfit(error)
        act.done()
        return client


async def register_documents(
    context: RequestContext[Any],
    organization: UUID | None,
    client_id: str,
    documents: list[str],
    *,
    only_these: bool,
) -> Documents | InvalidInput | Refused:
    """Let a system run these operations where it runs registered ones only."""
    async with acting(context, administered(context, organization)) as act:
        found = await _allowed(act, Act.REGISTER_DOCUMENTS, client_id)
        if not isinstance(found, OAuthClient):
            return found
        try:
            names = await trusted.register_documents(
                act.session, client_id, documents, by=act.who.subject, only_these=only_these
            )
        except OperatorError as error:
            return _unfit(error)
        act.done()
        return Documents(Client.of(found), tuple(names))


async def disable(
    context: RequestContext[Any], organization: UUID | None, client_id: str
) -> Client | Refused:
    """Let a system in no more; its tokens end."""
    async with acting(context, administered(context, organization)) as act:
        found = await _allowed(act, Act.DISABLE_CLIENT, client_id)
        if not isinstance(found, OAuthClient):
            return found
        by_network = act.who.reach is Reach.NETWORK
        await clients.disable(act.session, client_id, by=act.who.subject, by_network=by_network)
        return await _done(act, client_id)


async def enable(context: RequestContext[Any], organization: UUID | None, client_id: str) -> Client | Refused:
    """Let a system in again."""
    async with acting(context, administered(context, organization)) as act:
        found = await _allowed(act, Act.ENABLE_CLIENT, client_id)
        if not isinstance(found, OAuthClient):
            return found
        await clients.enable(act.session, client_id, by=act.who.subject)
        return await _done(act, client_id)


async def revoke_tokens(
    context: RequestContext[Any], organization: UUID | None, client_id: str
) -> Client | Refused:
    """End all that a system holds, for itself and in the name of people."""
    async with acting(context, administered(context, organization)) as act:
        found = await _allowed(act, Act.REVOKE_TOKENS, client_id)
        if not isinstance(found, OAuthClient):
            return found
        await clients.revoke_tokens(act.session, client_id, by=act.who.subject)
        return await _done(act, client_id)


def parsed_keys(text: str | None) -> Mapping[str, Any] | None:
    """The JWK Set that the text says; what it holds, the register checks. Raises: OperatorError when it is no JSON."""
    if text is None:
        return None
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise OperatorError('A key set is written in JSON: {"keys": [...]}.') from None
    return document if isinstance(document, dict) else {}


async def _allowed(act: Acting, what: Act, client_id: str) -> OAuthClient | Refused:
    """The system, if the administrator may do this to it."""
    row = await act.client(client_id)
    if row is None:
        return not_found("system")
    objection = objection_to_client(
        act.who,
        what,
        client_id,
        scopes=row.scopes,
        roles=row.roles,
        first_party=row.first_party,
        disabled_by_network=row.disabled_by_network,
    )
    return row if objection is None else refused(objection)


def _network_only(act: Acting, given: ClientFields) -> NotAllowed | None:
    if given.cost_per_minute is not None and act.who.reach is not Reach.NETWORK:
        return not_allowed("How much a system may cost is for the network to say: ask a network coordinator.")
    return None


def _says(row: OAuthClient, registration: Registration) -> bool:
    """Whether the system is what is said here already."""
    return all(getattr(row, name) == value for name, value in registration.columns().items())


async def _done(act: Acting, client_id: str) -> Client:
    act.done()
    await act.session.flush()
    return Client.of(await act.session.get_one(OAuthClient, client_id))


def _unfit(error: OperatorError) -> InvalidInput:
    """What the register says, in its own words: they name the rule, and repeat no secret."""
    return InvalidInput(code="INVALID_INPUT", message=str(error), problems=[])
