"""Random lives of referrals over a real database, driven through the operations by several organisations: after each step
every history is a walk through the table, and what is stored is its fold (DOMAIN 4.3, invariants). The histories of the
demo network are replayed the same way.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import pytest
import pytest_asyncio
from sqlalchemy import select

from services.referrals import demo
from services.referrals.app import SERVICE
from services.referrals.domain.clocks import DEFAULTS, bells
from services.referrals.domain.lifecycle import (
    BY_NAME,
    TERMINAL,
    Loop,
    MoveName,
    Outcome,
    Party,
    Reason,
    State,
    Step,
    fold,
    loop_after,
    sub_state_after,
)
from services.referrals.models import Referral, ReferralEvent
from tests.referrals.clocks import rung
from tests.referrals.story import Story
from tests.support.databases import Databases
from tests.support.subgraph import Subgraph
from vereda.caller import system_caller
from vereda.database import Database
from vereda.demo.network import build
from vereda.ids import new_id
from vereda.keyring import open_keys
from vereda.settings import Settings

LIVES: Final = 6
STEPS: Final = 22
BY_SENDER: Final = [move.name for move in BY_NAME.values() if Party.SENDER in move.by]
BY_RECIPIENT: Final = [move.name for move in BY_NAME.values() if Party.RECIPIENT in move.by]
PAYLOAD: Final = "... on AppointmentSaved { appointment { id version } }"


@pytest_asyncio.fixture(scope="module")
async def database(databases: Databases) -> Database:
    """A database of this file's own, so that all that is in it was lived here."""
    return await databases.migrated("referrals", SERVICE.folder)


class Life:
    """One random life: what is drawn, and what was met."""

    def __init__(self, story: Story, database: Database, settings: Settings, seed: int) -> None:
        self.story, self.database, self.settings = story, database, settings
        self.chance = random.Random(seed)
        self.appointments: list[dict[str, Any]] = []
        self.met: Counter[str] = Counter()
        self.days = 0

    async def begin(self) -> None:
        story = self.story
        client = await story.client()
        legal = self.chance.random() < 0.4
        consent = await story.consent(client, recipients=(story.legal, story.school))
        sent = await story.send(client, consent, story.offer(9, legal=legal))
        self.referral = {**sent["referral"], "consent": consent}

    async def step(self) -> None:
        acts: list[tuple[Callable[[], Awaitable[str]], int]] = [
            (self.move, 20),
            (self.book, 3),
            (self.change, 3),
            (self.settle, 2),
            (self.reopen, 2),
            (self.go_on, 2),
            (self.wait, 1),
            (self.revoke, 1),
        ]
        act = self.chance.choices([one for one, _ in acts], [weight for _, weight in acts])[0]
        self.met[await act()] += 1

    async def move(self) -> str:
        by_sender = self.chance.random() < 0.25
        # Mostly what leads on, so that lives get somewhere; sometimes anything at all, to be refused.
        names: list[MoveName] = BY_SENDER if by_sender else BY_RECIPIENT
        if self.chance.random() < 0.8:
            state = await self.state()
            names = [name for name in names if state in BY_NAME[name].frm] or names
        name = self.chance.choice(names)
        row, more = BY_NAME[name], {}
        if row.needs_reason:
            usual = [Reason.OTHER, Reason.NO_CAPACITY, Reason.CLIENT_DECLINED]
            more["reason"] = self.chance.choice(sorted(row.only_for) or usual)
        if row.needs_outcome:
            more["outcome"] = self.chance.choice(list(Outcome))
        if row.needs_offer:
            more["offer"] = self.story.offer(to=self.story.school, service=new_id())
        by = self.story.clinic if by_sender else self.story.legal
        return str((await self.story.move(by, self.referral, name, **more))["__typename"])

    async def state(self) -> State:
        async with self.database.transaction(system_caller(new_id())) as session:
            return (await session.get_one(Referral, UUID(self.referral["id"]))).state

    async def book(self) -> str:
        soon = datetime.now(UTC) + timedelta(days=1)
        times = {"startsAt": soon.isoformat(), "endsAt": (soon + timedelta(hours=1)).isoformat()}
        by = self.chance.choice([self.story.clinic, self.story.legal])
        done = await self.story.did(by, "bookAppointment", PAYLOAD, referral=self.referral["id"], **times)
        if "appointment" in done:
            self.appointments.append(done["appointment"])
        return str(done["__typename"])

    async def change(self) -> str:
        if not self.appointments:
            return await self.book()
        one = self.chance.choice(self.appointments)
        by = self.chance.choice([self.story.clinic, self.story.legal])
        what = self.chance.choice(["CONFIRM", "CANCEL", "CHECK_IN", "NO_SHOW"])
        version = {"id": one["id"], "expectedVersion": one["version"]}
        done = await self.story.did(by, "changeAppointment", PAYLOAD, change=what, **version)
        one |= done.get("appointment", {})
        return str(done["__typename"])

    async def settle(self) -> str:
        version = await self.story.version(self.referral["id"])
        word = {"id": self.referral["id"], "expectedVersion": version}
        confirmed = self.chance.random() < 0.5
        done = await self.story.did(self.story.clinic, "settleLoop", "", confirmed=confirmed, **word)
        return str(done["__typename"])

    async def reopen(self) -> str:
        by = self.chance.choice([self.story.clinic, self.story.legal])
        return str((await self.story.did(by, "proposeReopening", "", id=self.referral["id"]))["__typename"])

    async def go_on(self) -> str:
        offer = self.story.offer(to=self.story.school, service=new_id())
        done = await self.story.did(
            self.story.clinic,
            "rematchReferral",
            "... on ReferralRematched { referral { id version } }",
            id=self.referral["id"],
            offer=offer,
        )
        return str(done["__typename"])

    async def wait(self) -> str:
        self.days += self.chance.choice([1, 3, 8])
        bells_rung = await rung(self.database, self.settings, datetime.now(UTC) + timedelta(days=self.days))
        return "bells" if bells_rung else "silence"

    async def revoke(self) -> str:
        if self.chance.random() < 0.8:
            return "kept"
        return str((await self.story.revoke(self.story.clinic, self.referral["consent"]))["__typename"])


