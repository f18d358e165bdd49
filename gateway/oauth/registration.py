"""What a client may be: everything that is said of it, checked as a whole before it is stored."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from gateway.oauth.client import CLIENT_ID, AuthMethod, GrantType
from gateway.oauth.client_keys import checked_jwks
from gateway.oauth.redirects import checked_redirect_uri
from gateway.outbound import FetchError, Outbound
from vereda.caller import Scope
from vereda.errors import OperatorError

SHORTEST_SECRET: Final = 16
_LONGEST_SECRET: Final = 512
_MOST_REDIRECTS: Final = 20
_PERSONS_ID: Final = re.compile(r"[0-9A-Fa-f]{8}(-?[0-9A-Fa-f]{4}){3}-?[0-9A-Fa-f]{12}")
_LONGEST_NAME: Final = 200
_ONE_CREDENTIAL: Final = "A client has a secret, a key set, or the URL of a key set: one of them."


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """What is said of a client (RFC 7591 §2, RFC 9449 §5.2, and policies of this gateway).

    With `jwks` or `jwks_uri` it authenticates by assertions, without by a secret.
    """

    client_id: str
    organization: UUID
    name: str
    scopes: Collection[str]
    roles: Collection[str] = ()
    purpose: str | None = None
    jwks: Mapping[str, Any] | None = None
    jwks_uri: str | None = None
    grant_types: Collection[str] = (GrantType.CLIENT_CREDENTIALS,)
    redirect_uris: Collection[str] = ()
    dpop_required: bool = False
    first_party: bool = False
    trusted_documents_only: bool = False
    cost_per_minute: int | None = None
    secret: str | None = field(default=None, repr=False)

    @property
    def auth_method(self) -> AuthMethod:
        by_keys = self.jwks is not None or self.jwks_uri is not None
        return AuthMethod.ASSERTION if by_keys else AuthMethod.SECRET

    def rights(self) -> dict[str, Any]:
        """Columns whose change ends the tokens that the client already has."""
        return {
            "scopes": sorted(set(self.scopes)),
            "roles": sorted(set(self.roles)),
            "purpose": self.purpose,
            "auth_method": self.auth_method.value,
            "jwks": None if self.jwks is None else {"keys": self.jwks["keys"]},
            "jwks_uri": self.jwks_uri,
            "grant_types": sorted(set(self.grant_types)),
            "dpop_required": self.dpop_required,
        }

    def columns(self) -> dict[str, Any]:
        """All columns but the ids and the secret. Raises: OperatorError when the client cannot be."""
        for problem in (self._identity(), self._grants()):
            if problem is not None:
                raise OperatorError(problem)
        self._check_credentials()
        return {
            **self.rights(),
            "name": self.name,
            "redirect_uris": [checked_redirect_uri(uri) for uri in sorted(set(self.redirect_uris))],
            "first_party": self.first_party,
            "trusted_documents_only": self.trusted_documents_only,
            "cost_per_minute": self.cost_per_minute,
        }

    def _identity(self) -> str | None:
        if not CLIENT_ID.fullmatch(self.client_id):
            return "A client id has 3 to 80 letters, digits, dots, hyphens or underscores."
        if _PERSONS_ID.fullmatch(self.client_id):
            return "A client id is no UUID: those are people's, and a token's `sub` is the one or the other."
        if not self.name.strip() or len(self.name) > _LONGEST_NAME or not self.name.isprintable():
            return "A client needs a name of at most 200 characters, which people are shown."
        if self.cost_per_minute is not None and self.cost_per_minute < 1:
            return "The cost a minute is 1 or more."
        return _unknown("scope", self.scopes, Scope)

    def _check_credentials(self) -> None:
        if self.secret is None:
            checked_credentials(self.jwks, self.jwks_uri)
        elif self.auth_method is not AuthMethod.SECRET:
            raise OperatorError(_ONE_CREDENTIAL)
        elif not SHORTEST_SECRET <= len(self.secret) <= _LONGEST_SECRET:
            raise OperatorError(
                f"The secret of `{self.client_id}` is shorter than {SHORTEST_SECRET} characters,"
                f" or longer than {_LONGEST_SECRET}."
            )

    def _grants(self) -> str | None:
        grants = set(self.grant_types)
        if unknown := _unknown("grant type", grants, GrantType):
            return unknown
        if not grants:
            return "A client needs a grant type."
        if (GrantType.AUTHORIZATION_CODE in grants) != bool(self.redirect_uris):
            return "The grant type authorization_code needs a redirect URI, and no other has one."
        if GrantType.REFRESH_TOKEN in grants and GrantType.AUTHORIZATION_CODE not in grants:
            return (
                "The grant type refresh_token goes with authorization_code: other grants need no refreshing."
            )
        if len(set(self.redirect_uris)) > _MOST_REDIRECTS:
            return f"A client has at most {_MOST_REDIRECTS} redirect URIs."
        return None


def checked_credentials(
    jwks: Mapping[str, Any] | None, jwks_uri: str | None
) -> tuple[dict[str, Any] | None, str | None]:
    """The keys of a client that signs its assertions, by value or by URL. Raises: OperatorError."""
    if (jwks is None) == (jwks_uri is None):
        raise OperatorError(_ONE_CREDENTIAL)
    if jwks_uri is not None:
        try:
            # Whether it may be asked is decided when it is asked; here it must make sense.
            Outbound(loopback=True).check_url(jwks_uri)
        except FetchError as error:
            raise OperatorError(f"The URL of a key set cannot be used. {error}") from None
    return (None if jwks is None else checked_jwks(jwks)), jwks_uri


def _unknown(what: str, given: Collection[str], known: type[Scope] | type[GrantType]) -> str | None:
    unknown = set(given) - {one.value for one in known}
    return f"There is no {what} {', '.join(f'`{one}`' for one in sorted(unknown))}." if unknown else None
