"""The authorization endpoint (RFC 6749 §3.1): a person, signed in, lets an application act in their name."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final, Protocol
from urllib.parse import parse_qsl, urlencode

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import AccessDeniedError, InvalidRequestError
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.oauth.authorizing import (
    SINCE,
    AuthorizationRequest,
    Parameters,
    UnanswerableError,
    addressed,
    read,
)
from gateway.oauth.client import SERVER, Client, find
from gateway.oauth.errors import InteractionError, UnavailableError
from gateway.oauth.events import Event, record
from gateway.oauth.families import Families, Standing
from gateway.oauth.pushed import PushedRequests, reference_in, use_up
from gateway.oauth.requests import read_pairs
from gateway.people import SignedIn, csrf_ok, sign_in_url
from gateway.people.pages import consent_page, message
from gateway.people.pages.consent import ALLOW, DECISION
from gateway.people.paths import safe_next
from gateway.people.roles import scopes_of
from gateway.store import ClientGrant
from gateway.store.away import NO_DATABASE
from vereda.database import Database
from vereda.telemetry import logger, request_id

PATH: Final = "/oauth/authorize"
_MOST_PARAMETERS: Final = 40
#: Replicas' clocks may differ by this much.
_CLOCKS_DIFFER_S: Final = 2
_ANEW: Final = frozenset({"login", "select_account"})
_HEADERS: Final = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}


_log = logger("oauth")


class WhoIsSignedIn(Protocol):
    """`gateway.people.Sessions`, as far as it is needed here."""

    async def of(self, request: Request) -> SignedIn | None: ...


class AuthorizationEndpoint:
    """`now`: the clock, in Unix seconds."""

    def __init__(
        self,
        database: Database,
        families: Families,
        sessions: WhoIsSignedIn,
        *,
        pushed: PushedRequests,
        issuer: str,
        audience: str,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._database = database
        self._pushed = pushed
        self._families = families
        self._sessions = sessions
        self._issuer = issuer
        self._audience = audience
        self._now = now

    async def ask(self, request: Request) -> Response:
        """An application sends a person here (GET)."""
        try:
            query = request.scope["query_string"].decode("ascii")
            parameters = parse_qsl(query, errors="strict", max_num_fields=_MOST_PARAMETERS)
        except ValueError:
            return _unanswerable(request)
        return await self._answer(request, parameters, allowed=None)

    async def decide(self, request: Request) -> Response:
        """The person has decided, on our page (POST)."""
        try:
            parameters = await read_pairs(request)
        except InvalidRequestError:
            return _unanswerable(request)
        form = dict(parameters)
        if DECISION not in form or not csrf_ok(request, form):
            return message(request, "stale", 403)
        return await self._answer(request, parameters, allowed=form[DECISION] == ALLOW)

    async def push(self, client: Client, parameters: Parameters) -> str:
        """Keep a request for the person's browser to refer to (RFC 9126 §2): the reference.

        Raises: OAuth2Error when the client could not be granted it whoever the person is.
        """
        if any(name == "request_uri" for name, _ in parameters):
            raise InvalidRequestError("A pushed request refers to no other.")
        own = [("client_id", client.client_id), *(one for one in parameters if one[0] != "client_id")]
        try:
            reply = addressed(client, own, self._issuer)
        except UnanswerableError:
            raise InvalidRequestError("The redirect_uri is missing, or is none of this client's.") from None
        read(client, reply, own, self._audience)
        return await self._pushed.keep(client.client_id, own)

    async def _answer(self, request: Request, carried: Parameters, *, allowed: bool | None) -> Response:
        """`carried`: what the browser brings, and brings again after a sign-in or a decision: the request, or a reference
        to it. `allowed`: what the person said; None when they were not asked yet."""
        try:
            parameters = await self._pushed.resolved(carried)
            client = await self._client(parameters)
            reply = addressed(client, parameters, self._issuer)
        except UnanswerableError:
            return _unanswerable(request)
        except NO_DATABASE as error:
            _report(error)
            return message(request, "unavailable", 503)
        assert client is not None
        try:
            asked = read(client, reply, parameters, self._audience)
            return await self._grant(request, asked, carried, allowed)
        except OAuth2Error as error:
            return _redirect(reply.refusal(error))
        except NO_DATABASE as error:
            _report(error)
            return _redirect(reply.refusal(UnavailableError()))

    async def _client(self, parameters: Parameters) -> Client | None:
        known = await find(self._database, next((v for name, v in parameters if name == "client_id"), ""))
        return None if known is None else known.client

    async def _grant(
        self, request: Request, asked: AuthorizationRequest, carried: Parameters, allowed: bool | None
    ) -> Response:
        """Raises: OAuth2Error, for the application."""
        signed_in = await self._sessions.of(request)
        if signed_in is None or not self._is_fresh(asked, signed_in):
            if "none" in asked.prompts:
                raise InteractionError(error="login_required")
            return self._to_sign_in(carried)
        scopes = _scopes(asked, signed_in)
        if allowed is None and not await self._was_allowed(asked, signed_in, scopes):
            if "none" in asked.prompts:
                raise InteractionError(error="consent_required")
            return consent_page(
                request,
                signed_in,
                asked.client.name,
                scopes,
                {name: value for name, value in carried if name != "prompt"},
                leads_to=asked.reply.redirect_uri,
            )
        reference = reference_in(carried)
        if allowed is False:
            if reference is not None:
                async with self._database.transaction(SERVER) as session:
                    await use_up(session, reference)
            raise AccessDeniedError("The person did not allow it.")
        return _redirect(await self._code(asked, signed_in, scopes, reference, remember=allowed is True))

    def _is_fresh(self, asked: AuthorizationRequest, signed_in: SignedIn) -> bool:
        """OpenID Connect Core §3.1.2.1: `prompt=login` and `max_age`."""
        at = signed_in.authenticated_at.timestamp()
        if asked.since is not None:
            return at >= min(asked.since, self._now() - _CLOCKS_DIFFER_S)
        if asked.prompts & _ANEW:
            return False
        return asked.max_age_s is None or self._now() - at <= asked.max_age_s

    def _to_sign_in(self, parameters: Parameters) -> Response:
        """The person proves who they are, from now on, and comes back with the same request, which then asks it no more.

        Raises: InvalidRequestError when the request is longer than the sign-in page can keep.
        """
        since = int(self._now()) - _CLOCKS_DIFFER_S
        kept = [(name, value) for name, value in parameters if name not in ("max_age", "prompt", SINCE)]
        prompts = dict(parameters).get("prompt", "").split()
        rest = [("prompt", one) for one in prompts if one not in _ANEW]
        path = f"{PATH}?{urlencode([*kept, *rest, (SINCE, str(since))])}"
        if safe_next(path) != path:
            raise InvalidRequestError("The request is too long.")
        return _redirect(sign_in_url(path, since=since))

    async def _was_allowed(
        self, asked: AuthorizationRequest, signed_in: SignedIn, scopes: frozenset[str]
    ) -> bool:
        """Whether the person need not be asked: the application is the network's own, or was allowed as much before."""
        if "consent" in asked.prompts:
            return False
        if asked.client.first_party:
            return True
        async with self._database.transaction(SERVER, read_only=True) as session:
            key = (signed_in.person_id, signed_in.organization, asked.client.client_id)
            grant = await session.get(ClientGrant, key)
        return grant is not None and scopes <= frozenset(grant.scopes)

    async def _code(
        self,
        asked: AuthorizationRequest,
        signed_in: SignedIn,
        scopes: frozenset[str],
        reference: str | None,
        *,
        remember: bool,
    ) -> str:
        """RFC 6749 §4.1.2: the redirect URI with a new code. Raises: InvalidRequestError when the `reference` was used
        meanwhile."""
        standing = Standing(signed_in.person_id, signed_in.organization, signed_in.role)
        async with self._database.transaction(SERVER) as session:
            if reference is not None and not await use_up(session, reference):
                raise InvalidRequestError("The pushed request was used before.")
            if remember:
                await _remember(session, asked.client, standing, scopes)
            family = await self._families.open(session, asked.client, standing, signed_in.authenticated_at)
            code = await self._families.new_code(
                session,
                client_id=asked.client.client_id,
                organization_id=standing.organization,
                person_id=standing.person,
                session_id=signed_in.session_id,
                family_id=family,
                redirect_uri=asked.said_redirect_uri,
                scopes=sorted(scopes),
                code_challenge=asked.code_challenge,
                dpop_jkt=asked.dpop_jkt,
            )
        return asked.reply.to(code=code)


