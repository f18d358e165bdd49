"""Token exchange (RFC 8693): a partner's system acts for a worker who has signed in to another application.

The subject is an access token of ours, of a person of the client's own organisation; the actor is the client itself. The
new token says who acts for whom (`act`), and has no scope that one of the two lacks. It ends with the one that it was
exchanged for: nothing is prolonged by exchanging it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from authlib.oauth2 import rfc6749
from authlib.oauth2.rfc6749.grants import BaseGrant, TokenEndpointMixin

from gateway.oauth.access import Rights
from gateway.oauth.client import GrantType
from gateway.oauth.errors import InvalidProofError, InvalidTargetError
from gateway.oauth.forms import Presented
from gateway.oauth.grants import Common
from vereda.tokens import moment

ACCESS_TOKEN: Final = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105
_JWT: Final = "urn:ietf:params:oauth:token-type:jwt"
#: A chain of actors that is longer than this is nobody's work any more.
_MOST_ACTORS: Final = 3


class TokenExchange(Common, BaseGrant, TokenEndpointMixin):  # type: ignore[misc]
    """RFC 8693 §2."""

    GRANT_TYPE = GrantType.TOKEN_EXCHANGE.value

    def validate_token_request(self) -> None:
        client = self.request.client = self.authenticate_token_endpoint_client()
        if not client.check_grant_type(self.GRANT_TYPE):
            raise rfc6749.UnauthorizedClientError("This client may not exchange tokens.")
        self.check_request()
        form = self.request.form
        if form.get("audience", self.server.tokens.audience) != self.server.tokens.audience:
            raise InvalidTargetError()
        if form.get("subject_token_type") not in (ACCESS_TOKEN, _JWT) or "subject_token" not in form:
            raise rfc6749.InvalidRequestError("The subject_token must be an access token of this server.")
        if "actor_token" in form or "actor_token_type" in form:
            raise rfc6749.InvalidRequestError("The actor is the client itself: send no actor_token.")
        if form.get("requested_token_type", ACCESS_TOKEN) not in (ACCESS_TOKEN, _JWT):
            raise rfc6749.InvalidRequestError("Access tokens alone are given for others.")

    def create_token_response(self) -> tuple[int, dict[str, Any], Any]:
        rights = self._rights(self._subject())
        answer = {**self.issue(rights).response(), "issued_token_type": ACCESS_TOKEN}
        return 200, answer, self.TOKEN_RESPONSE_HEADER

    def _subject(self) -> Presented:
        """§2.2.2: whatever is wrong with it, the request is."""
        token, client = self.request.loaded.token, self.request.client
        if not isinstance(token, Presented) or not _is_persons(token.claims):
            raise rfc6749.InvalidRequestError("The subject_token is not a good access token of a person.")
        if token.claims["org"] != str(client.organization):
            raise rfc6749.InvalidRequestError(
                "The subject_token was not issued to somebody of this client's organization."
            )
        bound = token.claims.get("cnf", {}).get("jkt")
        if bound is not None and bound != self.request.loaded.jkt:
            raise InvalidProofError(
                "The subject_token is bound to a key: prove that you hold it, in a DPoP proof."
            )
        return token

    def _rights(self, subject: Presented) -> Rights:
        claims, client = subject.claims, self.request.client
        common = frozenset(str(claims["scope"]).split()) & client.scopes
        if not self.requested() <= common:
            raise rfc6749.InvalidScopeError(
                "A requested scope is not one of both, the client and the person."
            )
        return Rights(
            client=client,
            organization=client.organization,
            scopes=self.requested() or common,
            roles=frozenset(claims["roles"]),
            person=UUID(claims["sub"]),
            family=subject.family,
            authenticated_at=moment(claims.get("auth_time")),
            actor=_actor(client.client_id, claims.get("act")),
            jkt=self.request.loaded.jkt,
            exchanged_from=subject.jti,
            until=int(claims["exp"]),
        )


def _is_persons(claims: Mapping[str, Any]) -> bool:
    return bool(claims["sub"] != claims["client_id"])


def _actor(client_id: str, before: Any) -> dict[str, Any]:
    """§4.1: the latest actor first, who acted before within it."""
    length, actor = 1, before
    while isinstance(actor, dict):
        length, actor = length + 1, actor.get("act")
    if length > _MOST_ACTORS:
        raise rfc6749.InvalidRequestError("The subject_token has been exchanged too often.")
    return {"sub": client_id} if before is None else {"sub": client_id, "act": before}
