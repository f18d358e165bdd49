"""Erasing a client: what opens afterwards, for whom, and what of a backup from before (R22)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio
from sqlalchemy import select, update

from services.referrals.app import SERVICE
from services.referrals.models import Client, DataKey, Erasure, Referral
from services.referrals.operations.keykeeping import rewrap, shred
from services.referrals.operations.vault import _context, vault
from tests.referrals.story import REVOKE, Story
from tests.support.databases import Databases
from tests.support.subgraph import Subgraph
from vereda.caller import system_caller
from vereda.database import Database, plain_url
from vereda.ids import new_id
from vereda.keyring import Keyring, open_keys
from vereda.rounds import Round, make
from vereda.sealing import SealBrokenError
from vereda.settings import Settings

ERASE = """mutation($input: EraseClientInput!) { eraseClient(input: $input) { __typename
  ... on ClientErased { client { handle keyState displayName county { fips } } } ... on NotFound { code }
  ... on InvalidInput { problems { field } } } }"""
CLIENT = """query($h: ID!) { client(handle: $h) { handle keyState displayName contacts { value } language ageBand
  zip3 safeHours referrals(first: 5) { edges { node { id state narrative needs } } } } }"""
#: Planted in every field that says something of a client.
CANARIES = ("Xochitl Canary", "559-555-7788", "canario despues de las 19", "la canaria pide ayuda")


@pytest.fixture
def own_settings(tmp_path: Path) -> Settings:
    """An installation of this test's own, whose keyring it may rotate and read."""
    return Settings(home=tmp_path, backups_kept_days=0)


@pytest_asyncio.fixture
async def own_database(databases: Databases) -> Database:
    return await databases.migrated("referrals", SERVICE.folder)


@pytest_asyncio.fixture
async def told(own_database: Database, own_settings: Settings) -> Story:
    return Story(Subgraph(SERVICE, own_database, own_settings))


async def planted(story: Story) -> dict[str, Any]:
    """A client with a canary in every field, and a referral of theirs: `{client, consent, referral}`."""
    name, phone, hours, narrative = CANARIES
    client = await story.client(
        name,
        contacts=[{"system": "PHONE", "value": phone}],
        contactMode="SAFE_HOURS",
        safeHours=hours,
        ageBand="FROM_26_TO_40",
        zip3="936",
    )
    consent = await story.consent(client)
    done = await story.send(client, consent, story.offer(), narrative=narrative, placerId="canary-placer")
    return {"client": client, "consent": consent, "referral": done["referral"]["id"]}


async def erased(story: Story, client: str, basis: str = "CLIENT_REQUEST", key: str | None = None) -> Any:
    given = {"idempotencyKey": key or str(new_id()), "client": client, "basis": basis}
    return (await story.referrals.data(story.clinic, ERASE, input=given))["eraseClient"]


async def dump(database: Database) -> dict[str, bytes]:
    """Every row of every table, as COPY writes it, by the database's owner with row-level security out of the way."""
    connection = await asyncpg.connect(plain_url(database.engine.url.render_as_string(hide_password=False)))
    found: dict[str, bytes] = {}
    try:
        await connection.execute("SELECT set_config('vereda.scopes', 'system', false)")
        for (table,) in await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"):
            pieces: list[bytes] = []

            async def keep(piece: bytes, into: list[bytes] = pieces) -> None:
                into.append(piece)

            await connection.copy_from_query(f"SELECT * FROM {table}", output=keep)
            found[table] = b"".join(pieces)
    finally:
        await connection.close()
    return found


class Backup:
    """What somebody has who took the database away: its dump, and its rows of data keys as they were."""

    def __init__(self, tables: dict[str, bytes], keys: list[dict[str, Any]]) -> None:
        self.tables = tables
        self.keys = keys

    @classmethod
    async def of(cls, database: Database) -> Backup:
        async with database.transaction(system_caller(new_id())) as session:
            rows = (await session.scalars(select(DataKey))).all()
        named = ("id", "client_id", "referral_id", "key_group", "wrapped")
        return cls(await dump(database), [{name: getattr(row, name) for name in named} for row in rows])

    def opened(self, rings: list[Keyring], client: UUID) -> list[str]:
        """Everything of a client that opens, trying each wrapped key with each keyring, and each data key on each
        sealed value of the whole dump."""
        data_keys = [
            (data_key, context)
            for row in self.keys
            if row["client_id"] == client and row["wrapped"] is not None
            for context in [_context(row["client_id"], row["key_group"], row["referral_id"])]
            for ring in rings
            for data_key in [_tried(ring, row["id"], row["wrapped"], context)]
            if data_key is not None
        ]
        sealed = {
            bytes.fromhex(h.decode())
            for t in self.tables.values()
            for h in re.findall(rb"\\\\x([0-9a-f]{56,})", t)
        }
        return sorted(
            {
                text
                for value in sealed
                for data_key, context in data_keys
                for text in [_unsealed(data_key, value, context)]
                if text is not None
            }
        )


