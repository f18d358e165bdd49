"""`python -m bench --part scale`: queries over a million referrals, as the database takes them, with row-level security on.

Each query is asked of the services' own schemas, in the name of the largest organisations there are, many times with other
values. What is timed is each of its SQL statements, from sending it to its last row. Then each statement is asked for
its plan, in the same name.
"""

from __future__ import annotations

import asyncio
import os
import random
import re
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import event, text

from services.referrals.operations import reports
from vereda import rounds
from vereda.caller import Caller, Scope, system_caller
from vereda.context import RequestContext
from vereda.database import Database
from vereda.demo import scale
from vereda.demo.loading import load_one
from vereda.demo.network import COORDINATOR, build
from vereda.migrations import migrate
from vereda.periods import newest
from vereda.postgres import EmbeddedPostgres
from vereda.provision import provision
from vereda.secrets import Secrets
from vereda.settings import DATABASES, Settings

#: Where the many referrals are kept from one run to the next; making them takes longer than asking.
HOME: Final = Path(os.environ.get("VEREDA_SCALE_HOME", ".vereda/scale"))
#: A state's year.
WHOLE: Final = 1_000_000
REFERRALS: Final = int(os.environ.get("VEREDA_SCALE_REFERRALS", WHOLE))
#: What every statement's slowest hundredth must stay below.
TARGET_MS: Final = 50.0
_TIMES: Final = 300
_ORGANIZATIONS: Final = 5
_PAGE_SIZE: Final = 20


