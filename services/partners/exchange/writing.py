"""Writing rows so that doing it again changes nothing: added, changed only where something differs, else left alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Table, case, func, insert, or_, select, text
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from services.partners import models
from services.partners.domain.terms import Sensitivity, Visibility
from vereda.caller import Caller
from vereda.ids import new_id
from vereda.models import Versioned


@dataclass(frozen=True, slots=True)
class Target:
    """Where the records of an HSDS kind go. `once` columns are set on adding and belong to the directory afterwards;
    an `event` tells of each row that is new or has changed."""

    model: type[Any]
    once: frozenset[str] = frozenset()
    event: str | None = None
    append_only: bool = False

    @property
    def table(self) -> Table:
        table: Table = self.model.__table__
        return table


#: In the order of writing: what is referred to before what refers to it.
TARGETS: Final[Mapping[str, Target]] = {
    "taxonomy": Target(models.Taxonomy, frozenset({"source", "source_id", "scheme"})),
    "taxonomy_term": Target(models.TaxonomyTerm, frozenset({"source", "source_id", "scheme", "code"})),
    "organization": Target(
        models.Organization, frozenset({"slug", "kind", "status", "counties"}), event="organization"
    ),
    "program": Target(models.Program),
    "location": Target(models.Location, frozenset({"visibility"}), event="location"),
    "service": Target(models.Service, event="service"),
    "service_at_location": Target(models.ServiceAtLocation),
    "address": Target(models.Address),
    "contact": Target(models.Contact),
    "phone": Target(models.Phone),
    "schedule": Target(models.Schedule),
    "service_area": Target(models.ServiceArea),
    "language": Target(models.LanguageOffer),
    "service_capacity": Target(models.CapacityReport, append_only=True),
}


#: The HSDS kind of a table's rows.
KIND_OF: Final[Mapping[type[Any], str]] = {target.model: kind for kind, target in TARGETS.items()}


@dataclass(slots=True)
class Counts:
    added: Counter[str] = field(default_factory=Counter)
    changed: Counter[str] = field(default_factory=Counter)
    unchanged: Counter[str] = field(default_factory=Counter)


async def write(
    session: AsyncSession, caller: Caller, target: Target, rows: Sequence[Mapping[str, Any]], counts: Counts
) -> None:
    """Add or change these rows, which all have the same columns; `counts` is brought up to date."""
    table = target.table
    ids = [row["id"] for row in rows]
    known = set(await session.scalars(select(table.c.id).where(table.c.id.in_(ids))))
    touched = set(await session.scalars(_statement(target, list(rows[0])), [dict(row) for row in rows]))
    counts.added[table.name] += len(touched - known)
    counts.changed[table.name] += len(touched & known)
    counts.unchanged[table.name] += len(ids) - len(touched)
    if target.event and touched:
        await _tell(session, caller, target, [row for row in rows if row["id"] in touched], known)


def _statement(target: Target, columns: Sequence[str]) -> Any:
    """INSERT ... ON CONFLICT (id) DO UPDATE, where at least one column would get another value."""
    table = target.table
    statement = upsert(table)
    kept = {"id", *target.once}
    values = {name: _protected(table, name, statement.excluded[name]) for name in columns if name not in kept}
    if target.append_only:
        return statement.on_conflict_do_nothing(index_elements=[table.c.id]).returning(table.c.id)
    differs = or_(*(table.c[name].is_distinct_from(value) for name, value in values.items()))
    if "source" in target.once:
        # A term that two packages share belongs to the first that brought it.
        differs = differs & table.c.source.is_not_distinct_from(statement.excluded.source)
    if issubclass(target.model, Versioned):
        values["version"] = table.c.version + 1
    if "updated_at" in table.c:
        values["updated_at"] = func.now()
    return statement.on_conflict_do_update(index_elements=[table.c.id], set_=values, where=differs).returning(
        table.c.id
    )


def _protected(table: Table, name: str, given: ColumnElement[Any]) -> ColumnElement[Any]:
    """What an import may not undo: coordinates that were made vague (R17), a kind of service that was marked sensitive."""
    if table is models.Location.__table__ and name in ("latitude", "longitude"):
        return case((table.c.visibility == Visibility.PUBLIC, given), else_=table.c[name])
    if table is models.Service.__table__ and name == "sensitivity":
        return case((table.c.sensitivity == Sensitivity.NORMAL, given), else_=table.c.sensitivity)
    return given


async def _tell(
    session: AsyncSession, caller: Caller, target: Target, rows: Sequence[Mapping[str, Any]], known: set[UUID]
) -> None:
    """One event for each row, in the transaction that wrote it, to the organisation that it belongs to."""
    events = [
        {
            "id": new_id(),
            "organization_id": caller.organization,
            "type": f"org.vereda.{target.event}.{'updated' if row['id'] in known else 'created'}",
            "subject": str(row["id"]),
            "audience": [row.get("organization_id", row["id"])],
            "data": {"id": str(row["id"])},
            "request_id": caller.request_id,
        }
        for row in rows
    ]
    await session.execute(insert(models.OutboxEvent.__table__), events)  # type: ignore[arg-type]


#: Adds to an organisation's counties those of its places; served by the index (organization_id, id) of locations.
_ADD_COUNTIES: Final = text("""
UPDATE organizations SET counties = united.codes, updated_at = now(), version = version + 1
FROM (
  SELECT o.id, array_agg(DISTINCT county.code ORDER BY county.code) AS codes
  FROM organizations o
  JOIN locations l ON l.organization_id = o.id AND l.county_fips IS NOT NULL
  CROSS JOIN LATERAL unnest(o.counties || l.county_fips::text) AS county (code)
  WHERE o.source = :source
  GROUP BY o.id
) AS united
WHERE organizations.id = united.id AND NOT organizations.counties @> united.codes
""")


async def add_counties(session: AsyncSession, source: str) -> None:
    """Let each organisation of `source` count the counties of its places."""
    await session.execute(_ADD_COUNTIES, {"source": source})
