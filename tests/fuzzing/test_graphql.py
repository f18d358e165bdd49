"""`/graphql`: documents, bodies, headers and targets of all kinds."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from hypothesis import given
from hypothesis import strategies as st

from tests.attacks.catalogue import body
from tests.attacks.target import GRAPHQL_RESPONSE, Target
from tests.attacks.wire import Sent, answers, exchange
from tests.fuzzing.decency import check_graphql
from tests.fuzzing.documents import documents, mutated, names
from tests.support.trying import examples

_scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.sampled_from(("p1", "a"))
)
anything = st.recursive(
    _scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.one_of(names, st.text(max_size=4)), inner, max_size=4),
    ),
    max_leaves=8,
)
variables = st.dictionaries(st.sampled_from("abcnfyes"), anything, max_size=4)


async def decent(target: Target, sent: Sent, said: str = "") -> None:
    raw = await exchange(
        target.host,
        target.port,
        sent.having(Accept=GRAPHQL_RESPONSE, Authorization=f"Bearer {target.token}").encode("localhost"),
    )
    target.asked.clear()
    for answer in answers(raw) if sent.method != "HEAD" else ():
        check_graphql(answer, said)


@examples(150)
@given(text=documents, values=variables, operation=st.one_of(st.none(), names))
async def test_documents_of_the_grammar(
    target: Target, text: str, values: dict[str, Any], operation: str | None
) -> None:
    await decent(target, body({"query": text, "variables": values, "operationName": operation}), text)


@examples(150)
@given(text=mutated(), values=variables)
async def test_operations_that_were_right(target: Target, text: str, values: dict[str, Any]) -> None:
    content = json.dumps({"query": text, "variables": values}).encode("utf-8", "surrogatepass")
    await decent(target, body(content), text)


@examples(100)
@given(
    content=st.one_of(
        anything,
        st.dictionaries(
            st.sampled_from(
                ("query", "variables", "operationName", "extensions", "id", "documentId", "persistedQuery")
            ),
            st.one_of(anything, documents, st.just({"persistedQuery": {"version": 1, "sha256Hash": "x"}})),
        ),
        st.binary(max_size=60),
    )
)
async def test_bodies(target: Target, content: Any) -> None:
    await decent(target, body(content), str(content))


@st.composite
def broken_json(draw: st.DrawFn) -> bytes:
    """The JSON of a right request with bytes changed, or repeated keys, or numbers that are none."""
    text = bytearray(
        b'{"query":"query($a: Int) { echo(times: $a) }","variables":{"a":1,"b":[1.5e3,"\\u00e9"]}}'
    )
    for _ in range(draw(st.integers(1, 5))):
        at = draw(st.integers(0, len(text) - 1))
        text[at : at + draw(st.integers(0, 3))] = draw(
            st.one_of(
                st.binary(max_size=3),
                st.sampled_from(
                    (b'"a":2,', b"NaN", b"1e999", b"-", b"\\ud800", b"\\u0000", b"//", b"'", b"\xef\xbb\xbf")
                ),
            )
        )
    return bytes(text)


@examples(150)
@given(content=broken_json())
async def test_json_that_is_nearly_right(target: Target, content: bytes) -> None:
    await decent(target, body(content), content.decode(errors="replace"))


_header_names = st.one_of(
    st.sampled_from(
        [
            "Accept",
            "Content-Type",
            "Content-Encoding",
            "Origin",
            "Cookie",
            "X-Request-Id",
            "traceparent",
            "Expect",
            "Transfer-Encoding",
            "Content-Length",
            "Connection",
            "Upgrade",
            "DPoP",
            "Authorization",
            "GraphQL-Preflight",
            "Idempotency-Key",
            "Host",
            "Range",
            "If-None-Match",
            "Accept-Language",
            "Sec-Fetch-Site",
            "X-Forwarded-For",
        ]
    ),
    st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=12),
)
_header_values = st.one_of(
    st.sampled_from(
        [
            "application/json",
            "*/*",
            "q=0",
            "application/json;q=nan",
            "gzip",
            "chunked",
            "close",
            "100-continue",
            "0",
            "5",
            "websocket",
            "null",
            "Bearer",
            "a=b;__Host-session=x",
            "DPoP",
            "cross-site",
            "bytes=0-1",
        ]
    ),
    st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=40),
)


@examples(150)
@given(headers=st.dictionaries(_header_names, _header_values, max_size=6))
async def test_headers(target: Target, headers: dict[str, str]) -> None:
    sent = body({"query": "{ motto }"})
    more = {
        name: value for name, value in headers.items() if name.lower() != "connection" or value == "close"
    }
    await decent(
        target,
        Sent(sent.method, sent.target, {"Content-Type": "application/json", **more}, sent.body),
        str(more),
    )


@examples(100)
@given(
    method=st.sampled_from(("GET", "POST", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE", "PATCH")),
    path=st.one_of(
        st.just("/graphql"), st.text(max_size=20).map(lambda text: "/" + quote(text, safe="/%?#&="))
    ),
    query=st.dictionaries(
        st.sampled_from(("query", "variables", "operationName", "extensions", "x")),
        st.one_of(documents, st.text(max_size=10), anything.map(json.dumps)),
        max_size=4,
    ),
)
async def test_targets(target: Target, method: str, path: str, query: dict[str, str]) -> None:
    written = "&".join(f"{name}={quote(value, errors='replace')}" for name, value in query.items())
    await decent(target, Sent(method, f"{path}?{written}", {"GraphQL-Preflight": "1"}), written)
