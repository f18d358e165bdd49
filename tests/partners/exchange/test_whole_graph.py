"""The whole of HSDS in the graph: what a package says of a record can be asked for, by its types."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given
from hypothesis import strategies as st

from services.partners.domain.recurrence import rrule
from services.partners.exchange.importing import import_hsds
from services.partners.models import Location
from tests.partners.exchange.packages import package, write_folder
from tests.partners.exchange.reader import Directory
from tests.support.subgraph import caller_of
from vereda.caller import system_caller
from vereda.ids import new_id

TERM = {"id": "t1", "name": "Wheelchair", "description": "x", "code": "wheel", "taxonomy_id": "x1"}
TABLES = package(
    organizations=[
        {"id": "o1", "name": "Centro Sol", "description": "Help", "tax_status": "501(c)(3)", "tax_id": "12-3456789",
         "legal_status": "Nonprofit", "logo": "https://example.org/l.png", "uri": "https://example.org/id/1",
         "parent_organization_id": "o2"},
        {"id": "o2", "name": "Valley Library", "description": "Books"},
    ],
    services=[
        {"id": "s1", "organization_id": "o1", "name": "Clases", "status": "active", "wait_time": "two weeks",
         "accreditations": "ABC", "licenses": "L-1", "assurer_email": "a@example.org"},
    ],
    locations=[
        {"id": "l1", "organization_id": "o1", "name": "Main office", "location_type": "physical",
         "url": "https://example.org/main", "external_identifier": "1009", "external_identifier_type": "UPRN"},
    ],
    service_at_location=[{"id": "p1", "service_id": "s1", "location_id": "l1"}],
    cost_options=[
        {"id": "c1", "service_id": "s1", "option": "adult", "currency": "USD", "amount": "12.50",
         "valid_from": "2026-01-01"},
    ],
    funding=[
        {"id": "f1", "organization_id": "o1", "source": "A foundation"},
        {"id": "f2", "service_id": "s1", "source": "The county"},
    ],
    organization_identifiers=[
        {"id": "i1", "organization_id": "o1", "identifier_scheme": "US-EIN", "identifier_type": "EIN",
         "identifier": "12-3456789"},
    ],
    required_documents=[{"id": "d1", "service_id": "s1", "document": "Any ID", "uri": "https://example.org/ids"}],
    accessibility=[
        {"id": "w1", "location_id": "l1", "description": "Ramp", "details": "At the back", "url": "https://example.org/r"},
    ],
    url=[{"id": "u1", "label": "Enrol", "url": "https://example.org/enrol", "service_id": "s1"}],
    taxonomies=[
        {"id": "x1", "name": "Access", "description": "What a place has", "uri": "https://example.org/t", "version": "2"},
    ],
    taxonomy_terms=[{**TERM, "language": "en", "term_uri": "https://example.org/t/wheel"}],
    attributes=[
        {"id": "a1", "link_id": "l1", "link_entity": "location", "taxonomy_term_id": "t1", "value": "front"},
        {"id": "a2", "link_id": "c1", "link_entity": "cost_option", "taxonomy_term_id": "t1", "value": "free escort"},
        {"id": "a3", "link_id": "h1", "link_entity": "schedule", "taxonomy_term_id": "t1"},
    ],
    metadata=[
        {"id": "m1", "resource_id": "s1", "resource_type": "service", "last_action_date": "2026-02-01",
         "last_action_type": "update", "field_name": "name", "previous_value": "Classes", "replacement_value": "Clases",
         "updated_by": "Ana"},
    ],
    schedules=[
        {"id": "h1", "service_at_location_id": "p1", "freq": "MONTHLY", "interval": "2", "byday": "1MO",
         "dtstart": "2026-01-05", "until": "2026-12-31", "wkst": "MO", "opens_at": "09:00", "closes_at": "12:00",
         "timezone": "-8", "schedule_link": "https://example.org/h", "attending_type": "in person", "notes": "Ring twice"},
        {"id": "h2", "service_id": "s1", "valid_from": "2026-12-25", "valid_to": "2026-12-25", "description": "Closed"},
    ],
    service_areas=[
        {"id": "r1", "service_id": "s1", "name": "Fresno County", "extent": "06019", "extent_type": "fips",
         "uri": "https://example.org/fresno"},
    ],
    contacts=[{"id": "k1", "service_at_location_id": "p1", "name": "Ana"}],
    phones=[{"id": "n1", "contact_id": "k1", "service_at_location_id": "p1", "number": "559 555 0100"}],
    languages=[{"id": "g1", "location_id": "l1", "name": "Spanish"}],
)  # fmt: skip

ASKED = """query($source: String!) {
  organizations(filter: {source: $source}) { nodes { name taxStatus taxId legalStatus logo uri parent { name }
    funding { source } identifiers { identifierScheme identifierType identifier } } }
  services(filter: {source: $source}) { nodes { waitTime accreditations licenses assurerEmail
    costOptions { option currency amount validFrom attributes { value term { code } } }
    funding { source } documents { document uri } links { label url }
    changes { lastActionDate fieldName previousValue replacementValue updatedBy }
    serviceAreas { extentType uri }
    schedules { rrule closed dtstart until wkst timezone scheduleLink attendingType notes attributes { term { name } } }
    serviceAtLocations { contacts { name phones { number } } phones { number } schedules { rrule }
      location { url externalIdentifier externalIdentifierType languages { code }
        accessibilityDetails { description details url }
        attributes { value term { code uri language taxonomy { name description uri version } } } } } } }
}"""


async def test_what_a_package_says_can_be_asked_for(directory: Directory, tmp_path: Path) -> None:
    report = await import_hsds(directory.database, write_folder(tmp_path / "p", TABLES), source="theirs")

    found = await directory.subgraph.data(caller_of(), ASKED, source="theirs")

    assert [str(problem) for problem in report.errors] == []
    sol, library = sorted(found["organizations"]["nodes"], key=lambda one: one["name"])
    (service,) = found["services"]["nodes"]
    (place,) = service.pop("serviceAtLocations")
    weekly, holiday = sorted(service.pop("schedules"), key=lambda one: one["closed"])
    assert sol == {
        "name": "Centro Sol",
        "taxStatus": "501(c)(3)",
        "taxId": "12-3456789",
        "legalStatus": "Nonprofit",
        "logo": "https://example.org/l.png",
        "uri": "https://example.org/id/1",
        "parent": {"name": "Valley Library"},
        "funding": [{"source": "A foundation"}],
        "identifiers": [{"identifierScheme": "US-EIN", "identifierType": "EIN", "identifier": "12-3456789"}],
    }
    assert (library["taxStatus"], library["funding"], library["parent"]) == (None, [], None)
    assert service == {
        "waitTime": "two weeks",
        "accreditations": "ABC",
        "licenses": "L-1",
        "assurerEmail": "a@example.org",
        "costOptions": [
            {
                "option": "adult",
                "currency": "USD",
                "amount": 12.5,
                "validFrom": "2026-01-01",
                "attributes": [{"value": "free escort", "term": {"code": "Access:wheel"}}],
            }
        ],
        "funding": [{"source": "The county"}],
        "documents": [{"document": "Any ID", "uri": "https://example.org/ids"}],
        "links": [{"label": "Enrol", "url": "https://example.org/enrol"}],
        "changes": [
            {
                "lastActionDate": "2026-02-01",
                "fieldName": "name",
                "previousValue": "Classes",
                "replacementValue": "Clases",
                "updatedBy": "Ana",
            }
        ],
        "serviceAreas": [{"extentType": "fips", "uri": "https://example.org/fresno"}],
    }
    assert weekly == {
        "rrule": "FREQ=MONTHLY;INTERVAL=2;UNTIL=20261231;BYDAY=1MO;WKST=MO",
        "closed": False,
        "dtstart": "2026-01-05",
        "until": "2026-12-31",
        "wkst": "MO",
        "timezone": -8.0,
        "scheduleLink": "https://example.org/h",
        "attendingType": "in person",
        "notes": "Ring twice",
        "attributes": [{"term": {"name": "Wheelchair"}}],
    }
    assert (holiday["closed"], holiday["rrule"]) == (True, None)
    location = place.pop("location")
    assert place == {
        "contacts": [{"name": "Ana", "phones": [{"number": "559 555 0100"}]}],
        "phones": [{"number": "559 555 0100"}],
        "schedules": [{"rrule": weekly["rrule"]}],
    }
    term = {
        "code": "Access:wheel",
        "uri": "https://example.org/t/wheel",
        "language": "en",
        "taxonomy": {
            "name": "Access",
            "description": "What a place has",
            "uri": "https://example.org/t",
            "version": "2",
        },
    }
    assert location == {
        "url": "https://example.org/main",
        "externalIdentifier": "1009",
        "externalIdentifierType": "UPRN",
        "languages": [{"code": "spa"}],
        "accessibilityDetails": [
            {"description": "Ramp", "details": "At the back", "url": "https://example.org/r"}
        ],
        "attributes": [{"value": "front", "term": term}],
    }


async def test_r17_what_is_kept_with_a_place_that_is_not_to_be_found_is_its_owners(
    directory: Directory, tmp_path: Path
) -> None:
    await import_hsds(directory.database, write_folder(tmp_path / "p", package(**{**TABLES, "addresses": [
        {"id": "a1", "location_id": "l1", "address_1": "9 Hidden St", "city": "Fresno", "state_province": "CA",
         "postal_code": "93721", "country": "US", "address_type": "physical"}]})), source="theirs")  # fmt: skip
    async with directory.database.transaction(system_caller(new_id())) as session:
        from sqlalchemy import select, update

        await session.execute(update(Location).values(visibility="OWNER"))
        place, owner = (await session.execute(select(Location.id, Location.organization_id))).one()
    asked = (
        "query($id: ID!) { location(id: $id) { url externalIdentifier accessibilityDetails { details } } }"
    )

    stranger = await directory.subgraph.data(caller_of(), asked, id=str(place))
    own = await directory.subgraph.data(caller_of(owner), asked, id=str(place))

    assert stranger["location"] == {"url": None, "externalIdentifier": None, "accessibilityDetails": []}
    assert own["location"]["externalIdentifier"] == "1009"


@pytest.mark.parametrize(
    ("parts", "rule"),
    [
        ({"freq": "WEEKLY", "byday": "MO,WE"}, "FREQ=WEEKLY;BYDAY=MO,WE"),
        ({"byday": "MO"}, "FREQ=WEEKLY;BYDAY=MO"),
        ({"freq": "WEEKLY", "byday": "1MO"}, "FREQ=WEEKLY;BYDAY=MO"),
        ({"freq": "MONTHLY", "bymonthday": "1, 15"}, "FREQ=MONTHLY;BYMONTHDAY=1,15"),
        ({"freq": "WEEKLY", "interval": 1}, "FREQ=WEEKLY"),
        ({"freq": "DAILY", "count": "3", "until": "2026-01-31"}, "FREQ=DAILY;UNTIL=20260131"),
        ({"freq": "YEARLY", "byyearday": "1,100"}, "FREQ=YEARLY;BYYEARDAY=1,100"),
        ({"freq": "WEEKLY", "byweekno": "4"}, "FREQ=WEEKLY"),
        ({"description": "by appointment"}, None),
        ({"freq": "SOMETIMES"}, None),
    ],
)
def test_a_recurrence_is_one_rule(parts: dict[str, Any], rule: str | None) -> None:
    """RFC 5545 §3.3.10."""
    assert rrule(parts) == rule


_TEXTS = st.one_of(
    st.none(),
    st.sampled_from(["MO", "1MO,-1FR", "3", "1,2", "2026-01-31", "-1", "x", "0"]),
    st.text(max_size=8),
)


@given(
    st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY", None]),
    st.fixed_dictionaries(
        dict.fromkeys(
            ("interval", "count", "until", "byday", "bymonthday", "byweekno", "byyearday", "wkst"), _TEXTS
        )
    ),
)
def test_whatever_a_package_says_the_rule_can_be_read(freq: str | None, parts: dict[str, Any]) -> None:
    rule = rrule({"freq": freq, **parts})

    assert rule is None or rrulestr(rule) is not None
