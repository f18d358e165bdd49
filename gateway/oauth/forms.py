"""A form that an authenticated client sent to an endpoint: what was loaded for it, and what was decided about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from authlib.oauth2 import rfc6749
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload

from gateway.oauth.access import Issued
from gateway.oauth.client import Client
from gateway.oauth.families import Code, NewRefresh, Refresh, Spendable


@dataclass(frozen=True, slots=True)
class Presented:
    """An access token that a client presented, already known to be genuine, unexpired and not revoked."""

    jti: UUID
    claims: Mapping[str, Any]
    family: UUID | None

    def check_client(self, client: Client) -> bool:
        return bool(self.claims.get("client_id") == client.client_id)


@dataclass(frozen=True, slots=True)
class Loaded:
    """What authlib needs and cannot wait for: loaded before it decides.

    `code`, `refresh`: of the token request, whatever has become of them. `token`: that of a revocation, an introspection
    or an exchange, when it is good. `jkt`: the key of the request's DPoP proof.
    """

    code: Code | None = None
    refresh: Refresh | None = None
    token: Presented | Refresh | None = None
    jkt: str | None = None


class FormRequest(rfc6749.OAuth2Request):  # type: ignore[misc]
    """The form, and what came of it: what is to be given out, used up, or ended."""

    def __init__(self, url: str, form: Mapping[str, str], client: Client, loaded: Loaded) -> None:
        super().__init__("POST", url)
        self.payload = BasicOAuth2Payload(dict(form))
        self.authenticated = client
        self.loaded = loaded
        self.issued: Issued | None = None
        self.fresh: NewRefresh | None = None
        self.spent: Spendable | None = None
        self.reused: Spendable | None = None
        """Used before: its family ends."""
        self.revoked: Presented | Refresh | None = None

    @property
    def form(self) -> Mapping[str, str]:
        form: Mapping[str, str] = self.payload.data
        return form
