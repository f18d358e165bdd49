"""A record's cells and references as a row needs them: what is optional is warned of, what is required refuses the row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, NoReturn, TypeVar
from uuid import UUID

from services.partners.exchange.cells import Parser, UnreadableError
from services.partners.exchange.records import Record
from services.partners.exchange.report import Problems
from services.partners.exchange.stage import Accepted, Stage
from vereda.ids import seeded_id

T = TypeVar("T")

#: The instant that ids of imported rows carry: the same whenever a package is read again.
_EPOCH: Final = datetime(2026, 1, 1, tzinfo=UTC)
_EMPTIED: Final = "the cell was left empty"


def refers_to(kind: str, fate: str) -> str:
    """The sentence of a reference that leads nowhere."""
    article = "an" if kind[0] in "aou" and not kind.startswith("u") else "a"
    return f"refers to {article} {kind.replace('_', ' ')} that {fate}"


class RefusedError(Exception):
    """This record cannot be a row; `reason` is for people."""

    def __init__(self, column: str | None, reason: str, *, follows: bool = False) -> None:
        super().__init__(reason)
        self.column = column
        self.reason = reason
        self.follows = follows
        """Whether it is refused only because what it refers to was."""


def identity(source: str, kind: str, id_: str) -> UUID:
    """Our id of a source's record: the same on every run."""
    return seeded_id(kind, f"{source}\x00{id_}", _EPOCH)


@dataclass(frozen=True, slots=True)
class _Lost:
    """A reference that leads nowhere."""

    column: str
    reason: str
    refused: bool


class Reading:
    """One record, being read. Its warnings are told when it is taken in: a refused row has one reason."""

    def __init__(self, record: Record, stage: Stage) -> None:
        self.record = record
        self._stage = stage
        self._warnings: list[tuple[str | None, str]] = []
        self._lost: list[_Lost] = []

    def tell(self, problems: Problems) -> None:
        for column, reason in self._warnings:
            problems.warning(self.record.at, column, reason)

    def of(self, record: Record) -> Reading:
        """The same record with other cells; what there is to tell is told of both."""
        self.record = record
        return self

    def text(self, column: str) -> str | None:
        return self.record.cells.get(column)

    def said(self, column: str, name: str) -> str | None:
        """A text that HSDS requires and publishers may not have: one that only repeats the name says nothing."""
        text = self.record.cells.get(column)
        return None if text == name else text

    def need(self, column: str) -> str:
        value = self.record.cells.get(column)
        if value is None:
            self.refuse(column, "is empty, and a row cannot do without it")
        return value

    def read(self, column: str, parser: Parser[T]) -> T | None:
        """The optional cell by `parser`; one that cannot be read is warned of, and left empty."""
        raw = self.record.cells.get(column)
        if raw is None:
            return None
        try:
            found = parser(raw)
        except UnreadableError as error:
            self.warn(column, f"{error}; {_EMPTIED}")
            return None
        if found.note:
            self.warn(column, found.note)
        return found.value

    def need_read(self, column: str, parser: Parser[T]) -> T:
        """The required cell by `parser`."""
        try:
            found = parser(self.need(column))
        except UnreadableError as error:
            self.refuse(column, str(error))
        if found.note:
            self.warn(column, found.note)
        return found.value

    def parent(self, column: str, kind: str) -> Accepted | None:
        """What the optional reference points to; one that leads nowhere is warned of, and left empty."""
        id_ = self.record.cells.get(column)
        found = self._stage.accepted(kind, id_)
        if id_ is not None and found is None:
            lost = self._found_lost(column, kind, id_)
            self._lost.append(lost)
            self.warn(column, f"{lost.reason}; {_EMPTIED}")
        return found

    def need_parent(self, column: str, kind: str) -> Accepted:
        id_ = self.need(column)
        found = self._stage.accepted(kind, id_)
        if found is None:
            lost = self._found_lost(column, kind, id_)
            raise RefusedError(column, lost.reason, follows=lost.refused)
        return found

    def warn(self, column: str | None, reason: str) -> None:
        self._warnings.append((column, reason))

    def refuse(self, column: str | None, reason: str) -> NoReturn:
        raise RefusedError(column, reason)

    def refuse_as_lost(self, column: str | None, reason: str) -> NoReturn:
        """Refuse for a reference that leads nowhere; for `reason` where there is no reference at all."""
        if self._lost:
            lost = self._lost[0]
            raise RefusedError(lost.column, lost.reason, follows=lost.refused)
        raise RefusedError(column, reason)

    def _found_lost(self, column: str, kind: str, id_: str) -> _Lost:
        refused = self._stage.get(kind, id_) is not None
        return _Lost(column, refers_to(kind, "was refused" if refused else "is not in the package"), refused)
