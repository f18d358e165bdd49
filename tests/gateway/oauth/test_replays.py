"""What was presented once (RFC 7523 §3, RFC 9449 §11.1): known to all replicas, for as long as it matters, by digest."""

from __future__ import annotations

import asyncio
import time

from sqlalchemy import func, select, text

from gateway.oauth.client import SERVER
from gateway.oauth.replays import Kind, SeenTokens
from gateway.store import SeenToken
from vereda.database import Database
from vereda.ids import new_id


async def test_of_all_replicas_one_is_the_first(database: Database) -> None:
    replicas, jti, until = [SeenTokens(database) for _ in range(4)], str(new_id()), time.time() + 60

    first = await asyncio.gather(
        *(replica.is_new(Kind.DPOP_PROOF, "key", jti, until) for replica in replicas for _ in range(3))
    )

    assert sum(first) == 1


async def test_kind_issuer_and_id_are_told_apart(database: Database) -> None:
    seen, until = SeenTokens(database), time.time() + 60
    one, other = str(new_id()), str(new_id())

    assert await seen.is_new(Kind.DPOP_PROOF, one, other, until)
    assert await seen.is_new(Kind.CLIENT_ASSERTION, one, other, until)
    assert await seen.is_new(Kind.DPOP_PROOF, other, one, until)
    assert await seen.is_new(Kind.DPOP_PROOF, one + other[0], other[1:], until)
    assert not await seen.is_new(Kind.DPOP_PROOF, one, other, until)


async def test_what_is_over_goes_with_later_writes_and_nothing_else_does(database: Database) -> None:
    seen = SeenTokens(database)
    kept = str(new_id())
    for number in range(8):
        await seen.is_new(Kind.DPOP_PROOF, "over", f"{kept}-{number}", time.time() - 1)
    await seen.is_new(Kind.DPOP_PROOF, "kept", kept, time.time() + 60)
    for number in range(16):
        await seen.is_new(Kind.DPOP_PROOF, "later", f"{kept}-{number}", time.time() + 60)

    async with database.transaction(SERVER) as session:
        over = select(func.count()).select_from(SeenToken).where(SeenToken.expires_at < func.now())
        assert await session.scalar(over) == 0
    assert not await seen.is_new(Kind.DPOP_PROOF, "kept", kept, time.time() + 60)


async def test_no_id_is_stored(database: Database) -> None:
    jti = f"canary-{new_id()}"
    await SeenTokens(database).is_new(Kind.CLIENT_ASSERTION, "canary-client", jti, time.time() + 60)

    async with database.transaction(SERVER) as session:
        everything = str(await session.scalar(text("SELECT string_agg(t::text, ' ') FROM seen_tokens t")))
    assert "canary" not in everything
    assert b"canary".hex() not in everything


async def test_what_is_written_does_not_wait_for_the_disk_and_other_writes_do(database: Database) -> None:
    async with database.transaction(SERVER) as session:
        before = await session.scalar(text("SELECT current_setting('synchronous_commit')"))
    await SeenTokens(database).is_new(Kind.DPOP_PROOF, "key", str(new_id()), time.time() + 60)
    async with database.transaction(SERVER) as session:
        after = await session.scalar(text("SELECT current_setting('synchronous_commit')"))

    assert before == after, "the setting ends with its transaction"