async def wrong_in(database: Database) -> list[str]:
    """What in the stored referrals is not as their histories have it."""
    async with database.transaction(system_caller(new_id())) as session:
        rows = list(await session.scalars(select(Referral)))
        events: dict[UUID, list[ReferralEvent]] = defaultdict(list)
        ordered = select(ReferralEvent).order_by(ReferralEvent.referral_id, ReferralEvent.sequence)
        for event in await session.scalars(ordered):
            events[event.referral_id].append(event)
    found = [wrong for row in rows for wrong in _wrong(row, events[row.id])]
    open_needs = Counter(
        (r.parent_id, need) for r in rows if r.parent_id and r.ended_at is None for need in r.needs
    )
    return [*found, *(f"{need} is with two" for need, count in open_needs.items() if count > 1)]


def _wrong(row: Referral, events: list[ReferralEvent]) -> list[str]:
    state = fold(
        Step(one.move, one.from_state, one.to_state) for one in events
    )  # raises on a step off the table
    loop, moves = Loop.OPEN, [(one, BY_NAME[one.move]) for one in events if one.move is not None]
    for one, move in moves:
        loop = loop_after(move, one.party, loop)
    over, last = state in TERMINAL, moves[-1][1] if moves else None
    checks = {
        "state": row.state is state,
        "sequence": [one.sequence for one in events] == list(range(1, len(events) + 1)),
        "who moves": all(one.party in move.by for one, move in moves),
        "why": all(
            (one.reason is not None) == move.needs_reason or move.name is MoveName.REVOKE
            for one, move in moves
        ),
        "what came of it": all((one.outcome is not None) == move.needs_outcome for one, move in moves),
        "loop": row.loop is loop or (row.loop in (Loop.CONFIRMED, Loop.DISPUTED) and loop is Loop.REPORTED),
        "end": (row.ended_at is not None) == over,
        "due": row.due_at is None or not over,
        "bell": row.bell_at is None or bool(bells(row.state, row.loop, row.urgency, DEFAULTS)),
        "sub-state": row.sub_state is (sub_state_after(last) if last else None),
        "order": [one.occurred_at for one in events] == sorted(one.occurred_at for one in events),
    }
    return [f"{name} of {row.id} in {state}" for name, holds in checks.items() if not holds]


@pytest.mark.parametrize("seed", range(LIVES))
async def test_whatever_is_tried_a_history_is_a_walk_through_the_table_and_the_state_its_fold(
    referrals: Subgraph, database: Database, settings: Settings, seed: int
) -> None:
    life = Life(Story(referrals), database, settings, seed)
    await life.begin()
    for _ in range(STEPS):
        await life.step()
        assert await wrong_in(database) == []

    assert life.met["ReferralMoved"]  # it went somewhere
    assert sum(life.met.values()) == STEPS


async def test_every_stored_history_of_the_demo_network_replays(
    databases: Databases, settings: Settings
) -> None:
    database = await databases.migrated("referrals", SERVICE.folder)
    now = datetime.now(UTC)
    async with database.transaction(system_caller(new_id())) as session:
        await demo.load(session, build(), now, open_keys(settings))

    assert await wrong_in(database) == []
