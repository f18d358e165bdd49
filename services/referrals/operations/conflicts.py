"""Conflict checks of legal providers: the names that go with a referral, and asking blindly which of one's own they are (R14)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.referrals import models
from services.referrals.domain.clients import KeyGroup
from services.referrals.domain.conflicts import (
    MOST_ASKED,
    ConflictNames,
    ConflictSet,
    forms,
    problem_of_question,
)
from services.referrals.domain.lifecycle import State
from services.referrals.events import tell
from services.referrals.models import (
    Client,
    ConflictCheck,
    ConflictSetting,
    DataKey,
    IdempotencyRecord,
    Referral,
)
from services.referrals.operations.shared_keys import found_key, shared_key
from services.referrals.operations.vault import vault
from vereda.caller import Scope
from vereda.context import RequestContext
from vereda.idempotency import claim_key
from vereda.refusals import InvalidInput, NotAllowed, NotFound, invalid, not_allowed, not_found


async def keep_conflict_set(
    context: RequestContext[Any], session: AsyncSession, referral: Referral, given: ConflictSet | None
) -> None:
    """Seal the names into an unsent referral, in the place of those that were there."""
    row = await session.get(models.ConflictSet, referral.id)
    if row is None:
        if given is None or not given.names:
            return
        row = models.ConflictSet(referral_id=referral.id, client_id=referral.client_id)
        session.add(row)
    if given is None or not given.names:
        row.names_sealed = None
        return
    key = await shared_key(context, session, referral, KeyGroup.CONFLICT)
    row.names_sealed = vault(context.settings).seal_under(key, orjson.dumps(asdict(given)).decode())
    await session.flush()


async def conflict_set_of(
    context: RequestContext[Any], session: AsyncSession, referral: Referral
) -> ConflictSet | None:
    """The names that were given with a referral, as far as its key is there and within the caller's reach."""
    row = await session.get(models.ConflictSet, referral.id)
    key = await found_key(session, referral, KeyGroup.CONFLICT)
    return None if row is None else read_set(vault(context.settings).open(key, row.names_sealed))


def read_set(text: str | None) -> ConflictSet | None:
    """A set as it was sealed."""
    if text is None:
        return None
    return ConflictSet(**{field: tuple(names) for field, names in orjson.loads(text).items()})


async def ready_conflict_set(
    context: RequestContext[Any], session: AsyncSession, referral: Referral, client: Client
) -> None:
    """Make the tokens of a referral that is about to be sent to a legal service; to any other no such name goes with it."""
    row = await session.get(models.ConflictSet, referral.id)
    if not referral.legal:
        if row is not None:
            row.names_sealed = None
        return
    if row is None:
        row = models.ConflictSet(referral_id=referral.id, client_id=client.id)
        session.add(row)
    keys = vault(context.settings)
    wanted = select(DataKey).where(
        DataKey.client_id == client.id, DataKey.key_group == KeyGroup.IDENTITY, DataKey.referral_id.is_(None)
    )
    own_name = keys.open(await session.scalar(wanted), client.display_name_sealed)
    given = await conflict_set_of(context, session, referral)
    names = (*((own_name,) if own_name else ()), *(given.names if given else ()))
    key = await shared_key(context, session, referral, KeyGroup.CONFLICT_MATCH)
    row.tokens = sorted(keys.digests_under(key, {form for name in names for form in forms(name)}) or ())
    await session.flush()


@dataclass(frozen=True, slots=True)
class Compared:
    """What came of one question: of the names that were asked, those that the set holds; and how many may still be asked."""

    matches: tuple[str, ...]
    left: int


async def check_conflict(
    context: RequestContext[Any], id_: UUID, names: tuple[str, ...], key: str
) -> Compared | NotFound | NotAllowed | InvalidInput:
    """Compare names of the caller's own matters with a referral's set, in the state CONFLICT_CHECK.

    The names that are asked are not kept. How many were asked is counted, and each question enters the audit, so that
    trying out names is seen.
    """
    caller = context.caller
    caller.require(Scope.CLIENT_READ)
    if wrong := problem_of_question(names):
        return invalid(names=wrong)
    async with context.write() as session:
        claim = await claim_key(session, IdempotencyRecord, caller, "checkConflict", key, [str(id_), *names])
        referral = await session.get(Referral, id_)
        if referral is None or referral.recipient_id != caller.organization:
            return not_found("referral that you received")
        # Locked, so that questions at the same time are counted one after the other.
        under_way = select(ConflictCheck).where(
            ConflictCheck.referral_id == id_, ConflictCheck.result.is_(None)
        )
        check = await session.scalar(under_way.with_for_update())
        if check is None or referral.state is not State.CONFLICT_CHECK:
            return not_allowed(
                "No conflict check is under way: names are compared in the state CONFLICT_CHECK."
            )
        if claim.earlier is None and check.names_asked + len(names) > MOST_ASKED:
            return not_allowed(
                f"Of one referral at most {MOST_ASKED} names are compared: decide on what you know, or set clear names."
            )
        row = await session.get(models.ConflictSet, id_)
        match_key = await found_key(session, referral, KeyGroup.CONFLICT_MATCH)
        keys = vault(context.settings)
        if row is None or keys.digests_under(match_key, ()) is None:
            return not_allowed("The client's consent does not let you compare names now.")
        tokens = set(row.tokens)
        matches = tuple(
            one for one in names if not tokens.isdisjoint(keys.digests_under(match_key, forms(one)) or ())
        )
        if claim.earlier is None:
            check.names_asked += len(names)
            await session.flush()
            many = str(len(names))
            tell(session, caller, "conflict_check.compared", id_, referral=str(id_), names=many)
            claim.record({})
        return Compared(matches, MOST_ASKED - check.names_asked)


async def set_conflict_names(context: RequestContext[Any], names: ConflictNames, key: str) -> ConflictNames:
    """Say how the caller's organisation has the names that it checks, from its next request on."""
    context.caller.require(Scope.DIRECTORY_WRITE)
    own = context.caller.organization
    async with context.write() as session:
        claim = await claim_key(session, IdempotencyRecord, context.caller, "setConflictNames", key, names)
        if claim.earlier is None:
            statement = insert(ConflictSetting).values(organization_id=own, names=names)
            await session.execute(
                statement.on_conflict_do_update(index_elements=["organization_id"], set_={"names": names})
            )
            tell(session, context.caller, "conflict_names.set", own)
            claim.record({"names": names.value})
            return names
        return ConflictNames(claim.earlier["names"])


async def conflict_names_of(session: AsyncSession, organization: UUID) -> ConflictNames:
    """How an organisation has the names that it checks."""
    row = await session.get(ConflictSetting, organization)
    return ConflictNames.CLEAR if row is None else row.names
