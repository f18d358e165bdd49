"""A child process under supervision: started, its log lines prefixed, restarted when it crashes, stopped in order."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from vereda.processes import end_with_parent
from vereda.serving import WATCH_STDIN

Say = Callable[[str, str], None]
_FIRST_PAUSE_S: Final = 0.2
_LONGEST_PAUSE_S: Final = 5.0
_SETTLED_S: Final = 30.0
_STOP_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class Program:
    """What to run: an application `target` for `vereda.serving` on `port`, with `environment` added."""

    name: str
    target: str
    host: str
    port: int
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"


class Child:
    """One program's process, kept running until told to stop."""

    def __init__(self, program: Program, say: Say) -> None:
        self.program = program
        self._say = say
        self._process: asyncio.subprocess.Process | None = None
        self._stopping = asyncio.Event()
        self.failures = 0

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    async def keep_running(self) -> None:
        """Run the program; when it ends by itself, run it again after a pause that grows with each failure."""
        while not self._stopping.is_set():
            started = time.monotonic()
            self._process = await self._spawn()
            assert self._process.stdout is not None
            relaying = asyncio.create_task(self._relay(self._process.stdout))
            status = await self._process.wait()
            await relaying
            if self._stopping.is_set():
                return
            self.failures = 1 if time.monotonic() - started > _SETTLED_S else self.failures + 1
            pause = min(_FIRST_PAUSE_S * 2 ** (self.failures - 1), _LONGEST_PAUSE_S)
            self._say(self.program.name, f"ended ({_ending(status)}); starting it again in {pause:.1f} s")
            await asyncio.sleep(pause)

    async def stop(self) -> None:
        """SIGTERM, and SIGKILL for what does not end within ten seconds."""
        self._stopping.set()
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), _STOP_S)
        except TimeoutError:
            self._say(self.program.name, "does not end; killing it")
            process.kill()
            await process.wait()

    async def ready(self) -> bool:
        """Whether its `/health/ready` says so."""
        return await asyncio.to_thread(_answers, f"{self.program.url}/health/ready")

    async def _spawn(self) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "vereda.serving",
            self.program.target,
            "--host",
            self.program.host,
            "--port",
            str(self.program.port),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env={**os.environ, **self.program.environment, WATCH_STDIN: "1", "PYTHONUNBUFFERED": "1"},
            start_new_session=True,  # a terminal's Ctrl-C is for the supervisor, which stops things in order
            preexec_fn=end_with_parent(signal.SIGTERM),
        )

    async def _relay(self, output: asyncio.StreamReader) -> None:
        rest = b""
        while chunk := await output.read(65_536):
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                self._say(self.program.name, line.decode(errors="replace"))
        if rest:
            self._say(self.program.name, rest.decode(errors="replace"))


def _ending(status: int) -> str:
    return f"signal {signal.Signals(-status).name}" if status < 0 else f"exit status {status}"


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False
