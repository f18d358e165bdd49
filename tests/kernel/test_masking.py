"""What a client sent never comes back in an error's words, nor reaches the log (R34); every error has a stable code."""

from __future__ import annotations

import io
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import structlog
from graphql import GraphQLError
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm.exc import StaleDataError

from tests.kernel.graph_of_notes import RunningService, running
from tests.support.subgraph import caller_of
from vereda import masking, telemetry
from vereda.database import Database
from vereda.errors import ClientError, ErrorCode
from vereda.masking import shown
from vereda.settings import LogFormat, Settings
from vereda.telemetry import logger

CANARY = "canary Xochitl 559-555-7731"
LITERAL = f'"{CANARY}"'


@pytest.fixture(params=list(LogFormat))
def log(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What a service logs from now on, as an operator would see it in either format."""
    written = io.StringIO()
    written.format = request.param  # type: ignore[attr-defined]
    before = structlog.get_config()
    monkeypatch.setattr(telemetry, "sys", SimpleNamespace(stderr=written))
    monkeypatch.setattr(masking, "_log", logger("errors"))
    yield written
    structlog.configure(**before)


@pytest.fixture
def service(log: io.StringIO, settings: Settings, notes: Database) -> RunningService:
    changes = {"log_format": log.format, "log_level": "DEBUG"}  # type: ignore[attr-defined]
    return running(settings.model_copy(update=changes), notes)


def codes(answer: dict[str, Any]) -> list[str]:
    return [error["extensions"]["code"] for error in answer["errors"]]


def silent(log: io.StringIO, answer: object) -> None:
    for part in ("Xochitl", "559-555-7731"):
        assert part not in str(answer)
        assert part not in log.getvalue()


@pytest.mark.parametrize("field", ["breaks", "breaksBeneath", "answersWrongly"])
async def test_an_unexpected_error_is_masked_and_logged_once_by_where_it_arose(
    service: RunningService, log: io.StringIO, field: str
) -> None:
    answer = await service.ask(caller_of(), f"query($t: String!) {{ {field}(text: $t) }}", t=CANARY)

    assert codes(answer) == ["INTERNAL"]
    assert answer["errors"][0]["path"] == [field]
    silent(log, answer)
    assert log.getvalue().count("unexpected error") == 1
    assert field in log.getvalue()


async def test_the_client_is_given_the_request_id_under_which_the_log_has_it(
    service: RunningService, log: io.StringIO
) -> None:
    document = {"query": f"{{ breaks(text: {LITERAL}) }}"}

    answer = await service.send(document, caller_of(), {"X-Request-Id": "asked-for-0001"})

    assert "Quote request asked-for-0001." in answer.json()["errors"][0]["message"]
    assert log.getvalue().count("asked-for-0001") == 2  # the error, and the request
    silent(log, answer.text)


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("SELECT CAST(CAST(:text AS text) AS integer)", "BAD_USER_INPUT"),
        ("SELECT CAST(:text AS uuid)", "BAD_USER_INPUT"),
        ("SELECT chr(0) || :text", "INTERNAL"),
        ("SELECT nothing FROM notes WHERE text = :text", "INTERNAL"),
        ("SELECT count(*) FROM notes WHERE text = :text LIMIT -1", "BAD_USER_INPUT"),
        ("SELECT pg_read_file(:text)", "FORBIDDEN"),
        (
            "SELECT pg_cancel_backend(pg_backend_pid()), CAST(:text AS text), pg_sleep(1)",
            "DEADLINE_EXCEEDED",
        ),
        ("INSERT INTO notes (text) VALUES (:text)", "INTERNAL"),
    ],
)
async def test_a_value_in_an_error_of_the_database_is_not_repeated(
    service: RunningService, log: io.StringIO, statement: str, code: str
) -> None:
    document = "query($s: String!, $t: String!) { runs(statement: $s, text: $t) }"

    answer = await service.ask(caller_of(), document.replace("text:", "text_:"), s=statement, t=CANARY)

    assert codes(answer) == [code]
    silent(log, answer)


BAD_VALUES: list[tuple[str, Any]] = [
    ("title", {"Xochitl": CANARY}),
    ("title", [CANARY]),
    ("count", CANARY),
    ("count", {"a": CANARY}),
    ("count", 55_955_577_310_000),
    ("share", CANARY),
    ("done", CANARY),
    ("colour", CANARY),
    ("colour", {"a": CANARY}),
    ("colour", f"x' does not exist in {CANARY}"),
    ("price", CANARY),
    ("price", [CANARY]),
    ("parent", {"a": CANARY}),
    ("parent", [CANARY]),
    ("day", CANARY),
    ("at", CANARY),
    ("key", CANARY),
    ("weight", CANARY),
]


@pytest.mark.parametrize(("field", "value"), BAD_VALUES, ids=str)
async def test_a_variable_that_does_not_fit_is_named_and_its_value_is_not(
    service: RunningService, log: io.StringIO, field: str, value: Any
) -> None:
    document = "query($n: NewNote!) { same(note: $n) }"

    answer = await service.ask(caller_of(), document, n={"details": [{}, {field: value}]})

    assert codes(answer) == ["GRAPHQL_VALIDATION_FAILED"]
    assert f".details[1].{field}" in answer["errors"][0]["message"]
    silent(log, answer)


@pytest.mark.parametrize(
    "value", [CANARY, {"details": CANARY}, {"details": [CANARY]}, [CANARY], {}, 7], ids=str
)
async def test_a_variable_of_another_shape_is_not_repeated(
    service: RunningService, log: io.StringIO, value: Any
) -> None:
    answer = await service.ask(caller_of(), "query($n: NewNote!) { same(note: $n) }", n=value)

    assert set(codes(answer)) == {"GRAPHQL_VALIDATION_FAILED"}
    silent(log, answer)


@pytest.mark.parametrize(
    "document",
    [
        f"{{ number(n: {LITERAL}) }}",
        f"{{ number(n: {{a: {LITERAL}}}) }}",
        f"{{ number(n: [{LITERAL}]) }}",
        f"query($n: Int = {LITERAL}) {{ number(n: $n) }}",
        f"{{ number(n: $n, text: {LITERAL}) }}",
        f"{{ number(n: 1, n: {LITERAL}) }}",
        f"{{ breaks(text: {{a: {LITERAL}}}) }}",
        f"{{ same(note: {LITERAL}) }}",
        *(
            f"{{ same(note: {{details: [{{{field}: {literal}}}]}}) }}"
            for field in ("count", "share", "done", "colour", "price", "day", "at", "key", "weight")
            for literal in (LITERAL, f"[{{a: {LITERAL}}}]", f'"""{CANARY}\n: found"""')
        ),
        f"{{ a: number(n: 1) a: number(n: {LITERAL}) }}",
        f"{{ caller @include(if: {LITERAL}) }}",
    ],
)
async def test_a_literal_that_does_not_fit_is_not_repeated(
    service: RunningService, log: io.StringIO, document: str
) -> None:
    answer = await service.ask(caller_of(), document)

    assert set(codes(answer)) == {"GRAPHQL_VALIDATION_FAILED"}
    silent(log, answer)


@pytest.mark.parametrize(
    "document",
    [
        LITERAL,
        f"{{ number {LITERAL} }}",
        f"{{ number(n: 1 {LITERAL}) }}",
        f'{{ number(n: 1 """{CANARY}""") }}',
        f"{{ number({LITERAL}: 1) }}",
        f"{{ number(n: {LITERAL}",
        f'{{ number(n: "{CANARY}) }}',
        f'{{ number(n: "{CANARY}\\q") }}',
        f"{LITERAL} {{ number }}",
        f"query {LITERAL} {{ number }}",
        f"{{ number @{LITERAL} }}",
        f"{{ number(n: 1) }} {CANARY}",
    ],
)
async def test_a_document_that_cannot_be_read_is_refused_without_its_words(
    service: RunningService, log: io.StringIO, document: str
) -> None:
    answer = await service.ask(caller_of(), document)

    assert codes(answer) == ["GRAPHQL_PARSE_FAILED"]
    assert answer["errors"][0]["message"].startswith("Syntax Error")
    silent(log, answer)


async def test_null_where_none_may_be_is_the_clients_error(service: RunningService, log: io.StringIO) -> None:
    answer = await service.ask(caller_of(), "query($n: Int = 5) { number(n: $n) }", n=None)

    assert codes(answer) == ["GRAPHQL_VALIDATION_FAILED"]
    assert "unexpected error" not in log.getvalue()


async def test_what_cannot_be_stored_is_the_clients_error(service: RunningService, log: io.StringIO) -> None:
    document = "mutation($t: String!) { makeNote(text: $t) }"

    answer = await service.ask(caller_of(), document, t=f"{CANARY}\x00")

    assert codes(answer) == ["BAD_USER_INPUT"]
    silent(log, answer)


@pytest.mark.parametrize(
    ("cause", "code"),
    [
        (StaleDataError("UPDATE notes SET text = 'canary'"), ErrorCode.VERSION_CONFLICT),
        (
            UnicodeEncodeError("utf-8", "canary \ud800", 7, 8, "surrogates not allowed"),
            ErrorCode.BAD_USER_INPUT,
        ),
        (OperationalError("SELECT 'canary'", {}, Exception("canary")), ErrorCode.SERVICE_UNAVAILABLE),
        (InterfaceError("SELECT 'canary'", {}, Exception("canary")), ErrorCode.SERVICE_UNAVAILABLE),
        (PoolTimeoutError("canary"), ErrorCode.SERVICE_UNAVAILABLE),
        (ConnectionRefusedError("canary"), ErrorCode.SERVICE_UNAVAILABLE),
        (TimeoutError("canary"), ErrorCode.SERVICE_UNAVAILABLE),
        (ZeroDivisionError("canary"), ErrorCode.INTERNAL),
        (ValueError("canary"), ErrorCode.INTERNAL),
        (GraphQLError("canary"), ErrorCode.INTERNAL),
    ],
    ids=lambda value: type(value).__name__,
)
def test_each_kind_of_error_has_its_code_and_words_of_our_own(cause: Exception, code: ErrorCode) -> None:
    seen = shown(GraphQLError(str(cause), path=["notes", 0, "text"], original_error=cause))

    assert seen.extensions == {"code": code.value}
    assert seen.path == ["notes", 0, "text"]
    assert "canary" not in seen.message
    assert seen.original_error is None


def test_an_error_that_was_written_for_the_client_is_shown_as_it_is() -> None:
    refusal = ClientError(ErrorCode.FORBIDDEN, "This needs the scope `x`.", {"requiredScope": "x"})
    raised = GraphQLError(refusal.message, path=["notes"], original_error=refusal)

    assert shown(raised) is raised
    assert raised.extensions == {"code": "FORBIDDEN", "requiredScope": "x"}
