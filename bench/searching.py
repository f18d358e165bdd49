"""`python -m bench --part search`: searching 100,000 services, beside a plain `tsquery` over the same texts in the same run.

What is timed is a whole search, from the words as typed to the page's ids: reading them, corrections, synonyms, ranking.
The plain `tsquery` is one statement over a column of the kind that most directories have, asked twice: under row-level
security, where no index of words can be used, and without it, which no request here may do.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import text

from services.partners.app import SERVICE
from services.partners.domain.facets import ServiceOrder
from services.partners.domain.geography import COUNTIES, Point
from services.partners.domain.taxonomy import TERMS
from services.partners.operations.search import Near
from services.partners.operations.search_index import refresh_search
from services.partners.operations.service_search import Searching, ServiceSearch
from vereda import rounds
from vereda.caller import Caller, Scope, system_caller
from vereda.context import RequestContext
from vereda.database import Database
from vereda.ids import new_id
from vereda.migrations import migrate
from vereda.postgres import EmbeddedPostgres
from vereda.provision import provision
from vereda.rounds import Round
from vereda.secrets import Secrets
from vereda.settings import DATABASES, Settings

HOME: Final = Path(os.environ.get("VEREDA_SEARCH_HOME", ".vereda/search"))
SERVICES: Final = int(os.environ.get("VEREDA_SEARCH_SERVICES", "100000"))
_TIMES: Final = 200
_CHUNK: Final = 2_000
_SYLLABLES: Final = [
    "ba",
    "ce",
    "di",
    "fo",
    "gu",
    "la",
    "me",
    "ni",
    "po",
    "ru",
    "sa",
    "te",
    "vi",
    "xo",
    "zu",
    "tla",
    "qui",
]


@dataclass(frozen=True, slots=True)
class Timed:
    name: str
    times_ms: tuple[float, ...]
    found: float
    """How many results a search had on a page, on average."""

    def at(self, share: float) -> float:
        return sorted(self.times_ms)[min(len(self.times_ms) - 1, int(share * len(self.times_ms)))]


def measure() -> list[Timed]:
    return asyncio.run(_measure())


def table(timed: list[Timed]) -> str:
    lines = ["| search | median | p99 | results of a page |", "|---|---|---|---|"]
    lines += [
        f"| {one.name} | {one.at(0.5):.1f} ms | {one.at(0.99):.1f} ms | {one.found:.1f} |" for one in timed
    ]
    return "\n".join(lines)


async def _measure() -> list[Timed]:
    chance = random.Random(7)
    words = [_word(chance) for _ in range(4_000)]
    async with _database() as (database, settings):
        await _fill(database, settings, words)
        await _warm(database)
        asker = _Asker(database, settings)
        rare, often = words[1_000:], words[:40]

        def one_of(choice: list[str], *more: str) -> Callable[[], ServiceSearch]:
            return lambda: ServiceSearch(text=" ".join([chance.choice(choice), *more]))

        near = Near(Point(36.7, -119.8), 25.0)
        asked: list[tuple[str, Callable[[], Awaitable[int]]]] = [
            ("plain `tsquery` under row-level security, a rare word", asker.plain(rare, chance, secured=True)),
            ("plain `tsquery` without it, a rare word", asker.plain(rare, chance, secured=False)),
            ("a rare word", asker.search(one_of(rare))),
            ("a rare word with a typing error", asker.search(lambda: ServiceSearch(text=_misspelt(chance.choice(rare), chance)))),
            ("a rare word and a synonym (`despensa`)", asker.search(one_of(rare, "despensa"))),
            ("the beginning of a word, typing", asker.search(lambda: ServiceSearch(text=chance.choice(rare)[:5], typing=True))),
            ("plain `tsquery` under row-level security, a common word", asker.plain(often, chance, secured=True)),
            ("plain `tsquery` without it, a common word", asker.plain(often, chance, secured=False)),
            ("a common word", asker.search(one_of(often))),
            ("a common word with all facets", asker.search(one_of(often), facets=True)),
            ("a common word near a point, by distance", asker.search(lambda: ServiceSearch(text=chance.choice(often), near=near), ServiceOrder.DISTANCE_ASC)),
            ("a synonym alone (`food`: one service in thirty)", asker.search(lambda: ServiceSearch(text="food"))),
            ("no words, a county and a language", asker.search(lambda: ServiceSearch(county="06019", languages=("spa",)), ServiceOrder.NAME_ASC)),
        ]  # fmt: skip
        return [await _timed(name, ask) for name, ask in asked]


async def _timed(name: str, ask: Callable[[], Awaitable[int]]) -> Timed:
    times, found = [], 0
    for _ in range(_TIMES):
        begun = time.perf_counter()
        found += await ask()
        times.append((time.perf_counter() - begun) * 1000)
    return Timed(name, tuple(times), found / _TIMES)


class _Asker:
    def __init__(self, database: Database, settings: Settings) -> None:
        self.database, self.settings = database, settings
        self.caller = Caller("bench", new_id(), frozenset({Scope.DIRECTORY_READ.value}))

    def search(
        self,
        make: Callable[[], ServiceSearch],
        order: ServiceOrder = ServiceOrder.RELEVANCE_DESC,
        *,
        facets: bool = False,
    ) -> Callable[[], Awaitable[int]]:
        async def ask() -> int:
            context: RequestContext[Any] = RequestContext(
                self.caller, self.database, self.settings, SERVICE.make_loaders
            )
            searching = Searching(context, make())
            found = len((await searching.page(order, 20, None)).rows)
            if facets:
                await searching.counted()
            await context.end()
            return found

        return ask

    def plain(
        self, words: list[str], chance: random.Random, *, secured: bool
    ) -> Callable[[], Awaitable[int]]:
        table_ = "plain_secured" if secured else "plain_open"
        statement = text(
            f"SELECT id FROM {table_} WHERE search @@ websearch_to_tsquery('english', :words)"
            " ORDER BY ts_rank(search, websearch_to_tsquery('english', :words)) DESC, name, id LIMIT 20"
        )

        async def ask() -> int:
            async with self.database.transaction(self.caller, read_only=True) as session:
                return len((await session.execute(statement, {"words": chance.choice(words)})).all())

        return ask


@asynccontextmanager
async def _database() -> AsyncIterator[tuple[Database, Settings]]:
    home = HOME.resolve()
    secrets = Secrets(home / "secrets")
    postgres = EmbeddedPostgres(home / "postgres", secrets)
    await postgres.start()
    try:
        passwords = {name: secrets.get(f"database-{name}") for name in DATABASES}
        urls = await provision(postgres.admin_url, passwords)
        database = Database(urls["partners"], pool_size=2, statement_timeout_s=600)
        await migrate(database, SERVICE.folder)
        try:
            yield database, Settings(home=home)
        finally:
            await database.close()
    finally:
        await postgres.stop()


async def _fill(database: Database, settings: Settings, words: list[str]) -> None:
    """Services of 2,000 organisations, three places and languages to choose from; words by how often people use them."""
    system = system_caller(new_id())
    async with database.transaction(system) as session:
        count = int((await session.execute(text("SELECT count(*) FROM services"))).scalar_one())
    if count < SERVICES:
        await _add(database, words, count)
    await rounds.make(Round("search", 20, refresh_search), database, settings)
    async with database.engine.begin() as connection:
        for statement in _PLAIN:
            await connection.execute(text(statement))


async def _add(database: Database, words: list[str], count: int) -> None:
    system = system_caller(new_id())
    chance = random.Random(1)
    weights = [1 / (rank + 1) for rank in range(len(words))]
    terms = [one.code for one in TERMS if "." in one.code]
    organizations = [new_id() for _ in range(2_000)]
    async with database.transaction(system) as session:
        await session.execute(_ORGANIZATION, [
            {"id": one, "slug": f"org-{n}", "name": f"{' '.join(chance.choices(words, k=2))} {n}", "kind": chance.choice(("CBO", "CLINIC", "LEGAL"))}
            for n, one in enumerate(organizations)
        ])  # fmt: skip
        await session.execute(_LOCATION, [
            {"id": one, "org": one, "fips": COUNTIES[n % len(COUNTIES)].fips, "lat": 35 + chance.random() * 3, "lon": -121 + chance.random() * 3}
            for n, one in enumerate(organizations)
        ])  # fmt: skip
    async with _untriggered(database):
        for done in range(count, SERVICES, _CHUNK):
            rows = [
                {
                    "id": new_id(),
                    "org": chance.choice(organizations),
                    "name": " ".join(chance.choices(words, weights, k=4)),
                    "said": " ".join(chance.choices(words, weights, k=40)),
                    "terms": [chance.choice(terms)],
                    "fees": chance.choice(("Free", "$20", None)),
                    "language": chance.choice(("spa", "eng", "mix")),
                }
                for _ in range(_CHUNK)
            ]
            async with database.transaction(system) as session:
                for statement in (_SERVICE, _LANGUAGE, _PLACE):
                    await session.execute(statement, rows)
                await session.execute(_REFRESH, {"ids": [row["id"] for row in rows]})
            print(f"{done + _CHUNK:,} services", flush=True)


@asynccontextmanager
async def _untriggered(database: Database) -> AsyncIterator[None]:
    """Thousands of services at once are indexed once each, and not at each of their parts."""
    tables = ("services", "language_offers", "services_at_locations")
    for word in ("DISABLE", "ENABLE"):
        if word == "ENABLE":
            yield
        async with database.engine.begin() as connection:
            for table_ in tables:
                await connection.execute(text(f"ALTER TABLE {table_} {word} TRIGGER note_changed_service"))


_REFRESH: Final = text("SELECT refresh_service_documents(:ids)")
_ORGANIZATION: Final = text(
    "INSERT INTO organizations (id, slug, name, kind, status, counties, version)"
    " VALUES (:id, :slug, :name, :kind, 'ACTIVE', '{}', 1)"
)
_LOCATION: Final = text(
    "INSERT INTO locations (id, organization_id, location_type, visibility, county_fips, latitude, longitude, rural, accessibility, version)"
    " VALUES (:id, :org, 'PHYSICAL', 'PUBLIC', :fips, :lat, :lon, false, '{}', 1)"
)
_SERVICE: Final = text(
    "INSERT INTO services (id, organization_id, name, description, status, sensitivity, term_codes, fees_description, required_documents, version)"
    " VALUES (:id, :org, :name, :said, 'ACTIVE', 'NORMAL', :terms, :fees, '{}', 1)"
)
_LANGUAGE: Final = text(
    "INSERT INTO language_offers (id, organization_id, service_id, code, modality, via)"
    " VALUES (uuidv7(), :org, :id, :language, 'SPOKEN', 'STAFF')"
)
_PLACE: Final = text(
    "INSERT INTO services_at_locations (id, organization_id, service_id, location_id) VALUES (uuidv7(), :org, :id, :org)"
)
_PLAIN: Final = (
    "SELECT set_config('vereda.scopes', 'system', true), set_config('vereda.organization', gen_random_uuid()::text, true)",
    "DROP TABLE IF EXISTS plain_open, plain_secured",
    "CREATE TABLE plain_open AS SELECT id, name, to_tsvector('english', name || ' ' || description) AS search FROM services",
    "CREATE INDEX ON plain_open USING gin (search)",
    "CREATE TABLE plain_secured AS SELECT * FROM plain_open",
    "CREATE INDEX ON plain_secured USING gin (search)",
    "ALTER TABLE plain_secured ENABLE ROW LEVEL SECURITY",
    "CREATE POLICY members ON plain_secured FOR SELECT USING ((SELECT vereda_organization()) IS NOT NULL)",
)


async def _warm(database: Database) -> None:
    async with database.engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.execute(
            text(f"GRANT SELECT ON plain_open, plain_secured TO {database.request_role}")
        )
        await connection.execute(text("VACUUM ANALYZE"))


def _word(chance: random.Random) -> str:
    return "".join(chance.choices(_SYLLABLES, k=chance.choice((3, 4, 4, 5))))


def _misspelt(word: str, chance: random.Random) -> str:
    at = chance.randrange(1, len(word) - 1)
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
