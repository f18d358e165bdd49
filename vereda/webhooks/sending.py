"""Sending one request to a receiver, and what came of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import httpx
import orjson

from vereda.feed.graph import ChangeEvent
from vereda.outbound import FetchError, Line, Outward
from vereda.settings import Environment, Settings
from vereda.webhooks.tables import WebhookProblem

TIMEOUT_S: Final = 10.0
#: Of an answer no more is read than lets its connection be used again; none of it is kept.
_READ: Final = 4 * 1024
#: The type of a request that tries an endpoint.
TRIAL: Final = "org.vereda.webhook.test"
CONTENT_TYPE: Final = "application/cloudevents+json; charset=utf-8"


def body_of(event: ChangeEvent) -> bytes:
    """The event as CloudEvents 1.0 has it in JSON, structured mode (CloudEvents JSON format §3.2)."""
    return _written(**vars(event))


def trial_body(service: str, id_: UUID, at: datetime) -> bytes:
    """What tries an endpoint: an event that has no place in any feed."""
    return _written(id=str(id_), specversion="1.0", source=f"/{service}", type=TRIAL, time=at, data={})


def _written(**attributes: Any) -> bytes:
    said = {name: value for name, value in attributes.items() if value is not None}
    return orjson.dumps({**said, "datacontenttype": "application/json"})


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of a request. `asked`: how long the receiver asked us to wait."""

    problem: WebhookProblem | None
    status: int | None
    took_ms: int
    asked: timedelta | None = None


class Sender:
    """Sends to receivers, by these settings."""

    def __init__(self, outward: Outward) -> None:
        self._outward = outward

    @classmethod
    def of(cls, settings: Settings) -> Sender:
        return cls(outward_of(settings))

    @asynccontextmanager
    async def channel(self, url: str) -> AsyncIterator[Channel]:
        """Several requests, one after the other, to the one address that was looked up at the first of them."""
        channel = Channel(self._outward, url)
        try:
            yield channel
        finally:
            await channel.close()


def outward_of(settings: Settings) -> Outward:
    return Outward(
        private=settings.webhooks_to_private_networks,
        loopback=settings.environment is Environment.DEVELOPMENT,
        timeout_s=TIMEOUT_S,
    )


class Channel:
    """A line to a receiver, opened when the first request is sent."""

    def __init__(self, outward: Outward, url: str) -> None:
        self._outward = outward
        self._url = url
        self._opened: Any = None
        self._line: Line | None = None

    async def send(self, body: bytes, headers: dict[str, str]) -> Sent:
        """Never raises for what a receiver, or whoever answers in its place, does."""
        began = time.monotonic()

        def sent(problem: WebhookProblem | None, status: int | None = None, **more: Any) -> Sent:
            return Sent(problem, status, int((time.monotonic() - began) * 1000), **more)

        try:
            async with asyncio.timeout(self._outward.timeout_s):
                answer = await self._answered(body, headers)
        except TimeoutError:
            return sent(WebhookProblem.TIMED_OUT)
        except httpx.TimeoutException:
            return sent(WebhookProblem.TIMED_OUT)
        except (OSError, httpx.HTTPError, httpx.InvalidURL, FetchError, ValueError):
            return sent(WebhookProblem.UNREACHABLE)
        return sent(_problem(answer.status_code), answer.status_code, asked=_asked(answer))

    async def _answered(self, body: bytes, headers: dict[str, str]) -> httpx.Response:
        if self._line is None:
            self._opened = self._outward.line(self._url)
            self._line = await self._opened.__aenter__()
        said = {"Content-Type": CONTENT_TYPE, **headers}
        async with self._line.send("POST", said, content=body) as answer:
            read = 0
            async for chunk in answer.aiter_raw():
                read += len(chunk)
                if read > _READ:
                    break  # its connection ends with it
        return answer

    async def close(self) -> None:
        if self._line is not None:
            await self._opened.__aexit__(None, None, None)


def _problem(status: int) -> WebhookProblem | None:
    if 200 <= status < 300:
        return None
    if status == 410:
        return WebhookProblem.GONE
    return WebhookProblem.REDIRECTED if 300 <= status < 400 else WebhookProblem.REFUSED


def _asked(answer: httpx.Response) -> timedelta | None:
    """`Retry-After` in seconds (RFC 9110 §10.2.3), of an answer that may have one."""
    said = answer.headers.get("retry-after", "")
    if answer.status_code not in (429, 503) or not said.isascii() or not said.isdigit() or len(said) > 6:
        return None
    return timedelta(seconds=int(said))