#: An insert's rows, however many.
_ROWS: Final = re.compile(r"VALUES .*", re.S)


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked: `variables` makes those of one time; each document takes `$first`."""

    name: str
    service: str
    document: str
    variables: Callable[[Sample, random.Random], dict[str, Any]] = lambda _sample, _chance: {}
    largest: int = 100


@dataclass(slots=True)
class Sample:
    """An organisation with much to look at, and ids of what it may see."""

    caller: Caller
    clients: list[str] = field(default_factory=list)
    referrals: list[str] = field(default_factory=list)
    cursors: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Statement:
    """One SQL statement of a query: how long it took, each time, and how Postgres goes about it."""

    sql: str
    times_ms: list[float] = field(default_factory=list)
    indexes: set[str] = field(default_factory=set)
    scanned: set[str] = field(default_factory=set)
    """Tables that were read from end to end."""


@dataclass(frozen=True, slots=True)
class Asked:
    query: str
    statements: list[Statement]
    counts: tuple[int, int]
    """How many statements for a page of 20, and for the largest."""

    @property
    def slowest_ms(self) -> float:
        return max(_percentile(one.times_ms, 0.99) for one in self.statements)


#: The quarter whose figures are published first.
_PERIOD: Final = newest(datetime.now(UTC), yearly=False, settled_after=timedelta(days=15))
_PAGE: Final = "first: $first, after: $after"
_SEEN: Final = "pageInfo { endCursor } nodes { id state urgency dueAt client { displayName } sender { id } }"
QUERIES: Final = (
    Query(
        "inbox",
        "referrals",
        f"query($first: Int, $after: String) {{ inbox({_PAGE}) {{ {_SEEN} }} }}",
        lambda sample, chance: {"after": chance.choice([None, *sample.cursors])},
    ),
    Query(
        "inbox, what waits",
        "referrals",
        f"query($first: Int) {{ inbox(filter: {{states: [SENT, IN_REVIEW]}}, first: $first) {{ {_SEEN} }} }}",
    ),
    Query(
        "outbox, by state",
        "referrals",
        f"query($first: Int) {{ outbox(filter: {{states: [ACCEPTED, SCHEDULED]}}, first: $first) {{ {_SEEN} }} }}",
    ),
    Query(
        "inbox, what is due",
        "referrals",
        f"query($first: Int) {{ inbox(orderBy: DUE_ASC, first: $first) {{ {_SEEN} }} }}",
    ),
    Query(
        "inbox, what changed last",
        "referrals",
        f"query($first: Int) {{ inbox(orderBy: CHANGED_DESC, first: $first) {{ {_SEEN} }} }}",
    ),
    Query(
        "outbox, what changed last",
        "referrals",
        f"query($first: Int) {{ outbox(orderBy: CHANGED_DESC, first: $first) {{ {_SEEN} }} }}",
    ),
    Query(
        "timeline",
        "referrals",
        """query($first: Int, $after: String) { inbox(first: $first, after: $after) {
           nodes { id timeline { move toState occurredAt } } } }""",
        lambda sample, chance: {"after": chance.choice([None, *sample.cursors])},
    ),
    Query(
        "clients by name",
        "referrals",
        "query($first: Int, $name: String) { clients(filter: {name: $name}, first: $first) { nodes { handle displayName } } }",
        lambda _sample, chance: {"name": chance.choice(("Alma Arroyo", "Kao Her", "Julia Ibarra", "Lupe"))},
    ),
    Query(
        "a client with their referrals",
        "referrals",
        """query($first: Int, $handle: ID!) { client(handle: $handle) {
           displayName referrals(first: $first) { nodes { id state } } } }""",
        lambda sample, chance: {"handle": chance.choice(sample.clients)},
    ),
    Query(
        "one referral",
        "referrals",
        "query($id: ID!) { referral(id: $id) { state narrative client { displayName } timeline { toState } } }",
        lambda sample, chance: {"id": chance.choice(sample.referrals)},
    ),
    Query(
        "directory search",
        "partners",
        """query($first: Int, $text: String) { services(first: $first,
           filter: {text: $text, languages: ["spa"], withCapacity: true}) { nodes { id name organization { name } } } }""",
        lambda _sample, chance: {"text": chance.choice(("DACA", "clases", "dental", "citizenship", "renta"))},
    ),
    Query(
        "matching",
        "partners",
        """query($first: Int, $needs: [ID!]!, $zip: String!) { matchServices(input: {needs: $needs, postalCode: $zip,
           language: "spa"}) { matches(first: $first) { score reasons { factor points } service { id offer } }
           whyNot { service { id } obstacles { filter } } } }""",
        lambda _sample, chance: {
            "needs": [chance.choice(("legal.immigration", "health.dental", "education.esl", "basic.food"))],
            "zip": chance.choice(("93721", "93301", "95340", "95202")),
        },
        largest=50,
    ),
    Query(
        "the region's figures",
        "referrals",
        """query($period: String!) { publishedReport(measure: "NEEDS", period: $period) {
           figures { of { dimension value } count mark } } }""",
        lambda _sample, _chance: {"period": _PERIOD.name},
    ),
)


def page(asked: list[Asked], load_average: float) -> str:
    """docs/scale.md."""
    reached = all(one.slowest_ms < TARGET_MS for one in asked)
    same = all(small == large for one in asked for small, large in [one.counts])
    lines = [
        "# At scale",
        "",
        f"Written by `make bench PART=scale`: {REFERRALS:,} referrals of {round(REFERRALS / scale.EACH_CLIENT):,} clients"
        " (`vereda demo --scale`), in the embedded Postgres with its default settings, with row-level security on, in the name"
        f" of the organisations that send and receive most. Each query is asked {_TIMES} times with other values, for a"
        " page of 20; timed is each SQL statement, from sending it to its last row. The machine's load average was"
        f" {load_average:.2f} before.",
        "",
        f"Every statement's slowest hundredth is {'below' if reached else '**not below**'} {TARGET_MS:.0f} ms. The number of"
        f" statements {'is the same' if same else '**is not the same**'} for a page of {_PAGE_SIZE} and for the largest there is.",
        "",
        "| query | statements | median of the slowest, ms | its slowest hundredth, ms | indexes | read from end to end |",
        "|---|---|---|---|---|---|",
    ]
    for one in asked:
        slowest = max(one.statements, key=lambda statement: _percentile(statement.times_ms, 0.99))
        indexes = sorted(set[str]().union(*(statement.indexes for statement in one.statements)))
        scanned = sorted(set[str]().union(*(statement.scanned for statement in one.statements)))
        lines.append(
            f"| {one.query} | {one.counts[1]} | {_percentile(slowest.times_ms, 0.5):.1f} | {one.slowest_ms:.1f} |"
            f" {', '.join(f'`{name}`' for name in indexes)} | {', '.join(f'`{name}`' for name in scanned) or '-'} |"
        )
    lines += [
        "",
        "What is read from end to end is small: the directory has as many rows as the region has services.",
        "",
    ]
    return "\n".join(lines)


def measure() -> list[Asked]:
    """Make the many referrals where they are not there yet, and ask. Raises: OperatorError."""
    return asyncio.run(_measure())


async def _measure() -> list[Asked]:
    async with _databases() as (databases, settings):
        await _publish(databases["referrals"], settings)
        chance = random.Random(1)
        samples = [await _sample(databases["referrals"], settings, one) for one in await _largest(databases)]
        return [await _ask(query, databases[query.service], settings, samples, chance) for query in QUERIES]


@asynccontextmanager
async def _databases() -> AsyncIterator[tuple[dict[str, Database], Settings]]:
    home = HOME.resolve()
    settings, secrets = Settings(home=home), Secrets(home / "secrets")
    postgres = EmbeddedPostgres(home / "postgres", secrets)
    await postgres.start()
    try:
        urls = await provision(
            postgres.admin_url, {name: secrets.get(f"database-{name}") for name in DATABASES}
        )
        os.environ |= {"VEREDA_HOME": str(home)} | {
            f"VEREDA_{n.upper()}_DATABASE_URL": u for n, u in urls.items()
        }
        databases = {name: Database(urls[name], pool_size=2) for name in ("partners", "referrals")}
        for name, database in databases.items():
            await migrate(database, _service(name).folder)
            await load_one(name)
        if await _count(databases["referrals"]) < REFERRALS:
            await scale.load(settings, REFERRALS, print)
        try:
            yield databases, settings
        finally:
            for database in databases.values():
                await database.close()
    finally:
        await postgres.stop()


def _service(name: str) -> Any:
    return import_module(f"services.{name}.app").SERVICE


async def _count(database: Database) -> int:
    async with database.transaction(_SYSTEM) as session:
        return int((await session.execute(text("SELECT count(*) FROM referrals"))).scalar_one())


async def _publish(database: Database, settings: Settings) -> None:
    """Publish the region's figures, as a round does: one pass over a quarter."""
    begun = time.perf_counter()
    made = await rounds.make(rounds.Round("publish reports", 3600, reports.publish), database, settings)
    if made:
        print(
            f"The region's figures were counted, protected and published in {time.perf_counter() - begun:.1f} s."
        )


