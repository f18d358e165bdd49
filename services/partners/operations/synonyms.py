"""What people say for what the directory says: kept by the network's coordinator, read by everybody who searches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Select, delete, insert, select

from services.partners.domain.query import LONGEST_PHRASE, TERM
from services.partners.domain.words import words_of
from services.partners.models import IdempotencyRecord, SearchSynonym, TaxonomyTerm
from services.partners.operations.search_index import add_words
from services.partners.operations.understanding import vocabulary
from vereda.caller import Scope, system_caller
from vereda.context import RequestContext
from vereda.database import among
from vereda.idempotency import claim_key
from vereda.pagination import Order
from vereda.refusals import InvalidInput, invalid

_MOST_MEANINGS: Final = 20
SYNONYM_ORDER: Final = (Order(SearchSynonym.phrase), Order(SearchSynonym.meaning))


def synonyms() -> Select[SearchSynonym]:
    return select(SearchSynonym)


async def set_synonym(
    context: RequestContext[Any], phrase: str, meanings: Sequence[str], key: str
) -> tuple[str, ...] | InvalidInput:
    """Say all that a phrase means: codes of the taxonomy after `#`, and other phrases. None at all takes it away."""
    context.caller.require(Scope.ADMIN_NETWORK)
    said = " ".join(words_of(phrase))
    if not said or len(said.split()) > LONGEST_PHRASE or len(said) > 80:
        return invalid(phrase=f"must be one to {LONGEST_PHRASE} words, 80 characters at most")
    meant = tuple(dict.fromkeys(one if one.startswith(TERM) else " ".join(words_of(one)) for one in meanings))
    if not all(meant) or len(meant) > _MOST_MEANINGS or any(len(one) > 200 for one in meant):
        return invalid(meanings=f"must be words or codes, {_MOST_MEANINGS} at most")
    # As the system: nobody else may write what everybody's searches are read by.
    system = system_caller(context.caller.organization, context.caller.subject)
    async with context.write(system) as session:
        claim = await claim_key(
            session, IdempotencyRecord, context.caller, "setSynonym", key, [said, list(meant)]
        )
        if claim.earlier is not None:
            return meant
        codes = {one[1:] for one in meant if one.startswith(TERM)}
        known = set(await session.scalars(select(TaxonomyTerm.code).where(among(TaxonomyTerm.code, codes))))
        if codes - known:
            return invalid(meanings="must be, after `#`, codes that `taxonomyTerms` lists")
        await session.execute(delete(SearchSynonym).where(SearchSynonym.phrase == said))
        if meant:
            await session.execute(insert(SearchSynonym), [{"phrase": said, "meaning": one} for one in meant])
            await add_words(session, Counter(vocabulary(said)))
        claim.record({"phrase": said})
        return meant
