"""A path that a subgraph serves besides its graph: what goes in, what comes out, and what is kept back."""

from __future__ import annotations

import asyncio

import pytest
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response

from gateway.guard import Limits
from tests.gateway.passing.conftest import INSIDE, TOKEN, Opening
from vereda.problems import problem

pytestmark = [pytest.mark.servers, pytest.mark.security]


async def test_the_subgraph_is_asked_for_the_very_path_in_the_callers_name(passing: Opening) -> None:
    async with passing(over_http=True) as gateway:
        answer = await gateway.get("/books/1.0/shelves?page=2&search=caf%C3%A9", **{"If-None-Match": '"a"'})
        (seen,) = gateway.catalog.seen

    assert answer.status_code == 200
    assert (seen.method, str(seen.url.path), seen.url.query) == (
        "GET",
        "/books/1.0/shelves",
        "page=2&search=caf%C3%A9",
    )
    assert seen.headers["vereda-transaction"] == INSIDE
    assert seen.headers["if-none-match"] == '"a"'
    assert seen.headers["x-request-id"] == answer.headers["x-request-id"]
    assert 0 < int(seen.headers["x-request-deadline"]) <= 30_000


async def test_what_a_caller_says_of_itself_stays_outside(passing: Opening) -> None:
    said = {
        "Cookie": "session=stolen",
        "Vereda-Transaction": "forged",
        "X-Forwarded-For": "192.0.2.1",
        "X-Anything": "1",
    }

    async with passing() as gateway:
        await gateway.get("/books/1.0/", **said)
        (seen,) = gateway.catalog.seen

    assert seen.headers.getlist("vereda-transaction") == [INSIDE]
    assert not {"authorization", "cookie", "x-forwarded-for", "x-anything"} & set(seen.headers)


async def test_without_a_token_nothing_is_asked(passing: Opening) -> None:
    async with passing() as gateway:
        answer = await gateway.client.get("/books/1.0/shelves")

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "UNAUTHENTICATED"
    assert gateway.catalog.seen == []


async def test_a_problem_is_told_by_its_code_and_its_request(passing: Opening) -> None:
    """RFC 9457 §3.1."""
    async with passing() as gateway:
        answer = await gateway.client.post("/books/1.0/shelves", headers=TOKEN)

    assert answer.headers["allow"] == "GET"
    assert answer.json() == {
        "type": "urn:vereda:error:METHOD_NOT_ALLOWED",
        "title": "Method Not Allowed",
        "status": 405,
        "detail": "This path is read: use GET.",
        "code": "METHOD_NOT_ALLOWED",
        "requestId": answer.headers["x-request-id"],
    }


async def test_only_get_is_passed_on(passing: Opening) -> None:
    async with passing() as gateway:
        answers = [
            await gateway.client.request(method, "/books/1.0/shelves", headers=TOKEN)
            for method in ("POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
        ]

    assert [answer.status_code for answer in answers] == [405] * 6
    assert gateway.catalog.seen == []


TWO_READINGS = (
    "/books/1.0/%2e%2e/graphql",
    "/books/1.0/.%2E/.%2e/graphql",
    "/books/1.0/..%2f..%2fgraphql",
    "/books/1.0/..%5cgraphql",
    "/books/1.0//graphql",
    "/books/1.0/%00",
    "/books/1.0/%0d%0aHost:%20elsewhere",
    "/books/1.0/a%7fb",
    "/books/1.0/%zz",
    "/books/1.0/a?b=%0",
    "/books/1.0/a?b=%0d%0",
    "/books/1.0/" + "a" * 2_000,
    "/books/1.0/?" + "a" * 5_000,
)


async def test_a_path_that_could_be_read_in_two_ways_goes_nowhere(passing: Opening) -> None:
    async def status(base: str, path: str) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(base.rpartition(":")[2]))
        head = f"GET {path} HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer good\r\nConnection: close\r\n\r\n"
        writer.write(head.encode())
        line = await reader.readline()
        writer.close()
        return line.split()[1]

    async with passing(over_http=True) as gateway:
        answers = {path: await status(gateway.base, path) for path in TWO_READINGS}

    assert set(answers.values()) <= {b"400", b"404"}, answers
    assert gateway.catalog.seen == []


async def test_a_body_is_not_taken(passing: Opening) -> None:
    async with passing() as gateway:
        answer = await gateway.client.request("GET", "/books/1.0/", headers=TOKEN, content=b"x")

    assert (answer.status_code, gateway.catalog.seen) == (400, [])


async def test_data_goes_out_as_one_callers_own(passing: Opening) -> None:
    def told(_request: Request) -> Response:
        headers = {
            "ETag": '"1"',
            "Cache-Control": "private, max-age=60",
            "Link": '</books/1.0/?page=2>; rel="next"',
            "Set-Cookie": "a=b",
            "Server": "inside",
            "X-Inside": "1",
        }
        return JSONResponse({"shelves": []}, headers=headers)

    async with passing(over_http=True) as gateway:
        gateway.catalog.answer = told
        answer = await gateway.get("/books/1.0/")

    assert answer.json() == {"shelves": []}
    assert answer.headers["etag"] == '"1"'
    assert answer.headers["cache-control"] == "private, max-age=60"
    assert answer.headers["link"] == '</books/1.0/?page=2>; rel="next"'
    assert "authorization" in answer.headers["vary"].lower()
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert not {"set-cookie", "server", "x-inside"} & set(answer.headers)


