"""Appointments and workshop seats: SCHEDULED is the fold of what was booked, and no seat is sold twice (DOMAIN 4.1, 4.2)."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from tests.referrals.story import Story
from tests.support.subgraph import caller_of
from vereda.caller import Caller, system_caller
from vereda.database import Database
from vereda.ids import new_id

SAVED = """... on AppointmentSaved { appointment { id version status workshop { id }
  referral { state subState bserStatus } } } ... on MoveNotAllowed { state } ... on NotAllowed { code }
  ... on InvalidInput { problems { field } } ... on WorkshopFull { code }"""
SOON = datetime.now(UTC) + timedelta(days=2)
TIMES = {"startsAt": SOON.isoformat(), "endsAt": (SOON + timedelta(hours=1)).isoformat()}
SEATS = "... on Workshop { bookedCount myBookings { nodes { id } } }"


async def accepted(story: Story) -> dict[str, Any]:
    referral = await story.sent()
    await story.moves(story.legal, referral, "OPEN", "ACCEPT")
    return referral


async def book(story: Story, by: Caller, referral: dict[str, Any], **given: Any) -> dict[str, Any]:
    return await story.did(by, "bookAppointment", SAVED, referral=referral["id"], **given)


async def change(
    story: Story, by: Caller, appointment: dict[str, Any], what: str, **more: Any
) -> dict[str, Any]:
    version = {"id": appointment["id"], "expectedVersion": appointment["version"]}
    return await story.did(by, "changeAppointment", SAVED, change=what, **version, **more)


def shown(saved: dict[str, Any]) -> tuple[str, str, str | None, str | None]:
    one = saved["appointment"]
    return (
        one["status"],
        one["referral"]["state"],
        one["referral"]["subState"],
        one["referral"]["bserStatus"],
    )


async def begin_earlier(database: Database, appointment: dict[str, Any], hours: int) -> None:
    async with database.transaction(system_caller(new_id())) as session:
        await session.execute(
            text(
                "UPDATE appointments SET starts_at = now() - CAST(:ago AS interval),"
                " ends_at = now() - CAST(:ago AS interval) + interval '1 hour' WHERE id = :id"
            ),
            {"ago": timedelta(hours=hours), "id": UUID(appointment["id"])},
        )


async def test_what_the_recipient_books_schedules_and_what_the_sender_asks_for_waits_for_its_word(
    story: Story,
) -> None:
    referral = await accepted(story)

    asked = await book(story, story.clinic, referral, **TIMES)
    own_word = await change(story, story.clinic, asked["appointment"], "CONFIRM")
    confirmed = await change(story, story.legal, asked["appointment"], "CONFIRM")
    moved = await change(story, story.legal, confirmed["appointment"], "MOVE", **TIMES)

    assert shown(asked) == ("PROPOSED", "ACCEPTED", None, "3.0")
    assert own_word["__typename"] == "NotAllowed"
    assert shown(confirmed) == ("BOOKED", "SCHEDULED", "BOOKED", "5.1.1")
    assert shown(moved) == ("BOOKED", "SCHEDULED", "BOOKED", "5.1.1")


async def test_the_last_appointment_that_is_cancelled_is_to_be_booked_again(story: Story) -> None:
    referral = await accepted(story)
    first = await book(story, story.legal, referral, **TIMES)
    second = await book(story, story.legal, referral, **TIMES)

    one = await change(story, story.clinic, first["appointment"], "CANCEL")
    last = await change(story, story.legal, second["appointment"], "CANCEL")
    over = await change(story, story.legal, last["appointment"], "CHECK_IN")

    assert shown(one) == ("CANCELLED", "SCHEDULED", "BOOKED", "5.1.1")
    assert shown(last) == ("CANCELLED", "SCHEDULED", "TO_BE_REBOOKED", "5.1.3")
    assert over["__typename"] == "NotAllowed"


async def test_who_did_not_come_is_unattended_and_who_came_is_in_service(
    story: Story, database: Database
) -> None:
    referral = await accepted(story)
    missed = (await book(story, story.legal, referral, **TIMES))["appointment"]
    too_early = await change(story, story.legal, missed, "NO_SHOW")
    await begin_earlier(database, missed, 1)
    by_sender = await change(story, story.clinic, missed, "NO_SHOW")
    unattended = await change(story, story.legal, missed, "NO_SHOW")
    kept = (await book(story, story.legal, referral, **TIMES))["appointment"]
    await begin_earlier(database, kept, 0)
    came = await change(story, story.legal, kept, "CHECK_IN")

    assert [too_early["__typename"], by_sender["__typename"]] == ["NotAllowed"] * 2
    assert shown(unattended) == ("NO_SHOW", "SCHEDULED", "UNATTENDED", "5.1.2")
    assert shown(came) == ("CHECKED_IN", "IN_SERVICE", None, "5.1.4")


async def test_nothing_is_booked_before_an_acceptance_nor_after_the_consent_is_taken_back(
    story: Story,
) -> None:
    early, revoked = await story.sent(), await accepted(story)
    await story.revoke(story.clinic, revoked["consent"])

    assert (await book(story, story.legal, early, **TIMES))["__typename"] == "MoveNotAllowed"
    assert (await book(story, story.legal, revoked, **TIMES))["__typename"] == "MoveNotAllowed"


async def test_what_was_booked_ends_with_the_referral(story: Story, database: Database) -> None:
    referral = await accepted(story)
    booked = (await book(story, story.legal, referral, slot=story.slot(1)))["appointment"]
    await story.moves(story.clinic, referral, ("CANCEL", {"reason": "CLIENT_SERVED_ELSEWHERE"}))
    other = await accepted(story)

    seat = await book(story, story.legal, other, slot=story.slot(1))

    async with database.transaction(story.legal) as session:
        status = await session.scalar(
            text("SELECT status FROM appointments WHERE id = :id"), {"id": UUID(booked["id"])}
        )
    assert status == "CANCELLED"
    assert shown(seat)[0] == "BOOKED"  # its seat is free again


async def test_a_workshop_is_not_oversold_however_many_book_at_once(story: Story, database: Database) -> None:
    slot, referrals = story.slot(3), [await accepted(story) for _ in range(6)]
    sides = (story.clinic, story.legal)

    answers = await asyncio.gather(
        *(book(story, sides[n % 2], one, slot=slot) for n, one in enumerate(referrals))
    )

    kinds = sorted(answer["__typename"] for answer in answers)
    assert kinds == ["AppointmentSaved"] * 3 + ["WorkshopFull"] * 3
    booked = next(one["appointment"] for one in answers if "appointment" in one)
    given_back = await change(story, story.legal, booked, "CANCEL")
    refused = next(
        one for one, answer in zip(referrals, answers, strict=True) if answer["__typename"] == "WorkshopFull"
    )
    assert shown(given_back)[0] == "CANCELLED"
    assert shown(await book(story, story.clinic, refused, slot=slot))[:2] == ("BOOKED", "SCHEDULED")
    async with database.transaction(story.legal) as session:
        taken = await session.scalar(text("SELECT taken FROM workshop_seats"))
    assert taken == 3


async def test_a_newer_word_of_the_host_on_its_seats_counts_and_an_older_does_not(story: Story) -> None:
    older = story.slot(1, stated_at=datetime.now(UTC) - timedelta(minutes=30))
    newer = story.slot(2)
    referrals = [await accepted(story) for _ in range(3)]

    answers = [
        await book(story, story.legal, one, slot=slot)
        for one, slot in zip(referrals, (older, newer, older), strict=True)
    ]

    assert [one["__typename"] for one in answers] == ["AppointmentSaved", "AppointmentSaved", "WorkshopFull"]


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        ({"announced": False}, "NotAllowed"),
        ({"ends_at": datetime.now(UTC) - timedelta(hours=1)}, "NotAllowed"),
        ({"host": caller_of()}, "InvalidInput"),
    ],
)
async def test_a_seat_is_booked_where_the_recipient_gives_an_announced_workshop(
    story: Story, more: dict[str, Any], kind: str
) -> None:
    referral = await accepted(story)

    refused = await book(story, story.clinic, referral, slot=story.slot(5, **more))
    forged = await book(story, story.clinic, referral, slot=story.slot(5)[:-4] + "AAAA")

    assert refused["__typename"] == kind
    assert forged["__typename"] == "OfferRefused"


async def test_how_many_booked_is_told_to_others_as_nobody_a_few_or_many_r31(
    story: Story, database: Database
) -> None:
    stranger, representation = caller_of(), {"__typename": "Workshop", "id": str(story.workshop)}

    async def seen(by: Caller) -> dict[str, Any]:
        return dict((await story.referrals.entities(by, SEATS, representation))[0])

    none = await seen(stranger)
    slot = story.slot(40)
    for _ in range(2):
        await book(story, story.legal, await accepted(story), slot=slot)
    few, own = await seen(stranger), await seen(story.legal)
    async with database.transaction(system_caller(new_id())) as session:
        await session.execute(
            text("UPDATE workshop_seats SET taken = 11 WHERE workshop_id = :id"), {"id": story.workshop}
        )
    await book(story, story.legal, await accepted(story), slot=slot)
    many = await seen(stranger)

    assert (none["bookedCount"], few["bookedCount"], many["bookedCount"]) == ("0", "<11", "12")
    assert (len(few["myBookings"]["nodes"]), len(own["myBookings"]["nodes"])) == (0, 2)
    assert len((await seen(story.clinic))["myBookings"]["nodes"]) == 3
