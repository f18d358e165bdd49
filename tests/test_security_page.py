"""docs/security.md claims nothing that no test holds."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.attacks.__main__ import table

TESTS = Path(__file__).parent
PAGE = (TESTS.parent / "docs" / "security.md").read_text()
NAMED = sorted(set(re.findall(r"`([\w/]+\.py)::(\w+)`", PAGE)))


@pytest.mark.parametrize(("path", "name"), NAMED, ids=[name for _, name in NAMED])
def test_the_test_that_proves_it_is_there(path: str, name: str) -> None:
    assert re.search(rf"^(?:async )?def {name}\(", (TESTS / path).read_text(), re.MULTILINE)


def test_every_row_of_the_checklists_names_its_proof() -> None:
    checklists = PAGE.partition("## RFC 9700")[2].partition("## The catalogue")[0]
    rows = [line for line in checklists.splitlines() if re.match(r"\| \d", line)]

    assert len(rows) > 60
    assert [row for row in rows if "::test_" not in row] == []


def test_the_catalogue_is_what_is_tried() -> None:
    assert PAGE.partition("<!-- attacks -->\n")[2].strip() == table(), "run `python -m tests.attacks`"
