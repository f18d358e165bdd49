"""A service answers the gateway alone, whatever else is sent to it, and says no more than it should."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any

import pytest

from tests.kernel import graph_of_notes
from tests.kernel.graph_of_notes import RunningService, running
from tests.support.subgraph import caller_of
from vereda import service as service_module
from vereda.database import Database
from vereda.keys import KeyRing
from vereda.settings import Settings
from vereda.tokens import HEADER, mint

HELLO = {"query": "{ caller }"}
UNAUTHENTICATED = {
    "errors": [
        {
            "message": "A valid transaction token is needed.",
            "extensions": {"code": "UNAUTHENTICATED"},
        }
    ]
}


@pytest.fixture
def service(settings: Settings, notes: Database) -> RunningService:
    return running(settings, notes)


async def test_the_gateways_request_is_answered_in_the_callers_name(service: RunningService) -> None:
    answer = await service.send(HELLO, caller_of(subject="marta"))

    assert answer.status_code == 200
    assert answer.json() == {"data": {"caller": "marta"}}


@pytest.mark.parametrize(
    ("registered", "named", "status"),
    [(None, "FOLLOW_UP", 200), ("FOLLOW_UP", "FOLLOW_UP", 200), ("APPOINTMENT", "FOLLOW_UP", 403)],
)
async def test_r18_a_system_with_a_purpose_names_no_other(
    service: RunningService, registered: str | None, named: str, status: int
) -> None:
    caller = replace(caller_of(), purpose=registered)

    answer = await service.send(HELLO, caller, headers={"Vereda-Purpose": named})

    assert answer.status_code == status
    assert ("FORBIDDEN" in answer.text) == (status == 403)


async def test_without_a_token_nothing_is_even_read(service: RunningService) -> None:
    async def body() -> AsyncIterator[bytes]:
        pytest.fail("the body was read")
        yield b""

    answer = await service.send(body())

    assert (answer.status_code, answer.json()) == (401, UNAUTHENTICATED)


@pytest.mark.parametrize("content", [b"{", b"", b"[]", b"canary", b'{"query": "{ _service { sdl } }"}'])
async def test_without_a_token_every_request_gets_the_same_answer(
    service: RunningService, content: bytes
) -> None:
    answer = await service.send(content)

    assert (answer.status_code, answer.json()) == (401, UNAUTHENTICATED)


async def test_tokens_of_others_and_in_other_places_do_not_count(
    service: RunningService, tmp_path: Any
) -> None:
    genuine = mint(service.ring, caller_of())
    forged = mint(KeyRing(tmp_path / "stranger"), caller_of())

    for headers in (
        {HEADER: forged},
        {HEADER: ""},
        {HEADER: "Bearer " + genuine},
        {"Authorization": "Bearer " + genuine},
        {"Cookie": f"{HEADER}={genuine}"},
    ):
        assert (await service.send(HELLO, headers=headers)).status_code == 401
    assert (await service.request("POST", f"/graphql?{HEADER}={genuine}", json=HELLO)).status_code == 401


async def test_the_header_of_the_token_is_found_in_any_case(service: RunningService) -> None:
    token = mint(service.ring, caller_of())

    assert (await service.send(HELLO, headers={HEADER.upper(): token})).status_code == 200


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD", "OPTIONS"])
async def test_only_post_reaches_the_graph(service: RunningService, method: str) -> None:
    headers = {HEADER: mint(service.ring, caller_of())}

    answer = await service.request(method, "/graphql?query={caller}", headers=headers)

    assert answer.status_code == 405


async def test_a_body_that_is_too_large_is_refused(
    service: RunningService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service_module, "_LARGEST_BODY", 1000)
    fits = json.dumps(HELLO).encode().ljust(1000)

    assert (await service.send(fits, caller_of())).status_code == 200
    answer = await service.send(fits + b" ", caller_of())
    assert answer.status_code == 413
    assert answer.json()["errors"][0]["extensions"] == {"code": "BAD_USER_INPUT"}


async def test_a_body_that_announces_no_length_is_not_read_past_the_bound(
    service: RunningService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service_module, "_LARGEST_BODY", 1000)
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 1_000_000:
            sent += 100
            yield b" " * 100

    answer = await service.send(endless(), caller_of())

    assert answer.status_code == 413
    assert sent <= 1_200


async def test_a_length_that_is_a_lie_does_not_matter(
    service: RunningService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service_module, "_LARGEST_BODY", 1000)

    for length in ("5", "many", "-1"):
        answer = await service.send(b" " * 2000, caller_of(), {"content-length": length})
        assert answer.status_code == 413


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"canary",
        b'"canary"',
        b"7",
        b"null",
        b"true",
        b'{"query": "{ caller }"',
        b"\xff\xfe",
        b'{"query": "\xff"}',
        b'{"query": "\\ud800"}',
        b'{"query": NaN}',
        b'{"query": 7}',
        b'{"query": ["canary"]}',
        b'{"query": "{ caller }", "variables": "canary"}',
        b'{"query": "{ caller }", "variables": []}',
        b'{"query": "{ caller }", "extensions": "canary"}',
        b"{}",
        b'{"query": null}',
        b'{"query": ""}',
        b"[" * 5_000,
    ],
    ids=lambda content: content[:40].decode(errors="replace"),
)
async def test_a_body_that_is_no_request_is_a_bad_request(service: RunningService, content: bytes) -> None:
    answer = await service.send(content, caller_of())

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["extensions"] == {"code": "BAD_USER_INPUT"}
    assert "canary" not in answer.text


@pytest.mark.parametrize("content", [[HELLO], [HELLO, HELLO], [], [7], ["canary"]])
async def test_batches_of_requests_are_not_taken(service: RunningService, content: list[Any]) -> None:
    answer = await service.send(content, caller_of())

    assert answer.status_code == 400


@pytest.mark.parametrize(
    "type_", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]
)
async def test_what_a_page_in_a_browser_could_send_is_not_taken(service: RunningService, type_: str) -> None:
    answer = await service.send(HELLO, caller_of(), {"content-type": type_})

    assert answer.status_code == 400


async def test_an_operation_that_the_document_does_not_have_is_a_bad_request(service: RunningService) -> None:
    content = {"query": "query A { caller } query B { number }"}

    assert (await service.send({**content, "operationName": "B"}, caller_of())).json() == {
        "data": {"number": 3}
    }
    unknown = await service.send({**content, "operationName": "canary"}, caller_of())
    assert unknown.status_code == 400
    assert "canary" not in unknown.text


async def test_a_document_nested_without_end_is_an_error_of_the_document(service: RunningService) -> None:
    for document in (
        "{a" * 20_000,
        "{a" * 3_000 + "}" * 3_000,
        "{number(n: " + "[" * 5_000 + "]" * 5_000 + ")}",
    ):
        answer = await service.send({"query": document}, caller_of())

        assert answer.status_code == 200
        codes = {error["extensions"]["code"] for error in answer.json()["errors"]}
        assert codes <= {"GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED"}


async def test_what_is_withheld_is_named_in_the_extensions_r12(service: RunningService) -> None:
    answer = await service.ask(caller_of(), "{ first: withheld second: withheld }")

    assert answer["data"] == {"first": None, "second": None}
    assert answer["extensions"]["redactions"] == [
        {"path": [name], "dataClass": "NEED", "reason": "NO_CONSENT"} for name in ("first", "second")
    ]


async def test_what_a_request_wrote_the_next_one_reads(service: RunningService) -> None:
    caller = caller_of()

    made = await service.ask(caller, 'mutation { makeNote(text: "hello", rank: 7) }')
    seen = await service.ask(caller, "{ notes { nodes { text rank } pageInfo { hasNextPage } } }")

    assert made == {"data": {"makeNote": 7}}
    assert seen["data"]["notes"]["nodes"] == [{"text": "hello", "rank": 7}]
    assert (await service.ask(caller_of(), "{ notes { nodes { text } } }"))["data"]["notes"]["nodes"] == []


@pytest.mark.parametrize(
    "after",
    [
        "canary",
        "",
        "W10",
        "WzEsImEiLDVd",
        "WzEwOTk1MTE2Mjc3NzYsImEiLCIwMTljYThiNC1lYmMwLTdhZWItYmYyMC0yYzdlZDlkODBhZTkiXQ",
    ],
    ids=["words", "empty", "no values", "a number for an id", "a number out of range"],
)
async def test_a_forged_cursor_is_the_clients_error(service: RunningService, after: str) -> None:
    answer = await service.ask(
        caller_of(), "query($c: String) { notes(after: $c) { nodes { rank } } }", c=after
    )

    assert [error["extensions"]["code"] for error in answer["errors"]] in (["BAD_CURSOR"], ["BAD_USER_INPUT"])
    assert "canary" not in str(answer)


async def test_its_public_keys_are_there_for_everyone_and_only_they(
    service: RunningService, settings: Settings
) -> None:
    answer = await service.request("GET", "/.well-known/jwks.json")

    assert answer.json() == KeyRing(settings.keys / graph_of_notes.SERVICE.name).public_jwks()
    assert all("d" not in key for key in answer.json()["keys"])


async def test_it_offers_no_other_way_in(service: RunningService) -> None:
    paths: Iterator[str] = iter(("/", "/graphql/", "/metrics", "/docs", "/schema", "/admin"))

    assert {(await service.request("GET", path)).status_code for path in paths} <= {307, 404}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ([("host", "service"), ("host", "service")], 400),
        ([("host", "ser vice")], 400),
        ([("host", "service:99999")], 400),
        ([("host", "service"), ("transfer-encoding", "gzip, chunked")], 400),
        ([("host", "service"), ("x-long", "a" * 33_000)], 431),
    ],
    ids=["two hosts", "a host with a space", "no port", "another transfer coding", "too large"],
)
async def test_a_head_that_makes_no_sense_is_refused(
    service: RunningService, headers: list[tuple[str, str]], status: int
) -> None:
    genuine = mint(service.ring, caller_of())

    answer = await service.request("POST", "/graphql", headers=[*headers, (HEADER, genuine)], content=b"{}")

    assert answer.status_code == status


async def test_two_tokens_are_none(service: RunningService) -> None:
    one, other = (mint(service.ring, caller_of()) for _ in range(2))
    headers = [(HEADER, one), (HEADER, other), ("content-type", "application/json")]

    answer = await service.request("POST", "/graphql", headers=headers, json=HELLO)

    assert (answer.status_code, answer.json()) == (401, UNAUTHENTICATED)


async def test_answers_are_kept_by_nobody(service: RunningService) -> None:
    answer = await service.send(HELLO, caller_of())

    assert answer.headers["cache-control"] == "no-store"
