"""Going on with others: open offers that are claimed, and children of a referral."""

from __future__ import annotations

from typing import Annotated

import strawberry

from services.referrals import models
from services.referrals.operations import children, offers
from services.referrals.refusals import ConsentMissing, OfferRefused, OfferTaken, SensitiveText, ServiceFull
from services.referrals.schema.conflicts import ConflictSetInput
from services.referrals.schema.context import Info
from services.referrals.schema.offers import OpenOffer, one_or_several
from services.referrals.schema.referrals import Referral
from vereda.caller import Scope
from vereda.graph import one_of
from vereda.idempotency import KEY_DESCRIPTION
from vereda.ids import parse_id
from vereda.refusals import InvalidInput, NotFound, VersionConflict


@strawberry.input
class ClaimReferralInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    offer: strawberry.ID = strawberry.field(description="`OpenOffer.id`.")


@strawberry.input
class PassOfferInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    offer: strawberry.ID = strawberry.field(description="`OpenOffer.id`.")


@strawberry.input
class RematchReferralInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    id: strawberry.ID = strawberry.field(description="Of the referral that is over.")
    offer: str | None = strawberry.field(default=None, description="`Service.offer` of the next service.")
    open_to: list[str] | None = strawberry.field(
        default=None, description="Or offers of several organisations, of which one may claim it."
    )
    consent: strawberry.ID | None = strawberry.field(
        default=None, description="Where the one that it was sent under does not name them."
    )
    conflict_set: ConflictSetInput | None = strawberry.field(
        default=None, description="For a legal service, in the place of what was given before."
    )


@strawberry.input
class ReferralPartInput:
    needs: list[str] = strawberry.field(description="Some of the referral's.")
    offer: str = strawberry.field(description="`Service.offer` of the service that they go to.")
    consent: strawberry.ID | None = strawberry.field(
        default=None, description="Where the referral's own does not name them."
    )

    def parsed(self) -> children.Part:
        consent = parse_id(self.consent, "consent") if self.consent else None
        return children.Part(needs=tuple(self.needs), offer=self.offer, consent=consent)


@strawberry.input
class SplitReferralInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    id: strawberry.ID
    expected_version: int
    parts: list[ReferralPartInput]


@strawberry.type
class ReferralClaimed:
    referral: Referral


@strawberry.type
class OfferPassed:
    offer: OpenOffer


@strawberry.type
class ReferralRematched:
    referral: Referral = strawberry.field(description="The new one, whose parent is over.")


@strawberry.type
class ReferralSplit:
    referral: Referral = strawberry.field(description="The one that was split; `children` are its parts.")


ClaimReferralPayload = Annotated[
    ReferralClaimed | OfferTaken | NotFound, strawberry.union("ClaimReferralPayload")
]
PassOfferPayload = Annotated[OfferPassed | OfferTaken | NotFound, strawberry.union("PassOfferPayload")]
RematchReferralPayload = Annotated[
    ReferralRematched
    | ConsentMissing
    | ServiceFull
    | OfferRefused
    | SensitiveText
    | InvalidInput
    | NotFound
    | VersionConflict,
    strawberry.union("RematchReferralPayload"),
]
SplitReferralPayload = Annotated[
    ReferralSplit | ConsentMissing | ServiceFull | OfferRefused | InvalidInput | NotFound | VersionConflict,
    strawberry.union("SplitReferralPayload"),
]


@strawberry.type
class OtherMutations:
    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.REFERRAL_RECEIVE),
        description="Take on what was offered to several organisations: exactly one of them gets it.",
    )
    async def claim_referral(self, info: Info, input: ClaimReferralInput) -> ClaimReferralPayload | None:
        offer = parse_id(input.offer, "offer")
        done = await offers.claim_referral(info.context, offer, input.idempotency_key)
        return (
            ReferralClaimed(referral=Referral.of(info, done)) if isinstance(done, models.Referral) else done
        )

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.REFERRAL_RECEIVE), description="Leave an open offer to the others."
    )
    async def pass_offer(self, info: Info, input: PassOfferInput) -> PassOfferPayload | None:
        done = await offers.pass_offer(info.context, parse_id(input.offer, "offer"), input.idempotency_key)
        return OfferPassed(offer=OpenOffer.of(done)) if isinstance(done, models.ReferralOffer) else done

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.REFERRAL_SEND),
        description="Send what was declined, or not answered, to somebody else: one click, a new child.",
    )
    async def rematch_referral(
        self, info: Info, input: RematchReferralInput
    ) -> RematchReferralPayload | None:
        consent = parse_id(input.consent, "consent") if input.consent else None
        done = await children.rematch_referral(
            info.context,
            parse_id(input.id, "id"),
            one_or_several(input.offer, input.open_to),
            consent,
            input.idempotency_key,
            input.conflict_set.parsed() if input.conflict_set else None,
        )
        return (
            ReferralRematched(referral=Referral.of(info, done)) if isinstance(done, models.Referral) else done
        )

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.REFERRAL_SEND),
        description="Send some of a referral's needs to others beside it.",
    )
    async def split_referral(self, info: Info, input: SplitReferralInput) -> SplitReferralPayload | None:
        done = await children.split_referral(
            info.context,
            parse_id(input.id, "id"),
            input.expected_version,
            tuple(part.parsed() for part in input.parts),
            input.idempotency_key,
        )
        return ReferralSplit(referral=Referral.of(info, done)) if isinstance(done, models.Referral) else done
