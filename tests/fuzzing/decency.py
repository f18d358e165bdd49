"""What every answer of the gateway is like, whatever it was asked."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from gateway.codes import GatewayCode
from gateway.store.tables import Base
from tests.attacks.target import check_decent
from tests.attacks.wire import Answer
from vereda.errors import ErrorCode

#: Statuses that a request can deserve; a fault of ours is none of them.
STATUSES: Final = frozenset({200, 302, 303, 400, 401, 403, 404, 405, 406, 408, 413, 415, 429, 431})
_CODES: Final = {*GatewayCode, *ErrorCode}
#: Names of exceptions, of libraries, of tables, and of files: what an answer tells when it tells too much.
_INSIDES: Final = re.compile(
    r"\b(?:[A-Z][A-Za-z]+(?:Error|Exception)|asyncpg|sqlalchemy|authlib|joserfc|graphql\.\w+|orjson|starlette|uvicorn)\b"
    r"|site-packages|/usr/|/srv/|/home/|\bline \d+, in\b|0x[0-9a-f]{8,}|NoneType|"
    + "|".join(rf"\b{name}\b" for name in Base.metadata.tables if "_" in name)
)
#: RFC 6749 §5.2: characters of `error` and `error_description`.
_OAUTH_TEXT: Final = re.compile(r"[\x20-\x21\x23-\x5b\x5d-\x7e]+")


def check(answer: Answer, sent: str = "") -> None:
    """`sent`: what the caller said, which may come back to it."""
    check_decent(answer)
    assert answer.status in STATUSES, answer.raw[:300]
    text = answer.body.decode()
    told = [found[0] for found in _INSIDES.finditer(text) if found[0] not in sent]
    assert not told, (told, text[:500])


def check_graphql(answer: Answer, sent: str = "") -> None:
    """GraphQL §7.1 in JSON, with a code that is in docs/errors.md for each error; or the web server's own few words."""
    check(answer, sent)
    if answer.header("content-type").startswith("text/plain"):
        assert answer.status in (400, 404, 431)
        assert len(answer.body) < 100
        return
    said = answer.json()
    assert said.keys() <= {"data", "errors", "extensions"}
    assert "data" in said or said["errors"]
    for error in said.get("errors", ()):
        assert isinstance(error["message"], str)
        assert error["extensions"]["code"] in _CODES
    if answer.status != 200:
        assert "data" not in said


def check_oauth(answer: Answer, sent: str = "") -> Any:
    """RFC 6749 §5.2 where it is an error. Returns what it says, where it is JSON."""
    check(answer, sent)
    if not answer.header("content-type").startswith("application/json"):
        assert (
            answer.status != 200 or not answer.body or answer.header("content-type").startswith("text/html")
        )
        return None
    said = json.loads(answer.body)
    if answer.status >= 400:
        assert _OAUTH_TEXT.fullmatch(said["error"])
        assert _OAUTH_TEXT.fullmatch(said.get("error_description", "none"))
        assert answer.header("cache-control") == "no-store"
        assert "access_token" not in said
    return said
