"""What was done and shown is in the audit (R27): in the same transaction, of everything, and of nobody's values."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, text

from services.referrals.models import AuditEntry, AuditLeaf, AuditQueue
from tests.referrals.story import Story
from tests.support.subgraph import Subgraph
from vereda.audit.sealing import seal
from vereda.audit.trail import NotAuditedError
from vereda.caller import Caller, system_caller
from vereda.context import RequestContext
from vereda.database import Database, count_statements
from vereda.idempotency import mark_recorded
from vereda.ids import new_id
from vereda.rounds import NOBODY, Round, make
from vereda.settings import Settings

NAME = """query($id: ID!) { referral(id: $id) { client { displayName contacts { value } language } narrative } }"""


async def entries(story: Story, *of: Caller) -> list[AuditEntry]:
    """The entries of these organisations, oldest first."""
    async with story.referrals.database.transaction(system_caller(NOBODY)) as session:
        wanted = AuditEntry.organization_id.in_([one.organization for one in of])
        return list(await session.scalars(select(AuditEntry).where(wanted).order_by(AuditEntry.id)))


async def test_r27_every_mutation_is_entered_by_its_name_and_what_it_was_about(story: Story) -> None:
    referral = await story.sent()
    await story.moves(story.legal, referral, "OPEN", "ACCEPT")
    await story.revoke(story.clinic, referral["consent"])

    found = await entries(story, story.clinic, story.legal)

    assert [(one.operation, one.event) for one in found if one.kind == "CHANGE"] == [
        ("recordClient", "client.recorded"),
        ("recordConsent", "consent.recorded"),
        ("sendReferral", "referral.send"),
        ("moveReferral", "referral.open"),
        ("moveReferral", "referral.accept"),
        ("revokeConsent", "consent.revoked"),
    ]
    assert {one.subject for one in found if one.operation == "moveReferral"} == {referral["id"]}
    assert {one.actor for one in found} == {"worker"}


async def test_r27_entries_hold_no_values(story: Story) -> None:
    referral = await story.sent()
    await story.moves(story.legal, referral, "OPEN")
    await story.seen(story.legal, referral["id"])

    held = str([vars(one) for one in await entries(story, story.clinic, story.legal)])

    for value in ("Marisol", "559-555-0101", "Renewal due", "06019", "spa'"):
        assert value not in held


async def test_r27_what_is_refused_is_not_entered(story: Story) -> None:
    client = await story.client()
    before = await entries(story, story.clinic)

    done = await story.send(client, str(new_id()), story.offer())

    assert done["__typename"] == "NotFound"
    assert len(await entries(story, story.clinic)) == len(before)


async def test_r27_a_repetition_is_entered_once(story: Story) -> None:
    client = await story.client()
    consent = await story.consent(client)
    key = str(new_id())
    await story.send(client, consent, story.offer(), key)
    before = await entries(story, story.clinic)

    await story.send(client, consent, story.offer(), key)

    assert len(await entries(story, story.clinic)) == len(before)


async def test_r27_a_write_of_which_the_audit_would_not_tell_is_not_committed(
    referrals: Subgraph, story: Story
) -> None:
    context: RequestContext[Any] = RequestContext(
        story.clinic, referrals.database, referrals.settings, referrals.service.make_loaders
    )

    with pytest.raises(NotAuditedError):
        async with context.write() as session:
            mark_recorded(session)


async def test_r28_a_reading_recipient_is_entered_once_for_a_request(story: Story) -> None:
    referral = await story.sent()
    await story.moves(story.legal, referral, "OPEN")
    before = len(await entries(story, story.legal))

    await story.referrals.data(story.legal, NAME, id=referral["id"])

    (read,) = (await entries(story, story.legal))[before:]
    assert (read.kind, read.operation, read.recipient_id) == ("DISCLOSURE", "read", story.legal.organization)
    assert read.data_classes == ["CONTACT", "IDENTITY", "LANGUAGE", "NEED"]
    assert (read.consent_id, read.purpose) == (UUID(referral["consent"]), "REFERRAL_DELIVERY")


async def test_r28_the_home_organisations_own_reading_is_no_disclosure(story: Story) -> None:
    referral = await story.sent()
    before = len(await entries(story, story.clinic))

    await story.referrals.data(story.clinic, NAME, id=referral["id"])

    assert len(await entries(story, story.clinic)) == before


async def test_r28_nobody_reads_without_a_trace(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    referral = await story.sent()
    await story.moves(story.legal, referral, "OPEN")

    async def broken(*_arguments: Any) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr("vereda.context.write_entries", broken)
    answer = await story.referrals.answer(story.legal, NAME, id=referral["id"])

    assert answer["data"] is None
    assert [one["extensions"]["code"] for one in answer["errors"]] == ["SERVICE_UNAVAILABLE"]


async def test_r28_entering_what_was_shown_costs_the_same_for_a_page_as_for_one(story: Story) -> None:
    for _ in range(4):
        await story.moves(story.legal, await story.sent(), "OPEN")
    inbox = "query($n: Int!) { inbox(first: $n) { edges { node { narrative client { displayName contacts { value } } } } } }"
    statements = count_statements(story.referrals.database)
    spent = []
    for many in (1, 4):
        statements.clear()
        await story.referrals.data(story.legal, inbox, n=many)
        spent.append(statements.copy())

    assert len(spent[0]) == len(spent[1])
    assert [sum("INTO audit_entries" in one for one in each) for each in spent] == [1, 1]


async def test_r27_the_queue_is_sealed_in_order_and_to_its_end(
    story: Story, database: Database, settings: Settings
) -> None:
    await story.sent()
    await make(Round(f"seal {new_id()}", 1, seal), database, settings)

    async with database.transaction(system_caller(NOBODY)) as session:
        waiting = await session.scalar(select(func.count()).select_from(AuditQueue))
        last = await session.scalar(select(func.max(AuditLeaf.sequence)))
        leaves = await session.scalar(select(func.count()).select_from(AuditLeaf))
        unsealed = await session.scalar(
            select(func.count()).where(AuditEntry.id.not_in(select(AuditLeaf.entry_id)))
        )

    assert (waiting, unsealed) == (0, 0)
    assert leaves == last + 1


@pytest.mark.parametrize("table", ["audit_entries", "audit_leaves", "audit_checkpoints"])
@pytest.mark.parametrize(
    "statement", ["UPDATE {0} SET {1} = {1}", "DELETE FROM {0}", "TRUNCATE {0}"], ids=lambda s: s.split()[0]
)
async def test_r27_nothing_is_changed_or_removed_by_the_owner_either(
    story: Story, database: Database, settings: Settings, table: str, statement: str
) -> None:
    from services.referrals.app import SERVICE

    await story.sent()
    for round_ in SERVICE.rounds:
        if round_.name.startswith("audit"):
            await make(round_, database, settings)
    column = {"audit_entries": "id", "audit_leaves": "nodes", "audit_checkpoints": "root"}[table]

    async with database.engine.connect() as connection:
        await connection.execute(text("SELECT set_config('vereda.scopes', 'system', true)"))
        with pytest.raises(Exception, match="only ever added to"):
            await connection.execute(text(statement.format(table, column)))
