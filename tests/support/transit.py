"""A stand-in for a key management service with HashiCorp Vault's Transit API, strict about what it is asked.

It keeps keys in versions, wants the token and exactly the fields that the API knows, and can be sealed or be slow.
"""

from __future__ import annotations

import asyncio
import base64
import os
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

_FIELDS = {
    "encrypt": {"plaintext", "associated_data"},
    "decrypt": {"ciphertext", "associated_data"},
    "rewrap": {"ciphertext", "associated_data"},
}


@dataclass
class Vault:
    url: str = ""
    token: str = "s.right"
    key: str = "vereda"
    versions: list[bytes] = field(default_factory=lambda: [os.urandom(32)])
    oldest: int = 1
    """`min_decryption_version`."""
    sealed: bool = False
    slow_s: float = 0.0
    answers: Any = None
    """Said instead of a right answer."""
    asked: list[str] = field(default_factory=list)

    def rotate(self) -> None:
        self.versions.append(os.urandom(32))

    def app(self) -> Starlette:
        return Starlette(routes=[Route("/v1/{mount}/{act}/{key}", self._answer, methods=["POST"])])

    async def _answer(self, request: Request) -> Response:
        act, body = request.path_params["act"], await request.json()
        self.asked.append(act)
        await asyncio.sleep(self.slow_s)
        if self.sealed:
            return _errors(503, "Vault is sealed")
        if request.headers.get("x-vault-token") != self.token:
            return _errors(403, "permission denied")
        if request.path_params["mount"] != "transit" or act not in _FIELDS:
            return _errors(404)
        if request.path_params["key"] != self.key or set(body) != _FIELDS[act]:
            return _errors(400, "encryption key not found")
        if self.answers is not None:
            return JSONResponse(self.answers)
        try:
            return JSONResponse({"data": self._done(act, body)})
        except (ValueError, IndexError, InvalidTag):
            return _errors(400, "ciphertext or signature version is disallowed by policy (too old)")

    def _done(self, act: str, body: dict[str, str]) -> dict[str, Any]:
        about = base64.b64decode(body["associated_data"], validate=True)
        if act == "encrypt":
            return self._encrypted(base64.b64decode(body["plaintext"], validate=True), about)
        name, version, written = body["ciphertext"].split(":")
        number = int(version.removeprefix("v"))
        if name != "vault" or not self.oldest <= number <= len(self.versions):
            raise ValueError(number)
        sealed = base64.b64decode(written, validate=True)
        plain = AESGCM(self.versions[number - 1]).decrypt(sealed[:12], sealed[12:], about)
        return (
            self._encrypted(plain, about)
            if act == "rewrap"
            else {"plaintext": base64.b64encode(plain).decode()}
        )

    def _encrypted(self, plain: bytes, about: bytes) -> dict[str, Any]:
        nonce = os.urandom(12)
        sealed = base64.b64encode(nonce + AESGCM(self.versions[-1]).encrypt(nonce, plain, about)).decode()
        return {
            "ciphertext": f"vault:v{len(self.versions)}:{sealed}",
            "key_version": len(self.versions),
        }


def _errors(status: int, *errors: str) -> JSONResponse:
    return JSONResponse({"errors": list(errors)}, status)


@asynccontextmanager
async def serving(vault: Vault, certificate: tuple[str, str] | None = None) -> AsyncIterator[Vault]:
    """On a loopback port; over TLS with `certificate`, the files of a certificate and its key."""
    tls: dict[str, Any] = {}
    if certificate is not None:
        tls = {
            "ssl_certfile": certificate[0],
            "ssl_keyfile": certificate[1],
            "ssl_version": ssl.PROTOCOL_TLS_SERVER,
        }
    server = uvicorn.Server(
        uvicorn.Config(vault.app(), host="127.0.0.1", port=0, log_level="critical", lifespan="off", **tls)
    )
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    vault.url = f"http{'s' if tls else ''}://127.0.0.1:{port}"
    try:
        yield vault
    finally:
        server.should_exit = True
        await task
