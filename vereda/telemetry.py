"""Structured logs with a request id that travels from the gateway through every service.

Logs hold operation names, codes, handles and durations; never a value that a client sent (R34), never an address of
a person's device (R5).
"""

from __future__ import annotations

import logging
import re
import sys
import time
import traceback
from contextvars import ContextVar
from typing import Any, Final

import orjson
import structlog
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vereda.ids import new_id
from vereda.settings import LogFormat, Settings

REQUEST_ID_HEADER: Final = "X-Request-Id"
_HEADER: Final = REQUEST_ID_HEADER.lower().encode()
_ACCEPTABLE: Final = re.compile(r"[A-Za-z0-9_.:-]{8,80}")

request_id: ContextVar[str] = ContextVar("vereda_request_id", default="-")


def configure_logging(settings: Settings, process: str) -> None:
    """One line an event on stderr: JSON in production, readable on a terminal."""
    renderer: Any = _plain
    if settings.log_format is LogFormat.JSON:
        renderer = structlog.processors.JSONRenderer(serializer=_json)
    elif sys.stderr.isatty():
        # Never the default formatter, which prints the local variables of each frame (R34).
        renderer = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.format_exc_info, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping()[settings.log_level]
        ),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    # Libraries that log by the standard module come out in the same form.
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*shared, _without_words], processor=renderer
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    structlog.contextvars.bind_contextvars(process=process)


def _json(event: Any, **_options: Any) -> str:
    return orjson.dumps(event, default=str).decode()


def _plain(_logger: Any, _method: str, event: Any) -> str:
    """One line for a file: as on a terminal, without colours and alignment."""
    head = f"{event.pop('timestamp', '')} [{event.pop('level', '')}] {event.pop('event', '')}"
    exception = event.pop("exception", None)
    line = " ".join((head, *(f"{name}={value}" for name, value in event.items())))
    return f"{line}\n{exception}" if exception else line


def logger(name: str) -> structlog.typing.FilteringBoundLogger:
    log: structlog.typing.FilteringBoundLogger = structlog.get_logger(name)
    return log


def report(log: structlog.typing.FilteringBoundLogger, error: BaseException, **fields: Any) -> None:
    """Log an unexpected error: what broke and where. Never its own words, which may quote what a client sent (R34)."""
    log.error("unexpected error", **_what_and_where(error), **fields)


def _without_words(_logger: Any, _method: str, event: Any) -> Any:
    """What a library logs of an exception, told as `report` tells it."""
    found = event.pop("exc_info", None)
    if isinstance(found, tuple) and found[1] is not None:
        event |= _what_and_where(found[1])
    return event


def _what_and_where(error: BaseException) -> dict[str, str]:
    return {
        "kind": f"{type(error).__module__}.{type(error).__qualname__}",
        "trace": "".join(traceback.format_tb(error.__traceback__)),
    }


def accepted_request_id(given: str | None) -> str:
    """The caller's own id where it has a harmless shape, else a new one."""
    return given if given and _ACCEPTABLE.fullmatch(given) else str(new_id())


class RequestLog:
    """ASGI middleware: gives each request its id, echoes it in the answer, logs one line when it is done."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.log = logger("http")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = next((value for name, value in scope["headers"] if name == _HEADER), None)
        rid = accepted_request_id(given.decode("latin-1") if given is not None else None)
        token = request_id.set(rid)
        status = 0
        started = time.perf_counter()

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = (header for header in message.get("headers", ()) if header[0].lower() != _HEADER)
                message["headers"] = [*headers, (_HEADER, rid.encode("latin-1"))]
            await send(message)

        try:
            await self.app(scope, receive, send_with_id)
        except ClientDisconnect:
            pass  # who went away in the middle of a body is answered nothing, and fills no log with traces
        finally:
            request_id.reset(token)
            known = "endpoint" in scope  # the path of what is no route of ours may say anything
            if not scope["path"].startswith("/health/"):
                self.log.info(
                    "request",
                    method=scope["method"],
                    path=scope["path"] if known else "unknown",
                    status=status,
                    ms=round((time.perf_counter() - started) * 1000, 1),
                    rid=rid,
                )
