"""Numbers without people: an organisation's own counts, and the network's figures, published once for each period."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from iso639 import Lang
from sqlalchemy import and_, case, delete, func, literal, not_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.referrals.domain.lifecycle import TERMINAL, Outcome, State
from services.referrals.domain.reports import (
    COUNTIES,
    ELSEWHERE,
    Answer,
    Came,
    LanguageGroup,
    county,
    language_group,
)
from services.referrals.domain.tallies import FORMS, SETTLED_AFTER, tally_problems
from services.referrals.domain.turnout import MEASURE, TURNOUT
from services.referrals.events import tell
from services.referrals.models import (
    Client,
    IdempotencyRecord,
    PublishedReport,
    Referral,
    TallyLine,
    TallyReport,
    WorkshopClosing,
)
from services.referrals.operations.workshop_closings import turnout_in
from vereda.caller import Scope
from vereda.context import RequestContext
from vereda.database import take_turns
from vereda.idempotency import claim_key, mark_recorded
from vereda.periods import Period, PeriodKind, period, settled
from vereda.refusals import InvalidInput, VersionConflict, invalid, version_conflict
from vereda.suppression import THRESHOLD, Hidden, NotShowableError, published

#: The measure that this service counts itself; each form is another.
NEEDS: Final = "NEEDS"
#: After a period's end: what is done later is in no figure.
_SETTLED_AFTER: Final = timedelta(days=15)
_HELPED: Final = (Outcome.SERVED_FULLY, Outcome.SERVED_PARTLY, Outcome.ADVICE_ONLY)
_UNSENT: Final = (State.DRAFT, State.AWAITING_CONSENT, State.VOID)

_DAY_S: Final = 86_400.0
#: What is published of waits, and which share of them is no longer.
_QUANTILES: Final = {"p50": 0.5, "p90": 0.9}

_COUNTIES: Final = [*COUNTIES, ELSEWHERE]

Counted = Sequence[tuple[Mapping[str, str], int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class TallyFields:
    form: str
    period: str
    lines: tuple[tuple[str, str, int], ...]
    expected_version: int | None = None


async def submit_tally(
    context: RequestContext[Any], given: TallyFields, key: str
) -> TallyReport | InvalidInput | VersionConflict:
    """Give one's own counts for a form and period; given again, they take the place of those before.

    `expected_version`: of the report that is replaced; None for a first one.
    """
    context.caller.require(Scope.TALLY_SUBMIT)
    if wrong := tally_problems(given.form, period(given.period), given.lines, context.now):
        return invalid(**wrong)
    async with context.write() as session:
        claim = await claim_key(session, IdempotencyRecord, context.caller, "submitTally", key, asdict(given))
        if claim.earlier is not None:
            return await session.get_one(TallyReport, UUID(claim.earlier["id"]))
        own = context.caller.organization
        await take_turns(session, own, given.form, given.period)
        row = await session.scalar(
            select(TallyReport).where(
                TallyReport.organization_id == own,
                TallyReport.form == given.form,
                TallyReport.period == given.period,
            )
        )
        if (row.version if row else None) != given.expected_version:
            return version_conflict(row.version if row else 0)
        if row is None:
            row = TallyReport(organization_id=own, form=given.form, period=given.period)
            session.add(row)
        row.submitted_by, row.updated_at = context.caller.subject, context.now
        await session.flush()
        await session.execute(delete(TallyLine).where(TallyLine.report_id == row.id))
        session.add_all(
            TallyLine(report_id=row.id, organization_id=own, line=line, county=fips, count=count)
            for line, fips, count in given.lines
        )
        await session.flush()
        tell(session, context.caller, "tally.submitted", row.id, tally=str(row.id))
        claim.record({"id": str(row.id)})
        return row


async def publish(context: RequestContext[Any]) -> int:
    """A round: publish the figures of the newest settled period of a measure that has none yet.

    Where nobody has been written down or counted, there is nothing to publish, and nothing to be final about.
    """
    async with context.write() as session:
        mark_recorded(session)
        if not await _begun(session):
            return 0
        for measure in (NEEDS, MEASURE, *FORMS):
            of = next(settled_periods(measure, context.now))
            if await publish_period(session, measure, of, context.now):
                return 1
    return 0


async def _begun(session: AsyncSession) -> bool:
    client, tally, closing = (
        select(literal(1)).select_from(table).limit(1).exists()
        for table in (Client, TallyReport, WorkshopClosing)
    )
    return bool(await session.scalar(select(client | tally | closing)))


async def publish_period(session: AsyncSession, measure: str, of: Period, now: datetime) -> bool:
    """Publish a measure's figures of a settled period, unless they are there already."""
    there = select(PublishedReport.id).where(
        PublishedReport.measure == measure, PublishedReport.period == of.name
    )
    if await session.scalar(there) is not None:
        return False
    figures = await _figures(session, measure, of)
    waits = await _waits(session, of, figures) if measure == NEEDS else None
    session.add(
        PublishedReport(measure=measure, period=of.name, figures=figures, waits=waits, published_at=now)
    )
    await session.flush()
    return True


def settled_periods(measure: str, now: datetime) -> Iterator[Period]:
    """The periods of a measure that are settled, the newest first, without end."""
    if measure in (NEEDS, MEASURE):
        return settled(now, PeriodKind.QUARTER, _SETTLED_AFTER)
    yearly = FORMS[measure].yearly
    return settled(now, PeriodKind.YEAR if yearly else PeriodKind.QUARTER, SETTLED_AFTER)


