"""What the region means to reach: set by the network's coordinator, and by default what the code says."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import func, select

from services.partners.domain.geography import BY_FIPS
from services.partners.domain.targets import TARGETS, share_of_year, target_problems
from services.partners.events import tell
from services.partners.models import IdempotencyRecord, RegionTarget
from vereda.caller import Scope
from vereda.context import RequestContext
from vereda.database import take_turns
from vereda.idempotency import claim_key
from vereda.periods import BUSINESS_TIME, Period
from vereda.refusals import InvalidInput, VersionConflict, invalid, version_conflict


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetFields:
    """`expected_version`: of what was set before for the measure, year and county; None for the first time."""

    measure: str
    year: int
    value: float
    county: str | None = None
    expected_version: int | None = None


@dataclass(frozen=True, slots=True)
class Aim:
    """A target as it holds in a period. `value` is the period's share of it; `version` is None where it is the default."""

    measure: str
    year: int
    county: str | None
    value: float
    yearly: float
    at_most: bool
    version: int | None


async def set_target(
    context: RequestContext[Any], given: TargetFields, key: str
) -> RegionTarget | InvalidInput | VersionConflict:
    """Say what the region, or a county, is to reach in a year."""
    context.caller.require(Scope.ADMIN_NETWORK)
    this_year = context.now.astimezone(BUSINESS_TIME).year
    wrong = target_problems(given.measure, given.value, given.year, this_year, given.county)
    if given.county is not None and given.county not in BY_FIPS:
        wrong["county"] = "must be a FIPS code that `counties` lists"
    if wrong:
        return invalid(**wrong)
    of = (given.measure, given.year, given.county or "")
    async with context.write() as session:
        claim = await claim_key(session, IdempotencyRecord, context.caller, "setTarget", key, asdict(given))
        if claim.earlier is not None:
            return await session.get_one(RegionTarget, (*of, claim.earlier["version"]))
        await take_turns(session, "targets", *map(str, of))
        version = await session.scalar(
            select(func.max(RegionTarget.version)).where(
                RegionTarget.measure == of[0], RegionTarget.year == of[1], RegionTarget.county == of[2]
            )
        )
        if version != given.expected_version:
            return version_conflict(version or 0)
        row = RegionTarget(
            measure=of[0],
            year=of[1],
            county=of[2],
            version=(version or 0) + 1,
            value=given.value,
            organization_id=context.caller.organization,
            set_by=context.caller.subject,
            set_at=context.now,
        )
        session.add(row)
        await session.flush()
        tell(session, context.caller, "target.set", context.caller.organization, measure=given.measure)
        claim.record({"version": row.version})
        return row


def as_set(row: RegionTarget) -> Aim:
    """The target of the whole year."""
    at_most = TARGETS[row.measure].at_most
    return Aim(row.measure, row.year, row.county or None, row.value, row.value, at_most, row.version)


async def targets(context: RequestContext[Any], of: Period, county: str | None) -> list[Aim]:
    """Every target of the region, or of the county, for a period: what was set for its year, or else the default."""
    async with context.read() as session:
        rows = await session.scalars(
            select(RegionTarget)
            .where(RegionTarget.year == of.year, RegionTarget.county == (county or ""))
            .order_by(RegionTarget.version)
        )
        by_measure = {row.measure: row for row in rows}
    days = (of.last - of.first).days + 1
    found = []
    for measure, target in TARGETS.items():
        row = by_measure.get(measure)
        default = target.default if county is None else target.county
        yearly = row.value if row else default
        if yearly is not None:
            value = share_of_year(target, yearly, days)
            version = row.version if row else None
            found.append(Aim(measure, of.year, county, value, yearly, target.at_most, version))
    return found
