"""Authorization requests (RFC 6749 §4.1.1): read by the letter, before anybody is asked anything.

What is wrong is told to the application, at its redirect URI, only when both are known for certain; before that it is
told to the person (RFC 6749 §4.1.2.1, RFC 9700 §4.11.2: no open redirect).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import (
    InvalidRequestError,
    InvalidScopeError,
    UnauthorizedClientError,
)

from gateway.oauth.client import Client, GrantType
from gateway.oauth.errors import InvalidTargetError, UnsupportedRequestError, UnsupportedResponseError
from gateway.oauth.redirects import with_parameters

Parameters = Sequence[tuple[str, str]]

#: RFC 7636 §4.2: a SHA-256 digest. RFC 7638 §3: another.
_DIGEST: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_SECONDS: Final = re.compile(r"[0-9]{1,10}")
#: RFC 6749 Appendix A.5, and as much of it as we repeat.
_STATE: Final = re.compile(r"[\x20-\x7e]{1,2048}")
#: OpenID Connect Core §3.1.2.1. To choose an account is to sign in anew here.
_PROMPTS: Final = frozenset({"none", "login", "consent", "select_account"})
#: Of these several may be there: RFC 8707 §2.
_REPEATABLE: Final = frozenset({"resource"})
#: All that a request may say; what else it holds is left alone (RFC 6749 §3.1).
READ: Final = frozenset(
    {
        *("client_id", "redirect_uri", "response_type", "response_mode", "scope", "state", "resource"),
        *("code_challenge", "code_challenge_method", "dpop_jkt", "prompt", "max_age"),
    }
)
#: Ours: when the person was sent to prove again who they are (Unix seconds). Whoever forges it asks for less than the
#: application did, in their own browser, as if they had cut `prompt` out of the address.
SINCE: Final = "signed_in_since"


class UnanswerableError(Exception):
    """It is not known for certain which application asks, or where its answer may go."""


@dataclass(frozen=True, slots=True)
class Reply:
    """Where an answer goes, and what each answer holds (RFC 6749 §4.1.2, RFC 9207 §2)."""

    redirect_uri: str
    state: str | None
    issuer: str

    def to(self, **parameters: str) -> str:
        state = {} if self.state is None else {"state": self.state}
        return with_parameters(self.redirect_uri, {**parameters, **state, "iss": self.issuer})

    def refusal(self, error: OAuth2Error) -> str:
        return self.to(error=error.error, error_description=error.get_error_description() or error.error)


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """A request that can be granted.

    `said_redirect_uri` is the redirect URI as it was said, empty when it was left out. `since`: the sign-in must not be
    older (Unix seconds); `max_age_s`: nor older than this.
    """

    client: Client
    reply: Reply
    said_redirect_uri: str
    scopes: frozenset[str]
    code_challenge: str
    dpop_jkt: str | None
    prompts: frozenset[str]
    max_age_s: int | None
    since: int | None


def addressed(client: Client | None, parameters: Parameters, issuer: str) -> Reply:
    """Where to answer. Raises: UnanswerableError."""
    said = [value for name, value in parameters if name == "redirect_uri"]
    ids = [name for name, _ in parameters if name == "client_id"]
    if client is None or len(ids) != 1 or len(said) > 1 or client.disabled_at is not None:
        raise UnanswerableError
    redirect_uri = said[0] if said else client.get_default_redirect_uri()
    if redirect_uri is None or not client.check_redirect_uri(redirect_uri):
        raise UnanswerableError
    states = [value for name, value in parameters if name == "state"]
    state = states[0] if len(states) == 1 and _STATE.fullmatch(states[0]) else None
    return Reply(redirect_uri, state, issuer)


def read(client: Client, reply: Reply, parameters: Parameters, audience: str) -> AuthorizationRequest:
    """The request of `client`, to be answered by `reply`. Raises: OAuth2Error, of RFC 6749 §4.1.2.1 and its kin."""
    said = dict(parameters)
    _check_shape(parameters, said)
    if not client.check_grant_type(GrantType.AUTHORIZATION_CODE):
        raise UnauthorizedClientError("This client may not ask for people's authorization.")
    if "response_type" not in said:
        raise InvalidRequestError("The response_type is missing.")
    if said["response_type"] != "code":
        raise UnsupportedResponseError()
    if any(value != audience for name, value in parameters if name == "resource"):
        raise InvalidTargetError()
    scopes = frozenset(said.get("scope", "").split())
    if not scopes <= client.scopes:
        raise InvalidScopeError("A requested scope is unknown or not granted to this client.")
    return AuthorizationRequest(
        client=client,
        reply=reply,
        said_redirect_uri=said.get("redirect_uri", ""),
        scopes=scopes or client.scopes,
        code_challenge=_challenge(said),
        dpop_jkt=_matching(said, "dpop_jkt", _DIGEST),
        prompts=_prompts(said),
        max_age_s=_seconds(said, "max_age"),
        since=_seconds(said, SINCE),
    )


def _check_shape(parameters: Parameters, said: Mapping[str, str]) -> None:
    """RFC 6749 §3.1: nothing twice. What would change the request unseen is refused (RFC 9101, OpenID Connect Core §6)."""
    counts = Counter(name for name, _ in parameters if name not in _REPEATABLE)
    if any(count > 1 for count in counts.values()):
        raise InvalidRequestError("A parameter is there more than once.")
    if "state" in said and not _STATE.fullmatch(said["state"]):
        raise InvalidRequestError("The state must be at most 2048 printable ASCII characters.")
    for name in ("request", "request_uri"):
        if name in said:
            raise UnsupportedRequestError(name)
    if said.get("response_mode", "query") != "query":
        raise InvalidRequestError("The response_mode must be query.")


def _challenge(said: Mapping[str, str]) -> str:
    """RFC 7636 §4.3, §4.4.1, with S256 alone (RFC 9700 §2.1.1)."""
    challenge = _matching(said, "code_challenge", _DIGEST)
    if challenge is None:
        raise InvalidRequestError("The code_challenge is missing: PKCE is required (RFC 7636).")
    if said.get("code_challenge_method") != "S256":
        raise InvalidRequestError("The code_challenge_method must be S256.")
    return challenge


def _prompts(said: Mapping[str, str]) -> frozenset[str]:
    prompts = frozenset(said.get("prompt", "").split())
    if not prompts <= _PROMPTS or ("none" in prompts and len(prompts) > 1):
        raise InvalidRequestError("The prompt must be none, or of login, consent and select_account.")
    return prompts


def _seconds(said: Mapping[str, str], name: str) -> int | None:
    text = _matching(said, name, _SECONDS)
    return None if text is None else int(text)


def _matching(said: Mapping[str, str], name: str, pattern: re.Pattern[str]) -> str | None:
    value = said.get(name)
    if value is not None and not pattern.fullmatch(value):
        raise InvalidRequestError(f"The {name} cannot be read.")
    return value
