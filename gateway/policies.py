"""What the gateway does or refuses by policy, each set by `VEREDA_<NAME>` (docs/operate.md)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator
from pydantic_settings import NoDecode

#: RFC 6454 §6.2: scheme, host and port, as a browser writes them.
_ORIGIN: Final = re.compile(r"https?://[a-z0-9.-]+(?::[0-9]{1,5})?|https?://\[[0-9a-f:]+\](?::[0-9]{1,5})?")
_SCOPE: Final = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+")


def _listed(given: object) -> object:
    return [part.strip() for part in given.split(",") if part.strip()] if isinstance(given, str) else given


class Policies(BaseModel):
    """The operator's decisions that are no numbers."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True, extra="forbid")

    introspection: str = "development"
    """Who may ask for the schema, and is told what of it an operation does not fit: `on`, everybody; `off`, nobody; \
`development`, everybody where `VEREDA_ENVIRONMENT` is that; else the name of a scope that a caller needs"""
    persisted_queries: bool = True
    """Whether a document that was sent once with its hash may be asked for by the hash (automatic persisted queries)"""
    trusted_documents: Literal["by-client", "only"] = "by-client"
    """Who may run registered documents only: the clients of which that is said; `only`, everybody"""
    trusted_documents_file: Path | None = None
    """A manifest of registered documents for all callers, as Apollo's or Relay's tools write it; read anew when it changes"""
    shared_rates: bool = False
    """Whether costs in a minute are counted by all replicas together, in the gateway's database; else by each for itself"""
    cors_origins: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed)] = Field(default=())
    """Web pages of other origins that may ask `/graphql`, with commas between them (`https://app.example.org`): with a \
token, never with cookies"""

    facades: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed)] = Field(default=())
    """Other languages that the gateway speaks beside GraphQL, with commas between them, each named `package.module:function`; \
`vereda up` sets all that there are ([exchange.md](exchange.md))"""

    @field_validator("introspection")
    @classmethod
    def _is_a_scope(cls, value: str) -> str:
        if not _SCOPE.fullmatch(value):
            raise ValueError("on, off, development or the name of a scope")
        return value

    @field_validator("cors_origins")
    @classmethod
    def _are_origins(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        for value in values:
            if not _ORIGIN.fullmatch(value):
                raise ValueError(f"{value!r} is no origin: scheme and host, and a port where it has one")
        return values
