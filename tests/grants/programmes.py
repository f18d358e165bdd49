"""The cast of the cohort and grant tests, and what they usually do."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from tests.support.subgraph import Subgraph, caller_of
from vereda.caller import Caller
from vereda.ids import new_id
from vereda.keys import KeyRing
from vereda.statements import ConsentProof, ConsentsInForce, state

PROGRAM = """mutation($input: CreateTrainingProgramInput!) { createTrainingProgram(input: $input) {
  ... on TrainingProgramSaved { trainingProgram { id } } } }"""
OPEN = """mutation($input: OpenCohortInput!) { openCohort(input: $input) { __typename
  ... on CohortOpened { cohort { id } } ... on InvalidInput { problems { field } } } }"""
ENROL = """mutation($input: EnrolParticipantInput!) { enrolParticipant(input: $input) { __typename
  ... on ParticipantEnrolled { participant { id status version client { handle } } } } }"""
CHANGE = """mutation($input: ChangeParticipantInput!) { changeParticipant(input: $input) { __typename
  ... on ParticipantEnrolled { participant { id status version } } ... on CompletionMissing { code missing }
  ... on NotAllowed { message } } }"""
FUND = """mutation($input: CreateFundingProgramInput!) { createFundingProgram(input: $input) { __typename
  ... on FundingProgramSaved { fundingProgram { id tiers { id amount } } }
  ... on InvalidInput { problems { field } } } }"""
ROUND = """mutation($input: OpenFundingRoundInput!) { openFundingRound(input: $input) { __typename
  ... on FundingRoundOpened { fundingRound { id budget } } } }"""
APPLY = """mutation($input: ApplyForGrantInput!) { applyForGrant(input: $input) { __typename
  ... on GrantApplicationSaved { application { id version state } } ... on InvalidInput { problems { field } } } }"""
MOVE = """mutation($input: MoveGrantApplicationInput!) { moveGrantApplication(input: $input) { __typename
  ... on GrantApplicationSaved { application { id version state awarded } }
  ... on GrantMoveNotAllowed { state allowedMoves message } ... on InvalidInput { problems { field } } } }"""


DISBURSE = """mutation($input: DisburseInput!) { disburse(input: $input) { __typename
  ... on AwardSaved { award { id state version disbursed receipted returned released allowedMoves } }
  ... on TrancheNotDue { message } ... on GrantMoveNotAllowed { state allowedMoves } ... on InvalidInput { problems { field } } } }"""
RECEIPT = """mutation($input: RecordReceiptInput!) { recordReceipt(input: $input) { __typename
  ... on ReceiptSaved { receipt { id status version } } ... on InvalidInput { problems { field } } } }"""
DECIDE = """mutation($input: DecideReceiptInput!) { decideReceipt(input: $input) { __typename
  ... on ReceiptSaved { receipt { id status version } award { receipted } } } }"""
RETURN = """mutation($input: RecordReturnInput!) { recordReturn(input: $input) { __typename
  ... on AwardSaved { award { id state version returned } } ... on InvalidInput { problems { field } } } }"""
SETTLE = """mutation($input: SettleAwardInput!) { settleAward(input: $input) { __typename
  ... on AwardSaved { award { id state version released } } ... on GrantMoveNotAllowed { state message } } }"""
AWARD = """query($id: ID!) { grantApplication(id: $id) { award { id state version amount disbursed receipted returned released
  tranches { number amount due paidAt payerReference } ledger { kind debit credit amount } } } }"""
ASSIGN = """mutation($input: AssignReviewerInput!) { assignReviewer(input: $input) { __typename
  ... on GrantReviewSaved { review { id version state reviewer } } ... on ReviewerRefused { message } } }"""
SCORE = """mutation($input: SubmitReviewInput!) { submitReview(input: $input) { __typename
  ... on GrantReviewSaved { review { id version state total } } ... on InvalidInput { problems { field } } } }"""
RECUSE = """mutation($input: RecuseFromReviewInput!) { recuseFromReview(input: $input) { __typename
  ... on GrantReviewSaved { review { id state } } } }"""
RUBRIC = [{"name": "Plan", "maximum": 10, "weight": 2}, {"name": "Readiness", "maximum": 5}]
HALVES = [{"percent": 50}, {"percent": 50, "receiptsPercent": 80}]


@dataclass
class Programmes:
    grants: Subgraph
    clinic: Caller = field(default_factory=caller_of)
    school: Caller = field(default_factory=caller_of)
    funder: Caller = field(default_factory=lambda: caller_of(subject="reviewer"))

    def proof(
        self,
        purpose: str = "PROGRAM_ENROLMENT",
        handle: UUID | None = None,
        recipient: Caller | None = None,
        days: float = 90,
        consent: UUID | None = None,
        recipient_handle: UUID | None = None,
    ) -> str:
        """What referrals would sign for a client of the clinic."""
        handle = handle or new_id()
        content = ConsentProof(
            consent=consent or new_id(),
            purpose=purpose,
            data_classes=["PROGRAM"],
            sponsor=self.clinic.organization,
            sponsor_handle=handle,
            recipient=(
                recipient or (self.funder if purpose == "GRANT_APPLICATION" else self.school)
            ).organization,
            recipient_handle=recipient_handle or UUID(int=handle.int ^ 1),
            consent_expires_at=datetime.now(UTC) + timedelta(days=days),
        )
        return state(KeyRing(self.grants.settings.keys / "referrals"), content)

    def assurance(self, handle: UUID, *consents: UUID, reader: Caller | None = None) -> str:
        """What referrals would sign of the consents that hold for a client of the clinic."""
        content = ConsentsInForce(
            reader=(reader or self.clinic).organization,
            handle=handle,
            consents=[str(one) for one in consents],
        )
        return state(KeyRing(self.grants.settings.keys / "referrals"), content)

    async def cohort(
        self, capacity: int = 40, starts_on: date | None = None, minimum: int = 0, plan: bool = False
    ) -> str:
        """A cohort that is completed without attendance and plan, unless they are asked for."""
        made = await self.grants.data(
            self.school, PROGRAM, input={**_key(), "name": "Immigrant Entrepreneurs"}
        )
        starts = starts_on or datetime.now(UTC).date() + timedelta(days=7)
        opened = await self.grants.data(
            self.school,
            OPEN,
            input={
                **_key(),
                "program": made["createTrainingProgram"]["trainingProgram"]["id"],
                "season": "FALL_WINTER",
                "year": starts.year,
                "capacity": capacity,
                "minimumAttendancePercent": minimum,
                "planRequired": plan,
                "startsOn": starts.isoformat(),
                "endsOn": (starts + timedelta(days=180)).isoformat(),
            },
        )
        return str(opened["openCohort"]["cohort"]["id"])

    async def enrol(
        self, cohort: str, proof: str, by: Caller | None = None, key: str | None = None
    ) -> dict[str, Any]:
        done = await self.grants.data(
            by or self.clinic,
            ENROL,
            input={"idempotencyKey": key or str(new_id()), "cohort": cohort, "proof": proof},
        )
        return dict(done["enrolParticipant"])

    async def change(self, by: Caller, participant: dict[str, Any], status: str) -> dict[str, Any]:
        given = {"id": participant["id"], "expectedVersion": participant["version"], "status": status}
        return dict((await self.grants.data(by, CHANGE, input={**_key(), **given}))["changeParticipant"])

    async def round(
        self, budget: str = "20000.00 USD", opened_days_ago: int = 1, **more: Any
    ) -> tuple[str, dict[str, str]]:
        """A round of a SEED-like program, and its tiers by amount."""
        made = await self.grants.data(
            self.funder,
            FUND,
            input={
                **_key(),
                "name": "Seed grants",
                "attestation": "I meet the program's rule for applicants.",
                "tiers": [
                    {"amount": "5000.00 USD"},
                    {"amount": "10000.00 USD", "condition": "with revenue"},
                    {"amount": "1000.00 USD", "requiresTraining": False},
                ],
                **more,
            },
        )
        program = made["createFundingProgram"]["fundingProgram"]
        opens = datetime.now(UTC) - timedelta(days=opened_days_ago)
        opened = await self.grants.data(
            self.funder,
            ROUND,
            input={
                **_key(),
                "program": program["id"],
                "name": "Spring",
                "opensAt": opens.isoformat(),
                "closesAt": (opens + timedelta(days=30)).isoformat(),
                "budget": budget,
            },
        )
        return str(opened["openFundingRound"]["fundingRound"]["id"]), {
            t["amount"]: t["id"] for t in program["tiers"]
        }

    async def apply(self, round_: str, tier: str, handle: UUID | None = None, **more: Any) -> dict[str, Any]:
        given = {
            "round": round_,
            "tier": tier,
            "proof": self.proof("GRANT_APPLICATION", handle),
            "attests": True,
        }
        return dict(
            (await self.grants.data(self.clinic, APPLY, input={**_key(), **given, **more}))["applyForGrant"]
        )

    async def move(self, by: Caller, application: dict[str, Any], move: str, **more: Any) -> dict[str, Any]:
        data = await self.grants.data(
            self.clinic, "query($id: ID!) { grantApplication(id: $id) { version } }", id=application["id"]
        )
        given = {
            "id": application["id"],
            "expectedVersion": data["grantApplication"]["version"],
            "move": move,
        }
        return dict(
            (await self.grants.data(by, MOVE, input={**_key(), **given, **more}))["moveGrantApplication"]
        )

    async def reviewed(self, round_: str, tier: str) -> dict[str, Any]:
        """An application that awaits the funder's decision."""
        made = (await self.apply(round_, tier, trainingWaivedBy="A. Director"))["application"]
        await self.move(self.clinic, made, "SUBMIT")
        for step in ("SCREEN", "REVIEW"):
            await self.move(self.funder, made, step)
        return dict(made)

    async def awarded(self, round_: str, tier: str, *, signed: bool = True) -> dict[str, Any]:
        """An award under an agreement, with its application's id."""
        application = await self.reviewed(round_, tier)
        await self.move(self.funder, application, "APPROVE")
        if signed:
            await self.move(self.clinic, application, "SIGN_AGREEMENT")
        return {"application": application, **await self.award(application)}

    async def award(self, application: dict[str, Any], by: Caller | None = None) -> dict[str, Any]:
        data = await self.grants.data(by or self.funder, AWARD, id=application["id"])
        return dict(data["grantApplication"]["award"])

    async def disburse(
        self, award: dict[str, Any], tranche: int, reference: str = "CHECK-17", by: Caller | None = None
    ) -> dict[str, Any]:
        given = {"award": award["id"], "tranche": tranche, "payerReference": reference}
        return dict(
            (await self.grants.data(by or self.funder, DISBURSE, input={**_key(), **given}))["disburse"]
        )

    async def receipt(self, award: dict[str, Any], amount: str, *, accept: bool = True) -> dict[str, Any]:
        """A receipt that the clinic records and the funder decides on; the answer of the last step that was made."""
        given = {"award": award["id"], "amount": amount, "spentFor": "EQUIPMENT", "spentOn": "2026-01-05"}
        data = await self.grants.data(self.clinic, RECEIPT, input={**_key(), **given})
        recorded = dict(data["recordReceipt"])
        return await self.decide(recorded["receipt"], accept=accept) if "receipt" in recorded else recorded

    async def decide(self, receipt: dict[str, Any], *, accept: bool = True) -> dict[str, Any]:
        given = {"id": receipt["id"], "expectedVersion": receipt["version"], "accept": accept}
        return dict((await self.grants.data(self.funder, DECIDE, input={**_key(), **given}))["decideReceipt"])

    async def give_back(self, award: dict[str, Any], amount: str) -> dict[str, Any]:
        given = {"award": award["id"], "amount": amount, "payerReference": "DEPOSIT 4"}
        return dict((await self.grants.data(self.funder, RETURN, input={**_key(), **given}))["recordReturn"])

    async def settle(self, award: dict[str, Any], move: str) -> dict[str, Any]:
        data = await self.grants.data(
            self.funder, "query($id: ID!) { award(id: $id) { version } }", id=award["id"]
        )
        given = {"id": award["id"], "expectedVersion": data["award"]["version"], "move": move}
        return dict((await self.grants.data(self.funder, SETTLE, input={**_key(), **given}))["settleAward"])

    async def assign(self, application: dict[str, Any], reviewer: Caller) -> dict[str, Any]:
        given = {"application": application["id"], "reviewer": reviewer.subject}
        return dict(
            (await self.grants.data(self.funder, ASSIGN, input={**_key(), **given}))["assignReviewer"]
        )

    async def score(self, by: Caller, review: dict[str, Any], *scores: int) -> dict[str, Any]:
        given = {"id": review["id"], "expectedVersion": review["version"], "scores": list(scores)}
        return dict((await self.grants.data(by, SCORE, input={**_key(), **given}))["submitReview"])

    async def recuse(self, by: Caller, review: dict[str, Any]) -> dict[str, Any]:
        given = {"id": review["id"], "expectedVersion": review["version"]}
        return dict((await self.grants.data(by, RECUSE, input={**_key(), **given}))["recuseFromReview"])


def _key() -> dict[str, str]:
    return {"idempotencyKey": str(new_id())}
