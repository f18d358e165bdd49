"""Documents of applications and receipts: sealed, scanned, and read by whom they are for."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from sqlalchemy import func, select, text, update

from services.grants.app import ROUNDS, SERVICE
from services.grants.models import (
    AuditEntry,
    FundingRound,
    GrantApplication,
    GrantDocument,
    GrantDocumentPart,
)
from services.grants.operations.vault import vault
from tests.grants.programmes import HALVES, RUBRIC, Programmes
from tests.support.databases import Databases
from tests.support.subgraph import caller_of
from vereda.attaching.kinds import PART_BYTES
from vereda.attaching.parts import place
from vereda.caller import Caller, Scope, system_caller
from vereda.database import Database
from vereda.ids import new_id
from vereda.keyring import KeyShreddedError
from vereda.rotating import rotate_master
from vereda.rounds import make
from vereda.settings import Settings

PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
START = """mutation($input: StartGrantDocumentInput!) { startGrantDocument(input: $input) { __typename
  ... on GrantDocumentStarted { document { id state parts } } ... on InvalidInput { problems { field } }
  ... on SensitiveText { field } ... on NotAllowed { message } } }"""
PART = """mutation($input: SendGrantDocumentPartInput!) { sendGrantDocumentPart(input: $input) { __typename
  ... on GrantDocumentPartTaken { document { id state bytes } } ... on AttachmentRefused { code problem }
  ... on InvalidInput { problems { field } } } }"""
SEEN = """query($id: ID!) { grantApplication(id: $id) { documents { id name state scan bytes mediaType part(number: 0) } } }"""
OF_RECEIPTS = "query($id: ID!) { award(id: $id) { receipts { documents { name part(number: 0) } } } }"


@pytest_asyncio.fixture(scope="module")
async def database(databases: Databases) -> Database:
    """A database of this file's own: a scan takes whatever waits."""
    return await databases.migrated("grants", SERVICE.folder)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """And a keyring of its own: masters are rotated in it."""
    return Settings(home=tmp_path_factory.mktemp("documents"))


async def the_round(programmes: Programmes, name: str, days: float = 0) -> int | None:
    [round_] = [one for one in ROUNDS if one.name == name]
    at = datetime.now(UTC) + timedelta(days=days)
    grants = programmes.grants
    return await make(
        replace(round_, name=f"{name} {new_id()}"), grants.database, grants.settings, lambda: at
    )


async def start(programmes: Programmes, application: dict[str, Any], **more: Any) -> dict[str, Any]:
    given = {
        "idempotencyKey": str(new_id()),
        "application": application["id"],
        "name": "plan.pdf",
        "kind": "PDF",
        "bytes": len(PDF),
    }
    done = await programmes.grants.data(programmes.clinic, START, input={**given, **more})
    return dict(done["startGrantDocument"])


async def send(
    programmes: Programmes, document: str, number: int = 0, piece: bytes = PDF, by: Caller | None = None
) -> dict[str, Any]:
    given = {
        "idempotencyKey": str(new_id()),
        "document": document,
        "number": number,
        "content": base64.b64encode(piece).decode(),
    }
    done = await programmes.grants.data(by or programmes.clinic, PART, input=given)
    return dict(done["sendGrantDocumentPart"])


async def attached(programmes: Programmes, application: dict[str, Any], **more: Any) -> str:
    id_ = (await start(programmes, application, **more))["document"]["id"]
    assert (await send(programmes, id_))["document"]["state"] == "QUARANTINED"
    assert await the_round(programmes, "scan grants' documents") == 1
    return str(id_)


async def seen(programmes: Programmes, by: Caller, application: dict[str, Any]) -> list[dict[str, Any]]:
    found = await programmes.grants.data(by, SEEN, id=application["id"])
    return list((found["grantApplication"] or {}).get("documents") or [])


async def draft(programmes: Programmes, **more: Any) -> dict[str, Any]:
    round_, tiers = await programmes.round(rubric=RUBRIC, tranches=HALVES)
    made = await programmes.apply(round_, tiers["1000.00 USD"], trainingWaivedBy="A. Director", **more)
    return dict(made["application"])


async def under_review(programmes: Programmes, application: dict[str, Any]) -> None:
    await programmes.move(programmes.clinic, application, "SUBMIT")
    for step in ("SCREEN", "REVIEW"):
        await programmes.move(programmes.funder, application, step)


def staff(programmes: Programmes, name: str, *scopes: Scope) -> Caller:
    return caller_of(programmes.funder.organization, *scopes, subject=name)


