"""docs/exchange.md says what the code says."""

from __future__ import annotations

import json
import re

from graphql import build_schema, parse, validate

from facades.fhir.page import PAGE, printed
from facades.fhir.validating import validate as validate_resource
from tests.facades.network import ROOT


def test_its_tables_are_printed_from_the_facades_own() -> None:
    """`python -m facades.fhir.page` writes them anew."""
    page = PAGE.read_text()

    assert page == printed(page)
    assert page.count("<!-- end -->") == 6


def test_its_bundle_is_valid_and_its_documents_are_too() -> None:
    page = PAGE.read_text()
    api = build_schema((ROOT / "schema" / "api.graphql").read_text())

    [bundle] = re.findall(r"```json\n(.*?)```", page, re.DOTALL)
    documents = re.findall(r"```graphql\n(.*?)```", page, re.DOTALL)

    validate_resource(json.loads(bundle), "Bundle")
    assert len(documents) == 2
    assert [validate(api, parse(one)) for one in documents] == [[], []]
