"""What HSDS says of a record beyond the directory's columns, in its types. It is read only where it is asked for."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import strawberry

from services.partners.exchange.kept import Kept
from services.partners.schema.context import Info, kept_with
from services.partners.schema.reference import TaxonomyTerm


def text(field: str, description: str | None = None) -> Any:
    """A field of the graph that is a kept text; see `number` and `day`."""

    async def resolve(self: Any, info: Info) -> str | None:
        value: str | None = (await kept_with(self, info)).value(field)
        return value

    return strawberry.field(resolver=resolve, description=description)


def number(field: str, description: str | None = None) -> Any:
    async def resolve(self: Any, info: Info) -> float | None:
        value: float | None = (await kept_with(self, info)).value(field)
        return value

    return strawberry.field(resolver=resolve, description=description)


def day(field: str, description: str | None = None) -> Any:
    async def resolve(self: Any, info: Info) -> date | None:
        value: date | None = (await kept_with(self, info)).value(field)
        return value

    return strawberry.field(resolver=resolve, description=description)


def objects(kind: str, shape: type[Any], description: str | None = None) -> Any:
    """A list of the kept objects of an HSDS kind."""

    async def resolve(self: Any, info: Info) -> list[Any]:
        return (await kept_with(self, info)).all(kind, shape)

    resolve.__annotations__["return"] = list[shape]  # type: ignore[valid-type]
    return strawberry.field(resolver=resolve, description=description)


@strawberry.type(
    name="DirectoryAttribute", description="HSDS attribute: a term of a taxonomy that is said of a record."
)
class Attribute:
    id: strawberry.ID
    link_type: str | None
    value: str | None
    label: str | None
    kept: strawberry.Private[Kept]

    @strawberry.field
    async def term(self, info: Info) -> TaxonomyTerm | None:
        row = await info.context.loaders.term.load(str(self.kept.said.get("term")))
        return TaxonomyTerm.of(row) if row else None


@strawberry.type(name="DirectoryChange", description="HSDS metadata: a change of the record at its source.")
class Change:
    id: strawberry.ID
    last_action_date: date | None
    last_action_type: str | None
    field_name: str | None
    previous_value: str | None
    replacement_value: str | None
    updated_by: str | None


@strawberry.type
class Described:
    """What may be said of any record of HSDS."""

    kept_as: strawberry.Private[tuple[type[Any], UUID]]

    attributes: list[Attribute] = objects(
        "attribute", Attribute, "Terms that are said of it, with a value or not."
    )
    changes: list[Change] = objects("metadata", Change, "Its history at the source, as far as that tells it.")


@strawberry.type
class Told:
    """The same of an object that is itself kept with another."""

    id: strawberry.ID
    kept: strawberry.Private[Kept]

    attributes: list[Attribute] = objects("attribute", Attribute)
    changes: list[Change] = objects("metadata", Change)


@strawberry.type(
    name="DirectoryCostOption", description="HSDS cost_option: what a service costs, or one way to pay."
)
class CostOption(Told):
    option: str | None
    valid_from: date | None
    valid_to: date | None
    currency: str | None = strawberry.field(description="ISO 4217.")
    amount: float | None
    amount_description: str | None


@strawberry.type(name="DirectoryFunding", description="HSDS funding: where money for it comes from.")
class Funding(Told):
    source: str | None


@strawberry.type(
    name="DirectoryIdentifier", description="HSDS organization_identifier: its number in a register."
)
class OrganizationIdentifier(Told):
    identifier_scheme: str | None
    identifier_type: str | None
    identifier: str | None


@strawberry.type(name="DirectoryDocument", description="HSDS required_document: what people must bring.")
class RequiredDocument(Told):
    document: str | None
    uri: str | None


@strawberry.type(name="DirectoryAccessibility", description="HSDS accessibility: what a place has for whom.")
class Accessibility(Told):
    description: str | None
    details: str | None
    url: str | None


@strawberry.type(name="DirectoryLink", description="HSDS url (3.1): a further website.")
class Link(Told):
    label: str | None
    url: str | None
