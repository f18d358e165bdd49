"""The network as a user starts it: `vereda up` in a process, with its own state folder and ports."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import sys
from pathlib import Path
from typing import Final

READY: Final = "Vereda is ready"
_START_S: Final = 120
_STOP_S: Final = 30
#: Below the ports that the system hands out by itself. Of each block of ten the first is never served on: who holds it
#: has the other nine.
_BLOCKS: Final = range(20_000, 32_000, 10)
_held: list[socket.socket] = []


def free_ports(count: int) -> int:
    """The first of so many (at most nine) neighbouring ports that nobody uses now, and that no other call is given, in this
    process or another, for as long as this process lives."""
    assert count < _BLOCKS.step
    for block in _BLOCKS:
        claim = _bound(block)
        if claim is None:
            continue
        probes = [_bound(port) for port in range(block + 1, block + 1 + count)]
        for probe in probes:
            if probe is not None:
                probe.close()
        if all(probes):
            _held.append(claim)
            return block + 1
        claim.close()
    raise AssertionError("no free ports")


def _bound(port: int) -> socket.socket | None:
    """None where somebody has the port."""
    taken = socket.socket()
    try:
        taken.bind(("127.0.0.1", port))
    except OSError:
        taken.close()
        return None
    return taken


class RunningNetwork:
    """One `vereda up`."""

    def __init__(self, home: Path, port: int | None = None, **environment: str) -> None:
        self.home = home
        self.port = port or free_ports(4)
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith("VEREDA_")},
            "VEREDA_HOME": str(home),
            "VEREDA_PORT": str(self.port),
            **environment,
        }
        self.output = ""
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    async def start(self, *arguments: str) -> None:
        """Start it and wait until it says that it is ready."""
        await self.launch(*arguments)
        async with asyncio.timeout(_START_S):
            while READY not in self.output:
                assert self._process is not None
                assert self._process.returncode is None, self.output
                await asyncio.sleep(0.05)

    async def launch(self, *arguments: str) -> None:
        self.output = ""
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "vereda.cli",
            "up",
            *arguments,
            env=self.environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        self._reading = asyncio.create_task(self._read())

    async def ended(self) -> int:
        """Its exit status, once it has ended by itself."""
        assert self._process is not None
        assert self._reading is not None
        async with asyncio.timeout(_STOP_S):
            status = await self._process.wait()
            await self._reading
        return status

    async def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        assert self._process is not None
        if self._process.returncode is None:
            self._process.send_signal(number)
        return await self.ended()

    async def run(self, *arguments: str) -> tuple[int, str]:
        """A `vereda` command beside it: exit status and output."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "vereda.cli",
            *arguments,
            env=self.environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await process.communicate()
        assert process.returncode is not None
        return process.returncode, output.decode()

    def process_ids(self) -> dict[str, int]:
        """Process ids of its parts, by name (Linux: read from /proc)."""
        found = {"postgres": int((self.home / "postgres/data/postmaster.pid").read_text().split()[0])}
        for child in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split():
            if not alive(int(child)):
                continue
            command = Path(f"/proc/{child}/cmdline").read_text()
            if match := re.search(r"services\.(\w+)\.app|(gateway)\.main", command):
                found[match[1] or match[2]] = int(child)
        return found

    async def _read(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        while chunk := await self._process.stdout.read(65_536):
            self.output += chunk.decode(errors="replace")


def alive(pid: int) -> bool:
    """Whether a process runs (a zombie does not)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):  # gone before, or while it was read
        return False
