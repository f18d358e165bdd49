"""Giving a client an account of who was told what."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import strawberry

from services.referrals.domain.accounting import How, Told
from services.referrals.domain.consent import DataClass, Purpose
from services.referrals.domain.emergencies import PURPOSE as EMERGENCY
from services.referrals.operations import accounting
from services.referrals.schema.context import Info
from services.referrals.schema.partners import Organization
from vereda.caller import Scope
from vereda.graph import one_of
from vereda.idempotency import KEY_DESCRIPTION
from vereda.ids import parse_id
from vereda.refusals import InvalidInput, NotFound, invalid


@strawberry.input(description="What the account calls an organisation.")
class RecipientNameInput:
    organization: strawberry.ID
    name: str


@strawberry.input
class GiveAccountInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    client: strawberry.ID = strawberry.field(description="Your handle of the client.")
    language: str = strawberry.field(description="ISO 639-3: `eng` or `spa`.")
    client_asked: bool = strawberry.field(
        description="That the client, or who speaks for them, asked for it."
    )
    recipient_names: list[RecipientNameInput] = strawberry.field(
        default_factory=list, description="From the directory, for the printed text."
    )


@strawberry.type(description="One line of an account: a day's disclosures of one kind to one organisation.")
class AccountLine:
    at: datetime
    how: How
    data_classes: list[DataClass]
    purpose: Purpose | None = strawberry.field(
        description="Null in an emergency, for which there is no consent (R29)."
    )
    consent: strawberry.ID | None
    recipient: Organization | None

    @classmethod
    def of(cls, told: Told) -> AccountLine:
        return cls(
            at=told.at,
            how=told.how,
            data_classes=sorted(DataClass(one) for one in told.data_classes),
            purpose=None if told.purpose == EMERGENCY else Purpose(told.purpose),
            consent=strawberry.ID(str(told.consent)) if told.consent else None,
            recipient=Organization.of(told.recipient),
        )


@strawberry.type(description="For the client: print it, or read it out.")
class AccountGiven:
    text: str
    lines: list[AccountLine]
    whole: bool = strawberry.field(
        description="False where the client's home organisation was asked to give the rest."
    )


GiveAccountPayload = Annotated[AccountGiven | NotFound | InvalidInput, strawberry.union("GiveAccountPayload")]


@strawberry.type
class AccountMutations:
    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.CONSENT_MANAGE),
        description="Tell a client, at their own request, who was told what of them (R28).",
    )
    async def give_account(self, info: Info, input: GiveAccountInput) -> GiveAccountPayload | None:
        info.context.caller.require(Scope.CONSENT_MANAGE)
        if not input.client_asked:
            return invalid(client_asked="must be true: an account is given to the client alone")
        names = {parse_id(one.organization, "organization"): one.name for one in input.recipient_names}
        done = await accounting.give_account(
            info.context, parse_id(input.client, "client"), input.language, names, input.idempotency_key
        )
        if not isinstance(done, accounting.Account):
            return done
        return AccountGiven(
            text=done.text, lines=[AccountLine.of(one) for one in done.told], whole=done.whole
        )
