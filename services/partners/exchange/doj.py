"""The Department's roster of recognised organisations and accredited representatives, as a table: what it says of members is
confirmed, or corrected. Rows of organisations that are no members are left aside.

Two layouts, told apart by their columns, as the roster has two parts: organisations (`organization`, `office_label`,
`date_recognized`, `recognition_expiration`, `pending_renewal`, `status`) and representatives (`organization`, `representative`,
`accreditation_expiration`, `status`, `level`: "DHS only" for a partial one). An extension office without a name is of the
principal office above it. A trailing "*" or "(Pending Renewal)" says that a renewal is pending.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.partners.domain.credentials import CredentialKind
from services.partners.domain.terms import AccreditationLevel, CredentialStatus
from services.partners.events import tell
from services.partners.exchange.report import Place, Problems
from services.partners.models import Accreditation, Organization, Practitioner, Recognition
from vereda.caller import Caller, system_caller
from vereda.database import Database
from vereda.errors import OperatorError
from vereda.rounds import NOBODY

#: Who confirmed what was found in the roster.
ROSTER: Final = "roster"
_DAY: Final = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}|\d\d)")
_PENDING: Final = re.compile(r"\*|pending", re.IGNORECASE)
_NO: Final = frozenset({"", "no", "false", "0", "n"})
#: Two digits of a year from here on are of the last century: recognitions go back to the sixties.
_LAST_CENTURY: Final = 60
_LEGAL_FORM: Final = re.compile(r"\b(inc|incorporated|corp|llc|ltd)\b")
_ORGANIZATIONS: Final = frozenset({"organization", "recognition_expiration"})
_REPRESENTATIVES: Final = frozenset({"organization", "representative", "accreditation_expiration"})


@dataclass(frozen=True, slots=True)
class Entry:
    """What one row says. `representative` is None for an organisation's; `granted_on` is not told of representatives."""

    row: int
    organization: str
    representative: str | None
    granted_on: date | None
    expires_on: date
    pending: bool
    status: CredentialStatus
    level: AccreditationLevel | None


@dataclass
class RosterReport:
    """What became of an import: names are of the Department's public roster."""

    file: str
    rows: int = 0
    elsewhere: int = 0
    confirmed: int = 0
    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    problems: Problems = field(default_factory=Problems)

    def as_dict(self) -> dict[str, Any]:
        return {
            "file": self.file,
            "rows": self.rows,
            "elsewhere": self.elsewhere,
            "confirmed": self.confirmed,
            "added": self.added,
            "changed": self.changed,
            "unknownRepresentatives": self.unknown,
            "problems": [str(one) for one in self.problems.found],
        }


def same_name(name: str) -> str:
    """A name as names are compared: without accents, case, punctuation, and what a company is in law."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", " ", plain)
    return " ".join(_LEGAL_FORM.sub(" ", words).split())


def read_day(cell: str) -> date | None:
    """A day as the roster writes it, month first; None where there is none. Raises: ValueError where it is no day."""
    found = _DAY.search(cell)
    if found is None:
        if _PENDING.sub("", cell).strip(" ()"):
            raise ValueError("no day")
        return None
    month, day, year = (int(part) for part in found.groups())
    if year < 100:
        year += 1900 if year >= _LAST_CENTURY else 2000
    return date(year, month, day)


def entries(rows: Iterable[tuple[int, dict[str, str]]], file: str, problems: Problems) -> Iterator[Entry]:
    """What the rows say, those without an end left out: an extension office has the principal's."""
    principal = ""
    for number, cells in rows:
        name = cells.get("organization", "").strip() or principal
        principal = name
        of_person = "representative" in cells
        column = "accreditation_expiration" if of_person else "recognition_expiration"
        end = cells.get(column, "")
        at = Place(file, number)
        try:
            expires = read_day(end)
            granted = read_day(cells.get("date_recognized", ""))
        except ValueError:
            problems.error(at, column, "is no day such as 02/03/21")
            continue
        if expires is None:
            continue
        said = cells.get("status", "").strip().upper() or "ACTIVE"
        if said not in CredentialStatus.__members__:
            problems.error(at, "status", f"must be one of {', '.join(CredentialStatus)}")
            continue
        if not name:
            problems.error(at, "organization", "is missing, and no office stands above it")
            continue
        partial = "dhs" in cells.get("level", "").lower() or "partial" in cells.get("level", "").lower()
        yield Entry(
            number,
            name,
            cells["representative"].strip() if of_person else None,
            granted,
            expires,
            bool(_PENDING.search(end)) or cells.get("pending_renewal", "").strip().lower() not in _NO,
            CredentialStatus[said],
            (AccreditationLevel.PARTIAL if partial else AccreditationLevel.FULL) if of_person else None,
        )


