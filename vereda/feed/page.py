"""The tables of docs/events.md, printed from services' catalogues: `python -m vereda.feed.page` writes them anew."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Final

from vereda.feed.catalogue import PREFIX, EventType, Shown
from vereda.settings import SERVICES

PAGE: Final = Path(__file__).parents[2] / "docs" / "events.md"
_BLOCK: Final = re.compile(r"(<!-- (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def printed(page: str) -> str:
    """The page with each table between `<!-- service -->` and `<!-- end -->` as the code has it now."""

    def block(found: re.Match[str]) -> str:
        lines = _readers() if found[2] == "readers" else _table(found[2])
        return found[1] + "\n".join(lines) + "\n" + found[3]

    return _BLOCK.sub(block, page)


def catalogue_of(service: str) -> Mapping[str, EventType]:
    found: Mapping[str, EventType] = import_module(f"services.{service}.events").EVENTS
    return found


def _readers() -> Iterator[str]:
    yield from ("| | |", "|---|---|")
    yield from (f"| {one.name} | {one.value} |" for one in Shown)


def _table(service: str) -> Iterator[str]:
    assert service in SERVICES
    yield f"| type, after `{PREFIX}` | what happened | `subject` | says so to |"
    yield "|---|---|---|---|"
    for one in catalogue_of(service).values():
        yield f"| `{one.name}` | {one.says} | {one.subject} | {one.shown.name} |"


if __name__ == "__main__":
    PAGE.write_text(printed(PAGE.read_text()))