async def _figures(session: AsyncSession, measure: str, of: Period) -> list[Any]:
    """The figures of a measure as they may be shown: [[[dimension, value], ...], count or mark]; none where too little
    was counted.
    """
    if measure != NEEDS:
        # Who is on one line may be on another too, so that each is a table of its own.
        form = TURNOUT if measure == MEASURE else FORMS[measure]
        tallied = await (_turnout(session, of) if form is TURNOUT else _tallied(session, measure, of))
        return [
            [[("line", line.code), *cell], one]
            for line in form.lines
            for cell, one in _shown({"county": _COUNTIES}, tallied.get(line.code, []))
        ]
    people = await _needs(session, of)
    dimensions: dict[str, Sequence[str]] = {
        "language": list(LanguageGroup),
        "domain": sorted({values["domain"] for values, _ in people}),
        "county": _COUNTIES,
        "outcome": list(Came),
        "answer": list(Answer),
    }
    return [[list(cell), one] for cell, one in _shown(dimensions, people)]


def _shown(
    dimensions: Mapping[str, Sequence[str]], people: Counted
) -> Iterable[tuple[Sequence[tuple[str, str]], int | str]]:
    try:
        figures = published(dimensions, people)
    except NotShowableError:
        return []
    return [(cell, one.value if isinstance(one, Hidden) else one) for cell, one in figures.items()]


async def _needs(session: AsyncSession, of: Period) -> Counted:
    """What people were referred for in the period, each once for a domain however many referrals it took.

    One pass over the period's referrals, by `ix_referrals_sent_at`.
    """
    helped = and_(Referral.state == State.COMPLETED, Referral.outcome.in_(_HELPED))
    came = case(
        (func.bool_or(helped), Came.HELPED.value),
        (func.bool_or(not_(Referral.state.in_(TERMINAL))), Came.OPEN.value),
        else_=Came.NOT_HELPED.value,
    )
    answer = case(
        (func.bool_or(Referral.accepted_at.is_not(None) | helped), Answer.ACCEPTED.value),
        (func.bool_or(Referral.state == State.DECLINED), Answer.DECLINED.value),
        else_=Answer.NO_ANSWER.value,
    )
    each = (
        select(
            Client.language,
            Client.county_fips,
            Referral.domain,
            came.label("outcome"),
            answer.label("answer"),
        )
        .join(Client, Client.id == Referral.client_id)
        .where(Referral.sent_at >= of.begin, Referral.sent_at < of.end, Referral.state.not_in(_UNSENT))
        .group_by(Referral.client_id, Client.language, Client.county_fips, Referral.domain)
        .subquery()
    )
    counted = select(*each.c, func.count()).group_by(*each.c)
    rows: Sequence[Any] = (await session.execute(counted)).all()
    return [
        (
            {
                "language": language_group(language, Lang(language).name),
                "domain": domain,
                "county": county(fips),
                "outcome": outcome,
                "answer": answered,
            },
            number,
        )
        for language, fips, domain, outcome, answered, number in rows
    ]


async def _waits(session: AsyncSession, of: Period, figures: Sequence[Any]) -> dict[str, dict[str, int]]:
    """Whole days from a referral's sending to the first contact with its client: p50 and p90 of the region, "", and of
    each county whose count is shown; a quantile is left out where fewer than `THRESHOLD` waits lie beyond it.

    One pass over the period's referrals, by `ix_referrals_sent_at`.
    """
    days = func.extract("epoch", Referral.first_contact_at - Referral.sent_at) / _DAY_S
    quantiles = [func.percentile_cont(share).within_group(days) for share in _QUANTILES.values()]
    rows: Iterable[Any] = await session.execute(
        select(Client.county_fips, func.grouping(Client.county_fips), func.count(), *quantiles)
        .join(Client, Client.id == Referral.client_id)
        .where(
            Referral.sent_at >= of.begin,
            Referral.sent_at < of.end,
            Referral.state.not_in(_UNSENT),
            Referral.first_contact_at >= Referral.sent_at,
        )
        .group_by(func.rollup(Client.county_fips))
    )
    shown = {tuple(map(tuple, cell)): one for cell, one in figures}
    found = {}
    for fips, whole, number, *waits in rows:
        cell = () if whole else (("county", fips),)
        if not isinstance(shown.get(cell), int):
            continue
        found["" if whole else fips] = {
            name: round(wait)
            for (name, share), wait in zip(_QUANTILES.items(), waits, strict=True)
            if number * (1 - share) >= THRESHOLD
        }
    return {area: waits for area, waits in found.items() if waits}


async def _turnout(session: AsyncSession, of: Period) -> dict[str, Counted]:
    """What came of all workshops that were closed, on each line, in each county."""
    rows = await session.scalars(
        select(WorkshopClosing).where(WorkshopClosing.held_at >= of.begin, WorkshopClosing.held_at < of.end)
    )
    sums: dict[tuple[str, str], int] = {}
    for row in rows:
        for line, number in turnout_in(row).lines().items():
            sums[line, row.county] = sums.get((line, row.county), 0) + number
    found: dict[str, list[tuple[dict[str, str], int]]] = {}
    for (line, fips), number in sums.items():
        found.setdefault(line, []).append(({"county": fips}, number))
    return dict(found)


async def _tallied(session: AsyncSession, form: str, of: Period) -> dict[str, Counted]:
    """What all organisations counted on each line, in each county."""
    rows: Iterable[Any] = await session.execute(
        select(TallyLine.line, TallyLine.county, func.sum(TallyLine.count))
        .join(TallyReport, TallyReport.id == TallyLine.report_id)
        .where(TallyReport.form == form, TallyReport.period == of.name)
        .group_by(TallyLine.line, TallyLine.county)
    )
    found: dict[str, list[tuple[dict[str, str], int]]] = {}
    for line, fips, number in rows:
        found.setdefault(line, []).append(({"county": fips}, int(number)))
    return dict(found)
