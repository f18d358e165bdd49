"""A partner's system as it talks to the gateway: a token for its client credentials, then GraphQL over HTTP."""

from __future__ import annotations

import asyncio
import base64
import json
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from typing import Any, Final

_TIMEOUT_S: Final = 30


class UnexpectedAnswerError(Exception):
    """The running system answered otherwise than it should."""


@dataclass(slots=True)
class PartnerSystem:
    """One sign-in at one gateway."""

    gateway_url: str
    client_id: str
    secret: str
    token: str | None = None

    async def sign_in(self) -> dict[str, Any]:
        """An access token by client credentials (RFC 6749 §4.4); the token endpoint's answer."""
        basic = base64.b64encode(f"{self.client_id}:{self.secret}".encode()).decode()
        body = urllib.parse.urlencode({"grant_type": "client_credentials"}).encode()
        headers = {"Authorization": f"Basic {basic}", "Content-Type": "application/x-www-form-urlencoded"}
        answer = await _post(f"{self.gateway_url}/oauth/token", body, headers)
        if "access_token" not in answer:
            raise UnexpectedAnswerError(f"no token for {self.client_id}: {answer}")
        self.token = str(answer["access_token"])
        return answer

    async def ask(self, document: str, variables: dict[str, Any] | None = None) -> dict[str, Any]:
        """The whole answer to one GraphQL request."""
        if self.token is None:
            await self.sign_in()
        body = json.dumps({"query": document, "variables": variables or {}}).encode()
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        return await _post(f"{self.gateway_url}/graphql", body, headers)

    async def read(self, path: str) -> dict[str, Any]:
        """What the gateway has at a path of its own, as JSON."""
        if self.token is None:
            await self.sign_in()
        headers = {"Authorization": f"Bearer {self.token}"}
        request = urllib.request.Request(f"{self.gateway_url}{path}", headers=headers)  # noqa: S310
        return await asyncio.to_thread(_send, request)


async def _post(url: str, body: bytes, headers: dict[str, str]) -> dict[str, Any]:
    return await asyncio.to_thread(_send, urllib.request.Request(url, body, headers))  # noqa: S310


def _send(request: urllib.request.Request) -> dict[str, Any]:
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as answer:  # noqa: S310
            content = answer.read()
    except urllib.error.HTTPError as refusal:
        content = refusal.read()
    decoded = json.loads(content)
    if not isinstance(decoded, dict):
        raise UnexpectedAnswerError("the answer is not an object")
    return decoded
