"""Seats that are booked at workshops: they follow what becomes of the workshop, and are taken up by a code at the door."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import pytest
from sqlalchemy import select, text, update

from services.referrals.domain.appointments import (
    CODE_LENGTH,
    CODE_LETTERS,
    MOST_WRONG,
    read_code,
    written_code,
)
from services.referrals.models import Appointment, OutboxEvent, Referral, Task, WorkshopSeats
from services.referrals.operations import following
from tests.referrals.story import Story
from tests.referrals.test_appointments import accepted, begin_earlier, book, change
from vereda.caller import Caller, system_caller
from vereda.context import RequestContext
from vereda.ids import new_id
from vereda.statements import WorkshopsAsked, WorkshopSlot, verifier

CHECKED_IN: Final = """... on AppointmentSaved { appointment { id status referral { state } } }
  ... on CodeRefused { code waitUntil } ... on NotAllowed { message }"""


class Directory:
    """What the directory would answer: tokens of statements by workshop, and what it was asked."""

    def __init__(self, story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
        self.story, self.tokens, self.asked = story, [], 0
        monkeypatch.setattr(following, "ask", self._ask)

    async def _ask(
        self, settings: Any, service: str, path: str, question: WorkshopsAsked, kind: type[WorkshopSlot]
    ) -> list[WorkshopSlot]:
        assert (service, path) == ("partners", "/statements/workshops")
        self.asked += str(self.story.workshop) in question.workshops  # other tests have theirs
        found = [await verifier(kind, settings).read(token) for token in self.tokens]
        return [one for one in found if str(one.workshop) in question.workshops]

    async def says(self, after: timedelta = timedelta(0), **more: Any) -> None:
        """The directory states this of the story's workshop, and the round is made until nothing is left."""
        self.tokens = [self.story.slot(5, **more)]
        context: RequestContext[Any] = RequestContext(
            system_caller(UUID(int=0), "round"),
            self.story.referrals.database,
            self.story.referrals.settings,
            _none,
        )
        context.now = datetime.now(UTC) + after
        while await following.follow_workshops(context):
            pass
        await context.end()


def _none(_context: RequestContext[Any]) -> Any:
    raise AssertionError


@pytest.fixture
def directory(story: Story, monkeypatch: pytest.MonkeyPatch) -> Directory:
    return Directory(story, monkeypatch)


async def seat(story: Story, seats: int = 5) -> dict[str, Any]:
    """A seat, with its referral's id."""
    referral = await accepted(story)
    done = await story.did(
        story.legal,
        "bookAppointment",
        "... on AppointmentSaved { appointment { id version checkInCode referral { id } } }",
        referral=referral["id"],
        slot=story.slot(seats),
    )
    return dict(done["appointment"])


async def stands(story: Story, one: dict[str, Any]) -> tuple[str, str, str | None]:
    async with story.referrals.database.transaction(system_caller(new_id())) as session:
        row = await session.get_one(Appointment, UUID(one["id"]))
        referral = await session.get_one(Referral, row.referral_id)
        return row.status, referral.state, referral.sub_state


async def tasks(story: Story, one: dict[str, Any]) -> list[tuple[UUID, str]]:
    async with story.referrals.database.transaction(system_caller(new_id())) as session:
        found = await session.execute(
            select(Task.organization_id, Task.kind)
            .where(Task.referral_id == UUID(one["referral"]["id"]), Task.closed_at.is_(None))
            .order_by(Task.kind)
        )
        return [(organization, kind) for organization, kind in found]


async def told(story: Story, by: Caller, one: dict[str, Any]) -> list[str]:
    async with story.referrals.database.transaction(by) as session:
        found = await session.scalars(
            select(OutboxEvent.type).where(OutboxEvent.subject == one["id"]).order_by(OutboxEvent.sequence)
        )
        return [one.removeprefix("org.vereda.") for one in found]


async def test_when_a_workshop_is_called_off_its_seats_are_given_back_and_both_sides_know_what_to_do(
    story: Story, directory: Directory
) -> None:
    one, other = await seat(story), await seat(story)

    await directory.says(status="CANCELLED", announced=False)

    assert await stands(story, one) == ("CANCELLED", "SCHEDULED", "TO_BE_REBOOKED")
    assert await stands(story, other) == ("CANCELLED", "SCHEDULED", "TO_BE_REBOOKED")
    sides = {story.clinic.organization, story.legal.organization}
    assert {who for who, kind in await tasks(story, one) if kind == "REBOOK"} == sides
    for side in (story.clinic, story.legal):
        assert "appointment.called_off" in await told(story, side, one)
    async with story.referrals.database.transaction(story.legal) as session:
        assert await session.scalar(select(WorkshopSeats.taken)) == 0


async def test_whoever_holds_an_old_word_of_a_workshop_that_was_called_off_books_no_seat_there(
    story: Story, directory: Directory
) -> None:
    old = story.slot(5)
    await seat(story)
    await directory.says(status="CANCELLED", announced=False)

    answer = await book(story, story.clinic, await accepted(story), slot=old)

    assert answer["__typename"] == "WorkshopFull"


async def test_a_seat_booked_elsewhere_is_what_was_to_be_done(story: Story, directory: Directory) -> None:
    one = await seat(story)
    await directory.says(status="CANCELLED", announced=False)
    story.workshop = new_id()

    await book(story, story.legal, {"id": one["referral"]["id"]}, slot=story.slot(5))

    assert await tasks(story, one) == []


