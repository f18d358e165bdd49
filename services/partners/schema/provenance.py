"""Whose word a field of a record is."""

from __future__ import annotations

from datetime import datetime

import strawberry

from services.partners.domain.freshness import is_stale
from services.partners.domain.records import FIELDS, OWNER, RecordKind
from services.partners.models import RecordSource
from services.partners.operations.proposals import Record, said
from services.partners.schema.context import Info


@strawberry.type(description="What one source says of a field.")
class FieldSource:
    source: str = strawberry.field(description="`OWNER`, or the import that said so.")
    says: str | None
    said_at: datetime
    agrees: bool = strawberry.field(description="With what the record says.")


@strawberry.type(
    description="A field of a record, and who says what of it. Its owner's word is what the record says."
)
class FieldSources:
    field: str
    verified_at: datetime | None = strawberry.field(
        description="When its owner said so, or looked it over, last."
    )
    stale: bool = strawberry.field(description="Its owner's word is older than 180 days, or there is none.")
    conflict: bool = strawberry.field(description="A source says something else than the record.")
    sources: list[FieldSource]


async def field_sources(info: Info, kind: RecordKind, row: Record) -> list[FieldSources]:
    """Of every field that has sources, in the order of the record; fields of which nobody spoke are left out."""
    known: list[RecordSource] = await info.context.loaders.record_sources.load(row.id)
    now, found = said(kind, row), []
    for field in FIELDS[kind]:
        sources = [
            FieldSource(
                source=one.source,
                says=one.says[field],
                said_at=datetime.fromisoformat(one.said_at[field]),
                agrees=one.says[field] == now[field],
            )
            for one in known
            if field in one.says
        ]
        if sources:
            verified = next((one.said_at for one in sources if one.source == OWNER), None)
            found.append(
                FieldSources(
                    field=camel(field),
                    verified_at=verified,
                    stale=is_stale(verified, info.context.now),
                    conflict=any(not one.agrees for one in sources),
                    sources=sources,
                )
            )
    return found


def camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


def snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
