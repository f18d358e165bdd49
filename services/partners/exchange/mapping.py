"""A map of columns: what the columns of a table are that others keep in their own way.

    {"agencies.csv": {"Agency": "organization.name", "Street": "address.address_1", "Remarks": null},
     "book.xlsx#Sheet1": {...}}

A column is a field of an HSDS object, `kind.field`, or nothing. One row may hold several objects: an organisation, its
service, the place, its address, a phone (`exchange.flat`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from services.partners.exchange.dialects import splits
from services.partners.exchange.hsds import BY_NAME
from vereda.errors import OperatorError

_LARGEST: Final = 4 * 1024**2
#: Column -> (kind, field), or None where it is left aside on purpose.
Columns = Mapping[str, tuple[str, str] | None]


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """By tables' names, in small letters."""

    tables: Mapping[str, Columns]

    @classmethod
    def read(cls, path: Path) -> ColumnMap:
        """Raises: OperatorError in one sentence that names the table and the column where the map makes no sense."""
        try:
            if path.stat().st_size > _LARGEST:
                raise OperatorError(f"{path} is too large for a map of columns.")
            said = json.loads(path.read_text(encoding="utf-8-sig"))
        except OSError as error:
            raise OperatorError(f"{path} cannot be read: {error.strerror}.") from None
        except ValueError:
            raise OperatorError(f"{path} is not JSON: a map of columns is an object of tables.") from None
        if not isinstance(said, dict) or not all(isinstance(columns, dict) for columns in said.values()):
            raise OperatorError(
                f"{path} is not a map of columns: an object of tables, each an object of columns."
            )
        return cls({name.lower(): _columns(path, name, columns) for name, columns in said.items()})

    def of(self, table: str) -> Columns | None:
        return self.tables.get(table.lower())


def _fields(kind: str) -> frozenset[str]:
    """Those of HSDS, and cells that hold several values, which become objects of their own."""
    return BY_NAME[kind].known | splits(kind)


def plain(column: str) -> str:
    """A column's name as it is compared: in small letters, its spaces once each."""
    return " ".join(column.lower().split())


def _columns(path: Path, table: str, said: Mapping[str, object]) -> dict[str, tuple[str, str] | None]:
    found: dict[str, tuple[str, str] | None] = {}
    for column, target in said.items():
        kind, _, field = str(target or "").partition(".")
        if target is not None and (kind not in BY_NAME or field not in _fields(kind)):
            raise OperatorError(
                f"{path}, {table}: {column!r} is {target!r}, which is no field of HSDS such as service.name."
            )
        found[plain(column)] = (kind, field) if target is not None else None
    return found
