"""Reading what somebody typed into a search: its words in both languages, what they mean and what they were meant to be.

The text of a search is used here and kept nowhere: not in a log, not in the audit.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import Text, cast, func, select
from sqlalchemy.dialects.postgresql import ARRAY, REGCONFIG
from sqlalchemy.ext.asyncio import AsyncSession

from services.partners.domain.query import TERM, IndexQuery, Lexicon, Stems, likely, phrases_of, written
from services.partners.domain.spelling import corrections, forgiven, remainders
from services.partners.domain.words import parse, words_of
from services.partners.models import SearchSynonym, SearchWord
from vereda.database import among
from vereda.errors import ClientError, ErrorCode

_LONGEST_TEXT: Final = 300
#: Words that a beginning may become; the more used first.
_COMPLETIONS: Final = 10
_CANDIDATES: Final = 200


@dataclass(frozen=True, slots=True)
class Understood:
    """How a search was read. `query` None: it has no word that says anything, and finds nothing."""

    query: IndexQuery | None
    corrections: dict[str, tuple[str, ...]] = field(default_factory=dict)
    #: Phrases that stand for others, each with its meanings.
    synonyms: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def terms(self) -> frozenset[str]:
        """Codes of the taxonomy that the words stand for."""
        return frozenset(m[1:] for meant in self.synonyms.values() for m in meant if m.startswith(TERM))


async def understand(session: AsyncSession, text: str, *, typing: bool = False) -> Understood:
    """Read a search in five short statements at most. `typing`: its last word may be the beginning of one.

    Raises: ClientError BAD_USER_INPUT where the text is longer than 300 characters.
    """
    if len(text) > _LONGEST_TEXT:
        raise ClientError(
            ErrorCode.BAD_USER_INPUT, f"`filter.text` must be at most {_LONGEST_TEXT} characters."
        )
    alternatives = parse(text)
    items = [item for one in alternatives for item in one]
    if not items:
        return Understood(None)
    meanings = await _meanings(session, phrases_of(alternatives))
    single = {item.words[0] for item in items if len(item.words) == 1 and not item.without}
    last = items[-1].words[-1] if typing and not items[-1].without and len(items[-1].words) == 1 else None
    corrected = await _corrections(session, single - meanings.keys() - {last})
    completed = {last: await _completions(session, last)} if last is not None else {}
    others = {one for words in (*corrected.values(), *completed.values()) for one in words}
    if corrected:
        others |= {phrase for phrase in phrases_of(likely(alternatives, corrected)) if " " in phrase}
    meanings |= await _meanings(session, others - meanings.keys())
    phrases = {" ".join(item.words) for item in items} | others
    phrases |= {m for meant in meanings.values() for m in meant if not m.startswith(TERM)}
    lexicon = Lexicon(await _stems(session, phrases), meanings, corrected, completed)
    return Understood(written(alternatives, lexicon), corrected, meanings)


async def _stems(session: AsyncSession, phrases: Iterable[str]) -> dict[str, Stems]:
    phrase = func.unnest(cast(sorted(phrases), ARRAY(Text()))).column_valued("phrase")
    english = func.phraseto_tsquery(cast("english", REGCONFIG), phrase)
    spanish = func.phraseto_tsquery(cast("spanish", REGCONFIG), phrase)
    rows = await session.execute(select(phrase, cast(english, Text), cast(spanish, Text)))
    return {said: Stems(*each) for said, *each in rows}


async def _meanings(session: AsyncSession, phrases: Collection[str]) -> dict[str, tuple[str, ...]]:
    if not phrases:
        return {}
    rows = await session.execute(
        select(SearchSynonym.phrase, SearchSynonym.meaning)
        .where(among(SearchSynonym.phrase, sorted(phrases)))
        .order_by(SearchSynonym.phrase, SearchSynonym.meaning)
    )
    found: dict[str, list[str]] = defaultdict(list)
    for phrase, meaning in rows:
        found[phrase].append(meaning)
    return {phrase: tuple(each) for phrase, each in found.items()}


async def _corrections(session: AsyncSession, words: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Of words that the directory does not have, those near them that it has. Served by the GIN index on remainders."""
    doubtful = sorted(word for word in words if forgiven(word))
    if not doubtful:
        return {}
    known = set(await session.scalars(select(SearchWord.word).where(among(SearchWord.word, doubtful))))
    found = {}
    for word in doubtful:
        if word in known:
            continue
        near = await session.execute(
            select(SearchWord.word, SearchWord.uses)
            .where(SearchWord.remainders.op("&&")(cast(sorted(remainders(word)), ARRAY(Text()))))
            .order_by(SearchWord.uses.desc(), SearchWord.word)
            .limit(_CANDIDATES)
        )
        if best := corrections(word, ((one, uses) for one, uses in near)):
            found[word] = best
    return found


async def _completions(session: AsyncSession, beginning: str) -> tuple[str, ...]:
    """Served by the index on the words' beginnings."""
    rows = await session.scalars(
        select(SearchWord.word)
        .where(SearchWord.word.startswith(beginning, autoescape=True), SearchWord.word != beginning)
        .order_by(SearchWord.uses.desc(), SearchWord.word)
        .limit(_COMPLETIONS)
    )
    return tuple(rows)


def vocabulary(text: str) -> set[str]:
    """The words of a text that may be what a misspelt one was meant for."""
    return {word for word in words_of(text) if forgiven(word)}
