"""Awards as open data: by 360Giving's own schema, without a name, and without what few share."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker

from services.grants.exchange.threesixtygiving import Funder, Given, awards_of, package
from tests.grants.programmes import Programmes
from vereda.database import Database
from vereda.ids import new_id

SCHEMA: Final = Path(__file__).parents[3] / "shared" / "data" / "360giving" / "360-giving-schema.json"
FUNDER: Final = Funder(new_id(), "Almond Grove Fund")

FORMATS: Final = FormatChecker()


@FORMATS.checks("date-time", raises=ValueError)
def is_moment(value: object) -> bool:
    """RFC 3339 §5.6: with its time. The library alone takes anything for one, and then a day is a day and a moment."""
    return not isinstance(value, str) or ("T" in value and datetime.fromisoformat(value) is not None)


def awards(number: int, cents: int = 500_000, round_: Any = None) -> list[Given]:
    group, program = round_ or new_id(), new_id()
    begin = date(2027, 3, 1)
    return [
        Given(new_id(), group, program, "Seed grants", "Spring", "USD", cents, begin + timedelta(days=n))
        for n in range(number)
    ]


@pytest.mark.skipif(not SCHEMA.exists(), reason="360Giving's published schema is not there")
def test_each_grant_is_valid_by_the_published_schema() -> None:
    published = Draft202012Validator(json.loads(SCHEMA.read_text()), format_checker=FORMATS)
    grants = package(FUNDER, awards(12) + awards(11, 1_000_050))["grants"]

    assert len(grants) == 23
    assert [error.message for grant in grants for error in published.iter_errors(grant)] == []
    assert all(grant.keys() <= published.schema["properties"].keys() for grant in grants)
    for name in ("title", "recipientIndividual", "fundingOrganization", "awardDate"):
        broken = {key: value for key, value in grants[0].items() if key != name}
        assert not published.is_valid(broken), name


def test_amounts_are_in_major_units() -> None:
    grants = package(FUNDER, awards(11) + awards(11, 1_000_050))["grants"]

    assert {grant["amountAwarded"] for grant in grants} == {5000, 10000.5}


@given(st.lists(st.tuples(st.sampled_from((1, 2)), st.sampled_from((500_000, 1_000_000))), max_size=60))
def test_r31_no_round_and_amount_of_fewer_than_eleven_is_published(each: list[tuple[int, int]]) -> None:
    rounds = {1: new_id(), 2: new_id()}
    given_ = [one for number, cents in each for one in awards(1, cents, rounds[number])]

    shown = len(package(FUNDER, given_)["grants"])

    sizes = [each.count((number, cents)) for number in (1, 2) for cents in (500_000, 1_000_000)]
    assert shown == sum(size for size in sizes if size >= 11)


def test_nobody_is_named_and_no_record_of_ours_nor_day_is_told() -> None:
    given_ = awards(11)

    text = json.dumps(package(FUNDER, given_))

    assert {grant["recipientIndividual"]["name"] for grant in json.loads(text)["grants"]} == {
        "Individual Recipient"
    }
    assert not any(str(one.award) in text for one in given_)
    assert {grant["awardDate"] for grant in json.loads(text)["grants"]} == {"2027-03-11"}


async def test_rescinded_awards_are_not_given(programmes: Programmes, database: Database) -> None:
    round_, tiers = await programmes.round()
    kept, rescinded = [await programmes.awarded(round_, tiers["5000.00 USD"]) for _ in range(2)]
    await programmes.move(programmes.funder, rescinded["application"], "RESCIND", decision="TERMS_NOT_KEPT")

    found = await awards_of(database, programmes.funder.organization)

    assert [str(one.award) for one in found] == [kept["id"]]
