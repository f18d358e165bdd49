"""Publishing what applicants say they meet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from services.grants.domain.eligibility import Statement, as_text, questionnaire_problems
from services.grants.events import tell
from services.grants.models import EligibilityQuestionnaire, FundingProgram, IdempotencyRecord
from vereda.caller import Scope
from vereda.context import RequestContext
from vereda.idempotency import claim_key
from vereda.refusals import (
    InvalidInput,
    NotAllowed,
    NotFound,
    VersionConflict,
    invalid,
    not_allowed,
    not_found,
    version_conflict,
)


def first_version(program: FundingProgram, context: RequestContext[Any]) -> EligibilityQuestionnaire:
    """A new program's questionnaire: the one sentence that it was made with."""
    return _row(program, [Statement("RULE", program.attestation)], context)


async def publish_eligibility(
    context: RequestContext[Any], id_: UUID, version: int, statements: Sequence[Statement], key: str
) -> FundingProgram | InvalidInput | NotAllowed | NotFound | VersionConflict:
    """Publish the next version of a program's questionnaire. Applications that are there stay by the one that they had."""
    context.caller.require(Scope.GRANT_PAY)
    if wrong := questionnaire_problems(statements):
        return invalid(**wrong)
    async with context.write() as session:
        request = [id_, version, [asdict(one) for one in statements]]
        claim = await claim_key(
            session, IdempotencyRecord, context.caller, "publishEligibility", key, request
        )
        program = await session.get(FundingProgram, id_)
        if program is None:
            return not_found("funding program")
        if program.organization_id != context.caller.organization:
            return not_allowed("Only the organisation that runs a program says who may apply.")
        if claim.earlier is not None:
            return program
        await session.refresh(program, with_for_update=True)
        if program.version != version:
            return version_conflict(program.version)
        program.attestation, program.attestation_version = (
            as_text(statements),
            program.attestation_version + 1,
        )
        await session.flush()
        session.add(_row(program, statements, context))
        await session.flush()
        tell(session, context.caller, "funding_program.eligibility", program.id, id=str(program.id))
        claim.record({"id": str(program.id)})
        return program


def _row(
    program: FundingProgram, statements: Sequence[Statement], context: RequestContext[Any]
) -> EligibilityQuestionnaire:
    return EligibilityQuestionnaire(
        program_id=program.id,
        version=program.attestation_version,
        organization_id=program.organization_id,
        statements=[asdict(one) for one in statements],
        published_at=context.now,
    )
