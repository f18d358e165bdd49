"""Matching in the graph: what may be asked, what comes back with its reasons, and what was asked for in vain."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Final, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

import strawberry

from services.partners.domain import geography, match_words
from services.partners.domain.languages import GROUPS
from services.partners.domain.matching import MOST, Factor, Filter, Match, Matching, Reason, RuledOut
from services.partners.domain.terms import AgeBand, LanguageModality, Urgency
from services.partners.operations.matching import Need, match_services
from services.partners.operations.needs import count_unmet, unmet_needs
from services.partners.schema.context import Info
from services.partners.schema.details import EligibilityRule
from services.partners.schema.reference import County, zip_code_of
from services.partners.schema.types import Location, Service
from vereda.caller import Scope
from vereda.errors import ClientError, ErrorCode
from vereda.graph import one_of
from vereda.ids import parse_id
from vereda.mapping import from_row
from vereda.suppression import Cell, Hidden, Shown

T = TypeVar("T")
_LANGUAGE: Final = re.compile(r"[a-z]{3}")
_BUSINESS_TIME: Final = ZoneInfo("America/Los_Angeles")
_MOST_NEEDS: Final = 10
_MOST_ATTESTED: Final = 50
_MOST_SHOWN: Final = 50
_FARTHEST_MILES: Final = 500.0
_FARTHEST_DAY: Final = timedelta(days=366)


@strawberry.input(description="What is needed, and where. It names nobody, and nothing of it is kept.")
class MatchInput:
    needs: list[strawberry.ID] = strawberry.field(
        description="1 to 10 taxonomy codes; what is under them counts."
    )
    postal_code: str | None = strawberry.field(default=None, description="Give it, or `county`.")
    county: strawberry.ID | None = strawberry.field(default=None, description="FIPS code.")
    language: str | None = strawberry.field(
        default=None, description="ISO 639-3 code, such as `spa`, or a group, such as `mixtec`."
    )
    modality: LanguageModality = LanguageModality.SPOKEN
    age_band: AgeBand | None = None
    attests: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Ids of rules of eligibility that the person says they meet."
    )
    attests_not: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Ids of rules that they say they do not meet."
    )
    urgency: Urgency = Urgency.ROUTINE
    travel_miles: float | None = strawberry.field(default=None, description="How far they can travel.")
    on: date | None = strawberry.field(default=None, description="When help is wanted; today when not given.")
    idempotency_key: str | None = strawberry.field(
        default=None,
        description="A need that nothing answers is counted once for each key; without one, once a day for the same"
        " request of your organisation.",
    )

    def parsed(self, today: date) -> Need:
        """Raises: ClientError BAD_USER_INPUT."""
        _check(1 <= len(self.needs) <= _MOST_NEEDS, "`needs` must be 1 to 10 taxonomy codes.")
        attested = (self.attests or [], self.attests_not or [])
        _check(sum(map(len, attested)) <= _MOST_ATTESTED, "At most 50 rules can be attested to at once.")
        spoken = self.language is None or _LANGUAGE.fullmatch(self.language) or self.language in GROUPS
        _check(
            bool(spoken), "`language` must be an ISO 639-3 code, such as `spa`, or a group, such as `mixtec`."
        )
        miles = self.travel_miles
        _check(
            miles is None or 0 < miles <= _FARTHEST_MILES, "`travelMiles` must be more than 0, at most 500."
        )
        day = self.on or today
        _check(today <= day <= today + _FARTHEST_DAY, "`on` must be a day from today to a year from now.")
        where = zip_code_of(self.postal_code, "postalCode") if self.postal_code else None
        _check(where is not None or self.county is not None, "Give a `postalCode`, or a `county`.")
        _check(
            self.county is None or geography.Fips(self.county) in geography.BY_FIPS,
            "`county` must be a FIPS code that `counties` lists.",
        )
        return Need(
            needs=tuple(dict.fromkeys(map(str, self.needs))),
            county=self.county or (where.county if where else None),
            point=where.centre if where else None,
            language=self.language,
            modality=self.modality,
            age=self.age_band,
            attests=frozenset(parse_id(one, "attests") for one in attested[0]),
            attests_not=frozenset(parse_id(one, "attestsNot") for one in attested[1]),
            urgency=self.urgency,
            travel_miles=self.travel_miles,
            day=day,
        )


@strawberry.type(description="Points of one factor; the points of all reasons add up to the score.")
class MatchReason:
    factor: Factor
    points: float
    most: float = strawberry.field(description="What the factor can give; for SHARE, what it can take.")
    text: str
    text_es: str

    @classmethod
    def of(cls, reason: Reason) -> MatchReason:
        text, text_es = match_words.said(reason)
        return cls(
            factor=reason.factor,
            points=reason.points,
            most=MOST[reason.factor],
            text=text,
            text_es=text_es,
        )


@strawberry.type(description="A service that answers the need.")
class ServiceMatch:
    score: float
    reasons: list[MatchReason]
    distance_miles: float | None = strawberry.field(
        description="To `location`, as the crow flies, from the ZIP's centre."
    )
    ask_age: bool = strawberry.field(
        description="Whether it is for some ages, and the person's is not known well enough."
    )
    call_first: bool = strawberry.field(
        description="It has a place that is not told to you: call before anybody goes there."
    )
    match: strawberry.Private[Match]

    @classmethod
    def of(cls, match: Match) -> ServiceMatch:
        return cls(
            score=match.score,
            reasons=[MatchReason.of(reason) for reason in match.reasons],
            distance_miles=None if match.miles is None else round(match.miles, 1),
            ask_age=match.age_to_ask,
            call_first=any(not place.shown for place in match.candidate.places),
            match=match,
        )

    @strawberry.field
    async def service(self, info: Info) -> Service:
        return Service.of(await info.context.loaders.service.load(self.match.candidate.id))

    @strawberry.field(description="Its nearest place of those that may be told to you.")
    async def location(self, info: Info) -> Location | None:
        place = self.match.place
        row = await info.context.loaders.location.load(place.id) if place else None
        return Location.of(row) if row else None

    @strawberry.field(
        description="Rules of which it is not known whether the person meets them: ask, and give the ids as `attests` or"
        " `attestsNot`."
    )
    async def ask(self, info: Info) -> list[EligibilityRule]:
        rows = await info.context.loaders.rules_of_service.load(self.match.candidate.id)
        return [from_row(EligibilityRule, row) for row in rows if row.id in self.match.ask]


@strawberry.type(description="A filter that a service fails.")
class MatchObstacle:
    filter: Filter
    text: str
    text_es: str

    @classmethod
    def of(cls, failed: Filter) -> MatchObstacle:
        text, text_es = match_words.FILTERS[failed]
        return cls(filter=failed, text=text, text_es=text_es)


@strawberry.type(description="A service for such a need that cannot be offered, and why.")
class ServiceRuledOut:
    obstacles: list[MatchObstacle]
    service_id: strawberry.Private[UUID]

    @classmethod
    def of(cls, ruled_out: RuledOut) -> ServiceRuledOut:
        return cls(
            obstacles=[MatchObstacle.of(one) for one in ruled_out.filters],
            service_id=ruled_out.candidate.id,
        )

    @strawberry.field
    async def service(self, info: Info) -> Service:
        return Service.of(await info.context.loaders.service.load(self.service_id))


@strawberry.type(description="What answers a need, the best first.")
class ServiceMatching:
    considered: int = strawberry.field(description="How many services of the kind were looked at.")
    counted_as_unmet: bool = strawberry.field(
        description="Whether this is counted as a need that nothing answers, by county, kind and month."
    )
    found: strawberry.Private[Matching]

    @strawberry.field(description="The best first; at most 50.")
    def matches(self, first: int = 20) -> list[ServiceMatch]:
        return [ServiceMatch.of(one) for one in _first(self.found.matches, first)]

    @strawberry.field(description="Those that cannot be offered; at most 50.")
    def why_not(self, first: int = 20) -> list[ServiceRuledOut]:
        return [ServiceRuledOut.of(one) for one in _first(self.found.ruled_out, first)]


@strawberry.type(description="How often a kind of need was met with no service.")
class UnmetNeedFigure:
    county: County | None = strawberry.field(description="Null for the whole region.")
    kind: str | None = strawberry.field(description="A taxonomy code, or `other`; null for all kinds.")
    count: int | None = strawberry.field(description="Null where it is not shown.")
    shown: str = strawberry.field(
        description='The number; "<11", or "withheld" where it would give one away.'
    )

    @classmethod
    def of(cls, cell: Cell, count: Shown) -> UnmetNeedFigure:
        names = dict(cell)
        return cls(
            county=County.of(names.get("county")),
            kind=names.get("kind"),
            count=None if isinstance(count, Hidden) else count,
            shown=count.value if isinstance(count, Hidden) else str(count),
        )


@strawberry.type(description="A month's unmet needs, by county and kind.")
class UnmetNeeds:
    month: str
    too_little: bool = strawberry.field(description="Too little was counted for any figure to be shown.")
    figures: list[UnmetNeedFigure] = strawberry.field(description="Those that are 0 are left out.")


@strawberry.type
class MatchingQueries:
    @strawberry.federation.field(
        requires_scopes=one_of(Scope.DIRECTORY_READ),
        description="Who can help with this: ranked, with reasons; and who cannot, and why (docs/matching.md).",
    )
    async def match_services(self, info: Info, input: MatchInput) -> ServiceMatching | None:
        info.context.caller.require(Scope.DIRECTORY_READ)
        need = input.parsed(info.context.now.astimezone(_BUSINESS_TIME).date())
        found = await match_services(info.context, need)
        if found is None:
            raise ClientError(ErrorCode.BAD_USER_INPUT, "`needs` must be codes that `taxonomyTerms` lists.")
        counted = not found.matches and await count_unmet(info.context, need, input.idempotency_key)
        return ServiceMatching(
            considered=len(found.matches) + len(found.ruled_out), counted_as_unmet=counted, found=found
        )

    @strawberry.federation.field(
        requires_scopes=one_of(Scope.REPORT_READ),
        description="Needs that nothing answered in a month that is over, such as `2026-10`; small counts are not shown.",
    )
    async def unmet_needs(self, info: Info, month: str) -> UnmetNeeds | None:
        table = await unmet_needs(info.context, month)
        figures = [UnmetNeedFigure.of(cell, count) for cell, count in (table or {}).items() if count != 0]
        return UnmetNeeds(month=month, too_little=table is None, figures=figures)


def _first(found: tuple[T, ...], first: int) -> tuple[T, ...]:
    """Raises: ClientError PAGE_TOO_LARGE."""
    if not 1 <= first <= _MOST_SHOWN:
        raise ClientError(
            ErrorCode.PAGE_TOO_LARGE, f"`first` must be from 1 to {_MOST_SHOWN}.", {"maximum": _MOST_SHOWN}
        )
    return found[:first]


def _check(holds: bool, otherwise: str) -> None:
    if not holds:
        raise ClientError(ErrorCode.BAD_USER_INPUT, otherwise)
