"""JSON documents that others publish and we fetch: a client's keys, an external provider's metadata.

Which addresses are asked, and how, is `vereda.outbound`'s to say; here answers are bounded, and read.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Final

import httpx
import orjson

from vereda.outbound import FetchError, Outward, Resolve, Trust, look_up
from vereda.settings import Environment, Settings

__all__ = ["FetchError", "Outbound"]

_TIMEOUT_S: Final = 5.0
_LARGEST: Final = 64 * 1024


class Outbound(Outward):
    """Fetches documents."""

    def __init__(
        self,
        *,
        private: bool = False,
        loopback: bool = False,
        timeout_s: float = _TIMEOUT_S,
        resolve: Resolve = look_up,
        trust: Trust | None = None,
    ) -> None:
        super().__init__(
            private=private, loopback=loopback, timeout_s=timeout_s, resolve=resolve, trust=trust
        )

    @classmethod
    def of(cls, settings: Settings) -> Outbound:
        return cls(
            private=settings.fetch_from_private_networks,
            loopback=settings.environment is Environment.DEVELOPMENT,
        )

    async def json(self, url: str) -> Any:
        """The document at `url`. Raises: FetchError."""
        return await self._asked(url, "GET")

    async def json_for(self, url: str, form: Mapping[str, str], user: str, password: str) -> Any:
        """What `url` answers to a form, for `user` by HTTP Basic (RFC 7617). Raises: FetchError."""
        return await self._asked(url, "POST", data=form, auth=(user, password))

    async def _asked(self, url: str, method: str, **sent: Any) -> Any:
        try:
            async with asyncio.timeout(self.timeout_s):
                body = await self._body(url, method, sent)
            return orjson.loads(body)
        except (OSError, httpx.HTTPError, TimeoutError, ValueError) as error:
            raise FetchError(f"It cannot be fetched ({type(error).__name__}).") from None

    async def _body(self, url: str, method: str, sent: Mapping[str, Any]) -> bytes:
        async with (
            self.line(url) as line,
            line.send(method, {"Accept": "application/json"}, **sent) as answer,
        ):
            if answer.status_code != 200 or "content-encoding" in answer.headers:
                raise FetchError("It was not answered with a document.")
            body = bytearray()
            async for chunk in answer.aiter_raw():
                body += chunk
                if len(body) > _LARGEST:
                    raise FetchError("The document is too large.")
        return bytes(body)
