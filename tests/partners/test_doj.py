"""The Department's roster, as it comes: dirty cells, inherited names, pending renewals; and only members' rows count."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Final
from uuid import UUID

import pytest
from sqlalchemy import select

from services.partners.domain.terms import AccreditationLevel, CredentialStatus, PractitionerRole
from services.partners.exchange.doj import (
    RosterReport,
    entries,
    import_doj,
    read_day,
    read_table,
    same_name,
)
from services.partners.exchange.report import Problems
from services.partners.models import Accreditation, Practitioner, Recognition
from tests.support.directory import Directory
from vereda.caller import system_caller
from vereda.errors import OperatorError
from vereda.ids import new_id

TODAY: Final = date(2026, 11, 2)
HEAD: Final = "state,city,organization,office_label,street,zip,phone,date_recognized,recognition_expiration,pending_renewal,status"
PEOPLE: Final = "organization,representative,accreditation_expiration,status,level"


def written(folder: Path, *lines: str) -> Path:
    path = folder / "roster.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def office(
    name: str, granted: str, expires: str, status: str = "Active", label: str = "Principal Office"
) -> str:
    return f'CA,Fresno,"{name}",{label},1 Main St,93721,(559) 555-0100,{granted},{expires},,{status}'


async def imported(directory: Directory, path: Path, *, dry_run: bool = False) -> RosterReport:
    return await import_doj(directory.database, path, TODAY, dry_run=dry_run)


async def recognitions(directory: Directory, owner: UUID) -> list[Recognition]:
    async with directory.database.transaction(system_caller(new_id())) as session:
        found = await session.scalars(select(Recognition).where(Recognition.organization_id == owner))
        return list(found)


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("02/03/21", date(2021, 2, 3)),
        ("07/18/95", date(1995, 7, 18)),
        ("2/3/2021", date(2021, 2, 3)),
        ("01/26/27*", date(2027, 1, 26)),
        ("01/26/27 (Pending Renewal)", date(2027, 1, 26)),
        ("", None),
    ],
)
def test_a_day_is_read_as_the_roster_writes_it(cell: str, day: date | None) -> None:
    assert read_day(cell) == day


def test_names_are_compared_without_accents_case_and_legal_form() -> None:
    assert same_name("Clínica del Sol, Inc.") == same_name("CLINICA DEL SOL")
    assert same_name("Clínica del Sol") != same_name("Clínica de la Luz")


def test_an_office_without_a_name_is_of_the_principal_above_and_one_without_dates_says_nothing(
    tmp_path: Path,
) -> None:
    path = written(
        tmp_path,
        HEAD,
        office("Ayuda", "02/03/21", "02/03/23*"),
        office("", "02/03/21", "02/03/23", label="Madera Extension Office"),
        office("Ayuda", "", "", "", label="Merced Extension Office"),
        office("Ayuda", "02/03/21", "soon"),
        office("Ayuda", "02/03/21", "02/03/23", "Lapsed"),
    )
    problems = Problems()

    found = list(entries(read_table(path), path.name, problems))

    assert [(one.row, one.organization, one.pending) for one in found] == [
        (2, "Ayuda", True),
        (3, "Ayuda", False),
    ]
    assert [(one.row, one.column) for one in problems.found] == [(5, "recognition_expiration"), (6, "status")]


async def test_what_the_roster_says_of_a_member_is_confirmed_corrected_or_added(
    directory: Directory, tmp_path: Path
) -> None:
    tag = new_id().hex
    known, new = await directory.organization(f"Ayuda {tag}"), await directory.organization(f"Puente {tag}")
    await directory.recognised(known.id, date(2026, 12, 1))
    path = written(
        tmp_path,
        HEAD,
        office(f"AYUDA {tag}, Inc.", "01/01/24", "12/01/26*"),
        office(f"Puente {tag}", "05/01/25", "05/01/27"),
        office(f"Somebody else {tag}", "05/01/25", "05/01/27"),
    )

    rehearsed = await imported(directory, path, dry_run=True)
    untouched = await recognitions(directory, new.id)
    first = await imported(directory, path)
    second = await imported(directory, path)

    assert (rehearsed.confirmed, untouched) == (2, [])
    assert (first.rows, first.elsewhere, first.confirmed) == (3, 1, 2)
    assert (len(first.added), len(first.changed)) == (1, 1)
    assert first.changed[0].endswith(": pending_renewal")
    assert (second.added, second.changed, second.confirmed) == ([], [], 2)
    (row,) = await recognitions(directory, known.id)
    assert (row.pending_renewal, row.confirmed_on, row.confirmed_by) == (True, TODAY, "roster")


async def test_what_the_roster_ended_is_ended(directory: Directory, tmp_path: Path) -> None:
    tag = new_id().hex
    owner = await directory.organization(f"Ayuda {tag}")
    await directory.recognised(owner.id, date(2027, 5, 1))

    await imported(
        directory, written(tmp_path, HEAD, office(f"Ayuda {tag}", "01/01/24", "05/01/27", "Terminated"))
    )

    (row,) = await recognitions(directory, owner.id)
    assert (row.status, row.ended_on) == (CredentialStatus.TERMINATED, TODAY)


async def test_a_representative_is_found_by_the_name_that_they_go_by(
    directory: Directory, tmp_path: Path
) -> None:
    tag = new_id().hex
    owner = await directory.organization(f"Ayuda {tag}")
    person = Practitioner(
        id=new_id(),
        organization_id=owner.id,
        role=PractitionerRole.PARTIAL_REP,
        weekly_hours=30,
        public_name="Inés Peña",
    )
    await directory.add(person)
    lines = [
        f"Ayuda {tag},INES PENA,05/01/28,Active,DHS only",
        f"Ayuda {tag},Somebody Unknown,05/01/28,Active,",
    ]

    report = await imported(directory, written(tmp_path, PEOPLE, *lines))

    async with directory.database.transaction(system_caller(new_id())) as session:
        held = await session.scalar(select(Accreditation).where(Accreditation.practitioner_id == person.id))
    assert held is not None
    assert (held.level, held.expires_on) == (AccreditationLevel.PARTIAL, date(2028, 5, 1))
    assert (report.confirmed, report.unknown) == (1, [f"Ayuda {tag}, row 3"])


@pytest.mark.parametrize("content", ["a,b\n1,2", "", "organization\nAyuda"])
def test_what_is_no_roster_is_refused(tmp_path: Path, content: str) -> None:
    with pytest.raises(OperatorError, match="no table of the roster"):
        read_table(written(tmp_path, content))
