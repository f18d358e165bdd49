"""Which columns of the directory are which fields of HSDS 3.0, as statements that give the rows of a package's file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Date,
    Float,
    Select,
    Text,
    and_,
    any_,
    case,
    cast,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONPATH, distinct_on
from sqlalchemy.orm import aliased

from services.partners.domain.taxonomy import SCHEME
from services.partners.domain.terms import Visibility
from services.partners.domain.visibility import OPEN_TO_MEMBERS
from services.partners.models import (
    Address,
    CapacityReport,
    Contact,
    LanguageOffer,
    Location,
    Organization,
    Phone,
    Program,
    Schedule,
    Service,
    ServiceArea,
    ServiceAtLocation,
    Taxonomy,
    TaxonomyTerm,
)


@dataclass(frozen=True, slots=True)
class Outline:
    """One file. `same` columns have the names of their fields; `computed` are expressions; `references` name the table
    that a column points to; `lists` are columns that stand for rows of another file: column -> (kind, field). `known`: of
    which places more may be told than that they are there, where rows are places or stand at one."""

    model: Any
    same: tuple[str, ...] = ()
    computed: Mapping[str, ColumnElement[Any]] = field(default_factory=dict)
    references: Mapping[str, Any] = field(default_factory=dict)
    lists: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    known: ColumnElement[bool] | None = None


def _code(column: Any) -> ColumnElement[str]:
    """A code of ours as HSDS writes it: small letters, words apart."""
    return func.replace(func.lower(cast(column, Text)), "_", " ")


_ATTACHED: Final = {"organization_id": Organization, "service_id": Service, "location_id": Location}
_NAMES: Final = ("name", "alternate_name", "description")


def outlines(known: ColumnElement[bool]) -> Mapping[str, Outline]:
    """The files where nothing is told of a place but for those of which `known` holds: nothing that would lead there (R17)."""
    at_open = exists().where(Location.id == ServiceAtLocation.location_id, known)
    return {
        "organization": Outline(Organization, (*_NAMES, "email", "website", "year_incorporated")),
        "program": Outline(Program, _NAMES, references={"organization_id": Organization}),
        "location": Outline(
            Location,
            (),
            {
                "name": case((known, Location.name), else_=null()),
                "alternate_name": case((known, Location.alternate_name), else_=null()),
                "description": case((known, Location.description), else_=null()),
                "location_type": _code(Location.location_type),
                "transportation": case((known, Location.transportation), else_=null()),
                "latitude": case((known, Location.latitude), else_=cast(null(), Float)),
                "longitude": case((known, Location.longitude), else_=cast(null(), Float)),
            },
            {"organization_id": Organization},
            {"accessibility": ("accessibility", "description")},
            known=known,
        ),
        "service": Outline(
            Service,
            (
                *_NAMES,
                "url",
                "email",
                "interpretation_services",
                "application_process",
                "fees_description",
                "eligibility_description",
                "minimum_age",
                "maximum_age",
                "alert",
                "term_codes",
            ),
            {"status": _code(Service.status), "assured_date": cast(Service.verified_at, Date)},
            {"organization_id": Organization, "program_id": Program},
            {"required_documents": ("required_document", "document")},
        ),
        "service_at_location": Outline(
            ServiceAtLocation,
            computed={"description": case((at_open, ServiceAtLocation.description), else_=null())},
            references={"service_id": Service, "location_id": Location},
        ),
        "address": Outline(
            Address,
            (
                "attention",
                "address_1",
                "address_2",
                "city",
                "region",
                "state_province",
                "postal_code",
                "country",
                "address_type",
            ),
            references={"location_id": Location},
            known=known,
        ),
        "contact": Outline(Contact, ("name", "title", "department", "email"), references=_ATTACHED),
        "phone": Outline(
            Phone,
            ("number", "extension", "type", "description"),
            references={**_ATTACHED, "contact_id": Contact},
        ),
        "schedule": Outline(
            Schedule,
            (
                "valid_from",
                "valid_to",
                "freq",
                "interval",
                "byday",
                "bymonthday",
                "description",
                "opens_at",
                "closes_at",
            ),
            references=_ATTACHED,
            known=known,
        ),
        "service_area": Outline(
            ServiceArea, ("name", "description", "extent"), references={"service_id": Service}
        ),
        "language": Outline(
            LanguageOffer,
            ("name", "code", "note"),
            references={"service_id": Service, "location_id": Location},
        ),
    }


#: An export is a publication.
OUTLINES: Final = outlines(Location.visibility == Visibility.PUBLIC)
_address: Final = aliased(Address)
#: What members are shown: of a place that is kept back, what those may know who may read its address.
SHOWN: Final = outlines(
    or_(
        Location.visibility.in_(OPEN_TO_MEMBERS),
        exists().where(_address.location_id == Location.id),
    )
)


def statement(outline: Outline, source: str | None) -> Select[Any]:
    """Rows of a file, in the order of their ids: `id`, references and fields by their HSDS names, `source_fields`,
    `row_source`, and `open`: whether more may be told than that it is there."""
    model = outline.model
    found: Select[Any] = select(
        _identifier(model, source).label("id"),
        model.source_fields.label("source_fields"),
        model.source.label("row_source"),
        (outline.known if model is Location and outline.known is not None else true()).label("open"),
        *(getattr(model, name).label(name) for name in (*outline.same, *outline.lists)),
        *(expression.label(name) for name, expression in outline.computed.items()),
    )
    for name, target in outline.references.items():
        other = aliased(target)
        found = found.outerjoin(other, other.id == getattr(model, name))
        found = found.add_columns(_identifier(other, source).label(name))
    if model is not Location and outline.known is not None:
        there = exists().where(Location.id == model.location_id, outline.known)
        found = found.where(or_(model.location_id.is_(None), there))
    if source is not None:
        found = found.where(model.source == source)
    return found.order_by(model.id)


def room_rows(source: str | None) -> Select[Any]:
    """The newest report of room of each service and unit, with what is kept of the units of the service's source."""
    report = CapacityReport
    newest = (
        select(
            report.service_id,
            report.unit,
            report.available,
            report.maximum,
            report.reported_at,
            report.id.label("report"),
        )
        .ext(distinct_on(report.service_id, report.unit))
        .where(report.available.is_not(None))
        .order_by(report.service_id, report.unit, report.reported_at.desc(), report.id)
        .subquery()
    )
    found: Select[Any] = (
        select(
            _identifier(Service, source).label("service_id"),
            Service.source.label("row_source"),
            Service.source_fields["service_capacity"].label("kept"),
            cast(newest.c.report, Text).label("report"),
            *(newest.c[name] for name in ("unit", "available", "maximum", "reported_at")),
        )
        .join(newest, newest.c.service_id == Service.id)
        .order_by(Service.id, newest.c.unit)
    )
    return found if source is None else found.where(Service.source == source)


