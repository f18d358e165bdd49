"""The Human Services Data Specification as data: its objects, their fields, and what their files are called.

HSDS 3.0 and 3.1 (https://docs.openreferral.org), with the file names of 1.x and 2.0 read as those of 3.0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final


@dataclass(frozen=True)
class Kind:
    """An HSDS object. `fields` are in the order of the specification; those of 3.1 alone are in `newer`."""

    name: str
    file: str
    fields: tuple[str, ...]
    required: tuple[str, ...] = ("id",)
    newer: tuple[str, ...] = ()

    @cached_property
    def known(self) -> frozenset[str]:
        return frozenset(self.fields + self.newer)

    @cached_property
    def parents(self) -> Mapping[str, str]:
        """Field -> the kind of the record whose identifier it holds."""
        named = {f: _REFERENCES.get(f, f.removesuffix("_id")) for f in self.known if f.endswith("_id")}
        return {f: kind for f, kind in named.items() if kind in _NAMES}


def _kind(name: str, file: str, fields: str, required: str = "", newer: str = "") -> Kind:
    return Kind(name, file, tuple(fields.split()), ("id", *required.split()), tuple(newer.split()))


_REFERENCES: Final = {"parent_organization_id": "organization", "parent_id": "taxonomy_term"}

KINDS: Final = (
    _kind(
        "organization",
        "organizations",
        "id name alternate_name description email website tax_status tax_id year_incorporated legal_status logo uri"
        " parent_organization_id",
        "name description",
    ),
    _kind(
        "program",
        "programs",
        "id organization_id name alternate_name description",
        "organization_id name description",
    ),
    _kind(
        "service",
        "services",
        "id organization_id program_id name alternate_name description url email status interpretation_services"
        " application_process fees_description wait_time fees accreditations eligibility_description minimum_age"
        " maximum_age assured_date assurer_email licenses alert last_modified",
        "organization_id name status",
    ),
    _kind(
        "attribute",
        "attributes",
        "id link_id taxonomy_term_id link_type link_entity value",
        "link_id taxonomy_term_id link_entity",
        newer="label",
    ),
    _kind(
        "service_at_location",
        "service_at_location",
        "id service_id location_id description",
        "service_id location_id",
    ),
    _kind(
        "location",
        "locations",
        "id location_type url organization_id name alternate_name description transportation latitude longitude"
        " external_identifier external_identifier_type",
        "location_type",
    ),
    _kind(
        "phone",
        "phones",
        "id location_id service_id organization_id contact_id service_at_location_id number extension type description",
        "number",
    ),
    _kind(
        "contact",
        "contacts",
        "id organization_id service_id service_at_location_id location_id name title department email",
    ),
    _kind(
        "address",
        "addresses",
        "id location_id attention address_1 address_2 city region state_province postal_code country address_type",
        "address_1 city state_province postal_code country address_type",
    ),
    _kind(
        "schedule",
        "schedules",
        "id service_id location_id service_at_location_id valid_from valid_to dtstart timezone until count wkst freq"
        " interval byday byweekno bymonthday byyearday description opens_at closes_at schedule_link attending_type notes",
    ),
    _kind("funding", "funding", "id organization_id service_id source"),
    _kind(
        "service_area",
        "service_areas",
        "id service_id name description extent extent_type uri",
        newer="service_at_location_id",
    ),
    _kind("required_document", "required_documents", "id service_id document uri"),
    _kind("language", "languages", "id service_id location_id phone_id name code note"),
    _kind("accessibility", "accessibility", "id location_id description details url"),
    _kind(
        "taxonomy_term",
        "taxonomy_terms",
        "id code name description parent_id taxonomy language taxonomy_id term_uri",
        "name description",
    ),
    _kind(
        "metadata",
        "metadata",
        "id resource_id resource_type last_action_date last_action_type field_name previous_value replacement_value"
        " updated_by",
        "resource_id resource_type last_action_date last_action_type field_name previous_value replacement_value"
        " updated_by",
    ),
    _kind("meta_table_description", "meta_table_descriptions", "id name language character_set"),
    _kind(
        "cost_option",
        "cost_options",
        "id service_id valid_from valid_to option currency amount amount_description",
        "service_id",
    ),
    _kind(
        "organization_identifier",
        "organization_identifiers",
        "id organization_id identifier_scheme identifier_type identifier",
        "organization_id identifier_type identifier",
    ),
    _kind("taxonomy", "taxonomies", "id name description uri version", "name description"),
    _kind(
        "service_capacity",
        "service_capacity",
        "id service_id unit_id available maximum description updated",
        "service_id unit_id",
    ),
    _kind("unit", "units", "id name scheme identifier uri", "name"),
    _kind("url", "url", "id label url organization_id service_id", "url"),
)
#: An object of 1.x and 2.0 that 3.0 has no table for: what it says is text of the service.
ELIGIBILITY: Final = _kind(
    "eligibility",
    "eligibility",
    "id service_id eligibility minimum_age maximum_age",
    "service_id",
)
_NAMES: Final = frozenset(kind.name for kind in KINDS)
BY_NAME: Final = {kind.name: kind for kind in (*KINDS, ELIGIBILITY)}

#: Objects of 3.1 that a 3.0 package has no table for.
NEWER: Final = frozenset({"service_capacity", "unit", "url"})

#: Objects without a table of ours: kept whole with the record that they say something about, the first that is there.
CARRIED: Final = {
    "funding": ("service_id", "organization_id"),
    "cost_option": ("service_id",),
    "organization_identifier": ("organization_id",),
    "required_document": ("service_id",),
    "accessibility": ("location_id",),
    "url": ("service_id", "organization_id"),
    "attribute": ("link_id",),
    "metadata": ("resource_id",),
}


@dataclass(frozen=True, slots=True)
class Table:
    """What a file of a package holds. `constants` are cells that its name implies; ids that several such files count
    from 1 each are told apart by `prefix`."""

    kind: str
    constants: Mapping[str, str] = field(default_factory=dict)
    prefix: str = ""


#: Prefix of the ids of a package's holidays, which HSDS 3.0 has no table of their own for.
HOLIDAYS: Final = "holiday/"


def _tables() -> dict[str, Table]:
    found = {name: Table(kind.name) for kind in KINDS for name in (kind.name, kind.file)}
    return found | {
        "services_at_location": Table("service_at_location"),
        "services_at_locations": Table("service_at_location"),
        "service_at_locations": Table("service_at_location"),
        "service_capacities": Table("service_capacity"),
        "capacities": Table("service_capacity"),
        "services_taxonomies": Table("attribute", {"link_entity": "service"}),
        "urls": Table("url"),
        "additional_urls": Table("url"),
        "additional_websites": Table("url"),
        "fundings": Table("funding"),
        "eligibility": Table("eligibility"),
        "eligibilities": Table("eligibility"),
        "accessibility_for_disabilities": Table("accessibility"),
        "physical_addresses": Table("address", {"address_type": "physical"}),
        "physical_address": Table("address", {"address_type": "physical"}),
        "postal_addresses": Table("address", {"address_type": "postal"}, "postal/"),
        "postal_address": Table("address", {"address_type": "postal"}, "postal/"),
        "mail_addresses": Table("address", {"address_type": "postal"}, "postal/"),
        "regular_schedules": Table("schedule", {"freq": "WEEKLY"}),
        "regular_schedule": Table("schedule", {"freq": "WEEKLY"}),
        "holiday_schedules": Table("schedule", {}, HOLIDAYS),
        "holiday_schedule": Table("schedule", {}, HOLIDAYS),
        "service_taxonomy": Table("attribute", {"link_entity": "service"}),
        "service_taxonomies": Table("attribute", {"link_entity": "service"}),
        "services_taxonomy": Table("attribute", {"link_entity": "service"}),
        "other_attributes": Table("attribute"),
        "payments_accepted": Table("cost_option"),
        "taxonomy": Table("taxonomy_term"),
        "taxonomy_detail": Table("taxonomy"),
    }


#: A file's name without its ending, or a key of a JSON object, in small letters -> what it holds.
TABLES: Final = _tables()
