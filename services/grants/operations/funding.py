"""Funding programs, their rounds, and applications in them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.grants.domain.applications import (
    ApplicationMove,
    ApplicationMoveName,
    ApplicationState,
    Decision,
    Side,
    allowed,
)
from services.grants.domain.cohorts import ParticipantStatus
from services.grants.domain.money import Tranche, tranche_problems
from services.grants.domain.reviewing import REVIEWED, Criterion, rubric_problems
from services.grants.events import tell
from services.grants.models import (
    ApplicationEvent,
    Award,
    FundingProgram,
    FundingRound,
    FundingTier,
    FundingTranche,
    GrantApplication,
    IdempotencyRecord,
    Participant,
    RubricCriterion,
)
from services.grants.operations.eligibility import first_version
from services.grants.operations.proofs import read_proof
from services.grants.operations.reviews import reviews_missing as reviews_are_missing
from services.grants.refusals import (
    AlreadyThere,
    BudgetExceeded,
    ConsentProofRefused,
    GrantMoveNotAllowed,
    PrerequisiteMissing,
    ReviewsMissing,
    RoundClosed,
    already_there,
    budget_exceeded,
    grant_move_not_allowed,
    prerequisite_missing,
    reviews_missing,
    round_closed,
)
from vereda.caller import Scope
from vereda.context import RequestContext
from vereda.database import refused_as, take_turns
from vereda.idempotency import claim_key
from vereda.ids import new_id
from vereda.refusals import (
    InvalidInput,
    NotAllowed,
    NotFound,
    VersionConflict,
    invalid,
    not_allowed,
    not_found,
    version_conflict,
)

_HAD_A_PART: Final = "Who had a part in an application does not decide on it: let somebody else approve."


@dataclass(frozen=True, slots=True)
class TierFields:
    amount_cents: int
    condition: str | None
    requires_training: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramFields:
    name: str
    name_es: str | None
    description: str | None
    attestation: str
    currency: str
    tiers: tuple[TierFields, ...]
    tranches: tuple[Tranche, ...]
    rubric: tuple[Criterion, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundFields:
    program: UUID
    name: str
    opens_at: datetime
    closes_at: datetime
    budget_cents: int
    currency: str


async def create_funding_program(
    context: RequestContext[Any], given: ProgramFields, key: str
) -> FundingProgram | InvalidInput:
    """Add a program of the caller's organisation, with its tiers."""
    context.caller.require(Scope.GRANT_PAY)
    if wrong := _program_problems(given):
        return invalid(**wrong)
    async with context.write() as session:
        claim = await claim_key(
            session, IdempotencyRecord, context.caller, "createFundingProgram", key, asdict(given)
        )
        if claim.earlier is not None:
            return await session.get_one(FundingProgram, UUID(claim.earlier["id"]))
        owner = context.caller.organization
        row = FundingProgram(
            organization_id=owner,
            name=given.name,
            name_es=given.name_es,
            description=given.description,
            attestation=given.attestation,
            currency=given.currency,
        )
        session.add(row)
        await session.flush()
        session.add(first_version(row, context))
        session.add_all(
            FundingTier(organization_id=owner, program_id=row.id, **asdict(tier)) for tier in given.tiers
        )
        session.add_all(
            FundingTranche(organization_id=owner, program_id=row.id, number=number, **asdict(tranche))
            for number, tranche in enumerate(given.tranches, start=1)
        )
        session.add_all(
            RubricCriterion(organization_id=owner, program_id=row.id, number=number, **asdict(criterion))
            for number, criterion in enumerate(given.rubric, start=1)
        )
        tell(session, context.caller, "funding_program.created", row.id, id=str(row.id))
        claim.record({"id": str(row.id)})
        await session.flush()
        return row


async def open_round(
    context: RequestContext[Any], given: RoundFields, key: str
) -> FundingRound | InvalidInput | NotFound | NotAllowed:
    """Open a round of one of the caller's programs."""
    context.caller.require(Scope.GRANT_PAY)
    async with context.write() as session:
        claim = await claim_key(session, IdempotencyRecord, context.caller, "openRound", key, asdict(given))
        if claim.earlier is not None:
            return await session.get_one(FundingRound, UUID(claim.earlier["id"]))
        program = await session.get(FundingProgram, given.program)
        if program is None:
            return not_found("funding program")
        if program.organization_id != context.caller.organization:
            return not_allowed("Only the organisation that runs a program may open a round of it.")
        if given.closes_at <= given.opens_at:
            return invalid(closes_at="must be after `opensAt`")
        if given.budget_cents <= 0 or given.currency != program.currency:
            return invalid(budget=f"must be more than zero, in {program.currency}")
        row = FundingRound(
            organization_id=program.organization_id,
            program_id=program.id,
            name=given.name,
            opens_at=given.opens_at,
            closes_at=given.closes_at,
            budget_cents=given.budget_cents,
        )
        session.add(row)
        await session.flush()
        tell(session, context.caller, "funding_round.opened", row.id, id=str(row.id))
        claim.record({"id": str(row.id)})
        return row


