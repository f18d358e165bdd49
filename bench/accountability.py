"""What it costs to look free text over, to enter what was shown before it is answered, and to put entries into the tree."""

from __future__ import annotations

import asyncio
import secrets
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from services.referrals.app import SERVICE
from vereda.audit.sealing import seal
from vereda.caller import Caller
from vereda.context import RequestContext
from vereda.database import Database, count_statements
from vereda.ids import new_id
from vereda.migrations import migrate
from vereda.postgres import EmbeddedPostgres
from vereda.provision import provision
from vereda.rounds import Round, make
from vereda.screening import screen
from vereda.secrets import Secrets
from vereda.settings import Settings

_LENGTH: Final = 4000
#: As case workers write, with what has to be looked at twice: telephone numbers, dates, names of services.
NOTES: Final = {
    "English": "Client is a mother of three who moved to Madera two months ago and needs help with enrolment at the adult"
    " school. She works in the fields until four and can come on Tuesdays. Call 559-555-0142 after five and leave no"
    " message. Rent is due on the 3rd, $950; the landlord waits until 04/15. Asked about the citizenship class and the"
    " DACA workshop at the library for her nephew. ",
    "Spanish": "La señora es madre de tres niños, se mudó a Madera hace dos meses y necesita ayuda para inscribirse en la"
    " escuela de adultos. Trabaja en el campo hasta las cuatro y puede venir los martes. Llamar al 559-555-0142 después"
    " de las cinco. La renta es $950 y se paga el día 3; el dueño espera hasta el 15/04. Pregunta por el taller de DACA"
    " para su sobrino y por pañales. ",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cost:
    """`p50_ms` and `p99_ms` of one; `statements`: of SQL, where there are any."""

    what: str
    p50_ms: float
    p99_ms: float
    statements: int | None = None


def measure(repeats: int) -> list[Cost]:
    """All of it. The database is a real one, which writes to disk before it says that it has."""
    return [*_screening(repeats * 20), *asyncio.run(_auditing(repeats * 20))]


def _screening(repeats: int) -> list[Cost]:
    costs = []
    for language, text in NOTES.items():
        note = (text * (_LENGTH // len(text) + 1))[:_LENGTH]
        assert screen(note) is None, "a note that is let pass is looked over whole"
        costs.append(_cost(f"screen a note of {_LENGTH:,} characters, {language}", _timed(repeats, note)))
    return costs


def _timed(repeats: int, note: str) -> list[float]:
    """Of the processor's time: nothing is waited for, and what else runs on the machine is not counted."""
    spent = []
    for _ in range(repeats):
        began = time.thread_time()
        screen(note)
        spent.append((time.thread_time() - began) * 1000)
    return spent


async def _auditing(repeats: int) -> list[Cost]:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        server = EmbeddedPostgres(home / "postgres", Secrets(home / "secrets"))
        await server.start()
        try:
            urls = await provision(server.admin_url, {"referrals": secrets.token_urlsafe(12)})
            database = Database(urls["referrals"])
            await migrate(database, SERVICE.folder)
            return await _entered(database, Settings(home=home), repeats)
        finally:
            await server.stop()


async def _entered(database: Database, settings: Settings, repeats: int) -> list[Cost]:
    reader = Caller("bench", new_id(), frozenset({"client:read"}))
    costs = []
    for clients in (1, 50):
        spent, statements = [], count_statements(database)
        for _ in range(repeats):
            context: RequestContext[Any] = RequestContext(reader, database, settings, SERVICE.make_loaders)
            for _client in range(clients):
                context.shown.add(new_id(), "IDENTITY", new_id(), "REFERRAL_DELIVERY")
            statements.clear()
            began = time.perf_counter()
            await context.enter_shown()
            spent.append((time.perf_counter() - began) * 1000)
        costs.append(_cost(f"enter that {clients} clients were shown", spent, len(statements)))
    began = time.perf_counter()
    sealed = await make(Round("bench seal", 1, seal), database, settings) or 0
    each = (time.perf_counter() - began) * 1000 / max(sealed, 1)
    await database.close()
    return [*costs, Cost(f"put an entry into the tree, of {sealed:,}", each, each)]


def _cost(what: str, spent: list[float], statements: int | None = None) -> Cost:
    return Cost(what, statistics.median(spent), statistics.quantiles(spent, n=100)[98], statements)


def table(costs: list[Cost], show: Callable[[str], object] = print) -> None:
    show(f"{'':<60}{'p50 ms':>10}{'p99 ms':>10}{'SQL':>6}")
    for one in costs:
        sql = "" if one.statements is None else one.statements
        show(f"{one.what:<60}{one.p50_ms:>10.3f}{one.p99_ms:>10.3f}{sql:>6}")
