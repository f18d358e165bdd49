"""Every limit of the guard, with its default. An operator sets one by `VEREDA_LIMIT_<NAME>` (docs/operate.md).

What a limit is for, and what it counts, is said here; what counts it is the rest of this package.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class Limits(BaseModel):
    """The most that one request may ask for, take, and hold."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True, extra="forbid")

    # What is read, before anything is looked up.

    body_bytes: int = Field(default=1024 * 1024, ge=1)
    """Bytes of a request's body."""
    body_s: float = Field(default=10.0, gt=0)
    """Seconds that a body may take to arrive."""
    characters: int = Field(default=100_000, ge=1)
    """Characters of a document."""
    tokens: int = Field(default=5_000, ge=1)
    """Tokens of a document (GraphQL §2.1.6)."""
    comments: int = Field(default=500, ge=0)
    """Comments of a document."""
    definitions: int = Field(default=100, ge=1)
    """Operations and fragments of a document."""

    # What an operation selects. Fragments count as often as they are spread.

    depth: int = Field(default=25, ge=1)
    """Fields inside of each other."""
    height: int = Field(default=1_000, ge=1)
    """Different fields: one that is asked for twice at the same place, under whatever aliases, counts once."""
    fields: int = Field(default=2_500, ge=1)
    """Fields, each occurrence counted."""
    root_fields: int = Field(default=50, ge=1)
    """Fields of the operation's root."""
    aliases: int = Field(default=100, ge=0)
    """Fields that are given another name."""
    directives: int = Field(default=100, ge=0)
    """Directives."""
    repeats: int = Field(default=250, ge=0)
    """Fields whose response key another field of the same selection set has already (CVE-2023-26144)."""
    introspections: int = Field(default=5, ge=0)
    """Fields `__schema` and `__type`, where introspection is allowed at all."""

    # What its arguments hold.

    list_items: int = Field(default=1_000, ge=1)
    """Items of one list in an argument or a variable."""
    input_depth: int = Field(default=32, ge=1)
    """Lists and objects inside of each other in an argument or a variable."""
    page_size: int = Field(default=1_000, ge=1)
    """What `first`, `last` or another slicing argument may ask for."""

    # What it costs (docs/gateway.md, "Cost").

    cost: int = Field(default=50_000, ge=1)
    """Estimated cost of an operation."""
    list_size: int = Field(default=10, ge=0)
    """Items that a list is taken to have where the schema does not say."""

    # What it takes to answer it.

    plan_s: float = Field(default=3.0, gt=0)
    """Seconds that planning an operation may take."""
    subgraph_s: float = Field(default=10.0, gt=0)
    """Seconds that a subgraph has for one answer, from the request's first byte."""
    subgraph_answer_bytes: int = Field(default=32 * 1024 * 1024, ge=1)
    """Bytes of one subgraph answer, decompressed."""
    subgraph_connections: int = Field(default=100, ge=1)
    """Connections to one subgraph."""
    retry_share: float = Field(default=0.1, ge=0, le=1)
    """Of all requests to a subgraph, how many may be asked again after a failure"""
    representations: int = Field(default=1_000, ge=1)
    """Entities in one request to a subgraph; more are asked for by several requests."""
    answer_bytes: int = Field(default=64 * 1024 * 1024, ge=1)
    """Bytes of all subgraph answers to one request together, and of the answer that is made of them."""
    deadline_s: float = Field(default=30.0, gt=0)
    """Seconds for answering a request; what is not there by then is missing in the answer."""
    breaker_failures: int = Field(default=5, ge=1)
    """Failures in a row after which a subgraph is left alone."""
    breaker_rest_s: float = Field(default=2.0, gt=0)
    """Seconds that it is left alone for; then one request tries."""

    # What all requests together may cause.

    cost_per_minute: int = Field(default=1_000_000, ge=1)
    """Cost of a client's operations in a minute, unless the client has a number of its own."""
    organization_cost_per_minute: int = Field(default=5_000_000, ge=1)
    """The same of all clients and people of one organisation together."""
    passed_cost: int = Field(default=100, ge=1)
    """What a request for a passed path is taken to cost before it is answered"""
    requests: int = Field(default=500, ge=1)
    """Requests that are answered at the same time; more are turned away (HTTP 503)."""
    lag_s: float = Field(default=0.5, gt=0)
    """Seconds that what is ready may wait for its turn; while it waits longer, more are turned away (HTTP 503)."""
    client_requests: int = Field(default=100, ge=1)
    """Requests of one client that are answered at the same time; more are turned away (HTTP 429)."""

    # What is told of what is wrong.

    reported_errors: int = Field(default=10, ge=1)
    """Errors of validation, or of variables, that one answer names."""
