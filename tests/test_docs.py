"""The docs say what the code says."""

from __future__ import annotations

import json
import re
import tomllib
from inspect import signature
from pathlib import Path
from xml.etree import ElementTree

import pytest
from graphql import build_schema, parse, validate
from pydantic import BaseModel

from gateway import bounded, preparing
from gateway.codes import GatewayCode
from gateway.executor import faults, program
from gateway.guard import Limits
from gateway.main import SUPERGRAPH_VARIABLE
from gateway.planner import PlanningLimits
from gateway.policies import Policies
from gateway.settings import LABELS_VARIABLE, LIMIT_PREFIX, POLICY_PREFIX, TIMEOUTS_VARIABLE, URLS_VARIABLE
from gateway.transport import TransportLimits
from services.partners import matching_page
from services.referrals.lifecycle_page import PAGE, printed
from vereda import cli
from vereda.errors import ErrorCode
from vereda.feed import page as events_page
from vereda.settings import Settings

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"


def sources() -> str:
    return "\n".join(
        path.read_text()
        for folder in ("services", "vereda", "gateway/accounts")
        for path in (ROOT / folder).rglob("*.py")
    )


def test_every_dependency_is_named_with_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = project["project"]["dependencies"] + project["dependency-groups"]["dev"]
    names = {re.split(r"[\[><=;]", requirement)[0].strip() for requirement in wanted}
    listed = re.findall(
        r"^\| (\S+) \| (.+) \| (.*) \|$", (DOCS / "dependencies.md").read_text(), re.MULTILINE
    )

    for folder in ("schema", "gateway/web", "bench/peers", "tests/clients"):
        names |= json.loads((ROOT / folder / "package.json").read_text())["dependencies"].keys()

    assert {name for name, *_ in listed} == names | {"package"}


@pytest.mark.parametrize("lock", ["run.txt", "dev.txt"])
def test_the_locks_pin_with_hashes_and_name_no_index(lock: str) -> None:
    text = (ROOT / "requirements" / lock).read_text()
    pins = re.findall(r"^[\w.-]+(?:\[.*\])?==\S+", text, re.MULTILINE)

    assert len(pins) > 20
    assert text.count("--hash=sha256:") >= len(pins)
    assert not re.search(r"https?://|--index|--find-links", text)


def test_every_error_code_is_in_the_catalogue_and_every_one_there_exists() -> None:
    catalogue = set(re.findall(r"`([A-Z][A-Z_]{3,})`", (DOCS / "errors.md").read_text()))
    refusals = set(re.findall(r'code="([A-Z_]+)"', sources()))
    withheld = set(
        re.findall(
            r'^    ([A-Z_]+) = "\1"$',
            section("services/referrals/domain/consent.py", "Withheld"),
            re.MULTILINE,
        )
    )
    known = {*ErrorCode, *GatewayCode} | refusals | withheld | {"CONFIDENTIAL_ADDRESS"}

    assert known - {"POST", "GET"} == catalogue - {"POST", "GET"}


def section(path: str, class_name: str) -> str:
    text = (ROOT / path).read_text()
    return re.split(rf"^class {class_name}\b", text, flags=re.MULTILINE)[1].split("\n\n\n")[0]


def test_every_setting_is_in_the_operators_guide() -> None:
    guide = (DOCS / "operate.md").read_text()

    assert [name for name in Settings.model_fields if f"VEREDA_{name.upper()}" not in guide] == []


def setting_rows(model: type[BaseModel], prefix: str) -> list[list[str]]:
    """A table of settings as the code has it: name, default, meaning."""
    return [
        [f"`{prefix}{name.upper()}`", _default(field.default), str(field.description).rstrip(".")]
        for name, field in model.model_fields.items()
    ]


def _default(value: object) -> str:
    if value in (None, ()):
        return "none"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def test_every_limit_and_policy_is_in_the_operators_guide_with_its_default() -> None:
    guide = (DOCS / "operate.md").read_text()

    assert rows(guide, "limit") == setting_rows(Limits, LIMIT_PREFIX)
    assert rows(guide, "policy") == setting_rows(Policies, POLICY_PREFIX)


def test_the_page_of_a_referrals_life_is_printed_from_the_table() -> None:
    """`python -m services.referrals.lifecycle_page` writes it anew."""
    page = PAGE.read_text()

    assert page == printed(page)
    assert page.count("<!-- end -->") == 5


def test_the_page_of_events_is_printed_from_the_catalogues() -> None:
    """`python -m vereda.feed.page` writes it anew."""
    page = events_page.PAGE.read_text()

    assert page == events_page.printed(page)


