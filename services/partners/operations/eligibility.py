"""Who may use a service, rule by rule: its provider's to say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from services.partners.domain.eligibility import Rule, problem
from services.partners.domain.terms import RuleKind
from services.partners.events import tell
from services.partners.models import EligibilityRule, IdempotencyRecord, Service
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

_MOST_RULES: Final = 20
_LONGEST_TEXT: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleFields:
    kind: RuleKind
    text: str
    text_es: str | None = None
    minimum: int | None = None
    maximum: int | None = None
    counties: tuple[str, ...] = ()
    percent: int | None = None

    def rule(self) -> Rule:
        return Rule(
            id=None,
            kind=self.kind,
            minimum=self.minimum,
            maximum=self.maximum,
            counties=self.counties,
            percent=self.percent,
        )


async def set_rules(
    context: RequestContext[Any], service_id: UUID, version: int, given: Sequence[RuleFields], key: str
) -> Service | InvalidInput | NotFound | NotAllowed | VersionConflict:
    """Replace the rules of a service of the caller's own. One that stays the same keeps its id, and so what was attested to
    it in an open search holds; one that changes is new, and is asked anew."""
    context.caller.require(Scope.DIRECTORY_WRITE)
    if problems := _problems(given):
        return invalid(**problems)
    async with context.write() as session:
        request = [str(service_id), version, [asdict(one) for one in given]]
        claim = await claim_key(
            session, IdempotencyRecord, context.caller, "setEligibilityRules", key, request
        )
        row = await session.get(Service, service_id)
        if row is None:
            return not_found("service")
        if claim.earlier is not None:
            return row
        if row.organization_id != context.caller.organization:
            return not_allowed("Only the organisation that offers a service may say who can use it.")
        if row.version != version:
            return version_conflict(row.version)
        kept = await session.scalars(select(EligibilityRule).where(EligibilityRule.service_id == row.id))
        same = {_content(rule): rule for rule in kept}
        for position, one in enumerate(given):
            earlier = same.pop(_content(one), None)
            if earlier is not None:
                earlier.position = position
                continue
            columns = {**asdict(one), "counties": list(one.counties)}
            session.add(
                EligibilityRule(
                    organization_id=row.organization_id, service_id=row.id, position=position, **columns
                )
            )
        for gone in same.values():
            await session.delete(gone)
        row.updated_at = context.now  # a change of the service, with a version of its own
        await session.flush()
        tell(session, context.caller, "service.updated", row.id, id=str(row.id))
        claim.record({"id": str(row.id)})
        return row


def _content(rule: RuleFields | EligibilityRule) -> tuple[Any, ...]:
    limits = (rule.minimum, rule.maximum, tuple(rule.counties), rule.percent)
    return (rule.kind, rule.text, rule.text_es, *limits)


def _problems(given: Sequence[RuleFields]) -> dict[str, str]:
    if len(given) > _MOST_RULES:
        return {"rules": f"must be at most {_MOST_RULES}"}
    for one in given:
        if not one.text.strip() or max(len(one.text), len(one.text_es or "")) > _LONGEST_TEXT:
            return {"rules": f"each needs words that people read, at most {_LONGEST_TEXT} characters"}
        if wrong := problem(one.rule()):
            return {"rules": wrong}
    if len({_content(one) for one in given}) < len(given):
        return {"rules": "says the same twice"}
    return {}
