"""Publishing what is read to clients, for every member to use."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, select

from services.referrals.domain.scripts import script_problems, text_hash
from services.referrals.events import tell
from services.referrals.models import ConsentScript, IdempotencyRecord
from vereda.caller import Scope
from vereda.context import RequestContext
from vereda.idempotency import claim_key
from vereda.ids import new_id
from vereda.pagination import Order
from vereda.refusals import InvalidInput, invalid

SCRIPT_ORDER: Final = (Order(ConsentScript.id, descending=True),)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptFields:
    version: str
    language: str
    text: str
    audio_reference: str | None = None


async def publish_script(
    context: RequestContext[Any], given: ScriptFields, key: str
) -> ConsentScript | InvalidInput:
    """Publish a script. It never changes: another wording is another version."""
    context.caller.require(Scope.CONSENT_MANAGE)
    if wrong := script_problems(given.version, given.language, given.text, given.audio_reference):
        return invalid(**wrong)
    async with context.write() as session:
        claim = await claim_key(
            session, IdempotencyRecord, context.caller, "publishConsentScript", key, asdict(given)
        )
        if claim.earlier is not None:
            return await session.get_one(ConsentScript, UUID(claim.earlier["id"]))
        same = (
            ConsentScript.organization_id == context.caller.organization,
            ConsentScript.version == given.version,
            ConsentScript.language == given.language,
        )
        if await session.scalar(select(ConsentScript.id).where(*same)) is not None:
            return invalid(version="is published in this language already: a script does not change")
        row = ConsentScript(
            id=new_id(),
            organization_id=context.caller.organization,
            version=given.version,
            language=given.language,
            text=given.text,
            text_hash=text_hash(given.text),
            audio_reference=given.audio_reference,
            published_at=context.now,
        )
        session.add(row)
        tell(session, context.caller, "consent_script.published", row.id, script=str(row.id))
        claim.record({"id": str(row.id)})
        return row


def published(language: str | None) -> Select[ConsentScript]:
    """Published scripts, of one language or all. Served by the index on `language, id`."""
    statement = select(ConsentScript)
    return statement.where(ConsentScript.language == language) if language else statement
