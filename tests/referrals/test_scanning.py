"""The scanner of attachments, spoken to as ClamAV's daemon is."""

from __future__ import annotations

import asyncio

import pytest

from tests.referrals.clamd import EICAR, Clamd
from vereda.attaching.scanning import ClamdScanner, NoScanner, ScannerAwayError, Verdict, scanner_of
from vereda.errors import OperatorError
from vereda.settings import Settings


async def scan(clamd: Clamd, content: bytes) -> Verdict:
    async with clamd.running() as address:
        return await scanner_of(Settings(attachment_scanner=address)).scan(content)


async def test_the_whole_document_is_shown_in_chunks() -> None:
    clamd, content = Clamd(), bytes(range(256)) * 1000

    assert await scan(clamd, content) is Verdict.CLEAN
    assert clamd.seen == [content]


async def test_what_it_finds_is_infected() -> None:
    assert await scan(Clamd(), b"before" + EICAR) is Verdict.INFECTED


async def test_what_is_too_large_for_it_is_not_scannable_though_it_hangs_up_early() -> None:
    assert await scan(Clamd(largest=1000), b"x" * 3_000_000) is Verdict.NOT_SCANNABLE


@pytest.mark.parametrize(
    "answer", [b"", b"nonsense\0", b"stream: OK but\0", b"UNKNOWN COMMAND\0", b"x" * 10_000]
)
async def test_what_is_no_answer_of_the_protocol_decides_nothing(answer: bytes) -> None:
    with pytest.raises(ScannerAwayError):
        await scan(Clamd(answer=answer), b"content")


async def test_where_nobody_listens_nothing_is_decided() -> None:
    server = await asyncio.start_server(lambda _r, _w: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()

    with pytest.raises(ScannerAwayError):
        await ClamdScanner("127.0.0.1", port).scan(b"content")


async def test_without_a_scanner_nothing_is_said_to_be_clean() -> None:
    scanner = scanner_of(Settings())

    assert isinstance(scanner, NoScanner)
    assert await scanner.scan(EICAR) is Verdict.NOT_SCANNED


@pytest.mark.parametrize(
    "address", ["clamd", "clamd://", "clamd://host", "clamd://host:x", "http://host:3310"]
)
def test_an_address_that_is_none_is_said_to_the_operator(address: str) -> None:
    with pytest.raises(OperatorError, match="VEREDA_ATTACHMENT_SCANNER"):
        scanner_of(Settings(attachment_scanner=address))
