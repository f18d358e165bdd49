"""An organisation on its way to recognition and accreditation, through the graph (DOMAIN 4.8)."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import pytest
from sqlalchemy import select

from services.partners.domain.terms import OrganizationKind
from services.partners.models import Accreditation, OutboxEvent, Practitioner, Recognition
from services.partners.operations.applications import business_day
from services.partners.operations.credentials import remind
from tests.support.directory import Directory
from tests.support.subgraph import Subgraph, caller_of
from vereda.caller import Caller, Scope, system_caller
from vereda.database import Database
from vereda.ids import new_id
from vereda.rounds import Round, make
from vereda.settings import Settings

DOCS: Final = Path(__file__).parents[2] / "docs" / "legal-capacity.md"
TODAY: Final = business_day(datetime.now(UTC))
_SEEN: Final = """... on RaApplicationSaved { application { id version stage form checklist { item doneOn } } }
  ... on ApplicationIncomplete { code missing } ... on RaMoveNotAllowed { code stage allowedMoves }
  ... on CredentialMissing { code } ... on ApplicationUnderWay { code underWay } ... on NotFound { code }
  ... on NotAllowed { code } ... on InvalidInput { code problems { field } } ... on VersionConflict { code }"""
APPLICATIONS: Final = "query($stages: [RaStage!]) { raApplications(filter: {stages: $stages}) { nodes: edges { node { id stage } } } }"
CALENDAR: Final = """{ raCalendar(withinMonths: 12) { daysLeft lapses reminders renewal { id stage }
  credential { id kind expiresOn pendingRenewal } } }"""
HELD: Final = """query($id: ID!) { organization(id: $id) { recognitions { id grantedOn expiresOn conditional status pendingRenewal
  extensionOffices } practitioners { role accreditations { level grantedOn expiresOn pendingRenewal } } } }"""


def later(years: int) -> date:
    try:
        return TODAY.replace(year=TODAY.year + years)
    except ValueError:  # from 29 February
        return TODAY.replace(year=TODAY.year + years, day=28)


class Provider:
    """A legal provider and its applications."""

    def __init__(self, partners: Subgraph, directory: Directory, id_: UUID) -> None:
        self.partners, self.directory, self.id = partners, directory, id_
        self.caller = caller_of(id_)

    async def do(self, mutation: str, caller: Caller | None = None, **given: Any) -> dict[str, Any]:
        kind = mutation[0].upper() + mutation[1:]
        document = f"mutation($i: {kind}Input!) {{ {mutation}(input: $i) {{ {_SEEN} }} }}"
        given = {"idempotencyKey": str(new_id())} | given
        answer = await self.partners.data(caller or self.caller, document, i=given)
        return dict(answer[mutation])

    async def start(self, purpose: str, **more: Any) -> dict[str, Any]:
        done = await self.do("startRaApplication", purpose=purpose, **more)
        return dict(done.get("application", done))

    async def whole(self, application: dict[str, Any]) -> dict[str, Any]:
        for item in application["checklist"]:
            given = {"item": item["item"], "doneOn": str(TODAY)} | of(application)
            application = (await self.do("setChecklistItem", **given))["application"]
        return application

    async def file(self, application: dict[str, Any], on: date = TODAY) -> dict[str, Any]:
        return await self.do("fileApplication", filedOn=str(on), servedUscisOn=str(on), **of(application))

    async def filed(self, purpose: str, on: date = TODAY, **more: Any) -> dict[str, Any]:
        return dict((await self.file(await self.whole(await self.start(purpose, **more)), on))["application"])

    async def decide(self, application: dict[str, Any], decision: str, **more: Any) -> dict[str, Any]:
        given = {"decidedOn": str(TODAY)} | of(application) | more
        return await self.do("recordDecision", decision=decision, **given)

    async def recognised(self, until: date) -> Recognition:
        row = Recognition(id=new_id(), organization_id=self.id, granted_on=date(2020, 1, 1), expires_on=until)
        await self.directory.add(row)
        return row

    async def held(self) -> dict[str, Any]:
        """As any other member sees it."""
        answer = await self.partners.data(caller_of(), HELD, id=str(self.id))
        return dict(answer["organization"])


def of(application: dict[str, Any]) -> dict[str, Any]:
    return {"id": application["id"], "expectedVersion": application["version"]}


@pytest.fixture
async def provider(partners: Subgraph, directory: Directory) -> Provider:
    return Provider(partners, directory, (await directory.organization("Puente", OrganizationKind.LEGAL)).id)


async def test_a_first_recognition_is_conditional_for_two_years(provider: Provider) -> None:
    started = await provider.start("NEW_RECOGNITION")
    early = await provider.file(started)
    ready = await provider.whole(started)
    filed = (await provider.file(ready))["application"]
    pending = (await provider.decide(filed, "ACKNOWLEDGE"))["application"]
    approved = (await provider.decide(pending, "APPROVE"))["application"]

    assert (early["code"], early["missing"]) == (
        "APPLICATION_INCOMPLETE",
        [item["item"] for item in started["checklist"]],
    )
    assert [one["stage"] for one in (started, ready, filed, pending, approved)] == [
        "PREPARING",
        "READY",
        "FILED",
        "PENDING",
        "APPROVED",
    ]
    [recognition] = (await provider.held())["recognitions"]
    assert (recognition["conditional"], recognition["status"]) == (True, "ACTIVE")
    assert (recognition["grantedOn"], recognition["expiresOn"]) == (str(TODAY), str(later(2)))


async def test_an_item_that_is_open_again_takes_readiness_away_until_it_is_filed(provider: Provider) -> None:
    ready = await provider.whole(await provider.start("NEW_RECOGNITION"))
    reopened = (await provider.do("setChecklistItem", item="FEES", **of(ready)))["application"]
    refused = await provider.file(reopened)
    other_form = await provider.do("setChecklistItem", item="TRAINING_CERTIFICATE", **of(reopened))
    filed = (await provider.file(await provider.whole(reopened)))["application"]
    after = await provider.do("setChecklistItem", item="FEES", **of(filed))

    assert (reopened["stage"], refused["missing"]) == ("PREPARING", ["FEES"])
    assert other_form["problems"] == [{"field": "item"}]
    assert (after["code"], after["stage"]) == ("MOVE_NOT_ALLOWED", "FILED")
    assert after["allowedMoves"] == ["ACKNOWLEDGE", "APPROVE", "DENY", "WITHDRAW"]


async def test_a_renewal_filed_before_the_end_keeps_it_and_an_approval_makes_six_years_of_it(
    provider: Provider,
) -> None:
    held = await provider.recognised(TODAY + timedelta(days=1))
    filed = await provider.filed("RENEWED_RECOGNITION")
    waiting = (await provider.held())["recognitions"]
    await provider.decide(filed, "APPROVE")
    [renewed] = (await provider.held())["recognitions"]

    assert [one["pendingRenewal"] for one in waiting] == [True]
    assert (renewed["id"], renewed["expiresOn"]) == (str(held.id), str(later(6)))
    assert (renewed["pendingRenewal"], renewed["conditional"]) == (False, False)


async def test_a_renewal_filed_after_the_end_keeps_nothing_and_its_approval_is_a_new_term(
    provider: Provider,
) -> None:
    held = await provider.recognised(TODAY - timedelta(days=1))
    filed = await provider.filed("RENEWED_RECOGNITION")
    [waiting] = (await provider.held())["recognitions"]
    await provider.decide(filed, "APPROVE")
    terms = [(one["grantedOn"], one["expiresOn"]) for one in (await provider.held())["recognitions"]]

    assert not waiting["pendingRenewal"]
    assert terms == [("2020-01-01", str(held.expires_on)), (str(TODAY), str(later(6)))]


@pytest.mark.parametrize("end", ["DENY", "WITHDRAW"])
async def test_a_renewal_that_comes_to_nothing_leaves_its_own_term(provider: Provider, end: str) -> None:
    held = await provider.recognised(TODAY + timedelta(days=20))
    filed = await provider.filed("RENEWED_RECOGNITION")
    ended = (await provider.decide(filed, end))["application"]
    [after] = (await provider.held())["recognitions"]

    assert (after["expiresOn"], after["pendingRenewal"]) == (str(held.expires_on), False)
    assert (await provider.decide(ended, "APPROVE"))["allowedMoves"] == []


async def test_a_representative_is_accredited_with_a_recognised_organisation_alone(
    provider: Provider, directory: Directory
) -> None:
    person = Practitioner(id=new_id(), organization_id=provider.id, role="NAVIGATOR", weekly_hours=30)
    await directory.add(person)
    ready = await provider.whole(await provider.start("INITIAL_PARTIAL", practitioner=str(person.id)))
    alone = await provider.file(ready)
    first = await provider.filed("NEW_RECOGNITION")
    beside = (await provider.file(ready))["application"]
    too_soon = await provider.decide(beside, "APPROVE")
    await provider.decide(first, "APPROVE")
    await provider.decide(beside, "APPROVE")

    assert (alone["code"], too_soon["code"]) == ("CREDENTIAL_MISSING", "CREDENTIAL_MISSING")
    [practitioner] = (await provider.held())["practitioners"]
    [accreditation] = practitioner["accreditations"]
    assert (practitioner["role"], accreditation["level"]) == ("PARTIAL_REP", "PARTIAL")
    assert accreditation["expiresOn"] == str(later(3))


async def test_nobody_files_for_the_representative_of_another(
    provider: Provider, directory: Directory
) -> None:
    theirs = await directory.representative((await directory.organization()).id, TODAY)

    refused = await provider.start("RENEWED_ACCREDITATION", practitioner=str(theirs.id))

    assert refused["code"] == "NOT_FOUND"


async def test_an_extension_needs_an_office_and_a_recognition(
    provider: Provider, directory: Directory
) -> None:
    office = await directory.location(provider.id)
    nowhere = await provider.start("EXTENSION_OFFICE")
    unrecognised = await provider.start("EXTENSION_OFFICE", location=str(office.id))
    held = await provider.recognised(TODAY + timedelta(days=400))
    filed = await provider.filed("EXTENSION_OFFICE", location=str(office.id))
    await provider.decide(filed, "APPROVE")

    assert nowhere["problems"] == [{"field": "location"}]
    assert unrecognised["code"] == "CREDENTIAL_MISSING"
    [recognition] = (await provider.held())["recognitions"]
    assert recognition["extensionOffices"] == [str(office.id)]
    assert recognition["expiresOn"] == str(held.expires_on)


async def test_one_application_at_a_time_for_the_same(provider: Provider) -> None:
    first = await provider.start("NEW_RECOGNITION")
    second = await provider.start("NEW_RECOGNITION")
    await provider.decide(first, "WITHDRAW")

    assert (second["code"], second["underWay"]) == ("APPLICATION_UNDER_WAY", first["id"])
    assert (await provider.start("NEW_RECOGNITION"))["stage"] == "PREPARING"


async def test_days_make_sense_and_what_changed_meanwhile_is_read_again(provider: Provider) -> None:
    ready = await provider.whole(await provider.start("NEW_RECOGNITION"))
    tomorrow = TODAY + timedelta(days=1)
    future = await provider.file(ready, tomorrow)
    filed = (await provider.file(ready))["application"]
    stale = await provider.decide(ready, "APPROVE")
    before = await provider.decide(filed, "APPROVE", decidedOn=str(TODAY - timedelta(days=9)))
    no_decision = await provider.decide(filed, "FILE")

    assert future["problems"] == [{"field": "filedOn"}, {"field": "servedUscisOn"}]
    assert stale["code"] == "VERSION_CONFLICT"
    assert before["problems"] == [{"field": "decidedOn"}]
    assert no_decision["problems"] == [{"field": "decision"}]


async def test_a_request_sent_twice_is_done_once(provider: Provider) -> None:
    key = str(new_id())
    first = await provider.start("NEW_RECOGNITION", idempotencyKey=key)
    again = await provider.start("NEW_RECOGNITION", idempotencyKey=key)

    assert again == first


async def test_an_application_is_seen_by_its_organisation_and_the_coordinator_alone(
    provider: Provider, partners: Subgraph
) -> None:
    made = await provider.start("NEW_RECOGNITION")
    coordinator = caller_of(None, Scope.ADMIN_NETWORK, Scope.DIRECTORY_READ)
    stranger = caller_of(None, Scope.DIRECTORY_WRITE, Scope.DIRECTORY_READ)

    async def seen(caller: Caller) -> set[str]:
        found = await partners.data(caller, APPLICATIONS, stages=["PREPARING"])
        return {edge["node"]["id"] for edge in found["raApplications"]["nodes"]}

    assert made["id"] in await seen(provider.caller)
    assert made["id"] in await seen(coordinator)
    assert await seen(stranger) == set()
    assert (await provider.do("setChecklistItem", stranger, item="FEES", **of(made)))["code"] == "NOT_FOUND"
    both = caller_of(None, *Scope)
    assert (await provider.do("setChecklistItem", both, item="FEES", **of(made)))["code"] == "NOT_ALLOWED"


async def test_the_calendar_says_what_lapses_before_it_is_filed(
    provider: Provider, partners: Subgraph
) -> None:
    own = caller_of(provider.id, Scope.DIRECTORY_WRITE, Scope.DIRECTORY_READ)
    held = await provider.recognised(TODAY + timedelta(days=20))
    preparing = await provider.start("RENEWED_RECOGNITION")
    [before] = (await partners.data(own, CALENDAR))["raCalendar"]
    await provider.file(await provider.whole(preparing))
    [after] = (await partners.data(own, CALENDAR))["raCalendar"]
    others = await partners.data(caller_of(None, Scope.DIRECTORY_WRITE), CALENDAR)

    assert (before["daysLeft"], before["lapses"], before["renewal"]["stage"]) == (20, True, "PREPARING")
    assert before["credential"]["id"] == str(held.id)
    assert len(before["reminders"]) == 4
    assert (after["lapses"], after["renewal"]["stage"]) == (False, "FILED")
    assert others["raCalendar"] == []


async def test_each_reminder_is_given_once_and_anew_for_a_new_term(
    provider: Provider, database: Database, settings: Settings
) -> None:
    """Round after round, up to the end: one event for each of 12, 6, 3 months and one."""
    held = await provider.recognised(TODAY + timedelta(days=500))
    person = await provider.directory.representative(provider.id, TODAY + timedelta(days=40))
    round_ = Round("credential reminders", 3600, remind)

    async def told() -> list[tuple[str, str]]:
        async with database.transaction(provider.caller) as session:
            rows = await session.scalars(
                select(OutboxEvent)
                .where(OutboxEvent.audience.contains([provider.id]), OutboxEvent.type.like("%.expiring"))
                .order_by(OutboxEvent.sequence)
            )
            return [(row.type.split(".")[2], row.data["months"]) for row in rows]

    for day in range(0, 510, 15):
        moment = datetime.now(UTC) + timedelta(days=day)
        await make(round_, database, settings, lambda moment=moment: moment)
        await make(round_, database, settings, lambda moment=moment: moment)

    assert sorted(await told()) == [
        ("accreditation", "1"),
        ("accreditation", "3"),
        ("recognition", "1"),
        ("recognition", "12"),
        ("recognition", "3"),
        ("recognition", "6"),
    ]
    async with database.transaction(system_caller(new_id())) as session:
        (await session.get_one(Recognition, held.id)).expires_on = TODAY + timedelta(days=700)
        accreditation = await session.scalar(
            select(Accreditation).where(Accreditation.practitioner_id == person.id)
        )
        assert accreditation is not None
        accreditation.pending_renewal = True
    moment = datetime.now(UTC) + timedelta(days=500)
    await make(round_, database, settings, lambda: moment)
    assert (await told())[-1] == ("recognition", "12")


@pytest.mark.parametrize("document", re.findall(r"```graphql\n(.*?)```", DOCS.read_text(), re.DOTALL))
async def test_the_examples_of_the_docs_run(provider: Provider, partners: Subgraph, document: str) -> None:
    await provider.recognised(TODAY + timedelta(days=20))

    person = {"role": "ATTORNEY", "weeklyHours": 20, "languages": ["spa", "mxb"]}
    given = (
        {"input": {"idempotencyKey": str(new_id()), "practitioner": person}} if "$input" in document else {}
    )

    answer = await partners.data(provider.caller, document, **given)

    assert all(answer.values())