async def apply_for_grant(
    context: RequestContext[Any],
    round_id: UUID,
    tier_id: UUID,
    proof: str,
    *,
    attests: bool,
    attestation_version: int | None,
    training_waived_by: str | None,
    key: str,
) -> (
    GrantApplication
    | ConsentProofRefused
    | AlreadyThere
    | PrerequisiteMissing
    | RoundClosed
    | InvalidInput
    | NotFound
):
    """Begin a client's application, with the proof that they consented to it. It is shown to nobody until submitted."""
    context.caller.require(Scope.GRANT_APPLY)
    if not attests:
        return invalid(attests="must be true: the applicant says that they meet the program's rule")
    if training_waived_by is not None and not 1 <= len(training_waived_by.strip()) <= 120:
        return invalid(training_waived_by="must be the name of who waived it, of 1 to 120 characters")
    held = await read_proof(context, proof, "GRANT_APPLICATION")
    if isinstance(held, ConsentProofRefused):
        return held
    if held.sponsor != context.caller.organization:
        return not_found("client of yours with this proof")
    async with context.write() as session:
        request = [round_id, tier_id, held.sponsor_handle, training_waived_by, attestation_version]
        claim = await claim_key(session, IdempotencyRecord, context.caller, "applyForGrant", key, request)
        if claim.earlier is not None:
            return await session.get_one(GrantApplication, UUID(claim.earlier["id"]))
        round_ = await session.get(FundingRound, round_id)
        tier = await session.get(FundingTier, tier_id)
        if round_ is None or round_.organization_id != held.recipient:
            return not_found("round of the organisation that the client consented to")
        if tier is None or tier.program_id != round_.program_id:
            return not_found("tier of this program")
        if not round_.opens_at <= context.now < round_.closes_at:
            return round_closed()
        if tier.requires_training and training_waived_by is None:
            trained = select(Participant.id).where(
                Participant.sponsor_handle == held.sponsor_handle,
                Participant.status == ParticipantStatus.COMPLETED,
            )
            if not await session.scalar(trained):
                return prerequisite_missing()
        await take_turns(session, "applications of", round_.id)
        mine = select(GrantApplication.id).where(
            GrantApplication.round_id == round_.id, GrantApplication.applicant_handle == held.sponsor_handle
        )
        if await session.scalar(mine):
            return already_there()
        program = await session.get_one(FundingProgram, round_.program_id)
        if attestation_version not in (None, program.attestation_version):
            newest = program.attestation_version
            return invalid(attestation_version=f"is not the newest: read version {newest} to them")
        row = GrantApplication(
            id=new_id(),
            organization_id=context.caller.organization,
            funder_id=round_.organization_id,
            round_id=round_.id,
            tier_id=tier.id,
            applicant_handle=held.sponsor_handle,
            funder_handle=held.recipient_handle,
            consent_id=held.consent,
            consent_expires_at=held.consent_expires_at,
            attestation_version=program.attestation_version,
            training_waived_by=training_waived_by,
        )
        session.add(row)
        await session.flush()
        await append_event(session, context, row, None, Side.APPLICANT)
        claim.record({"id": str(row.id)})
        return row