async def test_a_seat_follows_its_workshop_to_another_time_and_the_client_is_to_be_told(
    story: Story, directory: Directory
) -> None:
    one = await seat(story)
    starts = datetime.now(UTC) + timedelta(days=9)

    await directory.says(starts_at=starts, ends_at=starts + timedelta(hours=2))

    assert (await stands(story, one))[:2] == ("BOOKED", "SCHEDULED")
    assert {kind for _, kind in await tasks(story, one)} == {"TELL_NEW_TIME"}
    assert "appointment.moved" in await told(story, story.clinic, one)
    async with story.referrals.database.transaction(story.legal) as session:
        assert await session.scalar(select(Appointment.starts_at)) == starts


async def test_a_workshop_that_is_announced_no_more_keeps_its_seats_until_it_is_known(
    story: Story, directory: Directory
) -> None:
    one = await seat(story)

    await directory.says(status="PLANNED", announced=False)
    unsure = await tasks(story, one)
    await directory.says(timedelta(minutes=2), status="PLANNED", announced=False)
    again = await told(story, story.clinic, one)
    await directory.says(timedelta(minutes=4))

    assert {kind for _, kind in unsure} == {"REBOOK"}
    assert again.count("appointment.unsure") == 1
    assert (await stands(story, one))[0] == "BOOKED"
    assert await tasks(story, one) == []


async def test_a_sender_who_may_not_know_how_it_goes_is_given_no_task_r7(
    story: Story, directory: Directory
) -> None:
    referral = await story.sent(purposes=("REFERRAL_DELIVERY",))
    await story.moves(story.legal, referral, "OPEN", "ACCEPT")
    booked = await book(story, story.legal, referral, slot=story.slot(5))

    await directory.says(status="CANCELLED", announced=False)

    one = {"id": booked["appointment"]["id"], "referral": {"id": referral["id"]}}
    assert await tasks(story, one) == [(story.legal.organization, "REBOOK")]


async def test_the_directory_is_not_asked_again_within_a_minute_nor_about_what_is_over(
    story: Story, directory: Directory
) -> None:
    one = await seat(story)
    await directory.says()
    await directory.says()
    asked_once = directory.asked
    await directory.says(timedelta(minutes=1))
    asked_again = directory.asked
    await change(story, story.legal, one, "CANCEL")

    await directory.says(timedelta(minutes=9))

    assert (asked_once, asked_again, directory.asked) == (1, 2, 2)


async def checked_in(story: Story, code: str, by: Caller | None = None, **more: Any) -> dict[str, Any]:
    given = {"workshop": str(story.workshop), "code": code, **more}
    return await story.did(by or story.legal, "checkIn", CHECKED_IN, **given)


async def test_a_code_takes_up_its_seat_once_however_it_is_written(story: Story) -> None:
    one = await seat(story)
    await begin_earlier(story.referrals.database, one, 0)
    code = one["checkInCode"]

    came = await checked_in(story, f" {code.lower().replace('-', ' ')} ")
    again = await checked_in(story, code)

    assert came["appointment"] == {
        "id": one["id"],
        "status": "CHECKED_IN",
        "referral": {"state": "IN_SERVICE"},
    }
    assert again == {"__typename": "CodeRefused", "code": "CODE_REFUSED", "waitUntil": None}


async def test_a_wrong_code_is_answered_as_a_used_one_and_as_one_of_another_workshop(story: Story) -> None:
    one = await seat(story)
    await begin_earlier(story.referrals.database, one, 0)

    answers = [
        await checked_in(story, "2222-2222"),
        await checked_in(story, ""),
        await checked_in(story, one["checkInCode"], workshop=str(new_id())),
        await checked_in(story, one["checkInCode"], story.clinic),
    ]

    assert answers == [{"__typename": "CodeRefused", "code": "CODE_REFUSED", "waitUntil": None}] * 4
    assert (await stands(story, one))[0] == "BOOKED"


async def test_nobody_comes_in_by_guessing(story: Story) -> None:
    one = await seat(story)
    await begin_earlier(story.referrals.database, one, 0)
    for _ in range(MOST_WRONG):
        await checked_in(story, "2222-2222")

    right = await checked_in(story, one["checkInCode"])
    async with story.referrals.database.transaction(system_caller(new_id())) as session:
        await session.execute(text("UPDATE check_in_tries SET since = since - interval '11 minutes'"))
    later = await checked_in(story, one["checkInCode"])

    assert right["__typename"] == "CodeRefused"
    assert datetime.fromisoformat(right["waitUntil"]) > datetime.now(UTC)
    assert later["__typename"] == "AppointmentSaved"


async def test_of_two_who_say_one_code_at_once_one_is_let_in(story: Story) -> None:
    one = await seat(story)
    await begin_earlier(story.referrals.database, one, 0)

    answers = await asyncio.gather(*(checked_in(story, one["checkInCode"]) for _ in range(4)))

    assert sorted(answer["__typename"] for answer in answers) == ["AppointmentSaved"] + ["CodeRefused"] * 3


async def test_a_code_holds_nothing_and_no_two_are_alike(story: Story) -> None:
    codes = [read_code((await seat(story, 9))["checkInCode"]) for _ in range(3)]

    assert len(set(codes)) == 3
    assert all(len(code) == CODE_LENGTH and set(code) <= set(CODE_LETTERS) for code in codes)
    assert all(read_code(written_code(code)) == code for code in codes)


async def test_a_time_with_the_recipient_has_no_code_and_a_seat_none_that_is_nobodys_to_change(
    story: Story,
) -> None:
    one = await seat(story)

    with pytest.raises(Exception, match="check_in_code"):
        async with story.referrals.database.transaction(story.clinic) as session:
            await session.execute(
                update(Appointment).where(Appointment.id == UUID(one["id"])).values(check_in_code="22222222")
            )
