"""Who is in, by kind and county; and where nobody offers what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Text, cast, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from services.partners.domain.geography import COUNTIES
from services.partners.domain.terms import OrganizationKind, OrganizationStatus, ServiceStatus
from services.partners.models import Organization, ServiceDocument
from vereda.caller import Scope, system_caller
from vereda.context import RequestContext


@dataclass(frozen=True, slots=True)
class MemberCount:
    """How many active members of a kind say that they work in a county."""

    kind: OrganizationKind
    county: str
    count: int


async def member_counts(context: RequestContext[Any]) -> list[MemberCount]:
    """By kind and county; a member counts in each of its counties."""
    context.caller.require(Scope.DIRECTORY_READ)
    county = func.unnest(Organization.counties).column_valued("county")
    rows = (
        select(Organization.kind, county, func.count())
        .where(Organization.status == OrganizationStatus.ACTIVE)
        .group_by(Organization.kind, county)
        .order_by(Organization.kind, county)
    )
    async with context.read() as session:
        return [MemberCount(kind, fips, count) for kind, fips, count in await session.execute(rows)]


async def coverage_gaps(context: RequestContext[Any], terms: Sequence[str]) -> list[tuple[str, str]]:
    """(county, term) of each county of the region in which no active service of the term, or of one under it, is offered.

    By the counties of services' places and areas. Asked of the index of search, which has both beside each other.
    """
    context.caller.require(Scope.DIRECTORY_READ)
    document = ServiceDocument
    county, term = (
        func.unnest(column).column_valued(name)
        for column, name in ((document.counties, "county"), (document.terms, "term"))
    )
    wanted = cast(list(terms), ARRAY(Text()))
    offered = (
        select(county, term)
        .select_from(document)
        .where(
            document.working.is_(True),
            document.status == ServiceStatus.ACTIVE,
            document.terms.overlap(wanted),
        )
        .distinct()
    )
    system = system_caller(context.caller.organization, context.caller.subject)
    async with context.read_as(system) as session:
        there = {(fips, code) for fips, code in await session.execute(offered)}
    return [(c.fips, code) for code in dict.fromkeys(terms) for c in COUNTIES if (c.fips, code) not in there]
