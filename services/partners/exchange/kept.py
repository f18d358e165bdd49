"""What HSDS says of a record and the directory has no column for, as values: `source_fields` of a row hold it in text that was
checked when it came in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

from services.partners.exchange.fields import Type, type_of
from services.partners.exchange.reading import identity

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept with one row, of an HSDS kind, that came from `source`."""

    kind: str
    source: str
    said: Mapping[str, Any]

    def value(self, field: str) -> Any:
        """One field: text, a float where HSDS has a number, a date or a datetime. None where it is not said."""
        return _typed(self.kind, field, self.said.get(field))

    def id_of(self, kind: str, id_: str) -> UUID:
        """Our id of another record of the same source."""
        return identity(self.source, kind, id_)

    def all(self, kind: str, shape: type[T]) -> list[T]:
        """The objects of a kind that are kept with the row, in the order in which they came: each a `shape`, a dataclass
        whose fields have the names of HSDS, and which may have `kept`, what is kept with that object in turn."""
        return [self._object(kind, shape, said) for said in self.said.get(kind, ())]

    def _object(self, kind: str, shape: type[T], said: Mapping[str, Any]) -> T:
        names = [field.name for field in fields(shape) if field.init and field.default is MISSING]  # type: ignore[arg-type]
        values = {name: _typed(kind, name, said.get(name)) for name in names}
        values["id"] = str(identity(self.source, kind, str(said["id"])))
        if "kept" in values:
            values["kept"] = Kept(kind, self.source, said)
        return shape(**values)


def _typed(kind: str, field: str, text: Any) -> Any:
    if text is None or isinstance(text, list):
        return None
    match type_of(kind, field):
        case Type.NUMBER:
            return float(text)
        case Type.DATE:
            return date.fromisoformat(text)
        case Type.DATETIME:
            return datetime.fromisoformat(text)
    return str(text)
