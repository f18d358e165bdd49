"""Why a service was found: where in its own words the words of the search stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import Integer, Text, cast, func, select
from sqlalchemy.dialects.postgresql import ARRAY, REGCONFIG, TSQUERY
from sqlalchemy.ext.asyncio import AsyncSession

from services.partners.domain.highlights import CLOSE, FIELDS, OPEN, Range, ranges, readable
from services.partners.models import Service

_OPTIONS: Final = f'StartSel="{OPEN}", StopSel="{CLOSE}", HighlightAll=true'


@dataclass(frozen=True, slots=True)
class FieldMatch:
    """A field of a service's record, and the places of it that match."""

    field: str
    ranges: tuple[Range, ...]


async def highlights(
    session: AsyncSession, services: Sequence[Service], query: str
) -> Mapping[UUID, tuple[FieldMatch, ...]]:
    """For each service, its fields in which something of the `tsquery` text `query` stands. One statement for all."""
    texts = [
        (number, name, text)
        for number, service in enumerate(services)
        for name in FIELDS
        if (text := getattr(service, name))
    ]
    if not texts:
        return {}
    given = (
        func.unnest(
            cast([at for at, _ in enumerate(texts)], ARRAY(Integer())),
            cast([readable(text) for _, _, text in texts], ARRAY(Text())),
        )
        .table_valued("at", "text", name="given")
        .render_derived()
    )
    asked = cast(query, TSQUERY)
    english, spanish = (
        func.ts_headline(cast(language, REGCONFIG), given.c.text, asked, _OPTIONS)
        for language in ("english", "spanish")
    )
    found: dict[UUID, list[FieldMatch]] = {}
    for at, *marked in await session.execute(select(given.c.at, english, spanish).order_by(given.c.at)):
        number, name, text = texts[at]
        if places := ranges(text, marked):
            found.setdefault(services[number].id, []).append(FieldMatch(name, places))
    return {service: tuple(matches) for service, matches in found.items()}
