"""What a legal provider checks conflicts with, and what came of its checks (R14)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Union

import strawberry

from services.referrals import models
from services.referrals.domain import conflicts as rules
from services.referrals.domain.clients import KeyGroup
from services.referrals.domain.conflicts import ConflictNames, ConflictResult
from services.referrals.domain.consent import DataClass, Withheld
from services.referrals.domain.disclosure import Rung
from services.referrals.domain.lifecycle import UNSENT, Party
from services.referrals.operations import conflicts
from services.referrals.operations.moves import party_of
from services.referrals.operations.vault import vault
from services.referrals.schema.context import Info
from services.referrals.schema.disclosure import key_of, reached, shown
from vereda.caller import Scope
from vereda.graph import one_of
from vereda.idempotency import KEY_DESCRIPTION
from vereda.ids import parse_id
from vereda.mapping import from_row
from vereda.refusals import InvalidInput, NotAllowed, NotFound


@strawberry.type(description="The names that a conflict check is made with, besides the client's own.")
class ConflictSet:
    also_known_as: list[str]
    opposing_parties: list[str]


@strawberry.type(description="A check of your organisation for conflicts of interest.")
class ConflictCheck:
    requested_at: datetime
    requested_by: strawberry.ID
    result: ConflictResult | None = strawberry.field(
        description="Null while it is under way; INCONCLUSIVE where the referral ended before you decided."
    )
    concluded_at: datetime | None
    concluded_by: strawberry.ID | None
    names_asked: int = strawberry.field(description="How many names you compared blindly.")

    @classmethod
    def of(cls, row: models.ConflictCheck) -> ConflictCheck:
        return from_row(cls, row)


@strawberry.type
class ReferralConflicts:
    """What a referral has of conflict checks."""

    row: strawberry.Private[models.Referral]

    @strawberry.federation.field(
        requires_scopes=one_of(Scope.CLIENT_READ),
        description="Other names of the client, and who is against them: for a legal recipient, before it clears its check"
        " too, unless it has them blind; for who wrote it, until it is sent.",
    )
    async def conflict_set(self, info: Info) -> ConflictSet | None:
        info.context.caller.require(Scope.CLIENT_READ)
        sends = party_of(self.row, info.context.caller.organization) is Party.SENDER
        # Later its sender would learn from a set that is gone that a conflict was found.
        if (sends and self.row.state not in UNSENT) or not reached(info, self.row, Rung.EXACT):
            return None
        client = await info.context.loaders.client.load(self.row.client_id)
        if client is None or not await shown(info, client, self.row):
            return None
        row = await info.context.loaders.conflict_set.load(self.row.id)
        if row is None or row.names_sealed is None:
            return None
        key = await key_of(info, self.row, KeyGroup.CONFLICT)
        found = conflicts.read_set(vault(info.context.settings).open(key, row.names_sealed))
        if found is None:
            info.context.redact(info, DataClass.IDENTITY.value, Withheld.ERASED.value)
            return None
        return ConflictSet(
            also_known_as=list(found.also_known_as), opposing_parties=list(found.opposing_parties)
        )

    @strawberry.field(description="Your organisation's checks as its recipient, the earliest first.")
    async def conflict_checks(self, info: Info) -> list[ConflictCheck]:
        rows = await info.context.loaders.conflict_checks.load(self.row.id)
        return [ConflictCheck.of(row) for row in rows]


@strawberry.input(
    description="Names for a legal provider's conflict check. Sealed; screened; at most 10 of each."
)
class ConflictSetInput:
    also_known_as: list[str] = strawberry.field(
        default_factory=list, description="What else the client is called."
    )
    opposing_parties: list[str] = strawberry.field(default_factory=list, description="Who is against them.")

    def parsed(self) -> rules.ConflictSet:
        return rules.ConflictSet(
            also_known_as=tuple(self.also_known_as), opposing_parties=tuple(self.opposing_parties)
        )


@strawberry.input
class CheckConflictInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    referral: strawberry.ID
    names: list[str] = strawberry.field(description="Of your own matters; they are compared, and not kept.")


@strawberry.input
class SetConflictNamesInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    names: ConflictNames


@strawberry.type
class ConflictCompared:
    matches: list[str] = strawberry.field(description="Of the names that you asked about, those that agree.")
    left: int = strawberry.field(description="How many names you may still ask about.")


@strawberry.type
class ConflictNamesSet:
    names: ConflictNames


CheckConflictPayload = Annotated[
    ConflictCompared | NotFound | NotAllowed | InvalidInput, strawberry.union("CheckConflictPayload")
]

#: Nothing is refused yet; in a union of one, a client is ready for what will be.
SetConflictNamesPayload = Annotated[
    Union[ConflictNamesSet],  # noqa: UP007 - a union of one
    strawberry.union("SetConflictNamesPayload"),
]


@strawberry.type
class ConflictMutations:
    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.CLIENT_READ),
        description="Learn which names of your own matters are in a referral's conflict set, and no other name (R14).",
    )
    async def check_conflict(self, info: Info, input: CheckConflictInput) -> CheckConflictPayload | None:
        referral = parse_id(input.referral, "referral")
        done = await conflicts.check_conflict(
            info.context, referral, tuple(input.names), input.idempotency_key
        )
        if isinstance(done, conflicts.Compared):
            return ConflictCompared(matches=list(done.matches), left=done.left)
        return done

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.DIRECTORY_WRITE),
        description="Say how your organisation has the names that it checks conflicts with: as names, or blind.",
    )
    async def set_conflict_names(
        self, info: Info, input: SetConflictNamesInput
    ) -> SetConflictNamesPayload | None:
        done = await conflicts.set_conflict_names(info.context, input.names, input.idempotency_key)
        return ConflictNamesSet(names=done)


@strawberry.type
class ConflictQueries:
    @strawberry.federation.field(
        requires_scopes=one_of(Scope.REFERRAL_RECEIVE, Scope.DIRECTORY_WRITE),
        description="How your organisation has the names that it checks conflicts with.",
    )
    async def conflict_names(self, info: Info) -> ConflictNames | None:
        info.context.caller.require(Scope.REFERRAL_RECEIVE, Scope.DIRECTORY_WRITE)
        async with info.context.read() as session:
            return await conflicts.conflict_names_of(session, info.context.caller.organization)
