"""Whose work a referral is, handing a client over in person, and moving many referrals at once."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final

import strawberry
from graphql import GraphQLError

from services.referrals import models
from services.referrals.domain.hand_off import HandOffChannel
from services.referrals.operations import assigning, hand_offs, moves
from services.referrals.refusals import MoveFailed, SensitiveText, move_failed
from services.referrals.schema.context import Info
from services.referrals.schema.mutations.referrals import MoveAnswer, MoveReferralInput, ReferralMoved
from services.referrals.schema.referrals import Referral
from services.referrals.schema.working import HandOff
from vereda.caller import Scope
from vereda.graph import one_of
from vereda.idempotency import KEY_DESCRIPTION
from vereda.ids import parse_id
from vereda.masking import shown as shown_error
from vereda.refusals import InvalidInput, NotAllowed, NotFound, invalid

#: How many referrals are moved in one request.
MOST_MOVES: Final = 50


@strawberry.input
class AssignReferralInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    referral: strawberry.ID
    assignee: strawberry.ID | None = strawberry.field(
        default=None, description="A person of your organisation (`Member.personId`); null gives it back."
    )


@strawberry.input(description="A worker of your own organisation.")
class HandOffWorkerInput:
    person: strawberry.ID = strawberry.field(description="`Member.personId`; your organisation's alone.")
    display_name: str = strawberry.field(description="What the other side calls them. Sealed; screened.")

    def parsed(self) -> hand_offs.Worker:
        return hand_offs.Worker(person=parse_id(self.person, "worker.person"), display_name=self.display_name)


@strawberry.input
class ArrangeHandOffInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    referral: strawberry.ID
    worker: HandOffWorkerInput
    arranged_for: datetime
    channel: HandOffChannel


@strawberry.input
class JoinHandOffInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    hand_off: strawberry.ID
    worker: HandOffWorkerInput


@strawberry.input
class ReportHandOffInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    hand_off: strawberry.ID
    done: bool


@strawberry.input
class MoveReferralsInput:
    moves: list[MoveReferralInput] = strawberry.field(
        description="At most 50, each with an idempotency key of its own."
    )


@strawberry.type
class ReferralAssigned:
    referral: Referral


@strawberry.type
class HandOffArranged:
    hand_off: HandOff


@strawberry.type
class HandOffJoined:
    hand_off: HandOff


@strawberry.type
class HandOffReported:
    hand_off: HandOff


MoveResult = Annotated[MoveAnswer | MoveFailed, strawberry.union("MoveResult")]


@strawberry.type(description="What came of each move, in the order in which they were asked for.")
class MovesMade:
    results: list[MoveResult]
    moved: int = strawberry.field(description="How many were made.")


AssignReferralPayload = Annotated[ReferralAssigned | NotFound, strawberry.union("AssignReferralPayload")]
ArrangeHandOffPayload = Annotated[
    HandOffArranged | SensitiveText | InvalidInput | NotFound | NotAllowed,
    strawberry.union("ArrangeHandOffPayload"),
]
JoinHandOffPayload = Annotated[
    HandOffJoined | SensitiveText | InvalidInput | NotFound | NotAllowed,
    strawberry.union("JoinHandOffPayload"),
]
ReportHandOffPayload = Annotated[
    HandOffReported | NotFound | NotAllowed, strawberry.union("ReportHandOffPayload")
]
MoveReferralsPayload = Annotated[MovesMade | InvalidInput, strawberry.union("MoveReferralsPayload")]


async def _hand_off(info: Info, row: models.HandOff) -> HandOff:
    return HandOff.of(await info.context.loaders.referral.load(row.referral_id), row)


async def _moved(info: Info, given: MoveReferralInput) -> MoveResult:
    """One move of many, in a transaction of its own. Whatever becomes of it is an answer: it hides no other's."""
    try:
        done = await moves.move_referral(info.context, given.parsed(), given.idempotency_key)
    except Exception as error:
        told = shown_error(GraphQLError("a move failed", original_error=error, path=["moveReferrals"]))
        return move_failed(str((told.extensions or {}).get("code")), told.message)
    return ReferralMoved(referral=Referral.of(info, done)) if isinstance(done, models.Referral) else done


@strawberry.type
class WorkMutations:
    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.REFERRAL_SEND, Scope.REFERRAL_RECEIVE),
        description="Say whose work a referral is in your organisation. The other side does not learn of it.",
    )
    async def assign_referral(self, info: Info, input: AssignReferralInput) -> AssignReferralPayload | None:
        done = await assigning.assign(
            info.context,
            parse_id(input.referral, "referral"),
            parse_id(input.assignee, "assignee") if input.assignee else None,
            input.idempotency_key,
        )
        return (
            ReferralAssigned(referral=Referral.of(info, done)) if isinstance(done, models.Referral) else done
        )

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.REFERRAL_SEND, Scope.REFERRAL_RECEIVE),
        description="Make many moves, each for itself: what fails leaves the others as they are, and says so.",
    )
    async def move_referrals(self, info: Info, input: MoveReferralsInput) -> MoveReferralsPayload | None:
        info.context.caller.require(Scope.REFERRAL_SEND, Scope.REFERRAL_RECEIVE)
        if not 1 <= len(input.moves) <= MOST_MOVES:
            return invalid(moves=f"must be 1 to {MOST_MOVES}")
        results = [await _moved(info, one) for one in input.moves]
        return MovesMade(results=results, moved=sum(isinstance(one, ReferralMoved) for one in results))

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.REFERRAL_SEND, Scope.REFERRAL_RECEIVE),
        description="Arrange to hand a client over in person, and name your worker.",
    )
    async def arrange_hand_off(self, info: Info, input: ArrangeHandOffInput) -> ArrangeHandOffPayload | None:
        given = hand_offs.HandOffFields(
            referral=parse_id(input.referral, "referral"),
            worker=input.worker.parsed(),
            arranged_for=input.arranged_for,
            channel=input.channel,
        )
        done = await hand_offs.arrange(info.context, given, input.idempotency_key)
        return (
            HandOffArranged(hand_off=await _hand_off(info, done))
            if isinstance(done, models.HandOff)
            else done
        )

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.REFERRAL_SEND, Scope.REFERRAL_RECEIVE),
        description="Name your worker in a hand-off that the other side arranged.",
    )
    async def join_hand_off(self, info: Info, input: JoinHandOffInput) -> JoinHandOffPayload | None:
        done = await hand_offs.join(
            info.context, parse_id(input.hand_off, "handOff"), input.worker.parsed(), input.idempotency_key
        )
        return (
            HandOffJoined(hand_off=await _hand_off(info, done)) if isinstance(done, models.HandOff) else done
        )

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.REFERRAL_SEND, Scope.REFERRAL_RECEIVE),
        description="Say whether a hand-off came about.",
    )
    async def report_hand_off(self, info: Info, input: ReportHandOffInput) -> ReportHandOffPayload | None:
        done = await hand_offs.report_outcome(
            info.context, parse_id(input.hand_off, "handOff"), input.idempotency_key, done=input.done
        )
        return (
            HandOffReported(hand_off=await _hand_off(info, done))
            if isinstance(done, models.HandOff)
            else done
        )
