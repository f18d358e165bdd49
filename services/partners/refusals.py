"""Refusals that a client of this service can expect, beside those that every service has."""

from __future__ import annotations

from collections.abc import Iterable

import strawberry

from services.partners.domain.applications import Move, RaItem, RaMove, RaStage
from vereda.refusals import Refusal

strawberry.enum(RaStage, description="How far an application for recognition or accreditation is.")
strawberry.enum(RaItem, name="RaChecklistItemKind", description="What a form needs before it is filed.")
strawberry.enum(RaMove, description="What can become of an application.")


@strawberry.type(description="Something is missing before this form can be filed: the items say what.")
class ApplicationIncomplete(Refusal):
    missing: list[RaItem]


@strawberry.type(description="This cannot be done with the application as it stands.")
class RaMoveNotAllowed(Refusal):
    stage: RaStage
    allowed_moves: list[RaMove]


@strawberry.type(description="The form needs a recognition or accreditation in force, and there is none.")
class CredentialMissing(Refusal):
    pass


@strawberry.type(description="An application for the same is under way: go on with that one.")
class ApplicationUnderWay(Refusal):
    under_way: strawberry.ID


@strawberry.type(description="The shift does not want so many, or more come than are to be wanted.")
class ShiftFull(Refusal):
    left: int = strawberry.field(description="How many it still wanted.")


def shift_full(left: int) -> ShiftFull:
    return ShiftFull(
        code="SHIFT_FULL",
        message="There is no place left for so many: send fewer, or to another shift.",
        left=left,
    )


def application_incomplete(missing: Iterable[RaItem]) -> ApplicationIncomplete:
    return ApplicationIncomplete(
        code="APPLICATION_INCOMPLETE",
        message="Some items of the checklist are still open: get them ready, then file.",
        missing=list(missing),
    )


def ra_move_not_allowed(message: str, stage: RaStage, moves: Iterable[Move]) -> RaMoveNotAllowed:
    return RaMoveNotAllowed(
        code="MOVE_NOT_ALLOWED", message=message, stage=stage, allowed_moves=[row.name for row in moves]
    )


def credential_missing(message: str) -> CredentialMissing:
    return CredentialMissing(code="CREDENTIAL_MISSING", message=message)


def application_under_way(id_: object) -> ApplicationUnderWay:
    return ApplicationUnderWay(
        code="APPLICATION_UNDER_WAY",
        message="An application for the same is under way: go on with that one.",
        under_way=strawberry.ID(str(id_)),
    )


@strawberry.type(
    description="The record says something else by now than when the change was proposed: refuse these fields."
)
class ProposalOutdated(Refusal):
    fields: list[str]


def proposal_outdated(fields: Iterable[str]) -> ProposalOutdated:
    return ProposalOutdated(
        code="PROPOSAL_OUTDATED",
        message="The record has changed in these fields since this was proposed: refuse them.",
        fields=sorted(_camel(one) for one in fields),
    )


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)