async def test_a_document_is_for_its_reviewers_until_they_recuse_themselves_and_for_nobody_else_there(
    programmes: Programmes,
) -> None:
    application = await draft(programmes)
    id_ = await attached(programmes, application)
    await under_review(programmes, application)
    one, other = (staff(programmes, name) for name in ("one", "other"))
    review = (await programmes.assign(application, one))["review"]

    [own] = await seen(programmes, programmes.clinic, application)
    [there] = await seen(programmes, one, application)
    nobody_elses = [await seen(programmes, by, application) for by in (other, programmes.funder, caller_of())]
    await programmes.recuse(one, review)

    assert own == there
    assert base64.b64decode(there.pop("part")) == PDF
    assert there == {
        "id": id_,
        "name": "plan.pdf",
        "state": "READY",
        "scan": "NOT_SCANNED",
        "bytes": len(PDF),
        "mediaType": "application/pdf",
    }
    assert nobody_elses == [[], [], []]
    assert await seen(programmes, one, application) == []


async def test_a_receipts_document_is_for_who_pays_and_not_for_who_reviews(programmes: Programmes) -> None:
    application = await draft(programmes)
    await under_review(programmes, application)
    reviewers = [staff(programmes, name) for name in ("one", "other")]
    for by in reviewers:
        await programmes.score(by, (await programmes.assign(application, by))["review"], 8, 5)
    await programmes.move(programmes.funder, application, "APPROVE")
    await programmes.move(programmes.clinic, application, "SIGN_AGREEMENT")
    award = await programmes.award(application)
    await programmes.disburse(award, 1)
    recorded = await programmes.grants.data(
        programmes.clinic,
        "mutation($input: RecordReceiptInput!) { recordReceipt(input: $input) { ... on ReceiptSaved { receipt { id } } } }",
        input={
            "idempotencyKey": str(new_id()),
            "award": award["id"],
            "amount": "10.00 USD",
            "spentFor": "SUPPLIES",
            "spentOn": "2026-01-05",
        },
    )
    await attached(programmes, application, receipt=recorded["recordReceipt"]["receipt"]["id"])

    finance = staff(programmes, "finance", Scope.GRANT_PAY)
    reviewer = staff(programmes, "one", Scope.GRANT_REVIEW)
    paid = (await programmes.grants.data(finance, OF_RECEIPTS, id=award["id"]))["award"]["receipts"]
    denied = await programmes.grants.answer(reviewer, OF_RECEIPTS, id=award["id"])

    [[document]] = [receipt["documents"] for receipt in paid]
    assert base64.b64decode(document["part"]) == PDF
    assert [error["extensions"]["code"] for error in denied["errors"]] == ["FORBIDDEN"]
    assert await seen(programmes, reviewer, application) == []


async def test_r27_who_reads_a_document_is_in_the_audit(programmes: Programmes, database: Database) -> None:
    handle = new_id()
    application = await draft(programmes, handle=handle)
    await attached(programmes, application)
    await under_review(programmes, application)
    one = staff(programmes, "one")
    await programmes.assign(application, one)

    await seen(programmes, one, application)

    async with database.transaction(system_caller(new_id())) as session:
        entries = await session.scalars(
            select(AuditEntry).where(AuditEntry.client_id == handle, AuditEntry.actor == "one")
        )
        assert [(entry.data_classes, entry.purpose) for entry in entries] == [
            (["FINANCIAL"], "GRANT_APPLICATION")
        ]


async def test_r22_a_withdrawn_applications_documents_are_destroyed_with_it(
    programmes: Programmes, database: Database
) -> None:
    application = await draft(programmes)
    id_ = UUID(await attached(programmes, application))
    async with database.transaction(system_caller(new_id())) as session:
        kept = await session.get_one(GrantDocument, id_)
        [part] = await session.scalars(
            select(GrantDocumentPart).where(GrantDocumentPart.attachment_id == id_)
        )
        session.expunge_all()
    keys = vault(programmes.grants.settings)
    assert keys.open(kept, part.content_sealed, place(id_, 0)) == PDF

    await programmes.move(programmes.clinic, application, "WITHDRAW")

    assert [one["part"] for one in await seen(programmes, programmes.clinic, application)] == [None]
    assert await the_round(programmes, "shred grants") == 1
    assert keys.open(kept, part.content_sealed, place(id_, 0)) is None  # nor does a backup open
    with pytest.raises(KeyShreddedError):
        assert kept.wrapped is not None
        keys.keys.unwrap(id_, kept.wrapped, id_.bytes + kept.application_id.bytes)
    assert await the_round(programmes, "let grants' documents go") == 1


