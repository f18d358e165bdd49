"""One HSDS object as a package gives it: its cells by HSDS names, still text, and where it stands."""

from __future__ import annotations

from dataclasses import dataclass

from services.partners.exchange.hsds import BY_NAME
from services.partners.exchange.report import Place


@dataclass(frozen=True, slots=True)
class Record:
    kind: str
    id: str
    cells: dict[str, str]
    at: Place

    def parents(self) -> list[tuple[str, str]]:
        """(kind, identifier) of each record that this one refers to."""
        found = [(kind, self.cells[f]) for f, kind in BY_NAME[self.kind].parents.items() if f in self.cells]
        if self.kind == "attribute" and "link_id" in self.cells:
            found.append((linked_kind(self.cells.get("link_entity", "")), self.cells["link_id"]))
        if self.kind == "metadata" and "resource_id" in self.cells:
            found.append((linked_kind(self.cells.get("resource_type", "")), self.cells["resource_id"]))
        return found


def linked_kind(name: str) -> str:
    """The kind that `link_entity` or `resource_type` names, in one of the ways in which packages do."""
    plain = name.strip().lower().replace(" ", "_")
    for candidate in (plain, plain.removesuffix("s")):
        if candidate in BY_NAME:
            return candidate
    return plain