def _tried(ring: Keyring, id_: UUID, wrapped: bytes, context: bytes) -> bytes | None:
    try:
        return ring.unwrap(id_, wrapped, context)
    except SealBrokenError:
        return None


def _unsealed(key: bytes, sealed: bytes, context: bytes) -> str | None:
    from vereda.sealing import unseal

    try:
        return unseal(key, sealed, context)
    except (SealBrokenError, UnicodeDecodeError):
        return None


async def ids_of(database: Database) -> dict[str, UUID]:
    """The inner ids of clients, by the handle of their home."""
    async with database.transaction(system_caller(new_id())) as session:
        return {str(row.id): row.id for row in await session.scalars(select(Client))}


async def inner_id(story: Story, handle: str) -> UUID:
    keys = vault(story.referrals.settings)
    async with story.referrals.database.transaction(system_caller(new_id())) as session:
        ids = (await session.scalars(select(Client.id))).all()
    return next(one for one in ids if str(keys.handle(one, story.clinic.organization)) == handle)


async def rounds(story: Story) -> None:
    for name, act in (("shred", shred), ("rewrap", rewrap)):
        await make(Round(f"{name} {new_id()}", 1, act), story.referrals.database, story.referrals.settings)


async def test_r22_no_dump_from_before_or_after_an_erasure_opens_with_all_keys_that_are_left(
    told: Story, own_database: Database, own_settings: Settings
) -> None:
    """The proof. Whoever took a backup before the erasure, and everything that is there after it, has nothing of the
    client; of everybody else they have what they had."""
    them, other = await planted(told), await told.client("Somebody Else")
    erased_id, others_id = await inner_id(told, them["client"]), await inner_id(told, other)
    ring_before = open_keys(own_settings).current()
    before = await Backup.of(own_database)
    opened = before.opened([ring_before], erased_id)
    assert [text for text in CANARIES if not any(text in one for one in opened)] == []  # the dump has it all

    assert (await erased(told, them["client"]))["client"]["keyState"] == "ERASED"
    await rounds(told)

    left = open_keys(own_settings).current(anew=True)
    after = await Backup.of(own_database)
    # Every master there ever was, and the tree as it is now: the most that anybody can have who did not copy the tree.
    everything = Keyring(tuple({*ring_before.masters, *left.masters}), left.tree, left.index_key)
    assert before.opened([left, everything], erased_id) == []
    assert after.opened([left, everything], erased_id) == []
    assert any("Somebody Else" in one for one in before.opened([left], others_id))
    assert any("Somebody Else" in one for one in after.opened([left], others_id))
    whole = b"".join(after.tables.values())
    assert not [text for text in (*CANARIES, "canary-placer") if text.encode() in whole]


async def test_r22_what_is_left_of_a_client_is_handle_county_month_and_codes(
    told: Story, own_database: Database
) -> None:
    them = await planted(told)
    id_ = await inner_id(told, them["client"])

    await erased(told, them["client"])

    async with own_database.transaction(system_caller(new_id())) as session:
        row = await session.get_one(Client, id_)
        referral = await session.get_one(Referral, UUID(them["referral"]))
        keys = (await session.scalars(select(DataKey).where(DataKey.client_id == id_))).all()
        erasure = (await session.scalars(select(Erasure))).one()
    assert (row.display_name_sealed, row.contacts_sealed, row.safe_hours_sealed) == (b"", None, None)
    assert (row.name_index, row.language, row.age_band, row.zip3) == ([], "und", None, None)
    assert (row.created_at.day, row.created_at.hour, row.county_fips) == (1, 0, "06019")
    assert (referral.state, referral.needs, referral.narrative_sealed) == ("REVOKED", [], None)
    assert (referral.placer_id_sealed, referral.placer_id_index, referral.category) == (
        None,
        None,
        referral.domain,
    )
    assert len(keys) >= 3
    assert [key.wrapped for key in keys] == [None] * len(keys)
    assert erasure.done_at is not None


