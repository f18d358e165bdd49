"""Erasing clients; legal holds and demands."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import strawberry

from services.referrals import models
from services.referrals.domain.erasing import Basis
from services.referrals.domain.holding import DemandKind, HoldReason
from services.referrals.operations import demands, erasing, holding
from services.referrals.refusals import AnotherPersonNeeded, DemandNotApprovable, SensitiveText
from services.referrals.schema.clients import Client
from services.referrals.schema.context import Info
from services.referrals.schema.keeping import LegalDemand, LegalHold
from vereda.caller import Scope
from vereda.graph import one_of
from vereda.idempotency import KEY_DESCRIPTION
from vereda.ids import parse_id
from vereda.refusals import InvalidInput, NotFound


@strawberry.input
class EraseClientInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    client: strawberry.ID = strawberry.field(description="Your handle of the client.")
    basis: Basis


@strawberry.input
class PlaceLegalHoldInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    client: strawberry.ID = strawberry.field(description="Your handle of the client.")
    reason: HoldReason
    demand: strawberry.ID | None = None


@strawberry.input
class ConfirmLegalHoldInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    id: strawberry.ID


@strawberry.input
class LiftLegalHoldInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    id: strawberry.ID


@strawberry.input(description="What was served, by whom, for what: sealed, but for its kind and its days.")
class RecordLegalDemandInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    kind: DemandKind
    served_on: date
    due_on: date | None = None
    served_by: str
    scope: str = strawberry.field(description="What they want, in their words.")
    counsel: str | None = None
    clients: list[strawberry.ID] = strawberry.field(
        default_factory=list, description="Your handles of the clients that it names, at most 20."
    )

    def parsed(self) -> demands.DemandFields:
        return demands.DemandFields(
            kind=self.kind,
            served_on=self.served_on,
            due_on=self.due_on,
            clients=tuple(parse_id(one, "clients") for one in self.clients),
            particulars=demands.Particulars(served_by=self.served_by, scope=self.scope, counsel=self.counsel),
        )


@strawberry.input
class DecideLegalDemandInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    id: strawberry.ID
    approve: bool = strawberry.field(description="Approving takes counsel and director; either refuses.")


@strawberry.input
class ExportForLegalDemandInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    id: strawberry.ID


@strawberry.type
class ClientErased:
    client: Client


@strawberry.type
class LegalHoldChanged:
    hold: LegalHold


@strawberry.type
class LegalDemandRecorded:
    demand: LegalDemand


@strawberry.type
class LegalDemandDecided:
    demand: LegalDemand


@strawberry.type
class LegalDemandExported:
    content: str = strawberry.field(description="JSON: what your organisation recorded of these clients.")


EraseClientPayload = Annotated[ClientErased | NotFound | InvalidInput, strawberry.union("EraseClientPayload")]
LegalHoldPayload = Annotated[
    LegalHoldChanged | NotFound | AnotherPersonNeeded, strawberry.union("LegalHoldPayload")
]
RecordLegalDemandPayload = Annotated[
    LegalDemandRecorded | InvalidInput | NotFound | SensitiveText,
    strawberry.union("RecordLegalDemandPayload"),
]
DecideLegalDemandPayload = Annotated[
    LegalDemandDecided | NotFound | AnotherPersonNeeded | DemandNotApprovable,
    strawberry.union("DecideLegalDemandPayload"),
]
ExportForLegalDemandPayload = Annotated[
    LegalDemandExported | NotFound | AnotherPersonNeeded, strawberry.union("ExportForLegalDemandPayload")
]


@strawberry.type
class KeepingMutations:
    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.CONSENT_MANAGE),
        description="Erase a client at their word: consents end, keys are destroyed. It cannot be undone.",
    )
    async def erase_client(self, info: Info, input: EraseClientInput) -> EraseClientPayload | None:
        given = erasing.EraseFields(client=parse_id(input.client, "client"), basis=input.basis)
        done = await erasing.erase_client(info.context, given, input.idempotency_key)
        return ClientErased(client=Client.of(info, done)) if isinstance(done, models.Client) else done

    @strawberry.federation.mutation(
        requires_scopes=one_of(*holding.LEGAL),
        description="Propose that nothing of a client be destroyed; another person confirms it.",
    )
    async def place_legal_hold(self, info: Info, input: PlaceLegalHoldInput) -> LegalHoldPayload | None:
        given = holding.HoldFields(
            client=parse_id(input.client, "client"),
            reason=input.reason,
            demand=parse_id(input.demand, "demand") if input.demand else None,
        )
        return _hold(info, await holding.place_hold(info.context, given, input.idempotency_key))

    @strawberry.federation.mutation(
        requires_scopes=one_of(*holding.LEGAL),
        description="Agree, as the second person, to a hold that is proposed, or to its being lifted.",
    )
    async def confirm_legal_hold(self, info: Info, input: ConfirmLegalHoldInput) -> LegalHoldPayload | None:
        id_ = parse_id(input.id, "id")
        return _hold(info, await holding.confirm_hold(info.context, id_, input.idempotency_key))

    @strawberry.federation.mutation(
        requires_scopes=one_of(*holding.LEGAL),
        description="Propose that a hold be lifted; it goes on until another person confirms that.",
    )
    async def lift_legal_hold(self, info: Info, input: LiftLegalHoldInput) -> LegalHoldPayload | None:
        id_ = parse_id(input.id, "id")
        return _hold(info, await holding.lift_hold(info.context, id_, input.idempotency_key))

    @strawberry.federation.mutation(
        requires_scopes=one_of(*holding.LEGAL), description="Write down a demand for data of clients."
    )
    async def record_legal_demand(
        self, info: Info, input: RecordLegalDemandInput
    ) -> RecordLegalDemandPayload | None:
        done = await demands.record_demand(info.context, input.parsed(), input.idempotency_key)
        if isinstance(done, models.LegalDemand):
            return LegalDemandRecorded(demand=LegalDemand.of(info, done))
        return done

    @strawberry.federation.mutation(
        requires_scopes=one_of(*holding.LEGAL), description="Approve or refuse a demand, in your part."
    )
    async def decide_legal_demand(
        self, info: Info, input: DecideLegalDemandInput
    ) -> DecideLegalDemandPayload | None:
        id_ = parse_id(input.id, "id")
        done = await demands.decide_demand(
            info.context, id_, approve=input.approve, key=input.idempotency_key
        )
        if isinstance(done, models.LegalDemand):
            return LegalDemandDecided(demand=LegalDemand.of(info, done))
        return done

    @strawberry.federation.mutation(
        requires_scopes=one_of(*holding.LEGAL),
        description="What your organisation recorded of the clients whom an approved demand names.",
    )
    async def export_for_legal_demand(
        self, info: Info, input: ExportForLegalDemandInput
    ) -> ExportForLegalDemandPayload | None:
        id_ = parse_id(input.id, "id")
        done = await demands.export_demand(info.context, id_, input.idempotency_key)
        return LegalDemandExported(content=done) if isinstance(done, str) else done


def _hold(
    info: Info, done: models.LegalHold | NotFound | AnotherPersonNeeded
) -> LegalHoldChanged | NotFound | AnotherPersonNeeded:
    return LegalHoldChanged(hold=LegalHold.of(info, done)) if isinstance(done, models.LegalHold) else done
