"""Webhooks in the graph: the same types in every service, root fields of its own in each (`webhook_queries`,
`webhook_mutations`), because each service delivers what it knows, and no other can."""

from __future__ import annotations

from typing import Annotated, Any, Final
from uuid import UUID

import strawberry
from sqlalchemy import select

from vereda.caller import Scope
from vereda.context import RequestContext
from vereda.graph import one_of
from vereda.idempotency import KEY_DESCRIPTION
from vereda.ids import parse_id
from vereda.refusals import InvalidInput, NotFound, VersionConflict
from vereda.screening.net import Text, Texts
from vereda.webhooks import registering
from vereda.webhooks.keeping import Webhooks
from vereda.webhooks.registering import ADMINISTERING, Registered
from vereda.webhooks.shown import Info, WebhookEndpoint

READING: Final = (Scope.ADMIN_ORGANIZATION, Scope.AUDIT_VERIFY)
#: URLs, beginnings of types, cursors and secrets: none is a text about somebody (R2).
WEBHOOK_TEXTS: Final[Texts] = {
    f"{owner}.{field}": Text.CODED
    for owner, fields in {
        "RegisterWebhookInput": ("url", "types", "after", "secret"),
        "ChangeWebhookInput": ("url", "types"),
        "RotateWebhookSecretInput": ("secret",),
        "ReplayWebhookInput": ("after",),
    }.items()
    for field in fields
}

_YOUR_OWN: Final = "One that you made (`whsec_` and 24 to 64 random bytes in base64), to have the same at several services; else one is made."


@strawberry.input
class RegisterWebhookInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    url: str = strawberry.field(description="An https URL of yours.")
    types: list[str] = strawberry.field(
        default_factory=list, description='Beginnings of types, `["org.vereda.referral."]`; none for all.'
    )
    after: str | None = strawberry.field(
        default=None, description="A cursor of the service's feed to begin after; else with what is to come."
    )
    secret: str | None = strawberry.field(default=None, description=_YOUR_OWN)


@strawberry.input(description="What is left out stays as it is.")
class ChangeWebhookInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    id: strawberry.ID
    expected_version: int
    url: str | None = None
    types: list[str] | None = None
    active: bool | None = strawberry.field(
        default=None, description="`false` pauses it; `true` has it go on where it paused or stopped."
    )


@strawberry.input
class RotateWebhookSecretInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    id: strawberry.ID
    secret: str | None = strawberry.field(default=None, description=_YOUR_OWN)
    compromised: bool = strawberry.field(
        default=False,
        description="The former secret signs no more; otherwise it does for a day, beside the new.",
    )


@strawberry.input
class TestWebhookInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    id: strawberry.ID


@strawberry.input
class ReplayWebhookInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    id: strawberry.ID
    after: str | None = strawberry.field(
        default=None,
        description="A cursor of the service's feed, also a later one; without it all that is kept.",
    )


@strawberry.input
class RemoveWebhookInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    id: strawberry.ID


@strawberry.federation.type(shareable=True)
class WebhookRegistered:
    webhook: WebhookEndpoint
    secret: str | None = strawberry.field(
        description="Keep it: it is shown this once. None where it is your own, or was shown before."
    )


@strawberry.federation.type(shareable=True)
class WebhookSaved:
    webhook: WebhookEndpoint


@strawberry.federation.type(shareable=True)
class WebhookTestAsked:
    delivery: strawberry.ID = strawberry.field(
        description="Of the request's entry among the endpoint's `deliveries`, once it was sent."
    )


@strawberry.federation.type(shareable=True)
class WebhookRemoved:
    id: strawberry.ID


RegisterWebhookPayload = Annotated[
    WebhookRegistered | InvalidInput, strawberry.union("RegisterWebhookPayload")
]
ChangeWebhookPayload = Annotated[
    WebhookSaved | InvalidInput | NotFound | VersionConflict, strawberry.union("ChangeWebhookPayload")
]
RotateWebhookSecretPayload = Annotated[
    WebhookRegistered | InvalidInput | NotFound, strawberry.union("RotateWebhookSecretPayload")
]
TestWebhookPayload = Annotated[WebhookTestAsked | NotFound, strawberry.union("TestWebhookPayload")]
ReplayWebhookPayload = Annotated[WebhookSaved | NotFound, strawberry.union("ReplayWebhookPayload")]
RemoveWebhookPayload = Annotated[WebhookRemoved | NotFound, strawberry.union("RemoveWebhookPayload")]


