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
  ... on ParticipantEnrolled { participant { id status version } } ... on NotAllowed { message } } }"""
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
            recipient_handle=UUID(int=handle.int ^ 1),
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

    async def cohort(self, capacity: int = 40, starts_on: date | None = None) -> str:
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
        self, budget: str = "20000.00 USD", opened_days_ago: int = 1
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


def _key() -> dict[str, str]:
    return {"idempotencyKey": str(new_id())}
