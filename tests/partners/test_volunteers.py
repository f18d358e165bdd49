"""Shifts and volunteers: asked for across partners, never more than are wanted, and the authorised alone where help is legal."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import pytest
import pytest_asyncio
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from services.partners.domain.terms import PractitionerRole, WorkshopStatus
from services.partners.models import OutboxEvent, Practitioner, Workshop, WorkshopShift
from tests.support.databases import for_want_of_a_right
from tests.support.directory import Directory
from tests.support.subgraph import Subgraph, caller_of
from vereda.ids import new_id

SHIFT: Final = (
    "... on ShiftSaved { shift { id version wanted filled unfilled volunteers { id version state } } }"
)
REQUEST: Final = "... on VolunteerRequestSaved { request { id version state shift { filled } } }"
REFUSED: Final = (
    "... on ShiftFull { code left } ... on InvalidInput { problems { field problem } }"
    " ... on NotAllowed { message } ... on VersionConflict { currentVersion }"
)
ANSWERS: Final = {
    "addWorkshopShift": f"{SHIFT} {REFUSED}",
    "changeWorkshopShift": f"{SHIFT} {REFUSED}",
    "offerVolunteers": f"{SHIFT} {REFUSED}",
    "withdrawVolunteer": f"{SHIFT} {REFUSED}",
    "answerVolunteerRequest": f"{REQUEST} {REFUSED}",
    "requestVolunteers": "... on VolunteersRequested { requests { id version state people asked { id } } }"
    " ... on InvalidInput { problems { field } } ... on NotAllowed { message }",
}
DAY: Final = datetime(2031, 6, 7, 17, tzinfo=UTC)


@dataclass
class Season:
    """A workshop of a host, and what partners do about it."""

    partners: Subgraph
    directory: Directory
    host: UUID
    workshop: UUID

    async def did(self, what: str, by: UUID | None = None, **given: Any) -> dict[str, Any]:
        document = (
            f"mutation($input: {what[0].upper()}{what[1:]}Input!)"
            f" {{ {what}(input: $input) {{ __typename {ANSWERS[what]} }} }}"
        )
        request = {"idempotencyKey": str(new_id()), **given}
        return dict((await self.partners.data(caller_of(by or self.host), document, input=request))[what])

    async def shift(self, role: str = "INTAKE", wanted: int = 2, **more: Any) -> dict[str, Any]:
        given = {"workshop": str(self.workshop), "role": role, "wanted": wanted, **more}
        return dict((await self.did("addWorkshopShift", **given))["shift"])

    async def partner(self) -> UUID:
        return (await self.directory.organization("Puente")).id

    async def asked(self, shift: dict[str, Any], partner: UUID, people: int = 1) -> dict[str, Any]:
        given = {"shift": shift["id"], "partners": [str(partner)], "people": people}
        return dict((await self.did("requestVolunteers", **given))["requests"][0])

    async def answer(
        self, request: dict[str, Any], what: str, by: UUID | None = None, **more: Any
    ) -> dict[str, Any]:
        given = {"id": request["id"], "expectedVersion": request["version"], "answer": what, **more}
        return await self.did("answerVolunteerRequest", by, **given)

    async def staff(self, owner: UUID, role: PractitionerRole, *languages: str) -> str:
        row = Practitioner(
            id=new_id(), organization_id=owner, role=role, weekly_hours=10, languages=list(languages)
        )
        await self.directory.add(row)
        return str(row.id)


@pytest_asyncio.fixture
async def season(partners: Subgraph, directory: Directory) -> Season:
    host = await directory.organization("Ayuda")
    row = Workshop(
        id=new_id(),
        organization_id=host.id,
        title="DACA day",
        county_fips="06047",
        term_codes=["legal.immigration.daca_initial"],
        starts_at=DAY,
        ends_at=DAY + timedelta(hours=4),
        capacity=40,
        status=WorkshopStatus.PUBLISHED,
    )
    await directory.add(row)
    return Season(partners, directory, host.id, row.id)


async def test_a_partner_that_is_asked_accepts_and_the_role_is_filled(season: Season) -> None:
    shift, partner = await season.shift(wanted=3), await season.partner()
    request = await season.asked(shift, partner, 2)

    accepted = await season.answer(request, "ACCEPT", partner, people=2)
    again = await season.answer(request, "ACCEPT", partner, people=2)

    assert (request["state"], request["people"]) == ("ASKED", 2)
    assert accepted["request"]["state"] == "ACCEPTED"
    assert accepted["request"]["shift"]["filled"] == 2
    assert again["__typename"] == "VersionConflict"


@pytest.mark.parametrize(
    ("answer", "by_host", "state"),
    [("DECLINE", False, "DECLINED"), ("WITHDRAW", True, "WITHDRAWN")],
)
async def test_a_request_is_declined_by_who_was_asked_and_withdrawn_by_who_asked(
    season: Season, answer: str, by_host: bool, state: str
) -> None:
    shift, partner = await season.shift(), await season.partner()
    request = await season.asked(shift, partner)
    right, wrong = (season.host, partner) if by_host else (partner, season.host)

    refused = await season.answer(request, answer, wrong)
    done = await season.answer(request, answer, right)
    late = await season.answer(done["request"], "ACCEPT", partner, people=1)

    assert refused["__typename"] == "NotAllowed"
    assert done["request"]["state"] == state
    assert late["__typename"] == "NotAllowed"


async def test_whom_the_host_has_asked_is_not_asked_twice_and_strangers_see_nothing_of_it(
    season: Season,
) -> None:
    shift, partner = await season.shift(), await season.partner()
    first = await season.asked(shift, partner)

    second = await season.asked(shift, partner)
    listing = "{ volunteerRequests(filter: {states: [ASKED]}) { nodes { id } } }"
    seen = {
        who: (await season.partners.data(caller_of(who), listing))["volunteerRequests"]["nodes"]
        for who in (season.host, partner, await season.partner())
    }

    assert second["id"] == first["id"]
    assert list(seen.values()) == [[{"id": first["id"]}], [{"id": first["id"]}], []]


async def test_of_many_who_accept_at_once_as_many_come_as_are_wanted(season: Season) -> None:
    shift = await season.shift("GREETER", wanted=3)
    helpers = [await season.partner() for _ in range(8)]

    answers = await asyncio.gather(
        *(season.did("offerVolunteers", one, shift=shift["id"], people=1) for one in helpers)
    )

    kinds = sorted(one["__typename"] for one in answers)
    assert kinds == ["ShiftFull"] * 5 + ["ShiftSaved"] * 3
    async with season.directory.database.transaction(caller_of(season.host)) as session:
        assert (
            await session.scalar(select(WorkshopShift.filled).where(WorkshopShift.id == UUID(shift["id"])))
            == 3
        )


async def test_who_withdraws_gives_the_place_back_and_the_host_is_told(season: Season) -> None:
    shift, partner = await season.shift(wanted=1), await season.partner()
    sent = (await season.did("offerVolunteers", partner, shift=shift["id"], people=1))["shift"]
    volunteer = sent["volunteers"][0]
    given = {"id": volunteer["id"], "expectedVersion": volunteer["version"]}

    by_host = await season.did("withdrawVolunteer", season.host, **given)
    withdrawn = await season.did("withdrawVolunteer", partner, **given)
    full_again = await season.did("offerVolunteers", await season.partner(), shift=shift["id"], people=1)

    assert by_host["__typename"] == "NotAllowed"
    assert (withdrawn["shift"]["filled"], withdrawn["shift"]["volunteers"][0]["state"]) == (0, "WITHDRAWN")
    assert full_again["shift"]["filled"] == 1
    async with season.directory.database.transaction(caller_of(season.host)) as session:
        told = list(
            await session.scalars(select(OutboxEvent.type).where(OutboxEvent.subject == volunteer["id"]))
        )
    assert told == ["org.vereda.volunteers.left"]


async def test_a_legal_role_takes_the_authorised_alone_by_name_and_on_the_day(season: Season) -> None:
    shift = await season.shift("ACCREDITED_REPRESENTATIVE", wanted=2)
    partner = await season.partner()
    lapsing = await season.directory.representative(partner, date(2031, 6, 6))
    valid = await season.directory.representative(partner, date(2031, 6, 7))

    async def offers(*named: str, people: int | None = None) -> dict[str, Any]:
        return await season.did(
            "offerVolunteers", partner, shift=shift["id"], practitioners=list(named), people=people
        )

    unrecognised = await offers(str(valid.id))
    await season.directory.recognised(partner)
    nameless, late = await offers(people=1), await offers(str(lapsing.id))
    navigator = await offers(await season.staff(partner, PractitionerRole.NAVIGATOR))
    attorney = await offers(await season.staff(partner, PractitionerRole.ATTORNEY))
    comes = await offers(str(valid.id))

    refusals = (unrecognised, nameless, late, navigator, attorney)
    assert [one["__typename"] for one in refusals] == ["InvalidInput"] * 5
    assert comes["shift"]["filled"] == 1


async def test_an_interpreter_speaks_the_language_and_nobody_is_in_two_places(season: Season) -> None:
    shift = await season.shift("INTERPRETER", language="mxb")
    other = await season.shift("GREETER")
    partner = await season.partner()
    speaks_mixtec = await season.staff(partner, PractitionerRole.INTERPRETER, "mixtec")
    speaks_spanish = await season.staff(partner, PractitionerRole.INTERPRETER, "spa")

    async def offers(to: dict[str, Any], who: str) -> dict[str, Any]:
        return await season.did("offerVolunteers", partner, shift=to["id"], practitioners=[who])

    without = await season.did(
        "addWorkshopShift", workshop=str(season.workshop), role="INTERPRETER", wanted=1
    )
    not_spoken, spoken = await offers(shift, speaks_spanish), await offers(shift, speaks_mixtec)
    twice = await offers(other, speaks_mixtec)
    anothers = await offers(other, await season.staff(season.host, PractitionerRole.NAVIGATOR))

    assert without["problems"][0]["field"] == "language"
    assert not_spoken["problems"][0]["problem"] == "must speak mxb"
    assert spoken["shift"]["filled"] == 1
    assert "another shift" in twice["problems"][0]["problem"]
    assert anothers["__typename"] == "InvalidInput"


async def test_roles_that_are_still_open_are_listed_by_date_until_the_workshop_is_called_off(
    season: Season,
) -> None:
    late = await season.shift(startsAt=(DAY + timedelta(hours=2)).isoformat())
    early, full = await season.shift(), await season.shift("GREETER", wanted=1)
    await season.did("offerVolunteers", await season.partner(), shift=full["id"], people=1)
    asked = """{ unfilledShifts(from: "2031-06-07", to: "2031-06-07", filter: {county: "06047"}, first: 100) {
      nodes { id unfilled workshop { id } } } }"""

    async def open_ones() -> list[str]:
        found = await season.partners.data(caller_of(), asked)
        nodes = found["unfilledShifts"]["nodes"]  # of other tests' workshops, too
        return [one["id"] for one in nodes if one["workshop"]["id"] == str(season.workshop)]

    before = await open_ones()
    async with season.directory.database.transaction(caller_of(season.host)) as session:
        (await session.get_one(Workshop, season.workshop)).status = WorkshopStatus.CANCELLED
    assert before == [early["id"], late["id"]]
    assert await open_ones() == []
    refused = await season.did("offerVolunteers", await season.partner(), shift=early["id"], people=1)
    assert refused["__typename"] == "NotAllowed"


async def test_fewer_than_come_cannot_be_wanted(season: Season) -> None:
    shift = await season.shift(wanted=3)
    await season.did("offerVolunteers", await season.partner(), shift=shift["id"], people=2)
    given = {"id": shift["id"], "expectedVersion": shift["version"]}

    fewer = await season.did("changeWorkshopShift", wanted=1, **given)
    enough = await season.did("changeWorkshopShift", wanted=2, **given)

    assert fewer["code"] == "SHIFT_FULL"
    assert (enough["shift"]["wanted"], enough["shift"]["unfilled"]) == (2, 0)


async def test_the_count_is_nobodys_to_write_nor_another_answer_than_ones_own(season: Season) -> None:
    shift, partner = await season.shift(), await season.partner()
    request = await season.asked(shift, partner)
    tries = [
        (season.host, "UPDATE workshop_shifts SET filled = 1 WHERE id = :id", shift),
        (season.host, "UPDATE volunteer_requests SET state = 'ACCEPTED' WHERE id = :id", request),
        (partner, "UPDATE volunteer_requests SET state = 'WITHDRAWN' WHERE id = :id", request),
        (partner, "UPDATE volunteer_requests SET people = 9 WHERE id = :id", request),
    ]

    for by, statement, row in tries:
        with pytest.raises(DBAPIError) as refused:
            async with season.directory.database.transaction(caller_of(by)) as session:
                await session.execute(text(statement), {"id": UUID(row["id"])})
        assert for_want_of_a_right(refused.value), statement
