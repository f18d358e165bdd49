"""A key management service that speaks HashiCorp Vault's Transit API (so does OpenBao): the KEK never leaves it.

`POST /v1/<mount>/encrypt|decrypt|rewrap/<key>`, with a token in `X-Vault-Token`. The service keeps the versions of the key,
and its own log of who asked for what. Tokens and keys are in no message here, nor in a log.
"""

from __future__ import annotations

import base64
import ssl
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
import orjson

from vereda.errors import OperatorError
from vereda.keyring.away import KeysAwayError
from vereda.keyring.sealers import RemoteSealer

_TIMEOUT: Final = httpx.Timeout(5.0, connect=2.0)
_LARGEST: Final = 64 * 1024 * 1024
#: Bound into what is sealed: nothing else that the key has sealed passes for a keyring.
_ASSOCIATED: Final = base64.b64encode(b"vereda keyring").decode()
_LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")

#: What the service's answers mean to who runs it (Vault's HTTP API, "HTTP status codes").
_MEANINGS: Final = {
    400: "it refuses the request: the keyring was sealed by another key, or by a version of it that it opens no more",
    403: "it refuses the token: it is over, or its policy does not let it use this key",
    404: "it has no such key or mount: see VEREDA_VAULT_KEY and VEREDA_VAULT_MOUNT",
    429: "it is a standby that answers nothing",
    503: "it is sealed, or under maintenance",
}


class Transit(RemoteSealer):
    """Raises, at making: OperatorError when the address is not https, but on loopback."""

    name = "vault"

    def __init__(
        self,
        address: str,
        mount: str,
        key: str,
        token: Callable[[], str],
        trust: ssl.SSLContext | None = None,
    ) -> None:
        """`token` is asked for each request, so that an agent may replace it."""
        parsed = urlsplit(address)
        if parsed.scheme != "https" and not (parsed.scheme == "http" and parsed.hostname in _LOOPBACK):
            raise OperatorError(
                "VEREDA_VAULT_ADDR must be an https address: keys do not travel in the clear."
            )
        self._base = f"{address.rstrip('/')}/v1/{mount.strip('/')}"
        self._key = key
        self._token = token
        self._trust = trust

    async def seal(self, content: bytes) -> str:
        data = await self._ask("encrypt", {"plaintext": base64.b64encode(content).decode()})
        return _text(data, "ciphertext")

    async def unseal(self, sealed: str) -> bytes:
        data = await self._ask("decrypt", {"ciphertext": sealed})
        try:
            return base64.b64decode(_text(data, "plaintext"), validate=True)
        except ValueError:
            raise KeysAwayError("what it answers is not base64") from None

    async def renew(self, sealed: str) -> str:
        return _text(await self._ask("rewrap", {"ciphertext": sealed}), "ciphertext")

    async def _ask(self, act: str, about: dict[str, str]) -> dict[str, Any]:
        headers = {"X-Vault-Token": self._token(), "X-Vault-Request": "true"}
        body = {**about, "associated_data": _ASSOCIATED}
        try:
            async with httpx.AsyncClient(
                timeout=_TIMEOUT, verify=self._trust or True, follow_redirects=False, trust_env=False
            ) as http:
                answer = await http.post(f"{self._base}/{act}/{self._key}", json=body, headers=headers)
        except httpx.TimeoutException:
            raise KeysAwayError("it does not answer in time") from None
        except (httpx.HTTPError, ssl.SSLError, OSError) as error:
            raise KeysAwayError(f"it cannot be reached ({type(error).__name__})") from None
        if answer.status_code != 200:
            raise KeysAwayError(
                _MEANINGS.get(answer.status_code, f"it answers with HTTP {answer.status_code}")
            )
        try:
            data = orjson.loads(answer.content)["data"] if len(answer.content) <= _LARGEST else None
        except (ValueError, KeyError, TypeError):
            data = None
        if not isinstance(data, dict):
            raise KeysAwayError("it answers something else than Transit would")
        return data


def _text(data: dict[str, Any], name: str) -> str:
    value = data.get(name)
    if not isinstance(value, str):
        raise KeysAwayError("it answers something else than Transit would")
    return value
