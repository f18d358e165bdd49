"""Whoever changes, removes, adds or moves anything in the audit is found out (R27), with the rights of a superuser too."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy.engine import make_url

from services.referrals.app import SERVICE
from tests.referrals.story import Story
from tests.support.databases import Databases
from tests.support.subgraph import Subgraph
from vereda.audit import checkpoints
from vereda.audit.entries import audit_key
from vereda.audit.reading import FromDatabase, FromFile, exported
from vereda.audit.sealing import seal
from vereda.audit.verifying import Problem, verify
from vereda.caller import system_caller
from vereda.database import Database
from vereda.errors import OperatorError
from vereda.keys import key_ring
from vereda.rounds import NOBODY, Round, make
from vereda.settings import Settings

CHECKPOINT = next(one for one in SERVICE.rounds if one.name.startswith("audit checkpoint"))
SEAL = Round("audit seal here", 1, seal)


class Audit:
    """An audit with a checkpoint in its middle and one at its end, and somebody with all rights on its database."""

    def __init__(self, database: Database, settings: Settings, superuser: str) -> None:
        self.database, self.settings, self.superuser = database, settings, superuser

    async def grow(self, checkpoint: bool = True) -> None:
        await Story(Subgraph(SERVICE, self.database, self.settings)).sent()
        await make(SEAL, self.database, self.settings)
        if checkpoint:
            await make(CHECKPOINT, self.database, self.settings)

    async def tamper(self, *statements: str) -> None:
        """As superuser, past triggers and policies."""
        connection = await asyncpg.connect(self.superuser)
        try:
            await connection.execute("SET session_replication_role = replica")
            for one in statements:
                await connection.execute(one)
        finally:
            await connection.close()

    async def found(self, **more: Any) -> set[Problem]:
        known = checkpoints.kept(self.settings, "referrals")
        given_: dict[str, Any] = {
            "trusted": known.keys,
            "held": [known.statement],
            "key": audit_key(self.settings),
        }
        async with self.database.transaction(system_caller(NOBODY), read_only=True) as session:
            _size, findings = await verify(FromDatabase(session), "referrals", **{**given_, **more})
        return {one.problem for one in findings}

    async def export(self, path: Path) -> FromFile:
        async with self.database.transaction(system_caller(NOBODY), read_only=True) as session:
            lines = [line async for line in exported(FromDatabase(session), "referrals")]
        await asyncio.to_thread(path.write_bytes, b"".join(lines))
        return FromFile(path)


async def made(databases: Databases, settings: Settings, home: Path) -> Audit:
    database = await databases.migrated("referrals", SERVICE.folder)
    name = make_url(database.engine.url).database
    superuser = make_url(databases.admin_url).set(database=name).render_as_string(hide_password=False)
    # Secrets and keys of the session, and a place of its own for what is kept.
    shutil.copytree(settings.home, home, dirs_exist_ok=True)
    audit = Audit(database, settings.model_copy(update={"home": home}), superuser)
    await audit.grow()
    await audit.grow()
    return audit


@pytest_asyncio.fixture
async def audit(databases: Databases, settings: Settings, tmp_path: Path) -> AsyncIterator[Audit]:
    audit = await made(databases, settings, tmp_path / "home")
    assert await audit.found() == set()
    yield audit


TAMPERINGS = {
    "a changed entry": ("UPDATE audit_entries SET actor = 'nobody' WHERE id = {second}", {Problem.ENTRY_CHANGED, Problem.ENTRY_FORGED}),
    "a changed time": ("UPDATE audit_entries SET at = at + interval '1 second' WHERE id = {second}", {Problem.ENTRY_CHANGED, Problem.ENTRY_FORGED}),
    "a changed hash": ("UPDATE audit_leaves SET nodes = set_byte(nodes, 3, get_byte(nodes, 3) # 1) WHERE sequence = 1", {Problem.ENTRY_CHANGED, Problem.TREE_CHANGED, Problem.CHECKPOINT_BROKEN}),
    "an entry removed": ("DELETE FROM audit_entries WHERE id = {second}", {Problem.ENTRY_MISSING}),
    "an entry removed with its leaf": (
        "DELETE FROM audit_entries WHERE id = {second}; DELETE FROM audit_leaves WHERE sequence = 1",
        {Problem.SEQUENCE_BROKEN, Problem.ENTRY_CHANGED, Problem.TREE_CHANGED, Problem.CHECKPOINT_BROKEN, Problem.END_MISSING},
    ),
    "two entries exchanged": (
        "UPDATE audit_leaves SET entry_id = gen_random_uuid() WHERE sequence = 1;"
        " UPDATE audit_leaves SET entry_id = {second} WHERE sequence = 2;"
        " UPDATE audit_leaves SET entry_id = {third} WHERE sequence = 1",
        {Problem.ENTRY_CHANGED},
    ),
    "two leaves exchanged": (
        "UPDATE audit_leaves SET sequence = -1 WHERE sequence = 1; UPDATE audit_leaves SET sequence = 1 WHERE sequence = 2;"
        " UPDATE audit_leaves SET sequence = 2 WHERE sequence = -1",
        {Problem.ENTRY_CHANGED, Problem.TREE_CHANGED, Problem.CHECKPOINT_BROKEN},
    ),
    "an entry added": (
        "INSERT INTO audit_entries SELECT (jsonb_populate_record(e, '{{\"id\": \"01900000-0000-7000-8000-000000000000\"}}')).*"
        " FROM audit_entries e WHERE id = {second}",
        {Problem.ENTRY_FORGED},
    ),
    "a leaf added at the end": (
        "INSERT INTO audit_leaves SELECT max(sequence) + 1, gen_random_uuid(), '\\x00' FROM audit_leaves",
        {Problem.ENTRY_MISSING},
    ),
    "the end cut": (
        "DELETE FROM audit_entries WHERE id IN (SELECT entry_id FROM audit_leaves WHERE sequence > 2);"
        " DELETE FROM audit_leaves WHERE sequence > 2",
        {Problem.END_MISSING},
    ),
    "the end cut with its checkpoints": (
        "DELETE FROM audit_entries WHERE id IN (SELECT entry_id FROM audit_leaves WHERE sequence > 2);"
        " DELETE FROM audit_leaves WHERE sequence > 2; DELETE FROM audit_checkpoints",
        {Problem.END_MISSING},
    ),
    "a root changed": ("UPDATE audit_checkpoints SET root = sha256('')", {Problem.CHECKPOINT_BROKEN}),
    "all of it gone": (
        "DELETE FROM audit_entries; DELETE FROM audit_leaves; DELETE FROM audit_checkpoints",
        {Problem.END_MISSING},
    ),
}  # fmt: skip


@pytest.mark.parametrize("tampering", TAMPERINGS)
async def test_r27_tampering_is_found(audit: Audit, tampering: str) -> None:
    statements, problems = TAMPERINGS[tampering]
    second, third = "(SELECT entry_id FROM audit_leaves WHERE sequence = 1)", "(SELECT entry_id FROM audit_leaves WHERE sequence = 2)"  # fmt: skip
    connection = await asyncpg.connect(audit.superuser)
    ids = [f"'{await connection.fetchval(one[1:-1])}'" for one in (second, third)]
    await connection.close()

    await audit.tamper(statements.format(second=ids[0], third=ids[1]))

    assert await audit.found() == problems


async def test_r27_what_waits_to_be_sealed_is_looked_at_too(audit: Audit) -> None:
    await Story(Subgraph(SERVICE, audit.database, audit.settings)).client()
    assert await audit.found() == set()

    await audit.tamper(
        "UPDATE audit_entries SET operation = 'nothing' WHERE id IN (SELECT entry_id FROM audit_queue)"
    )

    assert await audit.found() == {Problem.ENTRY_FORGED}
    await make(SEAL, audit.database, audit.settings)
    assert await audit.found() == {Problem.ENTRY_FORGED}  # it is not taken into the tree


async def test_r27_an_entry_taken_out_before_it_is_sealed_leaves_its_place_in_the_queue(audit: Audit) -> None:
    await Story(Subgraph(SERVICE, audit.database, audit.settings)).client()

    await audit.tamper("DELETE FROM audit_entries WHERE id IN (SELECT entry_id FROM audit_queue)")

    assert await audit.found() == {Problem.ENTRY_MISSING}


async def test_r27_an_entry_that_was_kept_from_the_tree_is_found(audit: Audit) -> None:
    await Story(Subgraph(SERVICE, audit.database, audit.settings)).client()

    await audit.tamper("DELETE FROM audit_queue")

    assert await audit.found() == {Problem.NOT_SEALED}


async def test_r27_a_whole_history_written_anew_is_found_by_who_kept_a_checkpoint(audit: Audit) -> None:
    """The attacker has the database and makes everything fit, but has neither the keys nor what others keep."""
    kept = checkpoints.kept(audit.settings, "referrals")
    await audit.tamper(
        "DELETE FROM audit_leaves; DELETE FROM audit_checkpoints; UPDATE audit_entries SET actor = 'nobody';"
        " INSERT INTO audit_queue SELECT id FROM audit_entries"
    )
    other = Audit(
        audit.database, audit.settings.model_copy(update={"home": audit.settings.home / "theirs"}), ""
    )
    await other.grow()

    assert Problem.CHECKPOINT_BROKEN in await audit.found(key=None, held=[])  # signed by nobody whom we know
    with pytest.raises(checkpoints.CheckpointRefusedError):
        await other.found(held=[kept.statement])
    trusting = {"trusted": None, "held": [kept.statement], "key": None}
    with pytest.raises(checkpoints.CheckpointRefusedError):
        await other.found(**trusting)


async def test_r27_an_export_is_verified_without_the_database_or_its_secrets(
    audit: Audit, tmp_path: Path
) -> None:
    export = await audit.export(tmp_path / "audit.ndjson")
    kept = checkpoints.kept(audit.settings, "referrals")
    lines = (tmp_path / "audit.ndjson").read_bytes().splitlines(keepends=True)

    size, findings = await verify(export, export.service, trusted=kept.keys, held=[str(kept.statement)])
    assert (size > 5, findings) == (True, [])

    (tmp_path / "cut.ndjson").write_bytes(b"".join(lines[:-3]))
    cut = FromFile(tmp_path / "cut.ndjson")
    _size, findings = await verify(cut, "referrals", trusted=kept.keys, held=[str(kept.statement)])
    assert {one.problem for one in findings} == {Problem.END_MISSING}


async def test_r27_checkpoints_stay_good_when_keys_are_replaced(audit: Audit) -> None:
    key_ring(audit.settings, "referrals").rotate(after_s=0, compromised=True)
    await asyncio.sleep(0)
    await audit.grow()

    assert await audit.found() == set()
    assert len(checkpoints.kept(audit.settings, "referrals").keys) == 2


@st.composite
def harms(draw: st.DrawFn, lines: int) -> tuple[str, int, int]:
    kind = draw(st.sampled_from(["remove", "repeat", "exchange", "flip", "cut"]))
    return kind, draw(st.integers(1, lines - 1)), draw(st.integers(1, lines - 1))


async def test_r27_any_tampering_with_an_export_is_found(audit: Audit, tmp_path: Path) -> None:
    await audit.export(tmp_path / "audit.ndjson")
    lines = (tmp_path / "audit.ndjson").read_bytes().splitlines(keepends=True)
    kept, copy = checkpoints.kept(audit.settings, "referrals"), tmp_path / "copy.ndjson"
    first = next(number for number, line in enumerate(lines) if b'"type":"leaf"' in line)
    leaves = lines[first:]

    @hypothesis_settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
    @given(harms(len(leaves)), st.integers(0, 10_000))
    def try_it(harm: tuple[str, int, int], where: int) -> None:
        kind, one, other = harm
        changed = list(leaves)
        if kind == "remove":
            del changed[one]
        elif kind == "repeat":
            changed.insert(other, changed[one])
        elif kind == "exchange":
            changed[one], changed[other] = changed[other], changed[one]
        elif kind == "cut":
            del changed[one:]
        else:
            text = changed[one].decode()
            start = text.index('"entry":') + 8
            at = start + where % (len(text) - start - 4)
            letter = next(c for c in "0a" if c != text[at])
            changed[one] = (text[:at] + letter + text[at + 1 :]).encode()
        if changed == leaves:
            return
        copy.write_bytes(b"".join([*lines[:first], *changed]))
        try:
            _size, findings = asyncio.run(
                verify(FromFile(copy), "referrals", trusted=kept.keys, held=[str(kept.statement)])
            )
        except OperatorError:
            return  # not even an export any more
        assert findings, harm

    await asyncio.to_thread(try_it)
