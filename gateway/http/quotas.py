"""Allowances in headers (draft-ietf-httpapi-ratelimit-headers-10), and the refusals for want of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

from gateway.codes import GatewayCode
from gateway.guard.rates import Quota
from gateway.guard.rates.limiting import WINDOW_S
from gateway.http.reading import HttpRefusedError

#: Who was turned away may come again after so many seconds: requests are short.
_SOON_S: Final = 1


def quota_headers(quotas: Sequence[Quota]) -> Mapping[str, str]:
    """`RateLimit-Policy` (§3: what is allowed, in units of cost) and `RateLimit` (§4: what is left of it)."""
    if not quotas:
        return {}
    return {
        "RateLimit-Policy": ", ".join([_policy(policy.name, policy.per_minute) for policy, _, _ in quotas]),
        "RateLimit": ", ".join([f'"{policy.name}";r={left};t={reset_s}' for policy, left, reset_s in quotas]),
    }


@lru_cache(maxsize=256)
def _policy(name: str, per_minute: int) -> str:
    return f'"{name}";q={per_minute};qu="cost";w={WINDOW_S}'


def too_many(quota: Quota) -> HttpRefusedError:
    """RFC 6585 §4. `Retry-After` and the reset parameter agree, as the draft's §5 asks."""
    message = (
        f"The {quota.policy.name} has used up what it may cause in a minute:"
        f" wait {quota.reset_s} s, and ask for less at once."
    )
    headers = {"Retry-After": str(quota.reset_s), **quota_headers([quota])}
    return HttpRefusedError(429, GatewayCode.RATE_LIMITED, message, headers)


def overloaded(*, by_caller: bool) -> HttpRefusedError:
    headers = {"Retry-After": str(_SOON_S)}
    if by_caller:
        message = "Too many of your requests are being answered: send the next one when one of them is."
        return HttpRefusedError(429, GatewayCode.RATE_LIMITED, message, headers)
    message = "Too many requests are being answered just now: nothing was done, try again."
    return HttpRefusedError(503, GatewayCode.OVERLOADED, message, headers)
