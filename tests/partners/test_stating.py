"""What the directory states to referrals, which asks over HTTP: signed both ways, and nothing for anybody else."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
import uvicorn

from services.partners.app import SERVICE
from services.partners.domain.terms import WorkshopStatus
from services.partners.models import Workshop
from tests.support.directory import Directory
from tests.support.subgraph import caller_of
from vereda.asking import ask
from vereda.database import Database
from vereda.ids import new_id
from vereda.keys import KeyRing
from vereda.service import create_part
from vereda.settings import Settings
from vereda.signed import TokenRefusedError
from vereda.statements import WorkshopsAsked, WorkshopSlot, sign, state
from vereda.tokens import mint

PATH: Final = "/statements/workshops"
DAY: Final = datetime(2032, 5, 1, 17, tzinfo=UTC)


@pytest_asyncio.fixture
async def served(
    database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[str]:
    """The directory on a port of this machine, where its settings say that it is."""
    app = create_part(SERVICE, settings, database)
    server = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=0, log_level="critical", lifespan="off")
    )
    running = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    monkeypatch.setenv("VEREDA_PARTNERS_URL", url)
    yield url
    server.should_exit = True
    await running


async def planned(directory: Directory, status: WorkshopStatus) -> Workshop:
    host = await directory.organization("Ayuda")
    row = Workshop(
        id=new_id(),
        organization_id=host.id,
        title="DACA day",
        county_fips="06029",
        starts_at=DAY,
        ends_at=DAY + timedelta(hours=4),
        capacity=25,
        status=status,
    )
    await directory.add(row)
    return row


async def asked(settings: Settings, *workshops: UUID) -> list[WorkshopSlot]:
    question = WorkshopsAsked([str(one) for one in workshops])
    return await ask(settings, "partners", PATH, question, WorkshopSlot)


async def test_referrals_learns_how_workshops_stand_and_nothing_of_one_that_there_is_not(
    served: str, directory: Directory, settings: Settings
) -> None:
    off = await planned(directory, WorkshopStatus.CANCELLED)
    on = await planned(directory, WorkshopStatus.PUBLISHED)

    found = {one.workshop: one for one in await asked(settings, off.id, on.id, new_id())}

    assert found.keys() == {off.id, on.id}
    assert (found[off.id].status, found[off.id].announced) == ("CANCELLED", False)
    assert (found[on.id].status, found[on.id].announced) == ("PUBLISHED", True)
    assert (found[on.id].county, found[on.id].seats, found[on.id].starts_at) == ("06029", 25, DAY)


TRICKS: Final[dict[str, Callable[[Settings, KeyRing], str]]] = {
    "nothing": lambda _settings, _elsewhere: "",
    "no token": lambda _settings, _elsewhere: "WorkshopsAsked",
    "bytes": lambda _settings, _elsewhere: "\x00\xff",
    "a stranger's": lambda _settings, elsewhere: state(elsewhere, WorkshopsAsked([])),
    "too old": lambda settings, _elsewhere: state(
        KeyRing(settings.keys / "referrals"), WorkshopsAsked([]), now=time.time() - 90
    ),
    "the gateway's token": lambda settings, _elsewhere: mint(
        KeyRing(settings.keys / "transaction"), caller_of()
    ),
    "an answer as a question": lambda settings, _elsewhere: sign(
        settings, WorkshopSlot(new_id(), new_id(), DAY, DAY, 1, True, "PUBLISHED", "06029", DAY)
    ),
}


@pytest.mark.parametrize("trick", TRICKS)
async def test_nobody_but_referrals_is_answered(
    served: str, settings: Settings, tmp_path_factory: pytest.TempPathFactory, trick: str
) -> None:
    content = TRICKS[trick](settings, KeyRing(tmp_path_factory.mktemp("elsewhere") / "ring"))

    async with httpx.AsyncClient(base_url=served) as client:
        answer = await client.post(PATH, content=content.encode("latin-1"))
        too_long = await client.post(PATH, content=b"e" * 9000)

    assert (answer.status_code, answer.json()["code"]) == (401, "UNAUTHENTICATED")
    assert too_long.status_code == 413


async def test_what_is_not_signed_by_the_directory_is_not_believed(
    served: str,
    directory: Directory,
    settings: Settings,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever sits between the two can say nothing."""
    on = await planned(directory, WorkshopStatus.PUBLISHED)
    elsewhere = KeyRing(tmp_path_factory.mktemp("elsewhere") / "ring")

    question = WorkshopsAsked([str(on.id)])
    monkeypatch.setattr(
        "vereda.asking._fetched", lambda _url, _body: f'["{state(elsewhere, _forged(on))}"]'.encode()
    )
    with pytest.raises(TokenRefusedError):
        await ask(settings, "partners", PATH, question, WorkshopSlot)


def _forged(row: Workshop) -> WorkshopSlot:
    return WorkshopSlot(row.id, row.organization_id, DAY, DAY, 1, False, "CANCELLED", "06029", DAY)


async def test_a_directory_that_is_away_is_an_error_and_no_answer(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VEREDA_PARTNERS_URL", "http://127.0.0.1:9")

    with pytest.raises(OSError, match="refused"):
        await asked(settings, new_id())
