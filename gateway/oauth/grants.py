"""The grants of the token endpoint, as authlib decides them: for what has been loaded, what is to be given out."""

from __future__ import annotations

from typing import Any, TypeVar

from authlib.oauth2 import rfc6749, rfc7636
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant, ClientCredentialsGrant, RefreshTokenGrant

from gateway.oauth.access import Issued, Rights
from gateway.oauth.client import Client, GrantType
from gateway.oauth.errors import InvalidProofError, InvalidTargetError
from gateway.oauth.families import Code, Refresh, Spendable, Standing
from gateway.people.roles import scopes_of

S = TypeVar("S", bound=Spendable)


class Common:
    """What holds for each grant of the token endpoint."""

    server: Any
    request: Any

    def check_request(self) -> None:
        """RFC 8707 §2: tokens are for one resource. RFC 9449 §5.2: some clients get tokens for a key of theirs only."""
        if self.request.form.get("resource", self.server.tokens.audience) != self.server.tokens.audience:
            raise InvalidTargetError()
        if self.request.client.dpop_required and self.request.loaded.jkt is None:
            raise InvalidProofError("This client gets tokens with a DPoP proof only.")

    def requested(self) -> frozenset[str]:
        return frozenset((self.request.payload.scope or "").split())

    def issue(self, rights: Rights) -> Issued:
        issued: Issued = self.server.tokens.mint(rights)
        self.request.issued = issued
        return issued

    def issue_for_person(self, used: Spendable, scopes: frozenset[str]) -> dict[str, Any]:
        """A token, and the next refresh token where the client may have one."""
        standing, client, jkt = used.standing, self.request.client, self.request.loaded.jkt
        assert isinstance(standing, Standing)
        issued = self.issue(
            Rights(
                client=client,
                organization=standing.organization,
                scopes=scopes,
                roles=frozenset({standing.role.value}),
                person=standing.person,
                family=used.family,
                authenticated_at=used.authenticated_at,
                jkt=jkt,
            )
        )
        self.request.spent = used
        answer = issued.response()
        if client.check_grant_type(GrantType.REFRESH_TOKEN):
            fresh = self.server.families.new_refresh(used, jkt)
            self.request.fresh = fresh
            answer["refresh_token"] = fresh.text
        return answer

    def check_key(self, used: Spendable) -> None:
        """RFC 9449 §10, and §5 for refresh tokens; of those of clients that keep a secret it asks less."""
        if used.dpop_jkt is not None and used.dpop_jkt != self.request.loaded.jkt:
            raise rfc6749.InvalidGrantError("It is bound to a key, of which there is no DPoP proof.")

    def good(self, used: S | None, client: Client) -> S:
        """What may be used now. Whoever uses it again may have stolen it, or been stolen from (RFC 6749 §4.1.2, RFC 9700
        §4.14.2). Raises: InvalidGrantError."""
        if used is not None and used.used_at is not None:
            self.request.reused = used
        if used is None or not used.is_good or not used.check_client(client):
            raise rfc6749.InvalidGrantError(
                "It is unknown, has ended, was used before, or is another client's."
            )
        return used


class ClientCredentials(Common, ClientCredentialsGrant):  # type: ignore[misc]
    """RFC 6749 §4.4: the client's own rights, or as much of them as it asks for."""

    def validate_requested_scope(self) -> None:
        """RFC 6749 §3.3: a scope beyond the client's own refuses the request; unknown or merely not its own, alike."""
        self.check_request()
        if not self.requested() <= self.request.client.scopes:
            raise rfc6749.InvalidScopeError("A requested scope is unknown or not granted to this client.")

    def generate_token(self, **_options: Any) -> dict[str, Any]:
        client = self.request.client
        rights = Rights(
            client=client,
            organization=client.organization,
            scopes=self.requested() or client.scopes,
            roles=client.roles,
            jkt=self.request.loaded.jkt,
        )
        return self.issue(rights).response()


class AuthorizationCode(Common, AuthorizationCodeGrant):  # type: ignore[misc]
    """RFC 6749 §4.1.3: a code, from the client that it was given to, with the verifier of its challenge (RFC 7636 §4.6)."""

    def query_authorization_code(self, _text: str, client: Client) -> Code:
        self.request.client = client
        self.check_request()
        code: Code | None = self.request.loaded.code
        return self.good(code, client)

    def authenticate_user(self, code: Code) -> Standing | None:
        self.check_key(code)
        return code.standing

    def generate_token(self, user: Standing, **_options: Any) -> dict[str, Any]:
        code: Code = self.request.authorization_code
        return self.issue_for_person(code, code.scopes & self.request.client.scopes & scopes_of(user.role))

    def delete_authorization_code(self, _code: Code) -> None:
        """It is used up when the answer is stored."""


class Verifier(rfc7636.CodeChallenge):  # type: ignore[misc]
    """RFC 7636, with S256 alone: each code has a challenge, so each needs its verifier."""

    DEFAULT_CODE_CHALLENGE_METHOD = "S256"
    SUPPORTED_CODE_CHALLENGE_METHOD = ("S256",)


class RefreshedToken(Common, RefreshTokenGrant):  # type: ignore[misc]
    """RFC 6749 §6: a new access token, with no more scopes than before, and a new refresh token (RFC 9700 §4.14.2)."""

    def authenticate_refresh_token(self, _text: str) -> Refresh:
        self.check_request()
        refresh: Refresh | None = self.request.loaded.refresh
        return self.good(refresh, self.request.client)

    def _validate_token_scope(self, token: Refresh) -> None:
        if not self.requested() <= token.scopes:
            raise rfc6749.InvalidScopeError("A requested scope was not granted before.")

    def authenticate_user(self, refresh: Refresh) -> Standing | None:
        self.check_key(refresh)
        return refresh.standing

    def issue_token(self, user: Standing, refresh: Refresh) -> dict[str, Any]:
        had = refresh.scopes & self.request.client.scopes & scopes_of(user.role)
        return self.issue_for_person(refresh, had & (self.requested() or had))

    def revoke_old_credential(self, _refresh: Refresh) -> None:
        """It is used up when the answer is stored."""