def kept_codes(source: str) -> Select[str]:
    """Codes of the terms that are said of anything of the source."""
    said = [
        select(
            func.jsonb_path_query(model.source_fields, cast("$.**.term", JSONPATH))
            .op("#>>")(cast([], ARRAY(Text)))
            .label("code")
        ).where(model.source == source)
        for model in (outline.model for outline in OUTLINES.values())
    ]
    return select(union_all(*said).subquery().c.code).distinct()


def term_rows(source: str | None) -> Select[Any]:
    """Terms of the source's taxonomies, and those of others that are said of anything of the source."""
    term, parent = TaxonomyTerm, aliased(TaxonomyTerm)
    found = (
        select(
            _identifier(term, source).label("id"),
            term.code.label("full_code"),
            term.scheme.label("taxonomy"),
            term.name.label("name"),
            term.description.label("description"),
            term.source_fields.label("source_fields"),
            term.source.label("row_source"),
            term.source_id.label("source_id"),
            _identifier(parent, source).label("parent_id"),
        )
        .outerjoin(parent, and_(parent.code == term.parent_code))
        .order_by(term.scheme, term.code)
    )
    if source is None:
        return found
    carried = select(literal(1)).where(Service.source == source, term.code == any_(Service.term_codes))
    used = and_(or_(term.scheme == SCHEME, term.source.is_distinct_from(source)), carried.exists())
    return found.where(or_(term.source == source, used, term.code.in_(kept_codes(source))))


def taxonomy_rows(source: str | None) -> Select[Any]:
    """What is known of taxonomies: of all, or those that the source brought and those that may be named in its terms."""
    return select(
        _identifier(Taxonomy, source).label("id"),
        Taxonomy.scheme.label("scheme"),
        Taxonomy.name.label("name"),
        Taxonomy.description.label("description"),
        Taxonomy.uri.label("uri"),
        Taxonomy.version.label("version"),
        Taxonomy.source_fields.label("source_fields"),
        Taxonomy.source.label("row_source"),
        true().label("open"),
    ).order_by(Taxonomy.scheme)


def _identifier(model: Any, source: str | None) -> ColumnElement[str]:
    """The source's own identifier in an export of that source; the network's otherwise."""
    ours = cast(model.id, Text)
    if source is None:
        return ours
    return case((model.source == source, func.coalesce(model.source_id, ours)), else_=ours)
