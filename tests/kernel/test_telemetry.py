"""Each request has one harmless id from the gateway to the log; the log tells what happened and to nobody whom."""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import httpx
import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from tests.kernel.graph_of_notes import running
from tests.support.subgraph import caller_of
from vereda import telemetry
from vereda.caller import Caller
from vereda.database import Database
from vereda.health import health_routes
from vereda.settings import LogFormat, Settings
from vereda.telemetry import (
    REQUEST_ID_HEADER,
    RequestLog,
    accepted_request_id,
    configure_logging,
    logger,
    report,
    request_id,
)

HARMLESS = re.compile(r"[A-Za-z0-9_.:-]{8,80}")


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What is logged from now on."""
    written = io.StringIO()
    before, root = structlog.get_config(), list(logging.getLogger().handlers)
    monkeypatch.setattr(telemetry, "sys", SimpleNamespace(stderr=written))
    yield written
    structlog.configure(**before)
    logging.getLogger().handlers[:] = root


def events(log: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


def json_log(level: str = "INFO") -> None:
    configure_logging(Settings(log_format=LogFormat.JSON, log_level=level), "notes")  # type: ignore[arg-type]


@given(st.from_regex(HARMLESS, fullmatch=True))
def test_a_harmless_request_id_is_kept(given_: str) -> None:
    assert accepted_request_id(given_) == given_


@given(st.none() | st.text() | st.from_regex(r"[\x00-\xff]{0,120}", fullmatch=True))
def test_whatever_is_given_the_request_id_is_harmless(given_: str | None) -> None:
    assert HARMLESS.fullmatch(accepted_request_id(given_))


@pytest.mark.parametrize(
    "given_",
    [
        "",
        "short",
        "a" * 81,
        "with space",
        "line\nbreak",
        "trailing-newline\n",
        "Marisol Peña",
        "\x1b[31mred--",
        "a;b=c;d=e",
    ],
)
def test_a_request_id_of_odd_shape_is_replaced(given_: str) -> None:
    assert UUID(accepted_request_id(given_)).version == 7


async def talking(_request: Request) -> PlainTextResponse:
    return PlainTextResponse(request_id.get())


async def breaking(_request: Request) -> PlainTextResponse:
    raise RuntimeError("canary")


def client() -> httpx.AsyncClient:
    routes = [Route("/talk", talking), Route("/break", breaking), *health_routes({})]
    transport = httpx.ASGITransport(RequestLog(Starlette(routes=routes)), raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://service")


async def test_the_answer_names_the_request_as_the_code_and_the_log_do(log: io.StringIO) -> None:
    json_log()
    async with client() as asking:
        kept = await asking.get("/talk", headers={REQUEST_ID_HEADER: "gateway-0001"})
        made = await asking.get("/talk", headers={REQUEST_ID_HEADER: "?"})

    assert kept.headers[REQUEST_ID_HEADER] == kept.text == "gateway-0001"
    assert made.headers[REQUEST_ID_HEADER] == made.text != "?"
    assert [event["rid"] for event in events(log)] == [kept.text, made.text]
    assert request_id.get() == "-"


async def test_one_line_says_what_was_asked_and_how_it_went(log: io.StringIO) -> None:
    json_log()
    async with client() as asking:
        await asking.get("/talk?name=canary", headers={"Authorization": "Bearer canary", "Cookie": "canary"})

    (event,) = events(log)
    assert set(event) == {"event", "method", "path", "status", "ms", "rid", "level", "timestamp", "process"}
    assert (event["method"], event["path"], event["status"], event["process"]) == (
        "GET",
        "/talk",
        200,
        "notes",
    )
    assert "canary" not in log.getvalue()


async def test_a_path_that_is_no_route_may_hold_anything_and_is_not_logged(log: io.StringIO) -> None:
    json_log()
    async with client() as asking:
        await asking.get("/clients/canary%0Ainfo%20forged%1b%5b31m")

    (event,) = events(log)
    assert (event["path"], event["status"]) == ("unknown", 404)


async def test_a_request_that_breaks_is_logged_too(log: io.StringIO) -> None:
    json_log()
    async with client() as asking:
        answer = await asking.get("/break")

    assert answer.status_code == 500
    assert "canary" not in answer.text
    assert [event["path"] for event in events(log)] == ["/break"]
    assert request_id.get() == "-"


async def test_probes_are_not_logged(log: io.StringIO) -> None:
    json_log()
    async with client() as asking:
        await asking.get("/health/live")
        await asking.get("/health/ready")

    assert log.getvalue() == ""


def fails(given_: str) -> None:
    kept = {"said": given_}
    raise RuntimeError(f"cannot cope with {kept}")


@pytest.mark.parametrize("form", list(LogFormat))
def test_an_exception_that_is_reported_says_what_broke_and_where_in_no_words_of_its_own_r34(
    log: io.StringIO, form: LogFormat
) -> None:
    configure_logging(Settings(log_format=form), "notes")

    try:
        fails("CANARY".lower())
    except RuntimeError as error:
        report(logger("test"), error, rid="r")
        logging.getLogger("library").exception("it broke")

    assert log.getvalue().count("builtins.RuntimeError") == 2
    assert log.getvalue().count("in fails") == 2
    assert "canary" not in log.getvalue()


@pytest.mark.parametrize("form", list(LogFormat))
def test_a_traceback_does_not_show_the_variables_of_its_frames_r34(log: io.StringIO, form: LogFormat) -> None:
    configure_logging(Settings(log_format=form), "notes")
    sent = "canary".upper()

    try:
        raise RuntimeError("broken")
    except RuntimeError:
        logger("test").exception("it broke")

    assert "RuntimeError: broken" in log.getvalue()
    assert sent not in log.getvalue()


def test_lines_of_libraries_have_the_same_form(log: io.StringIO) -> None:
    json_log()

    logging.getLogger("library").warning("beware of %s", "it")
    logging.getLogger("library").info("not of interest")

    assert [(event["event"], event["level"], event["process"]) for event in events(log)] == [
        ("beware of it", "warning", "notes")
    ]


@pytest.mark.parametrize(("level", "seen"), [("DEBUG", 3), ("INFO", 2), ("ERROR", 1), ("CRITICAL", 0)])
def test_the_level_is_the_operators_choice(log: io.StringIO, level: str, seen: int) -> None:
    json_log(level)

    for method in ("debug", "info", "error"):
        getattr(logger("test"), method)("said")

    assert len(events(log)) == seen


async def test_the_request_id_reaches_the_database_and_the_events(
    log: io.StringIO, settings: Settings, notes: Database
) -> None:
    service = running(settings, notes)
    document = {"query": """{ runs(statement: "SELECT current_setting('vereda.request_id')") }"""}

    answer = await service.send(document, caller_of(), {REQUEST_ID_HEADER: "gateway-0002"})

    assert answer.json() == {"data": {"runs": "gateway-0002"}}
    async with notes.transaction(Caller("s", caller_of().organization)) as session:
        assert await session.scalar(text("SELECT current_setting('vereda.request_id')")) == "-"


async def test_who_goes_away_in_the_middle_of_a_body_makes_one_line_and_no_trace(log: io.StringIO) -> None:
    json_log()

    async def reads(scope: Scope, receive: Receive, send: Send) -> None:
        await Request(scope, receive).body()

    async def gone() -> Message:
        return {"type": "http.disconnect"}

    async def sent(_message: Message) -> None:
        pytest.fail("somebody who is gone was answered")

    scope = {"type": "http", "method": "POST", "path": "/x", "headers": [], "query_string": b""}
    await RequestLog(reads)(scope, gone, sent)

    [line] = events(log)
    assert (line["event"], line["status"]) == ("request", 0)
