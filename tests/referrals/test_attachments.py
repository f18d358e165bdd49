"""Documents that go with a referral: what is taken, who sees them, and when."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from services.referrals.app import ROUNDS, SERVICE
from services.referrals.models import Attachment, AttachmentPart
from tests.referrals.clamd import EICAR, Clamd
from tests.referrals.images import SECRETS, jpeg_that_tells, png_that_tells
from tests.referrals.story import Story
from tests.support.databases import Databases
from vereda.attaching.kinds import PART_BYTES, AttachmentKind, kind_of, part_bytes, parts_of
from vereda.attaching.scanning import ScannerAwayError
from vereda.caller import Caller, system_caller
from vereda.database import Database
from vereda.ids import new_id
from vereda.rounds import make

PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
START = """mutation($input: StartAttachmentInput!) { startAttachment(input: $input) { __typename
  ... on AttachmentStarted { attachment { id state parts } } ... on InvalidInput { problems { field } }
  ... on SensitiveText { field } ... on NotAllowed { message } } }"""
PART = """mutation($input: SendAttachmentPartInput!) { sendAttachmentPart(input: $input) { __typename
  ... on AttachmentPartTaken { attachment { id state bytes } } ... on AttachmentRefused { problem }
  ... on InvalidInput { problems { field problem } } ... on NotAllowed { message } } }"""
SEEN = """query($id: ID!) { referral(id: $id) { attachments { id name kind state scan bytes parts mediaType
  dataClass author { id } part(number: 0) } } }"""


@pytest_asyncio.fixture(scope="module")
async def database(databases: Databases) -> Database:
    """A database of this file's own: a scan takes whatever waits."""
    return await databases.migrated("referrals", SERVICE.folder)


@pytest_asyncio.fixture
async def clamd(story: Story) -> AsyncIterator[Clamd]:
    daemon = Clamd()
    async with daemon.running() as address:
        story.referrals.settings = story.referrals.settings.model_copy(update={"attachment_scanner": address})
        yield daemon


async def start(
    story: Story, by: Caller, referral: dict[str, Any], content: bytes, **more: Any
) -> dict[str, Any]:
    given = {
        "idempotencyKey": str(new_id()),
        "referral": referral["id"],
        "name": "letter.pdf",
        "kind": "PDF",
        "bytes": len(content),
    }
    return dict((await story.referrals.data(by, START, input={**given, **more}))["startAttachment"])


async def send(
    story: Story, by: Caller, attachment: str, number: int, piece: bytes, **more: Any
) -> dict[str, Any]:
    given = {
        "idempotencyKey": str(new_id()),
        "attachment": attachment,
        "number": number,
        "content": base64.b64encode(piece).decode(),
    }
    return dict((await story.referrals.data(by, PART, input={**given, **more}))["sendAttachmentPart"])


async def attach(
    story: Story, by: Caller, referral: dict[str, Any], content: bytes = PDF, **more: Any
) -> dict[str, Any]:
    """Announce it and send all of its parts: what the last one is answered."""
    started = await start(story, by, referral, content, **more)
    done: dict[str, Any] = {}
    for number in range(started["attachment"]["parts"]):
        piece = content[number * PART_BYTES :][:PART_BYTES]
        done = await send(story, by, started["attachment"]["id"], number, piece)
    return done


async def scanned(story: Story, database: Database) -> int | None:
    return await the_round(story, database, "scan attachments")


async def the_round(story: Story, database: Database, name: str) -> int | None:
    [round_] = [one for one in ROUNDS if one.name == name]
    return await make(round_, database, story.referrals.settings)


async def seen(story: Story, by: Caller, referral: dict[str, Any]) -> list[dict[str, Any]]:
    answer = await story.referrals.answer(by, SEEN, id=referral["id"])
    return list(answer["data"]["referral"]["attachments"])


