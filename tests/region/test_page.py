"""docs/region.md says what the code says, and docs/gateway.md shows the plan that is."""

from __future__ import annotations

import json
from pathlib import Path

from graphql import build_schema, parse, validate

from bench.region import PARTS, part_query
from gateway.cli import show_plan
from services.partners.domain.targets import TARGETS
from tests.region.page import DOCS, GATEWAY, MEASURES, PAGE, plan, printed, query
from vereda.composition import FOLDER
from vereda.reporting.asking import SECTIONS


def test_the_page_has_every_figure_mark_and_target() -> None:
    """Printed by `python -m tests.region.page`."""
    assert printed(PAGE.read_text()) == PAGE.read_text()
    assert len({one.id for one in MEASURES}) == len(MEASURES), "an id is of one service"
    assert set(TARGETS) <= {one.id for one in MEASURES}


def test_the_gateways_page_shows_the_plan_of_the_query(tmp_path: Path) -> None:
    assert f"<!-- the plan of the region -->\n```text\n{plan(tmp_path)}```" in GATEWAY.read_text()


def test_the_query_is_one_stage_of_three_fetches(tmp_path: Path) -> None:
    plan(tmp_path)
    tree = json.loads(show_plan(FOLDER / "supergraph.graphql", tmp_path / "region.graphql", as_json=True))

    node = tree["node"]
    assert node["kind"] == "Parallel"
    assert [one["kind"] for one in node["nodes"]] == ["Fetch"] * 3
    assert {one["serviceName"] for one in node["nodes"]} == {"partners", "referrals", "grants"}


def test_the_query_and_what_the_page_names_are_of_the_graph() -> None:
    schema = build_schema((FOLDER / "api.graphql").read_text())

    assert validate(schema, parse(query())) == []
    assert "region.md" in (DOCS / "reports.md").read_text()


def test_the_benchmark_asks_each_service_for_its_own_and_all_for_the_whole(tmp_path: Path) -> None:
    for service in PARTS:
        operation = tmp_path / f"{service}.graphql"
        operation.write_text(part_query(service))
        tree = json.loads(show_plan(FOLDER / "supergraph.graphql", operation, as_json=True))
        assert (tree["node"]["kind"], tree["node"]["serviceName"]) == ("Fetch", service)
    asked = [
        (section, figure)
        for part in PARTS.values()
        for section, figures in part.items()
        for figure in figures
    ]
    assert sorted(asked) == sorted((section, one) for section, figures in SECTIONS.items() for one in figures)
