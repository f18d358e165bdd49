"""Keeping records right together: proposals, verification, what is stale, what is missing; and words for searches."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from services.partners import models
from services.partners.domain.freshness import STALE_AFTER_DAYS
from services.partners.domain.records import ProposalState, RecordKind, Verdict
from services.partners.domain.terms import OrganizationKind
from services.partners.operations import coverage, proposals, synonyms, verification
from services.partners.refusals import ProposalOutdated
from services.partners.schema.context import Info, may_read
from services.partners.schema.provenance import camel, snake
from services.partners.schema.reference import County, TaxonomyTerm
from services.partners.schema.types import Location, Organization, Service
from vereda.caller import Scope
from vereda.graph import one_of
from vereda.idempotency import KEY_DESCRIPTION
from vereda.ids import parse_id
from vereda.loading import listed
from vereda.mapping import from_row
from vereda.pagination import Connection, Order, connection
from vereda.refusals import InvalidInput, NotAllowed, NotFound, VersionConflict

strawberry.enum(RecordKind, description="What kind of record of the directory it is.")
strawberry.enum(ProposalState, description="Whether a proposed change waits for its owner's decision.")
strawberry.enum(Verdict, name="ProposalVerdict", description="What the owner made of a proposed field.")


@strawberry.type(description="A field that ought to say something else.")
class ProposedField:
    field: str
    was: str | None = strawberry.field(description="What the record said when this was proposed.")
    proposed: str | None
    verdict: Verdict | None


@strawberry.federation.type(
    keys=["id"],
    description="A change of a record of another organisation. Who proposes it and the owner see it alone.",
)
class ChangeProposal:
    id: strawberry.ID
    kind: RecordKind
    note: str | None
    state: ProposalState
    reason: str | None
    created_at: datetime
    decided_at: datetime | None
    version: int
    row: strawberry.Private[models.ChangeProposal]

    @classmethod
    def of(cls, row: models.ChangeProposal) -> ChangeProposal:
        return from_row(cls, row, row=row)

    @classmethod
    async def resolve_reference(cls, info: Info, id: strawberry.ID) -> ChangeProposal | None:
        may_read(info)
        row = await info.context.loaders.proposal.load(parse_id(id, "id"))
        return cls.of(row) if row else None

    @strawberry.field(description="The id of the record that it is about.")
    def record_id(self) -> strawberry.ID:
        return strawberry.ID(str(self.row.subject_id))

    @strawberry.field(description="Who proposes it.")
    async def proposed_by(self, info: Info) -> Organization | None:
        row = await info.context.loaders.organization.load(self.row.organization_id)
        return Organization.of(row) if row else None

    @strawberry.field(description="Whose record it is.")
    async def owner(self, info: Info) -> Organization:
        return Organization.of(await info.context.loaders.organization.load(self.row.owner_id))

    @strawberry.field
    def changes(self) -> list[ProposedField]:
        return [
            ProposedField(
                field=camel(field),
                was=self.row.was.get(field),
                proposed=value,
                verdict=Verdict(self.row.verdicts[field]) if field in self.row.verdicts else None,
            )
            for field, value in sorted(self.row.proposed.items())
        ]


@strawberry.type(description="A record that nobody has looked over for long.")
class UnverifiedRecord:
    kind: RecordKind
    id: strawberry.ID
    name: str
    verified_at: datetime | None = strawberry.field(description="Null where nobody ever did.")
    owner_id: strawberry.Private[UUID]

    @classmethod
    def of(cls, found: verification.Unverified) -> UnverifiedRecord:
        return from_row(cls, found, owner_id=found.organization)

    @strawberry.field
    async def owner(self, info: Info) -> Organization:
        return Organization.of(await info.context.loaders.organization.load(self.owner_id))


@strawberry.type(description="How many active members of a kind work in a county.")
class MemberCount:
    kind: OrganizationKind
    count: int
    fips: strawberry.Private[str]

    @strawberry.field
    def county(self) -> County | None:
        return County.of(self.fips)


@strawberry.type(description="A county in which nobody offers a kind of service.")
class CoverageGap:
    fips: strawberry.Private[str]
    code: strawberry.Private[str]

    @strawberry.field
    def county(self) -> County | None:
        return County.of(self.fips)

    @strawberry.field
    async def term(self, info: Info) -> TaxonomyTerm | None:
        row = await info.context.loaders.term.load(self.code)
        return TaxonomyTerm.of(row) if row else None


@strawberry.type(description="What people say for what the directory says.")
class SearchSynonym:
    phrase: str
    meaning: str = strawberry.field(description="Words, or `#` and a code of the taxonomy.")

    @classmethod
    def of(cls, row: models.SearchSynonym) -> SearchSynonym:
        return cls(phrase=row.phrase, meaning=row.meaning)


@strawberry.input(description="All that is given must hold.")
class ChangeProposalFilter:
    states: list[ProposalState] | None = None
    received: bool | None = strawberry.field(
        default=None, description="True: of your records; false: that you made; both by default."
    )


@strawberry.input(description="All that is given must hold.")
class UnverifiedRecordFilter:
    organization: strawberry.ID | None = None
    older_than_days: int = STALE_AFTER_DAYS


@strawberry.input
class FieldChangeInput:
    field: str = strawberry.field(description="As the graph calls it, such as `nameEs`.")
    value: str | None = strawberry.field(default=None, description="Null empties it.")


@strawberry.input
class ProposeChangeInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    kind: RecordKind
    id: strawberry.ID
    expected_version: int = strawberry.field(description="Of the record, as you read it.")
    changes: list[FieldChangeInput]
    note: str | None = strawberry.field(default=None, description="How you know, for its owner.")

    def parsed(self) -> proposals.Proposed:
        return proposals.Proposed(
            kind=self.kind,
            subject=parse_id(self.id, "id"),
            version=self.expected_version,
            changes=tuple((snake(one.field), one.value) for one in self.changes),
            note=self.note,
        )


@strawberry.input
class DecideChangeInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    id: strawberry.ID
    expected_version: int = strawberry.field(description="Of the proposal.")
    accept: list[str] = strawberry.field(default_factory=list, description="Fields that you take.")
    refuse: list[str] = strawberry.field(default_factory=list, description="All others that were proposed.")
    reason: str | None = None

    def parsed(self) -> proposals.Decision:
        return proposals.Decision(
            proposal=parse_id(self.id, "id"),
            version=self.expected_version,
            accept=tuple(map(snake, self.accept)),
            refuse=tuple(map(snake, self.refuse)),
            reason=self.reason,
        )


@strawberry.input
class WithdrawChangeInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    id: strawberry.ID
    expected_version: int


@strawberry.input
class VerifyRecordInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    kind: RecordKind
    id: strawberry.ID
    expected_version: int
    fields: list[str] | None = strawberry.field(
        default=None, description="Those that you looked over; all, and the record as a whole, by default."
    )


@strawberry.input
class SetSynonymInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    phrase: str = strawberry.field(description="One to four words, as people say them.")
    meanings: list[str] = strawberry.field(
        description="All of them: words, or `#` and a code of the taxonomy. None takes the phrase away."
    )


@strawberry.type
class ProposalSaved:
    proposal: ChangeProposal


@strawberry.type
class RecordVerified:
    organization: Organization | None = None
    service: Service | None = None
    location: Location | None = None


@strawberry.type
class SynonymSet:
    meanings: list[str]


_Refused = InvalidInput | NotFound | NotAllowed | VersionConflict
ProposalPayload = Annotated[ProposalSaved | _Refused | ProposalOutdated, strawberry.union("ProposalPayload")]
VerifyRecordPayload = Annotated[RecordVerified | _Refused, strawberry.union("VerifyRecordPayload")]
SynonymPayload = Annotated[SynonymSet | InvalidInput, strawberry.union("SynonymPayload")]


@strawberry.type
class RecordQueries:
    @strawberry.federation.field(
        requires_scopes=one_of(Scope.DIRECTORY_READ),
        description="Changes that you proposed, and those proposed to your records; in the order in which they were made.",
    )
    async def change_proposals(
        self,
        info: Info,
        filter: ChangeProposalFilter | None = None,
        first: int | None = None,
        after: str | None = None,
    ) -> Connection[ChangeProposal] | None:
        may_read(info)
        given = filter or ChangeProposalFilter()
        statement = proposals.proposals(
            tuple(given.states or ()), given.received, info.context.caller.organization
        )
        order = (Order(models.ChangeProposal.id),)
        return await listed(info.context, statement, order, first, after, ChangeProposal.of)

    @strawberry.federation.field(
        requires_scopes=one_of(Scope.DIRECTORY_READ),
        description="Organisations and services whose records nobody has looked over for more than so many days, the longest"
        " first. Those of your own are your tasks.",
    )
    async def unverified_records(
        self,
        info: Info,
        filter: UnverifiedRecordFilter | None = None,
        first: int | None = None,
        after: str | None = None,
    ) -> Connection[UnverifiedRecord] | None:
        given = filter or UnverifiedRecordFilter()
        owner = parse_id(given.organization, "filter.organization") if given.organization else None
        days = max(0, min(given.older_than_days, 10_000))
        page = await verification.unverified(info.context, days, owner, first, after)
        return connection(page, UnverifiedRecord.of)

    @strawberry.federation.field(
        requires_scopes=one_of(Scope.DIRECTORY_READ),
        description="Who is in: active members by kind and county; one counts in each of its counties.",
    )
    async def member_counts(self, info: Info) -> list[MemberCount] | None:
        found = await coverage.member_counts(info.context)
        return [MemberCount(kind=one.kind, count=one.count, fips=one.county) for one in found]

    @strawberry.federation.field(
        requires_scopes=one_of(Scope.DIRECTORY_READ),
        description="Counties of the region in which no active service of these terms is offered: each with the term that"
        " it lacks.",
    )
    async def coverage_gaps(self, info: Info, terms: list[strawberry.ID]) -> list[CoverageGap] | None:
        found = await coverage.coverage_gaps(info.context, [str(one) for one in terms[:50]])
        return [CoverageGap(fips=fips, code=code) for fips, code in found]

    @strawberry.federation.field(
        requires_scopes=one_of(Scope.DIRECTORY_READ), description="What searches take words for."
    )
    async def search_synonyms(
        self, info: Info, first: int | None = None, after: str | None = None
    ) -> Connection[SearchSynonym] | None:
        may_read(info)
        return await listed(
            info.context, synonyms.synonyms(), synonyms.SYNONYM_ORDER, first, after, SearchSynonym.of
        )


@strawberry.type
class RecordMutations:
    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.DIRECTORY_READ),
        description="Propose a change to a record of another organisation, which decides.",
    )
    async def propose_change(self, info: Info, input: ProposeChangeInput) -> ProposalPayload | None:
        return _saved(await proposals.propose_change(info.context, input.parsed(), input.idempotency_key))

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.DIRECTORY_WRITE),
        description="Take some of the proposed fields into your record, and refuse the others.",
    )
    async def decide_change(self, info: Info, input: DecideChangeInput) -> ProposalPayload | None:
        return _saved(await proposals.decide_change(info.context, input.parsed(), input.idempotency_key))

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.DIRECTORY_READ), description="Take back a change that you proposed."
    )
    async def withdraw_change(self, info: Info, input: WithdrawChangeInput) -> ProposalPayload | None:
        id_ = parse_id(input.id, "id")
        return _saved(
            await proposals.withdraw_change(info.context, id_, input.expected_version, input.idempotency_key)
        )

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.DIRECTORY_WRITE),
        description="Attest that a record of yours, or some of its fields, is right today.",
    )
    async def verify_record(self, info: Info, input: VerifyRecordInput) -> VerifyRecordPayload | None:
        done = await verification.verify_record(
            info.context,
            input.kind,
            parse_id(input.id, "id"),
            input.expected_version,
            None if input.fields is None else [snake(one) for one in input.fields],
            input.idempotency_key,
        )
        if isinstance(done, models.Organization):
            return RecordVerified(organization=Organization.of(done))
        if isinstance(done, models.Service):
            return RecordVerified(service=Service.of(done))
        if isinstance(done, models.Location):
            return RecordVerified(location=Location.of(done))
        return done

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.ADMIN_NETWORK),
        description="Say what people mean by a phrase when they search.",
    )
    async def set_synonym(self, info: Info, input: SetSynonymInput) -> SynonymPayload | None:
        done = await synonyms.set_synonym(info.context, input.phrase, input.meanings, input.idempotency_key)
        return SynonymSet(meanings=list(done)) if isinstance(done, tuple) else done


def _saved(
    done: models.ChangeProposal | _Refused | ProposalOutdated,
) -> ProposalSaved | _Refused | ProposalOutdated:
    return (
        ProposalSaved(proposal=ChangeProposal.of(done)) if isinstance(done, models.ChangeProposal) else done
    )