async def test_a_document_goes_to_the_other_side_once_it_is_scanned(
    story: Story, database: Database, clamd: Clamd
) -> None:
    referral = await story.sent()

    done = await attach(story, story.clinic, referral)
    before = await seen(story, story.legal, referral)
    [waiting] = await seen(story, story.clinic, referral)
    await scanned(story, database)

    assert done["attachment"]["state"] == "QUARANTINED"
    assert before == []
    assert (waiting["state"], waiting["part"]) == ("QUARANTINED", None)  # nobody, not even its author
    [there] = await seen(story, story.legal, referral)
    assert base64.b64decode(there.pop("part")) == PDF
    assert there == {
        "id": done["attachment"]["id"],
        "name": "letter.pdf",
        "kind": "PDF",
        "state": "READY",
        "scan": "CLEAN",
        "bytes": len(PDF),
        "parts": 1,
        "mediaType": "application/pdf",
        "dataClass": "NEED",
        "author": {"id": str(story.clinic.organization)},
    }
    assert clamd.seen == [PDF]


async def test_a_large_one_comes_and_goes_in_parts_in_any_order(story: Story, database: Database) -> None:
    referral, content = await story.sent(), PDF + b"%" * (2 * PART_BYTES) + b"%%EOF\n"
    started = (await start(story, story.legal, referral, content))["attachment"]
    for number in (2, 0, 1):
        done = await send(
            story, story.legal, started["id"], number, content[number * PART_BYTES :][:PART_BYTES]
        )
        assert done["attachment"]["state"] == ("QUARANTINED" if number == 1 else "RECEIVING")
    await scanned(story, database)
    document = """query($id: ID!) { referral(id: $id) { attachments {
      a: part(number: 0) b: part(number: 1) c: part(number: 2) none: part(number: 3) } } }"""

    [parts] = (await story.referrals.data(story.clinic, document, id=referral["id"]))["referral"][
        "attachments"
    ]

    assert started["parts"] == 3
    assert b"".join(base64.b64decode(parts[name]) for name in "abc") == content
    assert parts["none"] is None


async def test_malware_is_shown_to_nobody_and_its_bytes_are_gone(
    story: Story, database: Database, clamd: Clamd
) -> None:
    referral = await story.sent()
    await attach(story, story.clinic, referral, EICAR, kind="TEXT", name="notes.txt")

    await scanned(story, database)

    assert await seen(story, story.legal, referral) == []
    [own] = await seen(story, story.clinic, referral)
    assert (own["state"], own["scan"], own["part"]) == ("REFUSED", "INFECTED", None)
    async with database.transaction(system_caller(new_id())) as session:
        parts = (
            select(func.count()).select_from(AttachmentPart).where(AttachmentPart.attachment_id == own["id"])
        )
        assert await session.scalar(parts) == 0


async def test_while_the_scanner_is_away_they_wait(story: Story, database: Database, clamd: Clamd) -> None:
    referral = await story.sent()
    await attach(story, story.clinic, referral)
    clamd.answer = b"nonsense\0"

    with pytest.raises(ScannerAwayError):
        await scanned(story, database)
    waiting = await seen(story, story.legal, referral)
    clamd.answer = None
    await scanned(story, database)

    assert waiting == []
    assert [one["state"] for one in await seen(story, story.legal, referral)] == ["READY"]


async def test_without_a_scanner_it_is_said_that_nothing_looked_at_it(
    story: Story, database: Database
) -> None:
    referral = await story.sent()
    await attach(story, story.clinic, referral)

    await scanned(story, database)

    assert [one["scan"] for one in await seen(story, story.legal, referral)] == ["NOT_SCANNED"]


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"MZ\x90\0" + b"\0" * 60, "PDF"),
        (PDF, "PNG"),
        (png_that_tells(), "JPEG"),
        (PDF, "TEXT"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "TEXT"),
        (b"PK\3\4", "PDF"),
        (b"junk" + PDF, "PDF"),
        (b"\x1b[31mred", "TEXT"),
    ],
)
async def test_what_is_not_what_it_says_is_refused_and_its_last_part_not_stored(
    story: Story, database: Database, content: bytes, kind: str
) -> None:
    referral = await story.sent()
    started = (await start(story, story.clinic, referral, content, kind=kind))["attachment"]["id"]

    refused = await send(story, story.clinic, started, 0, content)

    assert refused == {"__typename": "AttachmentRefused", "problem": "WRONG_KIND"}
    async with database.transaction(system_caller(new_id())) as session:
        assert await session.get(AttachmentPart, (started, 0)) is None