async def test_r23_documents_end_with_what_leads_to_a_person(
    programmes: Programmes, database: Database
) -> None:
    application = await draft(programmes)
    id_ = UUID(await attached(programmes, application))
    async with database.transaction(system_caller(new_id())) as session:
        await session.execute(update(FundingRound).values(closes_at=datetime.now(UTC) + timedelta(days=1)))

    await the_round(programmes, "unlink finished programmes", days=1098)

    async with database.transaction(system_caller(new_id())) as session:
        row = await session.get_one(GrantDocument, id_)
        assert (row.wrapped, row.state) == (None, "REFUSED")
        left = select(func.count()).where(GrantDocumentPart.attachment_id == id_)
        assert await session.scalar(left) == 0


async def test_a_funder_reads_nothing_once_the_consent_has_ended(
    programmes: Programmes, database: Database
) -> None:
    application = await draft(programmes)
    await attached(programmes, application)
    await under_review(programmes, application)
    one = staff(programmes, "one")
    await programmes.assign(application, one)
    async with database.transaction(system_caller(new_id())) as session:
        ended = update(GrantApplication).where(GrantApplication.id == UUID(application["id"]))
        await session.execute(ended.values(consent_expires_at=datetime.now(UTC) - timedelta(minutes=1)))

    assert await seen(programmes, one, application) == []


async def test_what_is_sealed_is_neither_named_nor_readable_in_the_database(
    programmes: Programmes, database: Database
) -> None:
    id_ = await attached(programmes, await draft(programmes), name="bakery in Huron.pdf")
    rows = "SELECT d::text || p::text FROM grant_documents d JOIN grant_document_parts p ON p.attachment_id = d.id WHERE d.id = :id"
    async with database.transaction(system_caller(new_id())) as session:
        dump = str(await session.scalar(text(rows), {"id": UUID(id_)}))

    assert "Huron" not in dump
    assert PDF.hex() not in dump


async def test_a_new_master_wraps_all_documents_anew_and_the_former_is_retired(
    programmes: Programmes,
) -> None:
    application = await draft(programmes)
    await attached(programmes, application)
    told = await rotate_master(programmes.grants.settings)

    assert "grants: master 2 wraps" in told
    assert (await the_round(programmes, "rewrap grants") or 0) >= 1
    [document] = await seen(programmes, programmes.clinic, application)
    assert base64.b64decode(document["part"]) == PDF
    kept = programmes.grants.settings.backups_kept_days
    assert await the_round(programmes, "rewrap grants", days=kept + 1) == 0
    ring = vault(programmes.grants.settings).keys.current(anew=True)
    assert [one.version for one in ring.masters] == [2]
    assert [one["name"] for one in await seen(programmes, programmes.clinic, application)] == ["plan.pdf"]


async def test_what_it_is_not_is_refused_and_changes_nothing(programmes: Programmes) -> None:
    application = await draft(programmes)
    started = (await start(programmes, application, kind="PNG"))["document"]

    wrong = await send(programmes, started["id"])
    short = await send(programmes, started["id"], piece=PDF[:-1])
    others = await send(programmes, started["id"], by=programmes.funder)
    named = await start(programmes, application, name="A# 123456789.pdf")
    large = await start(programmes, application, bytes=64 * 1024 * 1024)

    assert (wrong["__typename"], wrong["problem"]) == ("AttachmentRefused", "WRONG_KIND")
    assert [short["__typename"], others["__typename"]] == ["InvalidInput", "NotFound"]
    assert (named["__typename"], large["problems"]) == ("SensitiveText", [{"field": "bytes"}])
    [waiting] = await seen(programmes, programmes.clinic, application)
    assert waiting["state"] == "RECEIVING"


async def test_a_large_document_comes_in_parts_in_any_order(programmes: Programmes) -> None:
    content = PDF + b"%" * PART_BYTES
    started = (await start(programmes, await draft(programmes), bytes=len(content)))["document"]

    states = [
        (await send(programmes, started["id"], number, content[number * PART_BYTES :][:PART_BYTES]))[
            "document"
        ]["state"]
        for number in (1, 0)
    ]

    assert started["parts"] == 2
    assert states == ["RECEIVING", "QUARANTINED"]


async def test_an_application_takes_documents_until_it_is_reviewed(programmes: Programmes) -> None:
    application = await draft(programmes)
    await under_review(programmes, application)

    assert (await start(programmes, application))["__typename"] == "NotAllowed"
