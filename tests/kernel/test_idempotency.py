"""A write that is sent again happens once and is answered the same; a refusal leaves its key free."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from tests.kernel.notes.models import IdempotencyRecord, Note
from tests.support.subgraph import caller_of
from vereda.caller import Caller
from vereda.database import Database
from vereda.errors import ClientError, ErrorCode
from vereda.idempotency import MAX_KEY_LENGTH, claim_key
from vereda.ids import new_id


class RefusedError(Exception):
    """The write was refused after its key was claimed."""


async def write(
    database: Database,
    caller: Caller,
    key: str | None,
    request: Any,
    *,
    operation: str = "makeNote",
    refused: bool = False,
) -> str:
    """Make a note as an operation does: the id of the note that the key stands for."""
    async with database.transaction(caller) as session:
        claim = await claim_key(session, IdempotencyRecord, caller, operation, key, request)
        if claim.earlier is not None:
            return str(claim.earlier["id"])
        note = Note(id=new_id(), organization_id=caller.organization, text=operation)
        session.add(note)
        claim.record({"id": str(note.id)})
        await session.flush()
        if refused:
            raise RefusedError
        return str(note.id)


async def made(database: Database, caller: Caller) -> int:
    async with database.transaction(caller) as session:
        return await session.scalar(select(func.count()).select_from(Note)) or 0


async def test_the_same_key_and_input_give_the_same_outcome(notes: Database) -> None:
    caller = caller_of()

    outcomes = [await write(notes, caller, "k", {"text": "hello"}) for _ in range(3)]

    assert len(set(outcomes)) == 1
    assert await made(notes, caller) == 1


async def test_the_same_key_for_other_input_is_refused(notes: Database) -> None:
    caller = caller_of()
    await write(notes, caller, "k", {"text": "canary one"})

    with pytest.raises(ClientError, match="Use a new key for a new request") as refused:
        await write(notes, caller, "k", {"text": "canary two"})

    assert refused.value.code is ErrorCode.IDEMPOTENCY_KEY_REUSED
    assert "canary" not in str(refused.value.formatted)
    assert await made(notes, caller) == 1


inputs = st.dictionaries(
    st.text(max_size=5), st.none() | st.booleans() | st.integers(-99, 99) | st.text(max_size=5), max_size=5
)


@settings(max_examples=25, deadline=None)
@given(one=inputs, other=inputs)
async def test_the_order_of_an_inputs_fields_does_not_make_it_another(
    notes: Database, one: dict[str, Any], other: dict[str, Any]
) -> None:
    caller = caller_of()
    outcome = await write(notes, caller, "k", one)

    assert await write(notes, caller, "k", dict(reversed(one.items()))) == outcome
    if [(type(v), v) for v in one.values()] != [(type(v), v) for v in other.values()] and one != other:
        with pytest.raises(ClientError):
            await write(notes, caller, "k", other)


async def test_writes_that_arrive_at_once_with_one_key_run_once(notes: Database) -> None:
    caller = caller_of()

    outcomes = await asyncio.gather(*(write(notes, caller, "k", "same") for _ in range(10)))

    assert len(set(outcomes)) == 1
    assert await made(notes, caller) == 1


async def test_of_other_inputs_that_arrive_at_once_with_one_key_one_is_carried_out(notes: Database) -> None:
    caller = caller_of()

    outcomes = await asyncio.gather(
        *(write(notes, caller, "k", number) for number in range(6)), return_exceptions=True
    )

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["ClientError"] * 5 + ["str"]
    assert await made(notes, caller) == 1


async def test_a_refusal_frees_the_key_for_the_corrected_input(notes: Database) -> None:
    caller = caller_of()
    with pytest.raises(RefusedError):
        await write(notes, caller, "k", {"seats": 41}, refused=True)

    outcome = await write(notes, caller, "k", {"seats": 40})

    assert await write(notes, caller, "k", {"seats": 40}) == outcome
    assert await made(notes, caller) == 1


async def test_one_that_waits_for_a_write_that_is_rolled_back_runs_itself(notes: Database) -> None:
    caller = caller_of()

    outcomes = await asyncio.gather(
        write(notes, caller, "k", "same", refused=True),
        write(notes, caller, "k", "same"),
        write(notes, caller, "k", "same"),
        return_exceptions=True,
    )

    assert len({outcome for outcome in outcomes if isinstance(outcome, str)}) == 1
    assert await made(notes, caller) == 1


async def test_the_keys_of_another_organisation_are_its_own(notes: Database) -> None:
    one, other = caller_of(), caller_of()

    assert await write(notes, one, "k", "a") != await write(notes, other, "k", "b")


async def test_two_people_of_one_organisation_share_its_keys(notes: Database) -> None:
    one = caller_of(subject="one")
    other = caller_of(one.organization, subject="other")

    assert await write(notes, one, "k", "a") == await write(notes, other, "k", "a")


async def test_the_keys_of_another_operation_are_its_own(notes: Database) -> None:
    caller = caller_of()

    made_ = [await write(notes, caller, "k", "a", operation=name) for name in ("makeNote", "copyNote")]

    assert len(set(made_)) == 2


async def test_without_a_key_each_write_is_carried_out(notes: Database) -> None:
    caller = caller_of()

    assert await write(notes, caller, None, "a") != await write(notes, caller, None, "a")
    async with notes.transaction(caller) as session:
        assert await session.scalar(select(func.count()).select_from(IdempotencyRecord)) == 0


@pytest.mark.parametrize("key", ["", "k" * (MAX_KEY_LENGTH + 1)])
async def test_a_key_that_is_empty_or_too_long_is_refused(notes: Database, key: str) -> None:
    with pytest.raises(ClientError, match="has 1 to 200 characters") as refused:
        await write(notes, caller_of(), key, "a")

    assert refused.value.code is ErrorCode.BAD_USER_INPUT


async def test_the_longest_key_is_taken_whatever_its_script(notes: Database) -> None:
    caller = caller_of()

    assert await write(notes, caller, "ñ" * 200, "a") == await write(notes, caller, "ñ" * 200, "a")


async def test_what_was_sent_is_not_kept_only_its_digest_r34(notes: Database) -> None:
    caller = caller_of()
    await write(notes, caller, "k", {"name": "canary Marisol"})

    async with notes.transaction(caller) as session:
        record = (await session.scalars(select(IdempotencyRecord))).one()

    assert len(record.request_hash) == 64
    assert "Marisol" not in str(vars(record))
