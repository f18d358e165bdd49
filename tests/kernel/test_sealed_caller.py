"""The seal of a caller is the HMAC that Postgres computes, and tells any two callers apart."""

from __future__ import annotations

import hashlib
import hmac

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from tests.support.databases import Databases
from tests.support.subgraph import caller_of
from vereda.caller import Caller
from vereda.database import Database, count_statements
from vereda.sealed_caller import Seal, new_seal

words = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=12)


@given(one=st.tuples(words, words, words), other=st.tuples(words, words, words))
def test_no_two_callers_have_the_same_seal(one: tuple[str, str, str], other: tuple[str, str, str]) -> None:
    seal = Seal(new_seal()["inner"])

    assert (seal.of(*one) == seal.of(*other)) == (one == other)


def test_the_forms_of_the_key_are_those_of_the_hmac() -> None:
    key = new_seal()
    parts = b"".join(hashlib.sha256(part).digest() for part in (b"s", b"o", b"c"))

    made = hashlib.sha256(key["outer"] + hashlib.sha256(key["inner"] + parts).digest()).hexdigest()

    assert made == Seal(key["inner"]).of("s", "o", "c")
    assert made == hmac.digest(bytes(b ^ 0x36 for b in key["inner"]), parts, "sha256").hex()


def test_every_key_is_another() -> None:
    assert new_seal() != new_seal()


async def test_postgres_believes_any_caller_whom_the_process_names(notes: Database) -> None:
    for caller in (
        caller_of(subject="martä ☂"),
        Caller("", caller_of().organization),
        caller_of(subject="x" * 5_000),
    ):
        async with notes.transaction(caller) as session:
            assert await session.scalar(text("SELECT vereda_organization()")) == caller.organization
            assert await session.scalar(text("SELECT vereda_sealed()")) is True


async def test_a_process_reads_the_key_once(databases: Databases, notes: Database) -> None:
    fresh = Database(databases.urls["notes"], pool_size=1)
    statements = count_statements(fresh)
    try:
        for _ in range(3):
            async with fresh.transaction(caller_of()) as session:
                await session.execute(text("SELECT 1"))
    finally:
        await fresh.close()

    assert [statement for statement in statements if "caller_seal" in statement] == statements[:1]
