"""Idempotent writes: same key and same input give the same answer, same key and other input an error.

    claim = await claim_key(session, IdempotencyRecord, caller, "sendReferral", key, request)
    if claim.earlier is not None:
        return await load(session, claim.earlier["id"])
    ...
    claim.record({"id": str(referral.id)})

A refusal records nothing, so that the corrected request may use the same key; and what is not recorded is not
committed (`RequestContext.write`).

The record holds neither the key nor the input, only a digest of the one and a digest of the other under the one: who
has the database and not the key cannot find an input by trying.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from vereda.audit.trail import done, done_before
from vereda.caller import Caller
from vereda.database import take_turns
from vereda.errors import ClientError, ErrorCode
from vereda.models import IdempotencyColumns

MAX_KEY_LENGTH: Final = 200
#: Description of the field `idempotencyKey` of every mutation's input.
KEY_DESCRIPTION: Final = (
    "Made by you, a new one for each new request: the same key and input give the same answer again."
)
_RECORDED: Final = "vereda.recorded"


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to run a write once. `earlier`: what it led to before, or None when it is new."""

    earlier: dict[str, Any] | None
    record: Callable[[dict[str, Any]], None]


async def claim_key(
    session: AsyncSession,
    records: type[IdempotencyColumns],
    caller: Caller,
    operation: str,
    key: str | None,
    request: Any,
) -> Claim:
    """Claim `key` for `operation` within the session's transaction.

    Two requests with one key at one time are serialised by an advisory lock that the transaction holds; the second
    then finds the first one's outcome. `request` is anything that orjson can write; only its hash is stored.
    With `key=None` nothing is remembered.

    Raises: ClientError IDEMPOTENCY_KEY_REUSED when the key was used with other input; BAD_USER_INPUT when the key is
    empty or longer than 200 characters.
    """
    if key is None:
        return Claim(None, lambda outcome: _keep(session, operation, outcome))
    if not 0 < len(key) <= MAX_KEY_LENGTH:
        raise ClientError(
            ErrorCode.BAD_USER_INPUT, f"An idempotency key has 1 to {MAX_KEY_LENGTH} characters."
        )

    await take_turns(session, caller.organization, operation, key)

    content = orjson.dumps(request, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS, default=str)
    request_hash = hmac.digest(key.encode(), content, "sha256").hex()
    key_hash = hashlib.sha256(key.encode()).hexdigest()
    found = await session.get(records, (caller.organization, operation, key_hash))
    if found is not None and found.request_hash != request_hash:
        raise ClientError(
            ErrorCode.IDEMPOTENCY_KEY_REUSED,
            "This idempotency key was used for another request. Use a new key for a new request.",
        )

    if found is not None:
        done_before(session)
        mark_recorded(session)

    def record(outcome: dict[str, Any]) -> None:
        _keep(session, operation, outcome)
        session.add(
            records(
                organization_id=caller.organization,
                operation=operation,
                key=key_hash,
                request_hash=request_hash,
                outcome=outcome,
            )  # type: ignore[call-arg]
        )

    return Claim(found.outcome if found is not None else None, record)


def _keep(session: AsyncSession, operation: str, outcome: dict[str, Any]) -> None:
    done(session, operation, outcome.get("id"))
    mark_recorded(session)


def mark_recorded(session: AsyncSession) -> None:
    """The transaction has an outcome that is to be kept."""
    session.info[_RECORDED] = True


def is_recorded(session: AsyncSession) -> bool:
    return bool(session.info.get(_RECORDED))