def read_table(path: Path) -> list[tuple[int, dict[str, str]]]:
    """The rows of the file with their line numbers. Raises: OperatorError where it cannot be read, or is no roster."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise OperatorError(f"{path} cannot be read as text in UTF-8 ({type(error).__name__}).") from None
    reader = csv.DictReader(text.splitlines())
    names = {(name or "").strip().lower() for name in reader.fieldnames or ()}
    if not (names >= _ORGANIZATIONS or names >= _REPRESENTATIVES):
        raise OperatorError(
            f"{path} is no table of the roster: it needs the columns {', '.join(sorted(_ORGANIZATIONS))}, or"
            f" {', '.join(sorted(_REPRESENTATIVES))}."
        )
    return [
        (reader.line_num, {(key or "").strip().lower(): value or "" for key, value in row.items() if key})
        for row in reader
    ]


async def import_doj(database: Database, path: Path, today: date, *, dry_run: bool) -> RosterReport:
    """Confirm what the roster says of members as well, correct what it says otherwise, and add what they have not entered.

    A representative is found by the name that they are known to the network by; who is not is listed, and not added.
    Raises: OperatorError.
    """
    report = RosterReport(path.name)
    rows = read_table(path)
    report.rows = len(rows)
    system = system_caller(NOBODY, "roster of the Department")
    async with database.transaction(system) as session:
        members = {
            same_name(name): id_
            for id_, *names in await session.execute(
                select(Organization.id, Organization.name, Organization.alternate_name)
            )
            for name in names
            if name
        }
        for entry in entries(rows, path.name, report.problems):
            owner = members.get(same_name(entry.organization))
            if owner is None:
                report.elsewhere += 1
            elif entry.representative is None:
                held = await session.scalars(select(Recognition).where(Recognition.organization_id == owner))
                await _settle(session, system, report, entry, owner, held.all(), None, today)
            else:
                await _representative(session, system, report, entry, owner, today)
        await session.flush()
        if dry_run:
            await session.rollback()
    return report


async def _representative(
    session: AsyncSession, system: Caller, report: RosterReport, entry: Entry, owner: UUID, today: date
) -> None:
    people = await session.scalars(select(Practitioner).where(Practitioner.organization_id == owner))
    wanted = same_name(entry.representative or "")
    person = next((one for one in people if same_name(one.public_name or "") == wanted), None)
    if person is None:
        report.unknown.append(f"{entry.organization}, row {entry.row}")
        return
    held = await session.scalars(
        select(Accreditation).where(
            Accreditation.practitioner_id == person.id, Accreditation.level == entry.level
        )
    )
    await _settle(session, system, report, entry, owner, held.all(), person.id, today)


async def _settle(
    session: AsyncSession,
    system: Caller,
    report: RosterReport,
    entry: Entry,
    owner: UUID,
    held: Sequence[Recognition | Accreditation],
    person: UUID | None,
    today: date,
) -> None:
    """Make the credential that ends last what the roster says, and confirm it."""
    kind = CredentialKind.RECOGNITION if person is None else CredentialKind.ACCREDITATION
    label = f"{kind.value.lower()} of {entry.organization}, row {entry.row}"
    row = max(held, key=lambda one: one.expires_on, default=None)
    if row is None:
        days = {
            "organization_id": owner,
            "granted_on": entry.granted_on or today,
            "expires_on": entry.expires_on,
        }
        if person is None or entry.level is None:
            row = Recognition(**days)
        else:
            row = Accreditation(practitioner_id=person, level=entry.level, **days)
        session.add(row)
        await session.flush()
        report.added.append(label)
    said = {
        "expires_on": entry.expires_on,
        "pending_renewal": entry.pending,
        "status": entry.status,
    }
    differs = {name for name, value in said.items() if getattr(row, name) != value}
    if differs and label not in report.added:
        report.changed.append(f"{label}: {', '.join(sorted(differs))}")
    if "status" in differs:
        row.ended_on = None if entry.status is CredentialStatus.ACTIVE else today
    for name, value in said.items():
        setattr(row, name, value)
    row.confirmed_on, row.confirmed_by = today, ROSTER
    report.confirmed += 1
    await session.flush()
    tell(session, system, f"{kind.value.lower()}.confirmed", row.id, [owner], credential=str(row.id))