async def test_r22_nobody_reads_anything_of_them_any_more(told: Story) -> None:
    them = await planted(told)
    theirs = (await told.seen(told.legal, them["referral"]))["data"]["referral"]["client"]["handle"]

    await erased(told, them["client"])

    own = (await told.referrals.answer(told.clinic, CLIENT, h=them["client"]))["data"]["client"]
    seen = (await told.referrals.answer(told.legal, CLIENT, h=theirs))["data"]["client"]
    for client in (own, seen):
        assert client["keyState"] == "ERASED"
        assert {client[name] for name in ("displayName", "language", "ageBand", "zip3", "safeHours")} == {
            None
        }
    found = await told.referrals.data(
        told.clinic, 'query { clients(filter: {name: "Xochitl"}) { edges { node { handle } } } }'
    )
    assert found["clients"]["edges"] == []


async def test_r22_an_erased_client_is_sent_nowhere_and_consents_to_nothing(told: Story) -> None:
    them = await planted(told)
    await erased(told, them["client"])

    sent = await told.send(them["client"], them["consent"], told.offer())

    assert sent["__typename"] == "NotFound"


async def test_r22_erasing_twice_is_erasing_once(told: Story, own_database: Database) -> None:
    them, key = await planted(told), str(new_id())

    first = await erased(told, them["client"], key=key)
    again = await erased(told, them["client"], key=key)
    otherwise = await erased(told, them["client"], basis="FULL_REVOCATION")

    assert first == again
    assert otherwise["client"]["keyState"] == "ERASED"
    async with own_database.transaction(system_caller(new_id())) as session:
        assert len((await session.scalars(select(Erasure))).all()) == 1


async def test_r22_nobody_but_their_own_organisation_erases_them(told: Story) -> None:
    them = await planted(told)
    theirs = (await told.seen(told.legal, them["referral"]))["data"]["referral"]["client"]["handle"]
    given = {"idempotencyKey": "k", "basis": "CLIENT_REQUEST"}

    for caller, handle in ((told.legal, theirs), (told.legal, them["client"]), (told.school, them["client"])):
        done = await told.referrals.data(caller, ERASE, input={**given, "client": handle})
        assert done["eraseClient"] == {"__typename": "NotFound", "code": "NOT_FOUND"}
    own = (await told.referrals.data(told.clinic, CLIENT, h=them["client"]))["client"]
    assert own["displayName"] == CANARIES[0]


async def test_r22_retention_is_not_for_a_caller_to_say(told: Story) -> None:
    client = await told.client()

    assert (await erased(told, client, "RETENTION"))["problems"] == [{"field": "basis"}]


async def test_r22_what_a_revocation_destroyed_is_shredded_as_well(
    told: Story, own_database: Database, own_settings: Settings
) -> None:
    them = await planted(told)
    id_ = await inner_id(told, them["client"])
    before = await Backup.of(own_database)

    await told.referrals.data(told.clinic, REVOKE, input={"idempotencyKey": "r", "id": them["consent"]})
    await rounds(told)

    opened = before.opened([open_keys(own_settings).current(anew=True)], id_)
    assert CANARIES[3] not in opened  # the narrative
    assert CANARIES[0] in opened  # their own organisation still helps them


async def test_a_row_that_comes_back_with_an_old_backup_does_not_open(
    told: Story, own_database: Database
) -> None:
    """The database is restored from before the erasure; the keyring is not."""
    them = await planted(told)
    before = await Backup.of(own_database)
    await erased(told, them["client"])
    await rounds(told)
    async with own_database.transaction(system_caller(new_id())) as session:
        for key in before.keys:
            await session.execute(
                update(DataKey).where(DataKey.id == key["id"]).values(wrapped=key["wrapped"])
            )
        await session.execute(update(Client).values(erased_at=None))

    own = (await told.referrals.answer(told.clinic, CLIENT, h=them["client"]))["data"]["client"]

    assert own["displayName"] is None