def _scopes(asked: AuthorizationRequest, signed_in: SignedIn) -> frozenset[str]:
    """What the application asks for, as far as the person's role has it. Raises: OAuth2Error.

    An application of one organisation acts for that organisation's people alone: nobody is talked into letting another's
    application at the data of their own.
    """
    client = asked.client
    if not client.first_party and signed_in.organization != client.organization:
        raise AccessDeniedError("This application is not for people of the organization that is signed in.")
    scopes = asked.scopes & scopes_of(signed_in.role)
    if not scopes:
        raise AccessDeniedError("The person has none of the rights that are asked for.")
    return scopes


async def _remember(
    session: AsyncSession, client: Client, standing: Standing, scopes: frozenset[str]
) -> None:
    """What the person allows is added to what they allowed before."""
    key = (standing.person, standing.organization, client.client_id)
    grant = await session.get(ClientGrant, key, with_for_update=True)
    whole = sorted(scopes | frozenset(grant.scopes if grant is not None else ()))
    values: Mapping[str, object] = {"scopes": whole, "granted_at": datetime.now(UTC)}
    await session.execute(
        insert(ClientGrant)
        .values(
            person_id=standing.person,
            organization_id=standing.organization,
            client_id=client.client_id,
            **values,
        )
        .on_conflict_do_update(index_elements=["person_id", "organization_id", "client_id"], set_=values)
    )
    record(
        session, Event.ALLOWED, client.client_id, by=str(standing.person), organization=standing.organization
    )


def _report(error: Exception) -> None:
    # The kind of error only: its text would repeat what was sent to the database.
    _log.error("no database", kind=type(error).__name__, rid=request_id.get())


def _unanswerable(request: Request) -> Response:
    return message(request, "application", 400)


def _redirect(url: str) -> Response:
    """RFC 9700 §4.12: 303, after which a browser sends no form again, whatever led here."""
    return RedirectResponse(url, 303, dict(_HEADERS))
