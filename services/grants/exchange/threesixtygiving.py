"""Awards as open data by the 360Giving standard (1.4, schema of a grant), of which nobody can be found."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from services.grants.domain.applications import ApplicationState
from services.grants.models import Award, FundingProgram, FundingRound, GrantApplication
from vereda.caller import system_caller
from vereda.database import Database
from vereda.errors import OperatorError
from vereda.settings import database_url
from vereda.suppression import THRESHOLD

#: What 360Giving asks to be put in place of a person's name.
_NAMELESS: Final = "Individual Recipient"


@dataclass(frozen=True, slots=True)
class Given:
    """An award as it is exported; `group`: its round."""

    award: UUID
    group: UUID
    program: UUID
    title: str
    round_name: str
    currency: str
    amount_cents: int
    awarded_on: date


@dataclass(frozen=True, slots=True)
class Funder:
    """Who publishes: their id in this network, and the name by which they publish (services know no names)."""

    id: UUID
    name: str


def package(funder: Funder, awards: Iterable[Given]) -> dict[str, Any]:
    """The awards of each round and amount of which there are 11 or more; of fewer, a person could be found.

    Those of a group all carry its last day, and ids from which no record of ours can be had without it.
    """
    groups: dict[tuple[UUID, int], list[Given]] = defaultdict(list)
    for one in awards:
        groups[one.group, one.amount_cents].append(one)
    shown = [group for group in groups.values() if len(group) >= THRESHOLD]
    return {
        "grants": sorted(
            (
                _grant(funder, one, max(other.awarded_on for other in group))
                for group in shown
                for one in group
            ),
            key=lambda grant: str(grant["id"]),
        )
    }


def _grant(funder: Funder, one: Given, day: date) -> dict[str, Any]:
    number = hashlib.sha256(b"360giving\x00" + one.award.bytes).hexdigest()[:20]
    whole, rest = divmod(one.amount_cents, 100)
    return {
        "id": f"360G-vereda-{number}",
        "title": one.title,
        "description": f"{one.title}: {one.round_name}",
        "currency": one.currency,
        "amountAwarded": whole if rest == 0 else one.amount_cents / 100,
        "awardDate": day.isoformat(),
        "recipientIndividual": {"id": f"360G-vereda-IND-{number}", "name": _NAMELESS},
        "fundingOrganization": [{"id": f"vereda-{funder.id}", "name": funder.name}],
        "grantProgramme": [{"code": str(one.program), "title": one.title}],
    }


async def awards_of(database: Database, funder: UUID) -> list[Given]:
    """All awards of a funder that were not rescinded."""
    async with database.transaction(system_caller(funder), read_only=True) as session:
        rows = await session.execute(
            select(Award, FundingRound, FundingProgram)
            .join(FundingRound, FundingRound.id == Award.round_id)
            .join(FundingProgram, FundingProgram.id == FundingRound.program_id)
            .join(GrantApplication, GrantApplication.id == Award.application_id)
            .where(Award.organization_id == funder, GrantApplication.state != ApplicationState.RESCINDED)
        )
        return [
            Given(
                award.id,
                round_.id,
                program.id,
                program.name,
                round_.name,
                program.currency,
                award.amount_cents,
                award.awarded_at.date(),
            )
            for award, round_, program in rows
        ]


async def read_package(funder: UUID, name: str) -> dict[str, Any]:
    """A funder's package, from the database that this installation is set to. Raises: OperatorError when there is none."""
    database = Database(database_url("grants"), pool_size=1, name="vereda-grants-exchange")
    try:
        return package(Funder(funder, name), await awards_of(database, funder))
    finally:
        await database.close()


def write(made: dict[str, Any], path: Path) -> int:
    """Write a package, and return how many grants are in it. Raises: OperatorError when the file cannot be written."""
    try:
        path.write_text(json.dumps(made, indent=2, ensure_ascii=False) + "\n")
    except OSError as error:
        raise OperatorError(f"{path} cannot be written: {error.strerror}.") from None
    return len(made["grants"])
