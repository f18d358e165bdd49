"""Nonces for DPoP proofs (RFC 9449 §8, §9): stateless, so that each replica knows what another gave out."""

from __future__ import annotations

import base64
import hmac
import time
from collections.abc import Callable
from typing import Final

from vereda.secrets import Secrets
from vereda.settings import Settings

#: A nonce is taken in the step in which it was given out, and in the next.
STEP_S: Final = 150
LONGEST_LIFE_S: Final = 2 * STEP_S


class Nonces:
    """Makes and knows nonces: a keyed digest of the step of time that we are in.

    `key` is the same for all replicas; `use` tells the nonces of the authorization server from those of the resource.
    """

    def __init__(self, key: bytes, use: str, *, now: Callable[[], float] = time.time) -> None:
        self._key = key
        self._use = use
        self._now = now

    @classmethod
    def of(cls, settings: Settings, use: str) -> Nonces:
        """Raises: OperatorError when `VEREDA_HOME` cannot be used."""
        return cls(Secrets(settings.home / "secrets").get("dpop-nonce-key").encode(), use)

    def current(self) -> str:
        """The nonce to give out now."""
        return self._at(self._step())

    def knows(self, nonce: object) -> bool:
        """Whether it was given out lately. A client may use one for several proofs (§8.2)."""
        step = self._step()
        known = (self._at(step), self._at(step - 1))
        return isinstance(nonce, str) and any(
            hmac.compare_digest(nonce.encode(errors="surrogatepass"), one.encode()) for one in known
        )

    def _step(self) -> int:
        return int(self._now() // STEP_S)

    def _at(self, step: int) -> str:
        content = f"dpop nonce {self._use} {step}".encode()
        return base64.urlsafe_b64encode(hmac.digest(self._key, content, "sha256")[:18]).decode()
