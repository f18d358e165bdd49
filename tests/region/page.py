"""What docs/region.md prints from the code: `python -m tests.region.page` writes it anew."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from gateway.cli import show_plan
from services.grants.operations.measures import MEASURES as GRANTS
from services.partners.domain.targets import TARGETS
from services.partners.operations.measures import MEASURES as PARTNERS
from services.referrals.operations.measures import MEASURES as REFERRALS
from vereda.composition import FOLDER
from vereda.figures import REASONS

DOCS: Final = Path(__file__).parents[2] / "docs"
PAGE: Final = DOCS / "region.md"
GATEWAY: Final = DOCS / "gateway.md"
MEASURES: Final = (*PARTNERS, *REFERRALS, *GRANTS)


def marks() -> Iterator[str]:
    for mark, (english, _) in REASONS.items():
        yield f"| `{mark}` | {english} |"


def measures() -> Iterator[str]:
    for one in sorted(MEASURES, key=lambda one: one.id):
        yield f"| `{one.id}` | `{one.unit}` | {one.definition} |"


def targets() -> Iterator[str]:
    for measure, one in TARGETS.items():
        county = "" if one.county is None else f"{one.county:g}"
        reads = "at most" if one.at_most else "at least"
        shared = ", a year" if one.of_year else ""
        yield f"| `{measure}` | {one.default:g} | {county} | {reads}{shared} |"


PRINTED: Final = {"marks": marks, "measures": measures, "targets": targets}


def printed(page: str) -> str:
    """The page with its printed parts as the code has them."""
    for name, lines in PRINTED.items():
        before, rest = page.split(f"<!-- {name} -->\n", 1)
        _, after = rest.split("<!-- end -->", 1)
        page = f"{before}<!-- {name} -->\n{chr(10).join(lines())}\n<!-- end -->{after}"
    return page


def query() -> str:
    found = re.search(r"<!-- the query -->\n```graphql\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert found
    return found[1]


def plan(folder: Path) -> str:
    """The plan of the page's query over this network's supergraph."""
    operation = folder / "region.graphql"
    operation.write_text(query())
    return show_plan(FOLDER / "supergraph.graphql", operation, as_json=False)


if __name__ == "__main__":
    from tempfile import TemporaryDirectory

    PAGE.write_text(printed(PAGE.read_text()))
    with TemporaryDirectory() as folder:
        text = plan(Path(folder))
    GATEWAY.write_text(
        re.sub(
            r"(<!-- the plan of the region -->\n```text\n).*?(```)",
            lambda m: f"{m[1]}{text}{m[2]}",
            GATEWAY.read_text(),
            flags=re.DOTALL,
        )
    )
