"""What the gateway is told at start."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final

from gateway.guard import Limits
from vereda.errors import OperatorError

URLS_VARIABLE: Final = "VEREDA_SUBGRAPH_URLS"
LABELS_VARIABLE: Final = "VEREDA_OVERRIDE_LABELS"
UNAUTHORIZED_VARIABLE: Final = "VEREDA_UNAUTHORIZED"


class Unauthorized(StrEnum):
    """What becomes of an operation of which a part is closed to its caller."""

    NULL = "null"
    """That part is null, with an error at its place; the rest is answered."""
    REFUSE = "refuse"
    """Nothing of it is executed."""


@dataclass(frozen=True, slots=True)
class GatewaySettings:
    supergraph: Path
    """File with the supergraph's SDL; watched, and swapped in when it changes."""
    subgraph_urls: Mapping[str, str] = field(default_factory=dict)
    """Addresses that replace those in the supergraph, by subgraph name."""
    override_labels: frozenset[str] = frozenset()
    """Labels of progressive `@override`s that are in force; shares such as `percent(20)` need not be named."""
    unauthorized: Unauthorized = Unauthorized.NULL
    """By `@authenticated`, `@requiresScopes` and `@policy` in the supergraph."""
    timeout_s: float = 10.0
    """Longest that one subgraph request may take."""
    share_reads: bool = False
    """Whether equal reads of one caller that are under way at the same time are asked once, of subgraphs and of this
    gateway. Off by default: who asks after a consent was revoked must not be given what was asked before."""
    development: bool = False
    """Introspection, full validation messages and GraphiQL are for development only."""
    limits: Limits = field(default_factory=Limits)
    largest_body: int = 1024 * 1024
    """Bytes of a request's body."""
    body_timeout_s: float = 10.0
    """Longest that a request's body may take to arrive."""
    watch_interval_s: float = 1.0


def subgraph_urls(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The addresses in `VEREDA_SUBGRAPH_URLS`, written `partners=http://127.0.0.1:4001/graphql,referrals=...`.

    Raises: OperatorError when it is not written so.
    """
    urls: dict[str, str] = {}
    for entry in filter(None, (part.strip() for part in environment.get(URLS_VARIABLE, "").split(","))):
        name, equals, url = entry.partition("=")
        if not (name and equals and url.startswith(("http://", "https://"))):
            raise OperatorError(
                f"{URLS_VARIABLE} must be written name=http://host:port/path,... ({entry!r} is not)."
            )
        urls[name.strip()] = url.strip()
    return urls


def override_labels(environment: Mapping[str, str] = os.environ) -> frozenset[str]:
    """The labels in `VEREDA_OVERRIDE_LABELS`, with commas between them."""
    labels = (part.strip() for part in environment.get(LABELS_VARIABLE, "").split(","))
    return frozenset(filter(None, labels))


def unauthorized(environment: Mapping[str, str] = os.environ) -> Unauthorized:
    """What `VEREDA_UNAUTHORIZED` says: `null` (default) or `refuse`. Raises: OperatorError for anything else."""
    said = environment.get(UNAUTHORIZED_VARIABLE) or Unauthorized.NULL
    try:
        return Unauthorized(said)
    except ValueError:
        raise OperatorError(
            f"{UNAUTHORIZED_VARIABLE} must be `null` or `refuse` ({said!r} is not)."
        ) from None
