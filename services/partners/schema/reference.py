"""What the rest of the directory refers to: counties, taxonomy terms, ZIP codes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import strawberry

from services.partners import models
from services.partners.domain import geography
from services.partners.schema.context import Info, kept_with, may_read
from vereda.caller import Scope
from vereda.errors import ClientError, ErrorCode
from vereda.graph import one_of
from vereda.mapping import from_row
from vereda.regional import COUNTY_DASHBOARD, COUNTY_SERIES

if TYPE_CHECKING:
    from services.partners.schema.region import RegionalDashboard

_Dashboard = Annotated["RegionalDashboard", strawberry.lazy("services.partners.schema.region")]


@strawberry.federation.type(keys=["fips"], description="A county of the region.")
class County:
    fips: strawberry.ID = strawberry.field(description="Federal (FIPS) code, such as `06019`.")
    name: str

    @classmethod
    def of(cls, fips: str | None) -> County | None:
        county = geography.BY_FIPS.get(geography.Fips(fips or ""))
        return cls(fips=strawberry.ID(county.fips), name=county.name) if county else None

    @classmethod
    def resolve_reference(cls, fips: strawberry.ID) -> County | None:
        return cls.of(fips)

    @strawberry.federation.field(
        shareable=True, requires_scopes=one_of(Scope.REPORT_READ), description=COUNTY_DASHBOARD
    )
    def dashboard(self, info: Info, period: str) -> _Dashboard | None:
        from services.partners.schema.region import dashboard

        return dashboard(info, period, str(self.fips))

    @strawberry.federation.field(
        shareable=True, requires_scopes=one_of(Scope.REPORT_READ), description=COUNTY_SERIES
    )
    def dashboards(
        self, info: Info, from_: Annotated[str, strawberry.argument(name="from")], to: str
    ) -> list[_Dashboard] | None:
        from services.partners.schema.region import dashboards

        return dashboards(info, from_, to, str(self.fips))


@strawberry.type(description="HSDS taxonomy: where terms come from.")
class Taxonomy:
    name: str
    description: str | None
    uri: str | None
    version: str | None


@strawberry.federation.type(
    keys=["code"], description="A term of a taxonomy of services (HSDS taxonomy_term)."
)
class TaxonomyTerm:
    code: strawberry.ID
    scheme: str
    name: str
    name_es: str | None
    description: str | None
    parent_code: strawberry.Private[str | None]
    kept_as: strawberry.Private[tuple[type[Any], UUID]]

    @classmethod
    def of(cls, row: models.TaxonomyTerm) -> TaxonomyTerm:
        return from_row(cls, row)

    @classmethod
    async def resolve_reference(cls, info: Info, code: strawberry.ID) -> TaxonomyTerm | None:
        may_read(info)
        row = await info.context.loaders.term.load(str(code))
        return cls.of(row) if row else None

    @strawberry.field(description="What is known of the taxonomy that it is of, beyond `scheme`.")
    async def taxonomy(self, info: Info) -> Taxonomy | None:
        row = await info.context.loaders.taxonomy.load(self.scheme)
        return from_row(Taxonomy, row) if row else None

    @strawberry.field
    async def uri(self, info: Info) -> str | None:
        found: str | None = (await kept_with(self, info)).value("term_uri")
        return found

    @strawberry.field(description="The language of its name.")
    async def language(self, info: Info) -> str | None:
        found: str | None = (await kept_with(self, info)).value("language")
        return found

    @strawberry.field
    async def parent(self, info: Info) -> TaxonomyTerm | None:
        row = await info.context.loaders.term.load(self.parent_code) if self.parent_code else None
        return TaxonomyTerm.of(row) if row else None


def zip_code_of(value: str, field: str) -> geography.PostalCode:
    """Raises: ClientError BAD_USER_INPUT when it is not a US ZIP code."""
    found = geography.postal_code(value)
    if found is None:
        raise ClientError(ErrorCode.BAD_USER_INPUT, f"`{field}` is not a US ZIP code: give its five digits.")
    return found
