"""What an organisation's administrators do with its endpoints: one function for each thing, as in a service's operations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, TypeAlias
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from vereda.caller import Scope
from vereda.context import RequestContext
from vereda.database import take_turns
from vereda.feed.catalogue import PREFIX
from vereda.feed.reading import decoded, newest, read
from vereda.idempotency import Claim, claim_key
from vereda.ids import new_id
from vereda.outbound import FetchError
from vereda.outbox import emit
from vereda.refusals import (
    InvalidInput,
    NotFound,
    VersionConflict,
    invalid,
    not_found,
    version_conflict,
)
from vereda.webhooks.keeping import Webhooks, WebhookSeal
from vereda.webhooks.sending import outward_of
from vereda.webhooks.signing import BadSecretError, key_of, new_secret
from vereda.webhooks.tables import WebhookEndpointColumns, WebhookState

ADMINISTERING: Final = (Scope.ADMIN_ORGANIZATION,)
#: Of one organisation at one service.
MOST: Final = 10
_MOST_TYPES: Final = 50
_LONGEST_URL: Final = 2000
#: How long the former of two secrets signs, too.
FORMER_SIGNS: Final = timedelta(days=1)
#: How long a repeated request is answered with the secret that it led to: for an answer that was lost.
_SHOWN_AGAIN: Final = timedelta(hours=1)

Endpoint: TypeAlias = WebhookEndpointColumns


@dataclass(frozen=True, slots=True)
class Registered:
    """An endpoint, and its new secret where it is shown: once."""

    endpoint: Endpoint
    secret: str | None


async def register(
    context: RequestContext[Any],
    webhooks: Webhooks,
    url: str,
    types: Sequence[str],
    after: str | None,
    secret: str | None,
    key: str,
) -> Registered | InvalidInput:
    """Have the organisation told at `url` of what comes after the place `after`, by default of what is to come.

    `secret`: one of the organisation's own, to have one at several services; without it one is made, and shown.
    Raises: ClientError as `vereda.feed.reading.read`.
    """
    context.caller.require(*ADMINISTERING)
    if wrong := {**_problems(context, webhooks, url, types), **_secret_problems(secret)}:
        return invalid(**wrong)
    cursor = await _cursor(context, webhooks, after)
    request = [url, sorted(types), after, secret]
    async with context.write() as session:
        await take_turns(session, context.caller.organization, "webhooks")
        claim = await _claim(session, context, webhooks, "register", key, request)
        if claim.earlier is not None:
            return await _registered_before(session, context, webhooks, claim)
        own = webhooks.endpoints.organization_id == context.caller.organization
        if (await session.scalar(select(func.count(webhooks.endpoints.id)).where(own)) or 0) >= MOST:
            return invalid(url=f"would be one too many: an organisation has up to {MOST} at a service")
        made = secret or new_secret()
        id_ = new_id()
        endpoint = webhooks.endpoints(
            id=id_,
            organization_id=context.caller.organization,
            created_by=context.caller.subject,
            url=url,
            types=list(types),
            secret=WebhookSeal(context.settings).seal(id_, made),
            cursor=cursor,
            place=decoded(cursor).number,
            due_at=context.now,
            created_at=context.now,
        )  # type: ignore[call-arg]
        session.add(endpoint)
        await session.flush()
        _tell(session, context, webhooks, "registered", id_)
        claim.record({"id": str(id_)})
        return Registered(endpoint, None if secret else made)


async def _registered_before(
    session: AsyncSession, context: RequestContext[Any], webhooks: Webhooks, claim: Claim
) -> Registered | InvalidInput:
    endpoint = await session.get(webhooks.endpoints, UUID((claim.earlier or {})["id"]))
    if endpoint is None:
        return invalid(idempotencyKey="led to an endpoint that is removed: use a new one")
    if context.now - endpoint.created_at > _SHOWN_AGAIN:
        return Registered(endpoint, None)
    secret = WebhookSeal(context.settings).live(endpoint.id, endpoint.secret, None, None, context.now)[0]
    return Registered(endpoint, secret)


async def change(
    context: RequestContext[Any],
    webhooks: Webhooks,
    id_: UUID,
    expected_version: int,
    url: str | None,
    types: Sequence[str] | None,
    active: bool | None,
    key: str,
) -> Endpoint | InvalidInput | NotFound | VersionConflict:
    """Change where and of what it is told, pause it, or have it go on where it stopped; None leaves a thing as it is."""
    context.caller.require(*ADMINISTERING)
    if wrong := _problems(context, webhooks, url, types):
        return invalid(**wrong)
    async with context.write() as session:
        request = [str(id_), expected_version, url, types, active]
        claim = await _claim(session, context, webhooks, "change", key, request)
        endpoint = await _own(session, webhooks, id_)
        if endpoint is None:
            return not_found("webhook")
        if claim.earlier is not None:
            return endpoint
        if endpoint.version != expected_version:
            return version_conflict(endpoint.version)
        if url is not None:
            endpoint.url = url
        if types is not None:
            endpoint.types = list(types)
        if active is not None:
            endpoint.state = WebhookState.ACTIVE if active else WebhookState.PAUSED
        _start_anew(endpoint, context)
        await session.flush()
        _tell(session, context, webhooks, "changed", id_)
        claim.record({"id": str(id_)})
        return endpoint


async def rotate(
    context: RequestContext[Any],
    webhooks: Webhooks,
    id_: UUID,
    secret: str | None,
    compromised: bool,
    key: str,
) -> Registered | InvalidInput | NotFound:
    """Give an endpoint a new secret. The former one signs beside it for a day, unless it is `compromised`."""
    context.caller.require(*ADMINISTERING)
    if wrong := _secret_problems(secret):
        return invalid(**wrong)
    seal = WebhookSeal(context.settings)
    async with context.write() as session:
        claim = await _claim(session, context, webhooks, "rotate", key, [str(id_), secret, compromised])
        endpoint = await _own(session, webhooks, id_)
        if endpoint is None:
            return not_found("webhook")
        if claim.earlier is not None:
            until = endpoint.former_until
            again = until is not None and context.now < until - FORMER_SIGNS + _SHOWN_AGAIN
            shown = seal.live(id_, endpoint.secret, None, None, context.now)[0] if again else None
            return Registered(endpoint, shown)
        made = secret or new_secret()
        endpoint.former_secret = None if compromised else endpoint.secret
        endpoint.former_until = None if compromised else context.now + FORMER_SIGNS
        endpoint.secret = seal.seal(id_, made)
        endpoint.lease = endpoint.leased_until = None  # who delivers now knows the former alone
        await session.flush()
        _tell(session, context, webhooks, "rotated", id_)
        claim.record({"id": str(id_)})
        return Registered(endpoint, None if secret else made)


async def replay(
    context: RequestContext[Any], webhooks: Webhooks, id_: UUID, after: str | None, key: str
) -> Endpoint | NotFound:
    """Have an endpoint told again, or first, of what comes after the place `after`; of all that is kept without it.

    Raises: ClientError as `vereda.feed.reading.read`.
    """
    context.caller.require(*ADMINISTERING)
    await _check_cursor(context, webhooks, after)
    place = decoded(after)
    async with context.write() as session:
        claim = await _claim(session, context, webhooks, "replay", key, [str(id_), after])
        endpoint = await _own(session, webhooks, id_)
        if endpoint is None:
            return not_found("webhook")
        if claim.earlier is None:
            endpoint.cursor, endpoint.place = place.encoded(), place.number
            _start_anew(endpoint, context)
            await session.flush()
            _tell(session, context, webhooks, "replayed", id_)
            claim.record({"id": str(id_)})
        return endpoint


async def ask_for_test(
    context: RequestContext[Any], webhooks: Webhooks, id_: UUID, key: str
) -> UUID | NotFound:
    """Have a request sent that tries the endpoint, also where it is paused; the id of its entry in the log, when it was.

    It is sent by who delivers: a request to us never waits for a receiver.
    """
    context.caller.require(*ADMINISTERING)
    async with context.write() as session:
        claim = await _claim(session, context, webhooks, "test", key, [str(id_)])
        if claim.earlier is not None:
            return UUID(claim.earlier["delivery"])
        endpoint = await _own(session, webhooks, id_)
        if endpoint is None:
            return not_found("webhook")
        endpoint.test_id = endpoint.test_id or new_id()
        await session.flush()
        _tell(session, context, webhooks, "test_asked", id_)
        claim.record({"id": str(id_), "delivery": str(endpoint.test_id)})
        return endpoint.test_id


async def remove(context: RequestContext[Any], webhooks: Webhooks, id_: UUID, key: str) -> UUID | NotFound:
    """Remove an endpoint, its secrets and its log."""
    context.caller.require(*ADMINISTERING)
    async with context.write() as session:
        claim = await _claim(session, context, webhooks, "remove", key, [str(id_)])
        if claim.earlier is not None:
            return id_
        endpoint = await _own(session, webhooks, id_)
        if endpoint is None:
            return not_found("webhook")
        await session.delete(endpoint)
        _tell(session, context, webhooks, "removed", id_)
        claim.record({"id": str(id_)})
        return id_


async def _own(session: AsyncSession, webhooks: Webhooks, id_: UUID) -> Endpoint | None:
    """Row-level security leaves the caller's own alone."""
    found: Endpoint | None = await session.get(webhooks.endpoints, id_, with_for_update=True)
    return found


