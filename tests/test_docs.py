"""The docs say what the code says."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from gateway.codes import GatewayCode
from services.referrals.domain.lifecycle import FHIR_STATUS, LIFECYCLE
from vereda.errors import ErrorCode
from vereda.settings import Settings

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"


def sources() -> str:
    return "\n".join(
        path.read_text() for folder in ("services", "vereda") for path in (ROOT / folder).rglob("*.py")
    )


def test_every_dependency_is_named_with_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = project["project"]["dependencies"] + project["dependency-groups"]["dev"]
    names = {re.split(r"[\[><=;]", requirement)[0].strip() for requirement in wanted}
    rows = re.findall(r"^\| (\S+) \| (.+) \| (.*) \|$", (DOCS / "dependencies.md").read_text(), re.MULTILINE)

    named = {name for name, *_ in rows}

    assert names <= named
    assert named - names <= {
        "@theguild/federation-composition",
        "graphql",
        "graphiql",
        "react",
        "react-dom",
        "package",
    }


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


def test_the_page_of_a_referrals_life_is_the_table() -> None:
    page = (DOCS / "referral-lifecycle.md").read_text()
    row = re.compile(r"^\| `(\w+)` \| (.*) \| (\w+) \| (.*) \| (.*) \| (.*) \|$", re.MULTILINE)

    def listed(cell: str) -> set[str]:
        return {part for part in cell.split(", ") if part}

    written = {
        name: (listed(frm), to, listed(by), listed(needs), listed(guards))
        for name, frm, to, by, needs, guards in row.findall(page)
    }

    assert written == {
        move.name.value: (
            {state.value for state in move.frm},
            move.to.value,
            {party.value for party in move.by},
            {
                what
                for what, needed in (("reason", move.needs_reason), ("outcome", move.needs_outcome))
                if needed
            },
            {guard.value for guard in move.guards},
        )
        for move in LIFECYCLE
    }
    states = dict(re.findall(r"^\| ([A-Z_]+) \| `([a-z-]+)` \|", page, re.MULTILINE))
    assert states == {state.value: status for state, status in FHIR_STATUS.items()}


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