def test_the_page_of_matching_is_printed_from_the_tables() -> None:
    """`python -m services.partners.matching_page` writes it anew."""
    page = matching_page.PAGE.read_text()

    assert page == matching_page.printed(page)
    assert page.count("<!-- end -->") == 6


def test_the_example_of_matching_can_be_asked() -> None:
    api = build_schema((ROOT / "schema" / "api.graphql").read_text())
    example = re.search(r"```graphql\n(.*?)```", matching_page.PAGE.read_text(), re.DOTALL)

    assert example is not None
    assert validate(api, parse(example[1])) == []


def test_links_between_documents_lead_somewhere() -> None:
    for document in [ROOT / "README.md", *DOCS.rglob("*.md")]:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", document.read_text()):
            assert (document.parent / target).exists(), f"{document.name}: {target}"


def test_no_file_names_a_package_index() -> None:
    hosts = ("pypi" + ".org", "registry.npmjs" + ".org", "files.pythonhosted" + ".org")
    for path in ROOT.rglob("*"):
        inside = path.relative_to(ROOT).parts
        if path.is_file() and not any(
            part.startswith((".venv", ".git", "node_modules", ".")) for part in inside
        ):
            text = path.read_text(errors="ignore")
            assert not any(host in text for host in hosts), path


def test_the_bounds_on_the_gateways_page_are_those_of_the_code() -> None:
    page = (DOCS / "gateway.md").read_text()
    planning, transport = PlanningLimits(), TransportLimits()
    values = [value for heading in ("bound", "bound, for each subgraph") for _, value in rows(page, heading)]

    assert values == [
        f"{planning.selections:,}",
        f"{planning.fields:,}",
        f"{planning.steps:,}",
        f"{planning.time_s:g} s",
        f"{bounded.MOST_KEPT:,}",
        f"{bounded.MOST_CHARACTERS:,}",
        str(program._MOST_VIEWS),
        f"more than {preparing._SHORT:,}",
        str(transport.connections),
        f"{transport.connect_timeout_s:g} s",
        f"{transport.answer_timeout_s:g} s",
        f"{transport.largest_answer // 1024**2} MiB",
        str(transport.failures_to_open),
        f"{transport.rest_s:g} s",
    ]
    assert f"at most {faults._MOST_ERRORS} errors" in " ".join(page.split())


def rows(page: str, heading: str) -> list[list[str]]:
    """The cells of the table whose first heading is this."""
    table = re.search(rf"^\| {re.escape(heading)} \|.*\n\|[-|]+\|\n((?:\|.*\n)+)", page, re.MULTILINE)
    assert table, f"there is no table of {heading}"
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table[1].splitlines()]


def test_every_module_and_metric_of_the_engine_is_on_its_page() -> None:
    page, gateway = (DOCS / "gateway.md").read_text(), ROOT / "gateway"
    engine = [
        *gateway.glob("*.py"),
        *(
            path
            for name in ("supergraph", "planner", "executor", "transport", "guard")
            for path in (gateway / name).glob("*.py")
        ),
    ]
    modules = {str(path.relative_to(gateway)) for path in engine if path.name != "__init__.py"}
    named = {name for row in rows(page, "module") for name in re.findall(r"`([\w/]+\.py)`", row[0])}
    metrics = set(re.findall(r"vereda_gateway_\w+?(?=_sum|_count|\b)", (gateway / "metrics.py").read_text()))

    assert named == modules
    assert metrics == set(re.findall(r"`(vereda_gateway_\w+)`", page))


def test_every_picture_is_shown_and_can_be_drawn() -> None:
    pages = "\n".join(path.read_text() for path in DOCS.glob("*.md"))
    pictures = {path.name for path in (DOCS / "pictures").iterdir()}

    assert pictures == set(re.findall(r"\]\(pictures/([\w.-]+)\)", pages))
    assert all(ElementTree.parse(DOCS / "pictures" / name).getroot().get("viewBox") for name in pictures)


def test_what_the_gateway_is_told_at_start_is_in_the_operators_guide() -> None:
    guide = (DOCS / "operate.md").read_text()
    flags = {f"--{name.replace('_', '-')}" for name in signature(cli.gateway).parameters}

    assert {
        name
        for name in (URLS_VARIABLE, LABELS_VARIABLE, TIMEOUTS_VARIABLE, SUPERGRAPH_VARIABLE, *flags)
        if f"`{name}" not in guide
    } == set()
