"""What another language of the same network is built on: FHIR, say, beside GraphQL, over the very same graph.

A facade is a client of the public graph that lives in the gateway's process. It is handed one port, `Ask`, and gives routes;
what it asks passes the checks, limits, planning and execution that `POST /graphql` does, in the name of whoever asked the
facade. So it has no rules of its own about who may see or do what. Decision 0041.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Final, Protocol, TypeAlias

from starlette.requests import Request
from starlette.routing import BaseRoute

from vereda.errors import OperatorError

_PATH: Final = re.compile(r"[a-z_][\w.]*:[a-z_]\w*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one GraphQL request. `status`: 200 where it was executed, else the status that `POST /graphql` answers
    with (401, 403, 429, 503, ...). `headers` belong into the answer to whoever asked: challenges, quotas, when to try again."""

    status: int = 200
    data: Mapping[str, Any] | None = None
    errors: Sequence[Mapping[str, Any]] = ()
    extensions: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


class Ask(Protocol):
    """Asks the graph in the name of whoever sent `request`: by the access token in its header, never by a cookie.

    `document` is the facade's own, and holds nothing that was sent to it: what was sent goes into `variables`. A request is
    authenticated once, however much is asked for it."""

    async def __call__(self, document: str, variables: Mapping[str, Any], request: Request) -> Answer: ...


#: What a facade is: from the port, and the network's public base URL, to its routes.
Facade: TypeAlias = Callable[[Ask, str], Sequence[BaseRoute]]


def facade(path: str) -> Facade:
    """The facade that `path` names (`package.module:function`). Raises: OperatorError where there is none."""
    if not _PATH.fullmatch(path):
        raise OperatorError(f"A facade is named package.module:function ({path!r} is not).")
    module, _, name = path.partition(":")
    try:
        found: Facade = getattr(import_module(module), name)
    except (ImportError, AttributeError):
        raise OperatorError(f"There is no facade {path!r}.") from None
    return found
