"""The master key is replaced while everything runs, and nothing fails for it; without the keys nothing is half-written."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import func, select

from services.referrals.app import SERVICE
from services.referrals.models import Client, DataKey
from services.referrals.operations.keykeeping import rewrap
from tests.referrals.story import RECORD_CLIENT, Story
from tests.support.databases import Databases
from tests.support.subgraph import Subgraph
from tests.support.transit import Vault, serving
from vereda.caller import system_caller
from vereda.context import RequestContext
from vereda.health import health_routes
from vereda.ids import new_id
from vereda.keyring import open_keys, upkeep
from vereda.rotating import rotate_master
from vereda.rounds import NOBODY, Round, make
from vereda.settings import Settings

NAME = "query($h: ID!) { client(handle: $h) { displayName } }"


@pytest.fixture
def own(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path, backups_kept_days=0)


@pytest_asyncio.fixture
async def told(databases: Databases, own: Settings) -> Story:
    return Story(Subgraph(SERVICE, await databases.migrated("referrals", SERVICE.folder), own))


async def versions(story: Story) -> dict[int | None, int]:
    """How many data keys each master wraps."""
    async with story.referrals.database.transaction(system_caller(new_id())) as session:
        found = await session.execute(
            select(DataKey.master_version, func.count()).group_by(DataKey.master_version)
        )
        return dict(tuple(row) for row in found)


async def rewrapped(story: Story, at: datetime | None = None) -> None:
    database, settings = story.referrals.database, story.referrals.settings
    await make(Round(f"rewrap {new_id()}", 1, rewrap), database, settings, (lambda: at) if at else None)


async def test_r21_masters_are_rotated_while_requests_read_and_write(
    told: Story, own: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "_BATCH", 3)
    handles = {await told.client(f"Client {number}"): f"Client {number}" for number in range(6)}
    over = asyncio.Event()

    async def working(worker: int) -> int:
        done = 0
        while not over.is_set() or not done:
            name = f"Client {worker} {done}"
            handles[await told.client(name)] = name
            for handle, expected in list(handles.items())[-4:]:
                read = await told.referrals.data(told.clinic, NAME, h=handle)
                assert read["client"]["displayName"] == expected
            done += 1
        return done

    workers = [asyncio.create_task(working(number)) for number in range(3)]
    for _ in range(2):
        await rotate_master(own)
        await rewrapped(told)
    over.set()
    assert min(await asyncio.gather(*workers)) >= 1
    await rewrapped(told)

    assert set(await versions(told)) == {3}
    for handle, expected in handles.items():
        assert (await told.referrals.data(told.clinic, NAME, h=handle))["client"]["displayName"] == expected


async def test_a_rotation_that_was_broken_off_goes_on_where_it_was(
    told: Story, own: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "_BATCH", 3)
    for number in range(4):
        await told.client(f"Client {number}")
    await rotate_master(own)
    context: RequestContext[Any] = RequestContext(
        system_caller(NOBODY), told.referrals.database, own, lambda _context: None
    )
    assert await rewrap(context) == 3  # and then the process is killed
    await context.end()
    assert await versions(told) == {1: 5, 2: 3}

    open_keys.__globals__["_opened"].cache_clear()  # another process, which reads the keyring anew
    await rewrapped(told)

    assert await versions(told) == {2: 8}


async def test_a_master_is_retired_when_nothing_is_wrapped_by_it_and_no_backup_is_kept(
    told: Story, own: Settings
) -> None:
    await told.client()
    await rotate_master(own)

    await rewrapped(told)
    assert [one.version for one in open_keys(own).current(anew=True).masters] == [1, 2]
    await rewrapped(told, datetime.now(UTC) + timedelta(minutes=6))

    assert [one.version for one in open_keys(own).current(anew=True).masters] == [2]
    kept = own.model_copy(update={"backups_kept_days": 35})
    await rotate_master(kept)
    database = told.referrals.database
    for days, left in ((34, [2, 3]), (36, [3])):
        at = datetime.now(UTC) + timedelta(days=days)
        await make(Round(f"rewrap {new_id()}", 1, rewrap), database, kept, lambda at=at: at)
        assert [one.version for one in open_keys(kept).current(anew=True).masters] == left


async def test_without_the_key_service_nothing_is_ready_and_nothing_half_written(
    databases: Databases, tmp_path: Path
) -> None:
    async with serving(Vault()) as vault:
        settings = Settings.model_validate(
            {
                "home": tmp_path,
                "key_provider": "vault",
                "vault_addr": vault.url,
                "vault_token": vault.token,
            }
        )
        keys = open_keys(settings)
        await keys.refresh()
        story = Story(Subgraph(SERVICE, await databases.migrated("referrals", SERVICE.folder), settings))
        client = await story.client("Elena R.")
        (_live, ready) = health_routes({"keys": keys.check})
        assert (await ready.endpoint(None)).status_code == 200

        vault.sealed = True
        assert (await ready.endpoint(None)).status_code == 503
        keys._monotonic = lambda: time.monotonic() + 61  # a minute later
        given = {"idempotencyKey": "k", "displayName": "X", "language": "spa", "county": "06019"}
        written = await story.referrals.answer(story.clinic, RECORD_CLIENT, input=given)
        read = await story.referrals.answer(story.clinic, NAME, h=client)

        for answer in (written, read):
            assert {error["extensions"]["code"] for error in answer["errors"]} == {"SERVICE_UNAVAILABLE"}
            assert "Elena" not in str(answer)
        async with story.referrals.database.transaction(system_caller(new_id())) as session:
            assert await session.scalar(select(func.count()).select_from(Client)) == 1
        vault.sealed = False
        await keys.refresh()
        assert (await story.referrals.data(story.clinic, NAME, h=client))["client"][
            "displayName"
        ] == "Elena R."
        again = await story.referrals.data(story.clinic, RECORD_CLIENT, input=given)
        assert again["recordClient"]["__typename"] == "ClientRecorded"
