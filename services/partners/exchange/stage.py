"""Where a package's records wait, on disk, until all are read: rows may refer to rows that come later.

A SQLite file that lives as long as the import. It holds the package outside of memory, and answers what refers to what.
"""

from __future__ import annotations

import json
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final
from uuid import UUID

from services.partners.exchange.records import Record
from services.partners.exchange.report import Place, Problems

_TABLES: Final = """
CREATE TABLE record (number INTEGER PRIMARY KEY, kind TEXT, id TEXT, file TEXT, line INTEGER, path TEXT, cells TEXT,
  row_id TEXT, owner TEXT, code TEXT, UNIQUE (kind, id));
CREATE TABLE link (parent_kind TEXT, parent_id TEXT, number INTEGER, PRIMARY KEY (parent_kind, parent_id, number))
  WITHOUT ROWID;
"""
_COLUMNS: Final = "kind, id, file, line, path, cells"


@dataclass(frozen=True, slots=True)
class Accepted:
    """A record that is in the directory: its row, the organisation that it belongs to; a term's code in the graph."""

    row_id: UUID
    owner: UUID | None
    code: str | None = None


class Stage:
    """The records of one package."""

    def __enter__(self) -> Stage:
        self._folder = tempfile.TemporaryDirectory(prefix="vereda-import-")
        self._store = sqlite3.connect(Path(self._folder.name) / "stage.sqlite", isolation_level=None)
        self._store.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA temp_store = FILE;" + _TABLES
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._store.close()
        self._folder.cleanup()

    def put(self, record: Record, problems: Problems) -> None:
        """Keep a record. The same object said again, nested in another, adds what was not said before."""
        added = self._store.execute(
            f"INSERT OR IGNORE INTO record ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)",  # noqa: S608
            (record.kind, record.id, record.at.file, record.at.row, record.at.path, json.dumps(record.cells)),
        )
        if added.rowcount:
            self._link(added.lastrowid or 0, record)
        else:
            self._merge(record, problems)

    def count(self) -> int:
        return int(self._store.execute("SELECT count(*) FROM record").fetchone()[0])

    def batches(self, kind: str, size: int) -> Iterator[list[Record]]:
        """The records of a kind in the order in which they were read."""
        last = 0
        while True:
            rows = self._store.execute(
                f"SELECT number, {_COLUMNS} FROM record WHERE kind = ? AND number > ? ORDER BY number LIMIT ?",  # noqa: S608
                (kind, last, size),
            ).fetchall()
            if not rows:
                return
            last = rows[-1][0]
            yield [_record(row[1:]) for row in rows]

    def get(self, kind: str, id_: str | None) -> Record | None:
        if id_ is None:
            return None
        row = self._store.execute(
            f"SELECT {_COLUMNS} FROM record WHERE kind = ? AND id = ?",  # noqa: S608
            (kind, id_),
        ).fetchone()
        return _record(row) if row else None

    def referring(self, record: Record, kinds: Sequence[str]) -> list[Record]:
        """Records of `kinds` that refer to `record`."""
        return self.referring_to(record.kind, record.id, kinds)

    def referring_to(self, kind: str, id_: str, kinds: Sequence[str]) -> list[Record]:
        marks = ", ".join("?" for _ in kinds)
        rows = self._store.execute(
            f"SELECT {_COLUMNS} FROM link JOIN record USING (number) WHERE parent_kind = ? AND parent_id = ?"  # noqa: S608
            f" AND kind IN ({marks}) ORDER BY number",
            (kind, id_, *kinds),
        ).fetchall()
        return [_record(row) for row in rows]

    def accept(self, record: Record, accepted: Accepted) -> None:
        owner = str(accepted.owner) if accepted.owner else None
        self._store.execute(
            "UPDATE record SET row_id = ?, owner = ?, code = ? WHERE kind = ? AND id = ?",
            (str(accepted.row_id), owner, accepted.code, record.kind, record.id),
        )

    def refuse(self, record: Record) -> None:
        """Take back that a record was accepted: its row could not be written."""
        self._store.execute(
            "UPDATE record SET row_id = NULL WHERE kind = ? AND id = ?", (record.kind, record.id)
        )

    def accepted(self, kind: str, id_: str | None) -> Accepted | None:
        if id_ is None:
            return None
        row = self._store.execute(
            "SELECT row_id, owner, code FROM record WHERE kind = ? AND id = ? AND row_id IS NOT NULL",
            (kind, id_),
        ).fetchone()
        return Accepted(UUID(row[0]), UUID(row[1]) if row[1] else None, row[2]) if row else None

    def _link(self, number: int, record: Record) -> None:
        self._store.executemany(
            "INSERT OR IGNORE INTO link VALUES (?, ?, ?)",
            [(kind, id_, number) for kind, id_ in record.parents()],
        )

    def _merge(self, record: Record, problems: Problems) -> None:
        number, file, line, path, text = self._store.execute(
            "SELECT number, file, line, path, cells FROM record WHERE kind = ? AND id = ?",
            (record.kind, record.id),
        ).fetchone()
        if file == record.at.file and not path and not record.at.path:
            problems.error(record.at, "id", f"is used before, in row {line}: the first row was kept")
            return
        known: dict[str, str] = json.loads(text)
        differing = [
            c for c, value in record.cells.items() if known.get(c, value) != value and not c.endswith("_id")
        ]
        if differing:
            problems.warning(
                record.at, differing[0], f"differs from what {file}, row {line} says of it: that was kept"
            )
        merged = {**record.cells, **known}
        if merged != known:
            self._store.execute("UPDATE record SET cells = ? WHERE number = ?", (json.dumps(merged), number))
            self._link(number, record)


def _record(row: Sequence[str]) -> Record:
    kind, id_, file, line, path, cells = row
    return Record(kind, id_, json.loads(cells), Place(file, int(line), path))