async def _largest(databases: dict[str, Database]) -> list[UUID]:
    """The organisations that receive most, and those that send most."""
    async with databases["referrals"].transaction(_SYSTEM) as session:
        found: list[UUID] = []
        for column in ("recipient_id", "sender_id"):
            most = f"SELECT {column} FROM referrals GROUP BY 1 ORDER BY count(*) DESC LIMIT {_ORGANIZATIONS}"
            found += (await session.execute(text(most))).scalars()
        return list(dict.fromkeys(found))


async def _sample(database: Database, settings: Settings, organization: UUID) -> Sample:
    sample = Sample(Caller("bench", organization, frozenset(scope.value for scope in Scope)))
    document = """query($after: String) { inbox(first: 100, after: $after) { pageInfo { endCursor } nodes { id client { handle } } }
                  clients(first: 100) { nodes { handle } } }"""
    after = None
    for _ in range(3):
        data = await _answer("referrals", database, settings, sample.caller, document, {"after": after})
        nodes = data["inbox"]["nodes"]
        sample.referrals += [node["id"] for node in nodes]
        sample.clients += [node["client"]["handle"] for node in nodes if node["client"]]
        sample.clients += [node["handle"] for node in data["clients"]["nodes"]]
        after = data["inbox"]["pageInfo"]["endCursor"]
        if after is None:
            break
        sample.cursors.append(after)
    return sample


