"""What `vereda webhooks` asks, the public graph answers."""

from __future__ import annotations

from pathlib import Path

import pytest
from graphql import build_schema, parse, validate

from vereda.settings import SERVICES
from vereda.webhooks.calling import MUTATIONS, document

_API = build_schema((Path(__file__).parents[2] / "schema" / "api.graphql").read_text())


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("mutation", MUTATIONS)
def test_a_command_asks_for_what_there_is(mutation: str, service: str) -> None:
    assert validate(_API, parse(document(mutation, service))) == []