async def test_a_damaged_image_is_refused(story: Story) -> None:
    refused = await attach(story, story.clinic, await story.sent(), png_that_tells()[:60], kind="PNG")

    assert refused == {"__typename": "AttachmentRefused", "problem": "BROKEN"}


@pytest.mark.parametrize(("image", "kind"), [(jpeg_that_tells(), "JPEG"), (png_that_tells(), "PNG")])
async def test_a_picture_goes_without_what_the_camera_wrote(
    story: Story, database: Database, image: bytes, kind: str
) -> None:
    referral = await story.sent()
    await attach(story, story.clinic, referral, image, kind=kind, name="photo")
    await scanned(story, database)

    [there] = await seen(story, story.legal, referral)

    content = base64.b64decode(there["part"])
    assert there["bytes"] == len(content) < len(image)
    assert not [secret for secret in SECRETS if secret in content]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"bytes": 0}, "bytes"),
        ({"bytes": 5 * 1024 * 1024 + 1}, "bytes"),
        ({"name": "../etc/passwd"}, "name"),
        ({"name": "letter\u202efdp.exe"}, "name"),
        ({"name": ""}, "name"),
    ],
)
async def test_size_and_name_have_bounds(story: Story, change: dict[str, Any], field: str) -> None:
    refused = await start(story, story.clinic, await story.sent(), PDF, **change)

    assert refused["problems"] == [{"field": field}]


async def test_its_name_is_screened_r2(story: Story) -> None:
    refused = await start(story, story.clinic, await story.sent(), PDF, name="A123456789.pdf")

    assert (refused["__typename"], refused["field"]) == ("SensitiveText", "name")


async def test_a_part_has_its_size_and_its_place_and_comes_once(story: Story) -> None:
    referral, content = await story.sent(), PDF + b"%" * PART_BYTES
    started = (await start(story, story.clinic, referral, content))["attachment"]["id"]
    first = content[:PART_BYTES]

    wrong = [
        await send(story, story.clinic, started, 0, first[:-1]),
        await send(story, story.clinic, started, 2, b"x"),
        await send(story, story.clinic, started, -1, b"x"),
        await send(story, story.clinic, started, 0, first, content="no base64!"),
    ]
    taken = await send(story, story.clinic, started, 0, first, idempotencyKey="part")
    again = await send(story, story.clinic, started, 0, first, idempotencyKey="part")
    other = await send(story, story.clinic, started, 0, first)

    assert {one["__typename"] for one in wrong} == {"InvalidInput"}
    assert taken == again
    assert other["problems"][0]["field"] == "number"


async def test_each_is_disclosed_by_its_own_class_r12(story: Story, database: Database) -> None:
    referral = await story.sent(classes=("IDENTITY", "NEED"))

    refused = await start(story, story.clinic, referral, PDF, dataClass="HEALTH")
    await attach(story, story.clinic, referral)
    await scanned(story, database)
    async with database.transaction(system_caller(new_id())) as session:
        await session.execute(
            text("UPDATE attachments SET data_class = 'HEALTH' WHERE referral_id = :id"),
            {"id": referral["id"]},
        )
    answer = await story.referrals.answer(story.legal, SEEN, id=referral["id"])

    assert (refused["__typename"], "HEALTH" in refused["message"]) == ("NotAllowed", True)
    assert answer["data"]["referral"]["attachments"] == []
    assert [(r["dataClass"], r["reason"]) for r in answer["extensions"]["redactions"]] == [
        ("HEALTH", "NO_CONSENT")
    ]


