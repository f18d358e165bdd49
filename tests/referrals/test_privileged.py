"""A compartment that nobody opens but its organisation: no partner, no coordinator, no operator (R15)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import orjson
import pytest
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OctKey, OKPKey
from sqlalchemy import select, text

from services.referrals.domain.privileged import public_key, sealed_to, thumbprint
from services.referrals.models import PrivilegedNote
from tests.referrals.story import Story
from vereda.caller import Caller, Scope, system_caller
from vereda.database import Database
from vereda.ids import new_id

REGISTER = """mutation($input: RegisterCompartmentKeyInput!) { registerCompartmentKey(input: $input) { __typename
  ... on CompartmentKeyRegistered { key { thumbprint jwk } } ... on InvalidInput { problems { field } } } }"""
WRITE = """mutation($input: WritePrivilegedNoteInput!) { writePrivilegedNote(input: $input) { __typename
  ... on PrivilegedNoteWritten { note { id } } ... on InvalidInput { problems { field } } ... on NotFound { code } } }"""
READ = "query($id: ID!) { privilegedNotes(referral: $id) { nodes { sealed author } } compartmentKeys { nodes { thumbprint } } }"
TOLD = "Canary of the compartment: what she told her attorney."
HEADER = {"alg": "ECDH-ES+A256KW", "enc": "A256GCM"}


def sealed(key: ECKey | OKPKey, what: str = TOLD, **header: str) -> str:
    """As an author's own machine does it."""
    return jwe.encrypt_compact({**HEADER, "kid": key.thumbprint(), **header}, what, key)


async def registered(
    story: Story, by: Caller, key: ECKey | OKPKey, *, private: bool = False
) -> dict[str, Any]:
    jwk = orjson.dumps(key.as_dict(private=private)).decode()
    answer = await story.referrals.data(by, REGISTER, input={"idempotencyKey": str(new_id()), "jwk": jwk})
    return dict(answer["registerCompartmentKey"])


async def written(story: Story, by: Caller, referral: str, note: str) -> dict[str, Any]:
    given = {"idempotencyKey": str(new_id()), "referral": referral, "sealed": note}
    return dict((await story.referrals.data(by, WRITE, input=given))["writePrivilegedNote"])


async def notes(story: Story, by: Caller, referral: str) -> list[dict[str, Any]]:
    return list((await story.referrals.data(by, READ, id=referral))["privilegedNotes"]["nodes"])


@pytest.mark.parametrize(
    "key", [ECKey.generate_key("P-256"), OKPKey.generate_key("X25519")], ids=["P-256", "X25519"]
)
async def test_r15_a_note_opens_with_the_organisations_key_and_is_shown_to_it_alone(
    story: Story, key: ECKey | OKPKey
) -> None:
    referral = (await story.sent())["id"]
    known = await registered(story, story.legal, key)

    done = await written(story, story.legal, referral, sealed(key))

    assert known["key"]["thumbprint"] == key.thumbprint()
    assert "d" not in orjson.loads(known["key"]["jwk"])
    assert done["__typename"] == "PrivilegedNoteWritten"
    (note,) = await notes(story, story.legal, referral)
    assert jwe.decrypt_compact(note["sealed"], key).plaintext == TOLD.encode()
    coordinator = Caller("c", new_id(), frozenset({Scope.CLIENT_READ.value, Scope.ADMIN_NETWORK.value}))
    for other in (story.clinic, story.school, coordinator):  # the client's home, a partner, the network's own
        assert await notes(story, other, referral) == []


async def test_r15_no_key_of_an_installation_opens_it_with_the_whole_database_at_hand(
    story: Story, database: Database
) -> None:
    """As the database's owner, under the scope `system`, with every secret file: what an operator has."""
    key, referral = ECKey.generate_key("P-256"), (await story.sent())["id"]
    await registered(story, story.legal, key)
    note = (await written(story, story.legal, referral, sealed(key)))["note"]["id"]

    async with database.transaction(system_caller(new_id())) as session:
        row = await session.get_one(PrivilegedNote, UUID(note))
        stored = [list(one) for one in await session.execute(text("SELECT * FROM compartment_keys"))]
    files = [path for path in story.referrals.settings.home.rglob("*") if path.is_file()]
    tried = [OctKey.import_key(content[:32].ljust(32)) for path in files if (content := path.read_bytes())]
    tried += [ECKey.generate_key("P-256")]

    assert TOLD not in row.sealed
    assert all('"d"' not in str(one) for one in stored)
    assert len(tried) > 2
    for one in tried:
        with pytest.raises((JoseError, ValueError, AttributeError, TypeError)):
            jwe.decrypt_compact(row.sealed, one)


async def test_r15_a_private_key_is_refused_and_not_kept(story: Story, database: Database) -> None:
    key = ECKey.generate_key("P-256")

    refused = await registered(story, story.legal, key, private=True)

    assert refused == {"__typename": "InvalidInput", "problems": [{"field": "jwk"}]}
    assert (await story.referrals.data(story.legal, READ, id=str(new_id())))["compartmentKeys"]["nodes"] == []


async def test_r15_a_note_is_taken_for_a_key_of_ones_own_and_a_referral_that_one_sees(story: Story) -> None:
    mine, theirs = ECKey.generate_key("P-256"), ECKey.generate_key("P-256")
    referral = (await story.sent())["id"]
    await registered(story, story.legal, mine)
    await registered(story, story.clinic, theirs)

    assert (await written(story, story.legal, referral, sealed(theirs)))["problems"] == [{"field": "sealed"}]
    assert (await written(story, story.legal, str(new_id()), sealed(mine)))["code"] == "NOT_FOUND"
    assert (await written(story, story.school, referral, sealed(mine)))["code"] == "NOT_FOUND"


async def test_r15_r22_with_the_clients_own_key_the_notes_go(story: Story, database: Database) -> None:
    key, referral = ECKey.generate_key("P-256"), (await story.sent())["id"]
    await registered(story, story.legal, key)
    await written(story, story.legal, referral, sealed(key))

    async with database.transaction(system_caller(new_id())) as session:
        await session.execute(
            text(
                "UPDATE data_keys SET wrapped = NULL, destroyed_at = now() WHERE key_group = 'IDENTITY'"
                " AND client_id = (SELECT client_id FROM referrals WHERE id = :id)"
            ),
            {"id": UUID(referral)},
        )
        left = await session.scalars(
            select(PrivilegedNote.id).where(PrivilegedNote.referral_id == UUID(referral))
        )

    assert list(left) == []


@pytest.mark.parametrize(
    "jwk",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"kty":"oct","k":"AAAA"}',
        orjson.dumps(ECKey.generate_key("P-384").as_dict(private=False)).decode(),
        orjson.dumps(OKPKey.generate_key("Ed25519").as_dict(private=False)).decode(),
        "x" * 2000,
    ],
    ids=["nothing", "broken", "a list", "empty", "a secret", "another curve", "for signing", "too long"],
)
def test_what_is_no_public_key_of_the_two_curves_is_none(jwk: str) -> None:
    assert public_key(jwk) is None


def test_a_note_of_another_form_is_none() -> None:
    key = ECKey.generate_key("P-256")
    good = sealed(key)

    assert sealed_to(good) == thumbprint(key.as_dict(private=False))
    direct = jwe.encrypt_compact({"alg": "ECDH-ES", "enc": "A256GCM", "kid": "k"}, TOLD, key)
    for bad in ("", TOLD, good[:-4].rsplit(".", 1)[0], "....", "e30.a.b.c.d", direct, good + "x" * 70_000):
        assert sealed_to(bad) is None