def _start_anew(endpoint: Endpoint, context: RequestContext[Any]) -> None:
    """Whoever delivers to it now as it was, moves nothing any more; and it is due at once."""
    endpoint.lease = endpoint.leased_until = None
    endpoint.due_at = context.now
    endpoint.failures, endpoint.failing_since = 0, None
    if endpoint.state is not WebhookState.STOPPED:
        endpoint.problem = None


async def _claim(
    session: AsyncSession,
    context: RequestContext[Any],
    webhooks: Webhooks,
    what: str,
    key: str,
    request: object,
) -> Claim:
    return await claim_key(session, webhooks.records, context.caller, f"webhooks.{what}", key, request)


def _tell(
    session: AsyncSession, context: RequestContext[Any], webhooks: Webhooks, what: str, id_: UUID
) -> None:
    type_ = f"{PREFIX}webhook.{what}"
    emit(session, webhooks.feed.events, context.caller, type_, id_, (), {"id": str(id_)})


async def _cursor(context: RequestContext[Any], webhooks: Webhooks, after: str | None) -> str:
    if after is None:
        return await newest(context, webhooks.feed)
    await _check_cursor(context, webhooks, after)
    return decoded(after).encoded()


async def _check_cursor(context: RequestContext[Any], webhooks: Webhooks, after: str | None) -> None:
    await read(context, webhooks.feed, after, 1)


def _problems(
    context: RequestContext[Any], webhooks: Webhooks, url: str | None, types: Sequence[str] | None
) -> Mapping[str, str]:
    found = {}
    if url is not None and (wrong := _url_problem(context, url)):
        found["url"] = wrong
    known = [PREFIX + name for name in webhooks.types]
    if types is not None and (
        len(types) > _MOST_TYPES
        or any(not one or not any(name.startswith(one) for name in known) for one in types)
    ):
        found["types"] = (
            f"must be up to {_MOST_TYPES} beginnings of types that this service has (docs/events.md)"
        )
    return found


def _url_problem(context: RequestContext[Any], url: str) -> str | None:
    """What can be seen from the URL alone. Where its host is, is looked at whenever something is sent, and told to nobody."""
    if len(url) > _LONGEST_URL:
        return f"must have at most {_LONGEST_URL} characters"
    try:
        outward_of(context.settings).check_url(url)
    except FetchError:
        return "must be a plain https URL, without credentials and without a fragment"
    return None


def _secret_problems(secret: str | None) -> Mapping[str, str]:
    try:
        if secret is not None:
            key_of(secret)
    except BadSecretError:
        return {"secret": "must be `whsec_` and 24 to 64 random bytes in base64"}
    return {}