async def test_a_legal_recipient_sees_none_before_its_conflict_check_is_cleared_r14(
    story: Story, database: Database
) -> None:
    referral = await story.sent(legal=True)
    await attach(story, story.clinic, referral)
    await scanned(story, database)

    before = await seen(story, story.legal, referral)
    early = await start(story, story.legal, referral, PDF)
    await story.moves(story.legal, referral, "START_CONFLICT_CHECK", "CLEAR_CONFLICT")

    assert (before, early["__typename"]) == ([], "NotAllowed")
    assert [one["name"] for one in await seen(story, story.legal, referral)] == ["letter.pdf"]


@pytest.mark.parametrize("side", ["clinic", "legal"])
async def test_a_privileged_one_is_its_own_organisations_alone_r15(
    story: Story, database: Database, side: str
) -> None:
    referral = await story.sent(legal=True)
    mine, other = (story.clinic, story.legal) if side == "clinic" else (story.legal, story.clinic)
    await attach(story, mine, referral, dataClass="LEGAL_PRIVILEGED")
    await scanned(story, database)

    [own] = await seen(story, mine, referral)

    assert base64.b64decode(own["part"]) == PDF
    assert await seen(story, other, referral) == []
    async with database.transaction(other) as session:
        for table in (Attachment, AttachmentPart):
            assert await session.scalar(select(func.count()).select_from(table)) == 0


async def test_without_status_back_the_recipient_attaches_nothing_for_the_sender_r7(story: Story) -> None:
    referral = await story.sent(purposes=("REFERRAL_DELIVERY",))

    assert (await start(story, story.legal, referral, PDF))["__typename"] == "NotAllowed"
    assert (await start(story, story.clinic, referral, PDF))["__typename"] == "AttachmentStarted"


async def test_revocation_destroys_them_r9_r22(story: Story, database: Database) -> None:
    referral = await story.sent()
    await attach(story, story.clinic, referral)
    await scanned(story, database)
    content = PDF + b"%" * PART_BYTES
    late = (await start(story, story.clinic, referral, content))["attachment"]["id"]

    await story.revoke(story.clinic, referral["consent"])

    assert await seen(story, story.legal, referral) == []
    kept, _unfinished = await seen(story, story.clinic, referral)
    assert (kept["name"], kept["part"]) == (None, None)
    refused = await send(story, story.clinic, late, 0, content[:PART_BYTES])
    assert refused["__typename"] == "NotAllowed"
    assert await the_round(story, database, "let attachments go") == 2
    async with database.transaction(system_caller(new_id())) as session:
        left = select(func.count()).select_from(Attachment).where(Attachment.referral_id == referral["id"])
        assert await session.scalar(left) == 0


async def test_what_does_not_arrive_within_an_hour_is_let_go(story: Story, database: Database) -> None:
    referral = await story.sent()
    late = (await start(story, story.clinic, referral, PDF))["attachment"]["id"]
    fresh = (await start(story, story.clinic, referral, PDF))["attachment"]["id"]
    async with database.transaction(system_caller(new_id())) as session:
        row = await session.get_one(Attachment, late)
        row.started_at = datetime.now(UTC) - timedelta(minutes=61)

    await the_round(story, database, "let attachments go")

    assert [one["id"] for one in await seen(story, story.clinic, referral)] == [fresh]


async def test_a_referral_has_at_most_twenty(story: Story) -> None:
    referral = await story.sent()
    for _ in range(20):
        await start(story, story.clinic, referral, PDF)

    assert (await start(story, story.clinic, referral, PDF))["__typename"] == "NotAllowed"