async def test_what_has_not_changed_is_not_sent_again(passing: Opening) -> None:
    async with passing(over_http=True) as gateway:
        gateway.catalog.answer = lambda _request: Response(status_code=304, headers={"ETag": '"1"'})
        answer = await gateway.get("/books/1.0/", **{"If-None-Match": '"1"'})

    assert (answer.status_code, answer.headers["etag"], answer.content) == (304, '"1"', b"")


async def test_no_shared_cache_may_keep_it_whatever_the_subgraph_says(passing: Opening) -> None:
    kept = {}
    async with passing() as gateway:
        for said in ("public, max-age=60", "max-age=60", "no-store", ""):
            gateway.catalog.answer = lambda _request, said=said: JSONResponse(
                {}, headers={"Cache-Control": said}
            )
            kept[said] = (await gateway.get("/books/1.0/")).headers["cache-control"]

    assert set(kept.values()) == {"no-store"}


async def test_a_refusal_of_the_subgraph_goes_out_as_it_is(passing: Opening) -> None:
    async with passing() as gateway:
        gateway.catalog.answer = lambda _request: problem(404, "NOT_FOUND", "There is no such shelf.")
        answer = await gateway.get("/books/1.0/shelves/9")

    assert (answer.status_code, answer.json()["detail"]) == (404, "There is no such shelf.")


INVALID, UNAVAILABLE = (502, "SUBGRAPH_ANSWER_INVALID"), (503, "SUBGRAPH_UNAVAILABLE")
INSIDE_ANSWERS = (
    (HTMLResponse("<script>steal()</script>"), INVALID),
    (RedirectResponse("https://elsewhere.example"), INVALID),
    (PlainTextResponse("no such path in /srv/app", 404), INVALID),
    (Response(b"{}", 206, media_type="application/json"), INVALID),
    (problem(401, "UNAUTHENTICATED", "A valid transaction token is needed."), INVALID),
    (PlainTextResponse("Traceback: password=hunter2", 500), UNAVAILABLE),
    (problem(500, "INTERNAL", "hunter2"), UNAVAILABLE),
)
TELLING = ("hunter2", "script", "elsewhere", "/srv/app", "transaction")


async def test_what_would_be_taken_for_the_gateways_own_stays_inside(passing: Opening) -> None:
    async with passing() as gateway:
        for inside, told in INSIDE_ANSWERS:
            gateway.catalog.answer = lambda _request, inside=inside: inside
            answer = await gateway.get("/books/1.0/")

            assert (answer.status_code, answer.json()["code"]) == told
            assert not any(word in answer.text for word in TELLING)


async def test_an_answer_that_is_too_large_is_none(passing: Opening) -> None:
    async with passing(over_http=True, limits=Limits(subgraph_answer_bytes=1_000)) as gateway:
        gateway.catalog.answer = lambda _request: JSONResponse({"shelves": "a" * 2_000})
        answer = await gateway.get("/books/1.0/")

    assert (answer.status_code, answer.json()["code"]) == (503, "SUBGRAPH_UNAVAILABLE")


async def test_it_counts_against_the_callers_one_allowance(passing: Opening) -> None:
    limits = Limits(cost_per_minute=100, passed_cost=40)
    async with passing(limits=limits) as gateway:
        gateway.catalog.answer = lambda _request: JSONResponse({"shelves": "a" * 60_000})
        first = await gateway.get("/books/1.0/")
        graph = await gateway.client.post("/graphql", json={"query": "{ __typename }"}, headers=TOKEN)
        second = await gateway.get("/books/1.0/")

    assert first.headers["ratelimit"].startswith('"client";r=41')
    assert graph.headers["ratelimit"].startswith('"client";r=40')
    assert second.status_code == 200, "40 are taken before it is answered, 59 afterwards"
    assert second.headers["ratelimit"].startswith('"client";r=0')


async def test_who_has_used_up_an_allowance_waits(passing: Opening) -> None:
    limits = Limits(cost_per_minute=60, passed_cost=40)
    async with passing(limits=limits) as gateway:
        gateway.catalog.answer = lambda _request: JSONResponse({"shelves": "a" * 60_000})
        await gateway.get("/books/1.0/")
        answer = await gateway.get("/books/1.0/")

    assert (answer.status_code, answer.json()["code"]) == (429, "RATE_LIMITED")
    assert int(answer.headers["retry-after"]) > 0
    assert len(gateway.catalog.seen) == 1


async def test_the_metrics_tell_of_it_without_its_path(passing: Opening) -> None:
    async with passing() as gateway:
        await gateway.get("/books/1.0/shelves/secret")
        text = (await gateway.client.get("/metrics")).text

    assert 'vereda_gateway_passed_requests_total{subgraph="catalog",status="200"} 1' in text
    assert 'vereda_gateway_subgraph_requests_total{subgraph="catalog",outcome="answered"} 1' in text
    assert "secret" not in text


async def test_other_paths_of_the_subgraph_are_not_served(passing: Opening) -> None:
    async with passing() as gateway:
        answers = [await gateway.get(path) for path in ("/books", "/books/1.00/x", "/books/1.0x", "/other")]

    assert [answer.status_code for answer in answers] == [404] * 4
    assert gateway.catalog.seen == []
