"""What must hold when all is over, read from the databases themselves."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any, Final
from urllib.parse import urlsplit

import asyncpg

from services.referrals.domain.lifecycle import MoveName, State, Step, fold
from tests.chaos.history import History

#: States in which an accepted referral holds no place any more.
_FREED: Final = ("DECLINED", "CANCELLED", "REVOKED", "UNREACHABLE", "IN_REVIEW", "EXPIRED")


async def check(admin_url: str, history: History, places: dict[str, int], cohort: str, since: Any) -> None:
    """Raises: AssertionError with what was found."""
    referrals = await asyncpg.connect(_of(admin_url, "referrals"))
    grants = await asyncpg.connect(_of(admin_url, "grants"))
    try:
        await _nothing_lost_nothing_twice(referrals, history, since)
        await _histories_are_lives(referrals, history)
        await _no_place_given_twice(referrals, places, since)
        await _no_seat_given_twice(grants, history, cohort, since)
    finally:
        await referrals.close()
        await grants.close()


async def _nothing_lost_nothing_twice(db: asyncpg.Connection, history: History, since: Any) -> None:
    handles = {str(row["handle"]) for row in await db.fetch("SELECT handle FROM client_handles")}
    assert set(history.clients) <= handles, "an acknowledged client is gone"
    made = await db.fetchval("SELECT count(*) FROM clients WHERE created_at >= $1", since)
    assert made == len(set(history.clients)) == len(history.clients), "clients were recorded twice"

    consents = {
        str(row["id"]): row for row in await db.fetch("SELECT * FROM consents WHERE created_at >= $1", since)
    }
    assert set(consents) == set(history.consents), "consents are not those that were acknowledged"
    revoked = {id_ for id_, row in consents.items() if row["revoked_at"] is not None}
    assert revoked == history.revoked, "revocations are not those that were acknowledged"

    sent = {
        str(row["id"]) for row in await db.fetch("SELECT id FROM referrals WHERE created_at >= $1", since)
    }
    assert sent == set(history.moves), "referrals are not those that were acknowledged"


async def _histories_are_lives(db: asyncpg.Connection, history: History) -> None:
    events = defaultdict(list)
    for row in await db.fetch("SELECT * FROM referral_events ORDER BY referral_id, sequence"):
        events[str(row["referral_id"])].append(row)
    told = defaultdict(Counter[str])
    for row in await db.fetch("SELECT * FROM outbox_events WHERE type LIKE 'org.vereda.referral.%'"):
        told[str(row["subject"]), row["type"].rsplit(".", 1)[1].upper()].update(map(str, row["audience"]))
    states = {str(row["id"]): row["state"] for row in await db.fetch("SELECT id, state FROM referrals")}
    for referral, acknowledged in history.moves.items():
        life = events[referral]
        assert [row["sequence"] for row in life] == list(range(1, len(life) + 1)), "a history has a gap"
        steps = [
            Step(
                MoveName(row["move"]) if row["move"] else None,
                State(row["from_state"]) if row["from_state"] else None,
                State(row["to_state"]),
            )
            for row in life
        ]
        assert fold(steps) == states[referral], "a state is not what its history leads to"
        moves = Counter(
            row["move"] for row in life if row["move"] and row["party"] in ("SENDER", "RECIPIENT")
        )
        assert moves == acknowledged, (
            f"a move was lost, or made twice: {moves - acknowledged} unknown, {acknowledged - moves} lost"
        )
        for move, number in Counter(row["move"] for row in life if row["move"]).items():
            heard = told[referral, move].values()
            assert max(heard, default=0) == number, f"{move} was made {number} times, and told {heard}"


async def _no_place_given_twice(db: asyncpg.Connection, places: dict[str, int], since: Any) -> None:
    for service, available in places.items():
        taken = await db.fetchval(
            "SELECT count(*) FROM referrals WHERE service_id = $1::uuid AND accepted_at >= $3 AND state <> ALL ($2)",
            service,
            list(_FREED),
            since,
        )
        assert taken <= available, f"{taken} were accepted where there was room for {available}"


async def _no_seat_given_twice(db: asyncpg.Connection, history: History, cohort: str, since: Any) -> None:
    capacity = await db.fetchval("SELECT capacity FROM cohorts WHERE id = $1::uuid", cohort)
    seated = await db.fetchval(
        "SELECT count(*) FROM participants WHERE cohort_id = $1::uuid AND status IN ('ADMITTED', 'ACTIVE', 'COMPLETED')",
        cohort,
    )
    assert seated <= capacity, f"{seated} sit on {capacity} seats"
    enrolled = await db.fetchval("SELECT count(*) FROM participants WHERE enrolled_at >= $1", since)
    assert enrolled == history.seats, "enrolments are not those that were acknowledged"


def _of(admin_url: str, database: str) -> str:
    parts = urlsplit(admin_url)
    return parts._replace(path=f"/vereda_{database}").geturl()