def webhook_queries(webhooks: Webhooks) -> Any:
    """The root field `partnersWebhooks`, of the service `partners`."""

    @strawberry.type
    class WebhookQueries:
        @strawberry.federation.field(
            name=f"{webhooks.name}Webhooks",
            requires_scopes=one_of(*READING),
            description=f"Where your organisation is told of what `{webhooks.name}Feed` has (docs/webhooks.md).",
        )
        async def webhooks_of_service(self, info: Info) -> list[WebhookEndpoint] | None:
            info.context.caller.require(*READING)
            own = webhooks.endpoints.organization_id == info.context.caller.organization
            async with info.context.read() as session:
                rows = await session.scalars(
                    select(webhooks.endpoints).where(own).order_by(webhooks.endpoints.id)
                )
                return [WebhookEndpoint.of(row, webhooks, info.context.now) for row in rows]

    return WebhookQueries


def webhook_mutations(webhooks: Webhooks) -> Any:
    """Root fields such as `registerPartnersWebhook`, of the service `partners`."""
    name = webhooks.name.capitalize()
    scopes = one_of(*ADMINISTERING)

    def saved(context: RequestContext[Any], done: Any) -> Any:
        if isinstance(done, Registered):
            of = WebhookEndpoint.of(done.endpoint, webhooks, context.now)
            return WebhookRegistered(webhook=of, secret=done.secret)
        if isinstance(done, webhooks.endpoints):
            return WebhookSaved(webhook=WebhookEndpoint.of(done, webhooks, context.now))
        return done

    @strawberry.type
    class WebhookMutations:
        @strawberry.federation.mutation(
            name=f"register{name}Webhook",
            requires_scopes=scopes,
            description=f"Have what `{webhooks.name}Feed` has sent to a system of yours (docs/webhooks.md).",
        )
        async def register_webhook(
            self, info: Info, input: RegisterWebhookInput
        ) -> RegisterWebhookPayload | None:
            given = (input.url, input.types, input.after, input.secret, input.idempotency_key)
            done = await registering.register(info.context, webhooks, *given)
            return saved(info.context, done)  # type: ignore[no-any-return]

        @strawberry.federation.mutation(
            name=f"change{name}Webhook",
            requires_scopes=scopes,
            description="Change where or of what you are told, pause it, or have it go on.",
        )
        async def change_webhook(self, info: Info, input: ChangeWebhookInput) -> ChangeWebhookPayload | None:
            given = (input.expected_version, input.url, input.types, input.active, input.idempotency_key)
            id_ = parse_id(input.id, "id")
            done = await registering.change(info.context, webhooks, id_, *given)
            return saved(info.context, done)  # type: ignore[no-any-return]

        @strawberry.federation.mutation(
            name=f"rotate{name}WebhookSecret",
            requires_scopes=scopes,
            description="Give an endpoint a new secret; both sign for a day.",
        )
        async def rotate_webhook_secret(
            self, info: Info, input: RotateWebhookSecretInput
        ) -> RotateWebhookSecretPayload | None:
            given = (input.secret, input.compromised, input.idempotency_key)
            id_ = parse_id(input.id, "id")
            done = await registering.rotate(info.context, webhooks, id_, *given)
            return saved(info.context, done)  # type: ignore[no-any-return]

        @strawberry.federation.mutation(
            name=f"test{name}Webhook",
            requires_scopes=scopes,
            description="Have a request sent that says nothing, to see whether it arrives.",
        )
        async def test_webhook(self, info: Info, input: TestWebhookInput) -> TestWebhookPayload | None:
            id_ = parse_id(input.id, "id")
            done = await registering.ask_for_test(info.context, webhooks, id_, input.idempotency_key)
            return WebhookTestAsked(delivery=strawberry.ID(str(done))) if isinstance(done, UUID) else done

        @strawberry.federation.mutation(
            name=f"replay{name}Webhook",
            requires_scopes=scopes,
            description="Have an endpoint told again, from a place of the feed on.",
        )
        async def replay_webhook(self, info: Info, input: ReplayWebhookInput) -> ReplayWebhookPayload | None:
            id_ = parse_id(input.id, "id")
            done = await registering.replay(info.context, webhooks, id_, input.after, input.idempotency_key)
            return saved(info.context, done)  # type: ignore[no-any-return]

        @strawberry.federation.mutation(
            name=f"remove{name}Webhook",
            requires_scopes=scopes,
            description="Remove an endpoint, its secrets and its log.",
        )
        async def remove_webhook(self, info: Info, input: RemoveWebhookInput) -> RemoveWebhookPayload | None:
            done = await registering.remove(
                info.context, webhooks, parse_id(input.id, "id"), input.idempotency_key
            )
            return WebhookRemoved(id=strawberry.ID(str(done))) if isinstance(done, UUID) else done

    return WebhookMutations