async def move_application(
    context: RequestContext[Any],
    id_: UUID,
    version: int,
    name: ApplicationMoveName,
    decision: Decision | None,
    key: str,
) -> (
    GrantApplication
    | GrantMoveNotAllowed
    | BudgetExceeded
    | ReviewsMissing
    | AlreadyThere
    | InvalidInput
    | NotFound
    | VersionConflict
):
    """Make one move of the application's table, in the caller's part."""
    async with context.write() as session:
        claim = await claim_key(
            session,
            IdempotencyRecord,
            context.caller,
            "moveGrantApplication",
            key,
            [id_, version, name, decision],
        )
        row = await session.get(GrantApplication, id_, with_for_update=True)
        if row is None:
            return not_found("application")
        side = Side.APPLICANT if row.organization_id == context.caller.organization else Side.FUNDER
        context.caller.require(Scope.GRANT_APPLY if side is Side.APPLICANT else Scope.GRANT_REVIEW)
        if claim.earlier is not None:
            return row
        if row.version != version:
            return version_conflict(row.version)
        open_moves = {move.name: move for move in allowed(row.state, side)}
        move = open_moves.get(name)
        if move is None:
            return grant_move_not_allowed(f"{name} cannot be done now.", row.state, list(open_moves))
        if move.needs_decision and decision is None:
            return invalid(decision=f"is needed with {name}")
        if (
            move.to in REVIEWED
            and row.state is ApplicationState.UNDER_REVIEW
            and await reviews_are_missing(session, row)
        ):
            return reviews_missing()
        before = row.state
        _stamp(row, move, decision, context.now)
        await session.flush()
        if move.takes_money and (refused := await _award(session, row, before, context.now)):
            return refused
        await append_event(session, context, row, move, side)
        claim.record({"id": str(row.id)})
        return row


async def _award(
    session: AsyncSession, row: GrantApplication, before: ApplicationState, now: datetime
) -> BudgetExceeded | AlreadyThere | GrantMoveNotAllowed | None:
    """Make the award of an application that is approved, or say why there can be none. `before`: where it stood.

    The database refuses what would exceed the budget, and a second award of a person, by itself; what is looked at before,
    under the round's lock, is to refuse it in words.
    """
    round_ = await session.get_one(FundingRound, row.round_id, with_for_update=True, populate_existing=True)
    tier = await session.get_one(FundingTier, row.tier_id)
    if round_.awarded_cents + tier.amount_cents > round_.budget_cents:
        return budget_exceeded()
    other = select(Award.id).where(
        Award.round_id == row.round_id,
        Award.participant_handle == row.funder_handle,
        Award.released_cents < Award.amount_cents,
    )
    if await session.scalar(other):
        return already_there()
    session.add(
        Award(
            organization_id=row.funder_id,
            recipient_id=row.organization_id,
            application_id=row.id,
            round_id=row.round_id,
            participant_handle=row.funder_handle,
            amount_cents=tier.amount_cents,
            awarded_at=now,
        )
    )
    if await refused_as(session, "decider_apart"):
        moves = [move.name for move in allowed(before, Side.FUNDER)]
        return grant_move_not_allowed(_HAD_A_PART, before, moves)
    await session.refresh(row, ["awarded_cents"])
    return None


def _stamp(row: GrantApplication, move: ApplicationMove, decision: Decision | None, now: datetime) -> None:
    row.state = move.to
    row.decision = decision if decision is not None else row.decision
    if move.name is ApplicationMoveName.SUBMIT:
        row.submitted_at = now
    if move.to in (ApplicationState.APPROVED, ApplicationState.DENIED):
        row.decided_at = now


async def append_event(
    session: AsyncSession,
    context: RequestContext[Any],
    row: GrantApplication,
    move: ApplicationMove | None,
    side: Side,
) -> None:
    """Enter in an application's history what was done with it, and tell both sides; `move`: None where it begins."""
    name, to = (move.name, move.to) if move else (None, ApplicationState.DRAFT)
    last = select(func.max(ApplicationEvent.sequence)).where(ApplicationEvent.application_id == row.id)
    session.add(
        ApplicationEvent(
            application_id=row.id,
            sequence=(await session.scalar(last) or 0) + 1,
            move=name,
            to_state=to,
            side=side,
            organization_id=context.caller.organization,
            actor=context.caller.subject,
            occurred_at=context.now,
        )
    )
    audience = [row.organization_id] if to is ApplicationState.DRAFT else [row.organization_id, row.funder_id]
    tell(
        session,
        context.caller,
        f"grant_application.{(name or 'DRAFT').lower()}",
        row.id,
        audience,
        id=str(row.id),
    )
    await session.flush()


def _program_problems(given: ProgramFields) -> dict[str, str]:
    wrong = {}
    if not given.name.strip():
        wrong["name"] = "must not be empty"
    if not given.attestation.strip():
        wrong["attestation"] = "must say the rule that applicants attest to"
    amounts = [tier.amount_cents for tier in given.tiers]
    if not amounts or min(amounts) <= 0 or len(set(amounts)) != len(amounts):
        wrong["tiers"] = "must be one or more different amounts above zero"
    return wrong | tranche_problems(given.tranches) | rubric_problems(given.rubric)
