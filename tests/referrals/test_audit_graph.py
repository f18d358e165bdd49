"""The audit in the graph: a partner proves what it kept and what it did; who may verify looks at all of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest
import pytest_asyncio
from sqlalchemy import select

from services.referrals.app import SERVICE
from services.referrals.models import AuditEntry
from tests.referrals.story import Story
from tests.support.databases import Databases
from tests.support.subgraph import Subgraph, caller_of
from vereda.audit.checkpoints import read
from vereda.audit.tree import extends, includes, leaf_hash
from vereda.caller import Scope
from vereda.rounds import make
from vereda.settings import Settings

LOG = "{ referralsAudit { keys checkpoints(first: 2) { size root statement } } }"
CONSISTENCY = "query($f: Int!, $t: Int!) { referralsAudit { consistency(from: $f, to: $t) } }"
INCLUSION = (
    "query($e: ID!, $s: Int!) { referralsAudit { inclusion(entry: $e, size: $s) { sequence leaf proof } } }"
)
VERIFY = """query($f: Int, $n: Int) { referralsAudit { verification(from: $f, first: $n) {
  from through atEnd findings { problem at } } } }"""


@pytest_asyncio.fixture
async def told(databases: Databases, settings: Settings, tmp_path: Any) -> AsyncIterator[Story]:
    """A story of two checkpoints, in a database of its own."""
    database = await databases.migrated("referrals", SERVICE.folder)
    story = Story(Subgraph(SERVICE, database, settings))
    for _ in range(2):
        await story.sent()
        for round_ in SERVICE.rounds:
            if round_.name.startswith("audit"):
                await make(round_, database, settings)
    yield story


async def test_r27_a_partner_proves_that_what_it_kept_still_holds(told: Story) -> None:
    log = (await told.referrals.data(told.school, LOG))["referralsAudit"]
    new, old = (
        read(one["statement"], map(orjson.loads, log["keys"]), "referrals") for one in log["checkpoints"]
    )

    answer = await told.referrals.data(told.school, CONSISTENCY, f=old.size, t=new.size)

    proof = [bytes.fromhex(one) for one in answer["referralsAudit"]["consistency"]]
    assert old.size < new.size
    assert extends(old.size, old.root, new.size, new.root, proof)
    assert not extends(old.size, new.root, new.size, new.root, proof)


async def test_r27_an_organisation_proves_its_own_entries_and_sees_no_other_one(told: Story) -> None:
    log = (await told.referrals.data(told.clinic, LOG))["referralsAudit"]
    async with told.referrals.database.transaction(told.clinic) as session:
        own = list(await session.scalars(select(AuditEntry)))
    size, root = log["checkpoints"][0]["size"], bytes.fromhex(log["checkpoints"][0]["root"])
    assert len(own) == size
    for entry in own:
        answer = await told.referrals.data(told.clinic, INCLUSION, e=str(entry.id), s=size)
        found = answer["referralsAudit"]["inclusion"]
        proof = [bytes.fromhex(one) for one in found["proof"]]
        assert orjson.loads(found["leaf"])["id"] == str(entry.id)
        assert includes(leaf_hash(found["leaf"].encode()), found["sequence"], size, proof, root)

        of_others = await told.referrals.data(told.school, INCLUSION, e=str(entry.id), s=size)
        assert of_others["referralsAudit"]["inclusion"] is None


@pytest.mark.parametrize(("old", "new"), [(0, 3), (5, 2), (3, 9_999)])
async def test_sizes_that_the_log_never_had_are_refused(told: Story, old: int, new: int) -> None:
    answer = await told.referrals.answer(told.school, CONSISTENCY, f=old, t=new)

    assert [one["extensions"]["code"] for one in answer["errors"]] == ["BAD_USER_INPUT"]


async def test_r27_verification_goes_through_the_log_in_parts(told: Story) -> None:
    auditor, start, seen = caller_of(None, Scope.AUDIT_VERIFY), 0, []
    while True:
        found = (await told.referrals.data(auditor, VERIFY, f=start, n=3))["referralsAudit"]["verification"]
        assert (found["from"], found["findings"]) == (start, [])
        seen.append(found["through"])
        if found["atEnd"]:
            break
        start = found["through"]

    assert seen == [3, 6, 8]


async def test_r27_verification_finds_what_was_changed(told: Story) -> None:
    async with told.referrals.database.engine.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE audit_entries DISABLE TRIGGER stays")
        await connection.exec_driver_sql("SELECT set_config('vereda.scopes', 'system', true)")
        changed = await connection.exec_driver_sql(
            "UPDATE audit_entries SET actor = 'nobody' WHERE event = 'referral.send'"
        )
        assert changed.rowcount
        await connection.exec_driver_sql("ALTER TABLE audit_entries ENABLE TRIGGER stays")

    answer = await told.referrals.data(caller_of(None, Scope.AUDIT_VERIFY), VERIFY)

    problems = {one["problem"] for one in answer["referralsAudit"]["verification"]["findings"]}
    assert problems == {"ENTRY_CHANGED", "ENTRY_FORGED"}


async def test_who_may_not_verify_sees_checkpoints_and_nothing_else(told: Story) -> None:
    answer = await told.referrals.answer(caller_of(None, Scope.DIRECTORY_READ), VERIFY)

    assert answer["data"] == {"referralsAudit": {"verification": None}}
    assert [one["extensions"]["code"] for one in answer["errors"]] == ["FORBIDDEN"]
