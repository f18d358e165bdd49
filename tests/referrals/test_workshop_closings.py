"""A workshop at its end: who did not come, who came without a booking, and what was done, in numbers that name nobody."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from services.referrals.domain.turnout import Turnout, closing_problems, together
from tests.referrals.story import Story
from tests.referrals.test_workshop_seats import checked_in, seat, stands
from tests.support.subgraph import caller_of
from vereda.caller import Caller, system_caller
from vereda.ids import new_id
from vereda.periods import PeriodKind, settled

NUMBERS: Final = "booked attended noShows walkIns takenOn noShowRate takenOnRate"
CLOSED: Final = f"""... on WorkshopClosed {{ closing {{ version workshop {{ id }} turnout {{ {NUMBERS} }} }} }}
  ... on InvalidInput {{ problems {{ field }} }} ... on VersionConflict {{ currentVersion }} ... on NotAllowed {{ message }}"""
LINES: Final = [
    {"form": "CDSS_DACA", "line": "RENEWAL_WORKSHOP", "count": 5},
    {"form": "CDSS_NATURALIZATION", "line": "APPLICATION_WORKSHOP", "count": 2},
]


def over(story: Story, **more: Any) -> str:
    """The directory's word on a workshop that ended an hour ago."""
    now = datetime.now(UTC)
    when = {"starts_at": now - timedelta(hours=4), "ends_at": now - timedelta(hours=1), "status": "HELD"}
    return story.slot(9, **{**when, **more})


async def close(
    story: Story, by: Caller | None = None, slot: str | None = None, **more: Any
) -> dict[str, Any]:
    given = {"slot": slot or over(story), "walkIns": 4, "takenOn": 2, "lines": LINES, **more}
    return await story.did(by or story.legal, "closeWorkshop", CLOSED, **given)


async def passed(story: Story, *seats: dict[str, Any]) -> None:
    """As if the workshop of these seats were over."""
    async with story.referrals.database.transaction(system_caller(new_id())) as session:
        for one in seats:
            await session.execute(
                text(
                    "UPDATE appointments SET starts_at = now() - interval '4 hours',"
                    " ends_at = now() - interval '1 hour' WHERE id = :id"
                ),
                {"id": UUID(one["id"])},
            )


async def test_who_booked_and_was_not_checked_in_did_not_come_and_the_others_are_counted(
    story: Story,
) -> None:
    came, missed = await seat(story), await seat(story)
    await passed(story, came, missed)
    await checked_in(story, came["checkInCode"])

    closed = await close(story)

    assert closed["closing"]["turnout"] == {
        "booked": 2,
        "attended": 1,
        "noShows": 1,
        "walkIns": 4,
        "takenOn": 2,
        "noShowRate": 0.5,
        "takenOnRate": 0.4,
    }
    assert await stands(story, came) == ("CHECKED_IN", "IN_SERVICE", None)
    assert await stands(story, missed) == ("NO_SHOW", "SCHEDULED", "UNATTENDED")


async def test_a_workshop_is_closed_by_its_host_once_it_is_over_and_took_place(story: Story) -> None:
    refused = [
        await close(story, story.clinic),
        await close(story, slot=story.slot(9)),
        await close(story, slot=over(story, status="CANCELLED")),
    ]
    forged = await close(story, slot=over(story)[:-4] + "AAAA")

    assert [one["__typename"] for one in refused] == ["NotAllowed"] * 3
    assert forged["__typename"] == "OfferRefused"


async def test_its_counts_are_corrected_with_the_version_that_was_read(story: Story) -> None:
    first = await close(story, walkIns=5)
    again = await close(story, walkIns=9)
    corrected = await close(story, walkIns=9, expectedVersion=first["closing"]["version"])

    assert again == {"__typename": "VersionConflict", "currentVersion": 1}
    assert corrected["closing"]["turnout"]["walkIns"] == 9


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"walkIns": -1}, "walkIns"),
        ({"takenOn": 5}, "takenOn"),
        ({"lines": [{"form": "CDSS_DACA", "line": "RENEWAL_WORKSHOP", "count": 5}]}, "lines"),
        ({"lines": [{"form": "DOJ_ANNUAL", "line": "CLIENTS", "count": 1}]}, "lines"),
        ({"lines": [{"form": "CDSS_DACA", "line": "NO_SUCH", "count": 1}]}, "lines"),
    ],
)
async def test_no_more_are_counted_than_came(story: Story, wrong: dict[str, Any], field: str) -> None:
    given = {"walkIns": 4, "takenOn": 0, "lines": [], **wrong}

    refused = await close(story, **given)

    assert field in [one["field"] for one in refused["problems"]]


async def test_a_workshops_counts_are_its_hosts_alone_r31(story: Story) -> None:
    await close(story, walkIns=5)
    representation = {"__typename": "Workshop", "id": str(story.workshop)}
    asked = "... on Workshop { closing { turnout { walkIns } } }"

    own = await story.referrals.entities(story.legal, asked, representation)
    others = await story.referrals.entities(caller_of(), asked, representation)

    assert own == [{"closing": {"turnout": {"walkIns": 5}}}]
    assert others == [{"closing": None}]


async def test_the_quarters_form_is_filled_by_its_workshops(story: Story) -> None:
    starts = datetime.now(UTC) - timedelta(hours=4)
    quarter = next(settled(starts + timedelta(days=93), PeriodKind.QUARTER, timedelta(0)))
    for _ in range(2):
        story.workshop = new_id()
        await close(story, walkIns=7)
    asked = """query($period: String!) { workshopTurnout(period: $period) { workshops turnout { walkIns } }
      tallyOfWorkshops(form: "CDSS_DACA", period: $period) { lines { line county { fips } count } } }"""

    found = await story.referrals.data(story.legal, asked, period=quarter.name)
    stranger = await story.referrals.data(caller_of(), asked, period=quarter.name)

    assert found["workshopTurnout"] == {"workshops": 2, "turnout": {"walkIns": 14}}
    line = {"line": "RENEWAL_WORKSHOP", "county": {"fips": "06019"}, "count": 10}
    assert found["tallyOfWorkshops"]["lines"] == [line]
    assert stranger["workshopTurnout"]["workshops"] == 0
    assert stranger["tallyOfWorkshops"]["lines"] == []


async def test_the_pages_examples_run(story: Story) -> None:
    page = (Path(__file__).parents[2] / "docs" / "workshops.md").read_text()
    close_it, quarter = re.findall(r"```graphql\n((?:mutation Close|query Quarter).*?)```", page, re.DOTALL)
    given = {"idempotencyKey": "c", "slot": over(story), "walkIns": 5, "takenOn": 1, "lines": LINES}

    closed = await story.referrals.data(story.legal, close_it, input=given)
    found = await story.referrals.data(story.legal, quarter)

    assert closed["closeWorkshop"]["closing"]["turnout"]["takenOnRate"] == 0.2
    assert found["workshopTurnout"]["workshops"] == 0  # of another year


_numbers = st.integers(0, 50)


@given(st.lists(st.builds(Turnout, _numbers, _numbers, _numbers, _numbers), max_size=5))
def test_together_is_the_sum_and_rates_are_shares(all_of: list[Turnout]) -> None:
    found = together(all_of)

    assert found.booked == sum(one.attended + one.no_shows for one in all_of)
    assert found.came == sum(one.attended + one.walk_ins for one in all_of)
    assert found.no_show_rate is None or 0 <= found.no_show_rate <= 1
    if found.taken_on <= found.came:
        assert closing_problems(found, ()) == {}