async def _ask(
    query: Query, database: Database, settings: Settings, samples: list[Sample], chance: random.Random
) -> Asked:
    fitting = [one for one in samples if one.clients and one.referrals] or samples
    statements: dict[str, Statement] = defaultdict(lambda: Statement(""))
    with _Listening(database) as heard:
        for _ in range(_TIMES):
            sample = chance.choice(fitting)
            variables = {"first": 20, **query.variables(sample, chance)}
            heard.clear()
            await _answer(query.service, database, settings, sample.caller, query.document, variables)
            for sql, parameters, took_ms in tuple(heard):
                one = statements[_ROWS.sub("VALUES ...", sql)]
                one.sql = sql
                one.times_ms.append(took_ms)
                if len(one.times_ms) == 1 and sql.startswith(("SELECT", "WITH")):
                    await _explain(database, sample.caller, one, parameters)
        counts = [0, 0]
        for place, page in enumerate((_PAGE_SIZE, query.largest)):
            for sample in fitting:
                heard.clear()
                variables = {**query.variables(sample, random.Random(1)), "first": page}
                await _answer(query.service, database, settings, sample.caller, query.document, variables)
                counts[place] = max(counts[place], len(heard))
    return Asked(query.name, list(statements.values()), (counts[0], counts[1]))


async def _answer(
    name: str,
    database: Database,
    settings: Settings,
    caller: Caller,
    document: str,
    variables: dict[str, Any],
) -> dict[str, Any]:
    service = _service(name)
    context = RequestContext(caller, database, settings, service.make_loaders)
    try:
        answer = await service.schema.execute(document, variables, context_value=context)
    finally:
        await context.close()
    if answer.errors:
        raise RuntimeError(f"{name} answered {answer.errors}")
    return dict(answer.data)


class _Listening:
    """Hears every statement that a database executes for requests: (SQL, parameters, milliseconds)."""

    def __init__(self, database: Database) -> None:
        self._engine = database.requests.sync_engine
        self._heard: list[tuple[str, Any, float]] = []
        self._begun = 0.0

    def __enter__(self) -> list[tuple[str, Any, float]]:
        event.listen(self._engine, "before_cursor_execute", self._before)
        event.listen(self._engine, "after_cursor_execute", self._after)
        return self._heard

    def __exit__(self, *_error: object) -> None:
        event.remove(self._engine, "before_cursor_execute", self._before)
        event.remove(self._engine, "after_cursor_execute", self._after)

    def _before(self, *_rest: Any) -> None:
        self._begun = time.perf_counter()

    def _after(self, _c: Any, _cursor: Any, sql: str, parameters: Any, *_rest: Any) -> None:
        if not sql.startswith(("SET TRANSACTION", "SELECT set_config", "EXPLAIN")):
            self._heard.append((sql, parameters, (time.perf_counter() - self._begun) * 1000))


async def _explain(database: Database, caller: Caller, statement: Statement, parameters: Any) -> None:
    async with database.transaction(caller, read_only=True) as session:
        connection = await session.connection()
        told = await connection.exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement.sql}", parameters)
        plan = told.scalar_one()
    for node in _nodes((orjson.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]):
        if "Index Name" in node:
            statement.indexes.add(node["Index Name"])
        if node["Node Type"] == "Seq Scan":
            statement.scanned.add(node["Relation Name"])


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from _nodes(part)


def _percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


_SYSTEM: Final = system_caller(build().by_slug(COORDINATOR).id)
