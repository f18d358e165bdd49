"""Writing to the other side of a referral."""

from __future__ import annotations

from typing import Annotated

import strawberry

from services.referrals import models
from services.referrals.operations import thread
from services.referrals.refusals import SensitiveText
from services.referrals.schema.context import Info
from services.referrals.schema.referrals import Referral
from services.referrals.schema.thread import Message
from vereda.caller import Scope
from vereda.graph import one_of
from vereda.idempotency import KEY_DESCRIPTION
from vereda.ids import parse_id
from vereda.refusals import InvalidInput, NotAllowed, NotFound


@strawberry.input
class PostMessageInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    referral: strawberry.ID
    text: str = strawberry.field(description="At most 2000 characters. Sealed; screened; deleted in time.")
    privileged: bool = strawberry.field(
        default=False, description="For your own organisation alone, in its own compartment (R15)."
    )


@strawberry.input
class MarkMessagesReadInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    referral: strawberry.ID
    messages: list[strawberry.ID]


@strawberry.type
class MessagePosted:
    posted: Message
    referral: Referral


@strawberry.type
class MessagesMarked:
    referral: Referral


PostMessagePayload = Annotated[
    MessagePosted | SensitiveText | InvalidInput | NotFound | NotAllowed,
    strawberry.union("PostMessagePayload"),
]


MarkMessagesReadPayload = Annotated[
    MessagesMarked | InvalidInput | NotFound, strawberry.union("MarkMessagesReadPayload")
]


@strawberry.type
class ThreadMutations:
    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.REFERRAL_SEND, Scope.REFERRAL_RECEIVE),
        description="Write to the worker on the other side of a referral.",
    )
    async def post_message(self, info: Info, input: PostMessageInput) -> PostMessagePayload | None:
        given = thread.MessageFields(
            referral=parse_id(input.referral, "referral"), text=input.text, privileged=input.privileged
        )
        done = await thread.post_message(info.context, given, input.idempotency_key)
        if not isinstance(done, models.Message):
            return done
        referral = await info.context.loaders.referral.load(done.referral_id)
        return MessagePosted(posted=Message.of(referral, done), referral=Referral.of(info, referral))

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.CLIENT_READ),
        description="Mark messages as read for your organisation: up to 100 at once.",
    )
    async def mark_messages_read(
        self, info: Info, input: MarkMessagesReadInput
    ) -> MarkMessagesReadPayload | None:
        done = await thread.mark_read(
            info.context,
            parse_id(input.referral, "referral"),
            tuple(parse_id(one, "messages") for one in input.messages),
            input.idempotency_key,
        )
        return MessagesMarked(referral=Referral.of(info, done)) if isinstance(done, models.Referral) else done
