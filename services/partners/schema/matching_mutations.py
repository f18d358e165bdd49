"""What matching goes by, to be written: rules of eligibility, and what referrals states of services."""

from __future__ import annotations

from typing import Annotated

import strawberry

from services.partners import models
from services.partners.domain.terms import RuleKind
from services.partners.operations import eligibility, standings
from services.partners.schema.context import Info
from services.partners.schema.types import Service
from vereda.caller import Scope
from vereda.graph import one_of
from vereda.idempotency import KEY_DESCRIPTION
from vereda.ids import parse_id
from vereda.refusals import InvalidInput, NotAllowed, NotFound, VersionConflict


@strawberry.input(description="One condition, in your words. What its kind does not need is left out.")
class EligibilityRuleInput:
    kind: RuleKind
    text: str
    text_es: str | None = None
    minimum: int | None = strawberry.field(default=None, description="Of AGE: years, included.")
    maximum: int | None = strawberry.field(default=None, description="Of AGE: years, included.")
    counties: list[strawberry.ID] = strawberry.field(
        default_factory=list, description="Of COUNTY: FIPS codes."
    )
    percent: int | None = strawberry.field(
        default=None, description="Of INCOME_FPL: percent of the federal poverty line."
    )

    def parsed(self) -> eligibility.RuleFields:
        return eligibility.RuleFields(**{**vars(self), "counties": tuple(map(str, self.counties))})


@strawberry.input(description="All rules of a service: those that are left out are no more.")
class SetEligibilityRulesInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    service: strawberry.ID
    expected_version: int
    rules: list[EligibilityRuleInput]


@strawberry.input
class FileStandingsInput:
    idempotency_key: str = strawberry.field(description=KEY_DESCRIPTION)
    standings: list[str] = strawberry.field(description="1 to 100 of what `Service.standing` says.")


@strawberry.type
class EligibilityRulesSet:
    service: Service


@strawberry.type(description="The services of which these statements were newer than what was kept.")
class StandingsFiled:
    services: list[Service]


EligibilityPayload = Annotated[
    EligibilityRulesSet | InvalidInput | NotFound | NotAllowed | VersionConflict,
    strawberry.union("EligibilityPayload"),
]
StandingsPayload = Annotated[StandingsFiled | InvalidInput, strawberry.union("StandingsPayload")]


@strawberry.type
class MatchingMutations:
    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.DIRECTORY_WRITE),
        description="Say who may use a service of yours, rule by rule. A rule that changes gets a new id, and is asked anew.",
    )
    async def set_eligibility_rules(
        self, info: Info, input: SetEligibilityRulesInput
    ) -> EligibilityPayload | None:
        done = await eligibility.set_rules(
            info.context,
            parse_id(input.service, "service"),
            input.expected_version,
            [one.parsed() for one in input.rules],
            input.idempotency_key,
        )
        return EligibilityRulesSet(service=Service.of(done)) if isinstance(done, models.Service) else done

    @strawberry.federation.mutation(
        requires_scopes=one_of(Scope.REFERRAL_SEND, Scope.ADMIN_NETWORK),
        description="Bring what referrals states of services to the directory, whose ranking goes by it. Statements are signed:"
        " whoever brings them changes nothing in them, and the newest of each service counts.",
    )
    async def file_standings(self, info: Info, input: FileStandingsInput) -> StandingsPayload | None:
        done = await standings.file_standings(info.context, input.standings, input.idempotency_key)
        if isinstance(done, InvalidInput):
            return done
        rows = await info.context.loaders.service.load_many(done)
        return StandingsFiled(services=[Service.of(row) for row in rows if row])
