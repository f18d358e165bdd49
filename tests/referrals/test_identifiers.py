"""Both parties' own identifiers: sealed, found again by who gave them, and told to the other side by consent alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from alembic import command
from sqlalchemy import Connection, text

from services.referrals.app import SERVICE
from services.referrals.domain.clients import KeyGroup
from services.referrals.models import Referral
from services.referrals.operations.vault import vault
from tests.referrals.story import Story
from tests.support.databases import Databases
from tests.support.subgraph import Subgraph, caller_of
from vereda.caller import Caller, Scope, system_caller
from vereda.database import Database
from vereda.errors import OperatorError
from vereda.ids import new_id
from vereda.migrations import _config, migrate
from vereda.sealing import LocalKeyProvider, new_key
from vereda.secrets import Secrets
from vereda.settings import Settings

BY_PLACER = "query($p: String!) { referralByPlacerId(placerId: $p) { id placerId state } }"
BY_FILLER = "query($p: String!) { referralByFillerId(fillerId: $p) { id fillerId } }"
BOTH = "query($id: ID!) { referral(id: $id) { placerId fillerId } }"


async def sent_as(story: Story, placer_id: str, **consent: Any) -> dict[str, Any]:
    client = await story.client()
    done = await story.send(client, await story.consent(client, **consent), story.offer(), placerId=placer_id)
    return dict(done["referral"])


async def test_a_sender_finds_its_referral_by_its_own_identifier(story: Story) -> None:
    placer_id = f"VC-{new_id()}"
    referral = await sent_as(story, placer_id)

    found = await story.referrals.data(story.clinic, BY_PLACER, p=placer_id)

    assert found["referralByPlacerId"] == {"id": referral["id"], "placerId": placer_id, "state": "SENT"}
    assert (await story.referrals.data(story.clinic, BY_PLACER, p="VC-none"))["referralByPlacerId"] is None


async def test_nobody_else_finds_it_by_that_r16(story: Story) -> None:
    placer_id = f"VC-{new_id()}"
    await sent_as(story, placer_id)

    for other in (story.legal, story.school):
        for document in (BY_PLACER, BY_FILLER):
            data = await story.referrals.data(other, document, p=placer_id)
            assert list(data.values()) == [None]


async def test_a_recipient_finds_what_it_gave_an_identifier_of_its_own(story: Story) -> None:
    referral, filler_id = await story.sent(), f"LG-{new_id()}"
    await story.moves(story.legal, referral, ("OPEN", {"fillerId": filler_id}))

    found = await story.referrals.data(story.legal, BY_FILLER, p=filler_id)

    assert found["referralByFillerId"] == {"id": referral["id"], "fillerId": filler_id}
    assert (await story.referrals.data(story.clinic, BY_FILLER, p=filler_id))["referralByFillerId"] is None


async def test_what_went_on_elsewhere_took_the_senders_identifier_along(story: Story) -> None:
    placer_id = f"VC-{new_id()}"
    referral = await sent_as(story, placer_id, recipients=(story.legal, story.school))
    await story.moves(story.legal, referral, "OPEN", "OFFER_REDIRECT")
    elsewhere = story.offer(to=story.school, service=new_id(), domain="education")
    await story.moves(story.clinic, referral, ("AGREE_REDIRECT", {"offer": elsewhere}))
    document = "query($p: String!) { referralByPlacerId(placerId: $p) { parent { id } state } }"

    found = await story.referrals.data(story.clinic, document, p=placer_id)

    assert found["referralByPlacerId"] == {"parent": {"id": referral["id"]}, "state": "SENT"}


@pytest.mark.parametrize("status_back", [True, False])
async def test_each_sides_identifier_reaches_the_other_by_status_back_alone_r7(
    story: Story, status_back: bool
) -> None:
    purposes = ("REFERRAL_DELIVERY", *(("STATUS_BACK",) if status_back else ()))
    referral = await sent_as(story, "VC-7", purposes=purposes)
    await story.moves(story.legal, referral, ("OPEN", {"fillerId": "LG-7"}))

    async def seen(by: Caller) -> list[str | None]:
        return list((await story.referrals.data(by, BOTH, id=referral["id"]))["referral"].values())

    assert await seen(story.clinic) == ["VC-7", "LG-7" if status_back else None]
    assert await seen(story.legal) == ["VC-7" if status_back else None, "LG-7"]


async def test_an_identifier_needs_no_right_to_read_clients(story: Story) -> None:
    """A system that synchronises sends, and reads no client."""
    await sent_as(story, placer_id := f"VC-{new_id()}")
    system = caller_of(story.clinic.organization, Scope.REFERRAL_SEND)

    found = await story.referrals.data(system, BY_PLACER, p=placer_id)

    assert found["referralByPlacerId"]["placerId"] == placer_id


async def test_identifiers_and_safe_hours_are_nowhere_in_clear_r21(story: Story, database: Database) -> None:
    client = await story.client(contactMode="SAFE_HOURS", safeHours="canary hours 4471")
    sent = await story.send(client, await story.consent(client), story.offer(), placerId="canary-p4471")
    await story.moves(story.legal, sent["referral"], ("OPEN", {"fillerId": "canary-f4471"}))
    document = "query($h: ID!) { client(handle: $h) { safeHours } }"

    data = await story.referrals.data(story.clinic, document, h=client)
    async with database.transaction(system_caller(new_id())) as session:
        clients = list(await session.scalars(text("SELECT t::text FROM clients t")))
        referrals = list(await session.scalars(text("SELECT t::text FROM referrals t")))

    assert data["client"]["safeHours"] == "canary hours 4471"
    stored = "\n".join(clients + referrals)
    assert "canary" not in stored
    assert b"canary".hex() not in stored


async def test_revocation_destroys_the_identifiers_with_the_rest_and_a_sync_still_learns_of_it_r22(
    story: Story,
) -> None:
    client, placer_id = await story.client(), f"VC-{new_id()}"
    consent = await story.consent(client)
    await story.send(client, consent, story.offer(), placerId=placer_id)
    await story.revoke(story.clinic, consent)

    found = await story.referrals.data(
        story.clinic,
        "query($p: String!) { referralByPlacerId(placerId: $p) { placerId status } }",
        p=placer_id,
    )

    assert found["referralByPlacerId"] == {"placerId": None, "status": "CLOSED"}


async def at_first_revision(databases: Databases) -> Database:
    """A database as the first release left it, with a client and a referral whose identifiers stand in clear."""
    database = await databases.empty("referrals_before")

    def upgrade(connection: Connection) -> None:
        command.upgrade(_config(connection, SERVICE.folder), "0001")

    async with database.engine.begin() as connection:
        await connection.run_sync(upgrade)
    return database


async def stored_in_clear(database: Database, settings: Settings) -> tuple[Story, UUID]:
    """Rows of the first release, made from a referral of today in another database."""
    keys = LocalKeyProvider(Secrets(settings.home / "secrets"), "client-master-key")
    client, referral, consent = new_id(), new_id(), new_id()
    story, now = Story(Subgraph(SERVICE, database, settings)), "now()"
    home, recipient = story.clinic.organization, story.legal.organization
    statements = (
        (
            "INSERT INTO clients (id, home_organization_id, display_name_sealed, name_index, contact_mode, safe_hours,"
            " language, modality, version) VALUES (:client, :home, '', '{}', 'SAFE_HOURS', 'after 17:00', 'spa',"
            " 'SPOKEN', 1)"
        ),
        "INSERT INTO client_handles VALUES (:handle, :client, :home)",
        "INSERT INTO data_keys (id, client_id, key_group, wrapped) VALUES (:key, :client, 'CONTACT', :wrapped)",
        (
            "INSERT INTO consents (id, organization_id, client_id, grantor, recipients, purposes, data_classes, method,"
            " language, script_version, script_hash, captured_by, receipt_hash, valid_from, expires_at, created_at)"
            f" VALUES (:consent, :home, :client, 'SELF', ARRAY[CAST(:recipient AS uuid)], ARRAY['STATUS_BACK'], '{{}}', 'WRITTEN',"
            f" 'spa', '1', '', '', '', {now}, {now} + interval '1 day', {now})"
        ),
        (
            "INSERT INTO referrals (id, client_id, consent_id, sender_id, recipient_id, service_id, domain, category,"
            " legal, survivor, needs, urgency, state, loop, placer_id, filler_id, version) VALUES (:referral, :client,"
            " :consent, :home, :recipient, :referral, 'x', 'x', false, false, '{}', 'ROUTINE', 'SENT', 'OPEN', 'VC-1',"
            " 'LG-1', 1)"
        ),
    )
    given = {
        "client": client,
        "referral": referral,
        "consent": consent,
        "home": home,
        "recipient": recipient,
        "handle": keys.pairwise_id(client, home),
        "key": new_id(),
        "wrapped": keys.wrap(new_key(), client.bytes + KeyGroup.CONTACT.value.encode()),
    }
    async with database.engine.begin() as connection:
        for statement in statements:
            named = {name: value for name, value in given.items() if f":{name}" in statement}
            await connection.execute(text(statement), named)
    return story, client


@pytest.fixture
def installation(settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Settings:
    """An installation of the first release, with the master key that its clients were sealed with."""
    monkeypatch.setenv("VEREDA_HOME", str(tmp_path))
    return settings.model_copy(update={"home": tmp_path})


async def test_what_the_first_release_stored_in_clear_is_sealed_and_readable_as_before(
    databases: Databases, installation: Settings
) -> None:
    database = await at_first_revision(databases)
    story, client = await stored_in_clear(database, installation)
    document = "query($h: ID!) { client(handle: $h) { safeHours } }"

    await migrate(database, SERVICE.folder)

    found = await story.referrals.data(story.clinic, BY_PLACER, p="VC-1")
    handle = vault(installation).handle(client, story.clinic.organization)
    hours = await story.referrals.data(story.clinic, document, h=str(handle))
    theirs = await story.referrals.data(story.legal, BY_FILLER, p="LG-1")
    assert found["referralByPlacerId"]["placerId"] == "VC-1"
    assert theirs["referralByFillerId"]["fillerId"] == "LG-1"
    assert hours["client"]["safeHours"] == "after 17:00"
    assert not {"placer_id", "filler_id"} & set(Referral.__table__.columns.keys())


async def test_without_the_master_key_the_migration_stops_and_loses_nothing(
    databases: Databases, settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    database = await at_first_revision(databases)
    await stored_in_clear(database, settings)
    monkeypatch.setenv("VEREDA_HOME", str(tmp_path))

    with pytest.raises(OperatorError, match="client-master-key"):
        await migrate(database, SERVICE.folder)

    async with database.engine.connect() as connection:
        assert await connection.scalar(text("SELECT placer_id FROM referrals")) == "VC-1"
