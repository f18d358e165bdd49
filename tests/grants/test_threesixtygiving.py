"""Awards as open data: by 360Giving's own schema, without a name, and without what few share."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

from hypothesis import given
from hypothesis import strategies as st

from services.grants.exchange.threesixtygiving import Funder, Given, awards_of, package
from tests.grants.programmes import Programmes
from vereda.database import Database
from vereda.ids import new_id

#: As 360Giving publishes it (CC BY 4.0).
SCHEMA: Final = Path(__file__).parent / "data" / "360-giving-schema.json"
FUNDER: Final = Funder(new_id(), "Almond Grove Fund")
_KINDS: Final[dict[str, type[Any] | tuple[type[Any], ...]]] = {
    "string": str,
    "number": (int, float),
    "object": dict,
    "array": list,
    "null": type(None),
}


def awards(number: int, cents: int = 500_000, round_: Any = None) -> list[Given]:
    group, program = round_ or new_id(), new_id()
    begin = date(2027, 3, 1)
    return [
        Given(new_id(), group, program, "Seed grants", "Spring", "USD", cents, begin + timedelta(days=n))
        for n in range(number)
    ]


def problems(value: Any, schema: dict[str, Any], whole: dict[str, Any], at: str = "grant") -> list[str]:
    """What in a value is against a JSON Schema, by the words that 360Giving's uses."""
    if "$ref" in schema:
        return problems(value, whole["$defs"][schema["$ref"].rpartition("/")[2]], whole, at)
    kinds = schema.get("type", [])
    kinds = kinds if isinstance(kinds, list) else [kinds]
    if kinds and not any(isinstance(value, _KINDS[kind]) for kind in kinds):
        return [f"{at} is no {kinds}"]
    found = [f"{at}.{name} is missing" for name in schema.get("required", ()) if name not in value]
    if "enum" in schema and value not in schema["enum"]:
        found.append(f"{at} is none of the list")
    if "pattern" in schema and not re.search(schema["pattern"], value):
        found.append(f"{at} is not written so")
    if schema.get("format") == "date-time" and "T" not in value:
        found.append(f"{at} is no moment")
    if len(value) < schema.get("minItems", 0) if isinstance(value, list) else False:
        found.append(f"{at} is too short")
    if "oneOf" in schema and sum(not problems(value, one, whole, at) for one in schema["oneOf"]) != 1:
        found.append(f"{at} is not exactly one of the alternatives")
    if isinstance(value, dict):
        known = schema.get("properties", {})
        for name, part in value.items():
            found += problems(part, known[name], whole, f"{at}.{name}") if name in known else []
            if known and name not in known:
                found.append(f"{at}.{name} is unknown")
    if isinstance(value, list):
        for part in value:
            found += problems(part, schema.get("items", {}), whole, at)
    return found


def test_each_grant_is_valid_by_the_published_schema() -> None:
    schema = json.loads(SCHEMA.read_text())
    grants = package(FUNDER, awards(12) + awards(11, 1_000_050))["grants"]

    assert len(grants) == 23
    assert [problems(grant, schema, schema) for grant in grants] == [[]] * 23
    for name in ("title", "recipientIndividual", "fundingOrganization", "awardDate"):
        broken = {key: value for key, value in grants[0].items() if key != name}
        assert problems(broken, schema, schema), name


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
