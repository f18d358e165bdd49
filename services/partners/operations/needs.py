"""Needs that no service answered: counted when they are met, shown when their month is over, and never small (R31)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from services.partners.domain.geography import BY_FIPS, COUNTIES
from services.partners.domain.unmet import KINDS, counted_as, is_over, month_of
from services.partners.models import IdempotencyRecord, UnmetNeed
from services.partners.operations.matching import Need
from vereda.caller import Scope, system_caller
from vereda.context import RequestContext
from vereda.errors import ClientError, ErrorCode
from vereda.idempotency import claim_key
from vereda.suppression import Cell, NotShowableError, Shown, published


async def count_unmet(context: RequestContext[Any], need: Need, key: str | None) -> bool:
    """Count a need that no service answered, once for each key; whether it counts at all: it does in a county of ours.

    Without a key, an organisation that asks the same on the same day counts once. Nothing of who asked stands beside the
    count; what was attested has no part in it (R4).
    """
    if need.county not in BY_FIPS:
        return False
    kinds, month = counted_as(need.needs), month_of(context.now)
    asked = [*kinds, need.county]
    # Its own short transaction, as the system: nobody who asks can read or write these counts otherwise.
    system = system_caller(context.caller.organization, context.caller.subject)
    async with context.database.transaction(system, within_s=2.0) as session:
        claim = await claim_key(
            session,
            IdempotencyRecord,
            context.caller,
            "unmetNeed",
            key or f"{context.now.date()} {asked}",
            asked,
        )
        if claim.earlier is None:
            rows = [{"month": month, "county_fips": need.county, "kind": kind, "count": 1} for kind in kinds]
            await session.execute(
                insert(UnmetNeed)
                .values(rows)
                .on_conflict_do_update(
                    index_elements=[UnmetNeed.month, UnmetNeed.county_fips, UnmetNeed.kind],
                    set_={"count": UnmetNeed.count + 1},
                )
            )
            claim.record({"kinds": len(kinds)})
    return True


async def unmet_needs(context: RequestContext[Any], month: str) -> Mapping[Cell, Shown] | None:
    """A month's table of counties by kinds, as it may be shown; None where too little was counted for any of it.

    Raises: ClientError BAD_USER_INPUT where `month` is none, or is not over: figures that grow tell of each search.
    """
    context.caller.require(Scope.REPORT_READ)
    if not is_over(month, context.now):
        raise ClientError(
            ErrorCode.BAD_USER_INPUT, "`month` must be a month that is over, such as `2026-10`."
        )
    system = system_caller(context.caller.organization, context.caller.subject)
    async with context.read_as(system) as session:
        rows = (await session.scalars(select(UnmetNeed).where(UnmetNeed.month == month))).all()
    people = [({"county": row.county_fips, "kind": row.kind}, row.count) for row in rows]
    dimensions = {"county": [str(county.fips) for county in COUNTIES], "kind": KINDS}
    try:
        return published(dimensions, people)
    except NotShowableError:
        return None