async def test_nobody_else_starts_sends_or_sees_r16(story: Story) -> None:
    referral = await story.sent()
    started = (await start(story, story.clinic, referral, PDF))["attachment"]["id"]

    assert await start(story, story.school, referral, PDF) == {"__typename": "NotFound"}
    for by in (story.legal, story.school):
        assert await send(story, by, started, 0, PDF) == {"__typename": "NotFound"}


async def test_the_database_alone_keeps_what_is_not_scanned_from_the_other_side(
    story: Story, database: Database
) -> None:
    referral = await story.sent()
    await attach(story, story.clinic, referral)

    async with database.transaction(story.legal) as session:
        for table in (Attachment, AttachmentPart):
            assert await session.scalar(select(func.count()).select_from(table)) == 0
    async with database.transaction(story.clinic) as session:
        changed = await session.execute(
            text("UPDATE attachments SET state = 'READY' WHERE referral_id = :id"), {"id": referral["id"]}
        )
        assert changed.rowcount == 0  # type: ignore[attr-defined]
    await start(story, story.clinic, referral, PDF)
    for statement in ("state = 'READY'", "scan = 'CLEAN'", "data_class = 'OUTCOME'"):
        with pytest.raises(DBAPIError):
            async with database.transaction(story.clinic) as session:
                await session.execute(text(f"UPDATE attachments SET {statement}"))


async def test_nothing_of_it_is_readable_in_the_tables_r21(story: Story, database: Database) -> None:
    await attach(
        story, story.clinic, await story.sent(), b"canary content 8841", kind="TEXT", name="canary.txt"
    )

    async with database.transaction(system_caller(new_id())) as session:
        for table in ("attachments", "attachment_parts"):
            stored = "\n".join(await session.scalars(text(f"SELECT t::text FROM {table} t")))
            assert "canary" not in stored
            assert b"canary".hex() not in stored


@given(st.integers(1, 8 * PART_BYTES))
def test_the_parts_of_any_size_add_up_to_it(size: int) -> None:
    sizes = [part_bytes(size, number) for number in range(parts_of(size))]

    assert sum(sizes) == size
    assert all(sizes)
    assert part_bytes(size, parts_of(size)) == part_bytes(size, -1) == 0


@given(st.text(st.characters(exclude_categories=("Cc", "Cs", "Cn", "Co")), min_size=1).map(str.encode))
def test_text_is_text_unless_it_begins_as_something_else(content: bytes) -> None:
    assert kind_of(content) is AttachmentKind.TEXT


async def test_parts_that_come_at_once_close_it_once(story: Story, database: Database) -> None:
    referral, content = await story.sent(), PDF + b"%" * (3 * PART_BYTES)
    started = (await start(story, story.clinic, referral, content))["attachment"]

    answers = await asyncio.gather(
        *(
            send(story, story.clinic, started["id"], number, content[number * PART_BYTES :][:PART_BYTES])
            for number in range(started["parts"])
        )
    )

    states = [answer["attachment"]["state"] for answer in answers]
    assert (states.count("QUARANTINED"), states.count("RECEIVING")) == (1, started["parts"] - 1)


async def test_a_part_in_anothers_place_does_not_open(story: Story, database: Database) -> None:
    """Who can write in the database cannot make one document of another, or of its own parts in another order."""
    referral = await story.sent()
    for content in (PDF + b"% one\n", PDF + b"% two\n"):
        await attach(story, story.clinic, referral, content)
    await the_round(story, database, "scan attachments")
    one, two = (row["id"] for row in await seen(story, story.clinic, referral))
    async with database.transaction(system_caller(new_id())) as session:
        await session.execute(
            text(
                "UPDATE attachment_parts p SET content_sealed = o.content_sealed FROM attachment_parts o"
                " WHERE p.attachment_id = :one AND o.attachment_id = :two"
            ),
            {"one": one, "two": two},
        )

    parts = {row["id"]: row["part"] for row in await seen(story, story.legal, referral)}

    assert parts[one] is None
    assert base64.b64decode(parts[two]) == PDF + b"% two\n"
