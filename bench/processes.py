"""Processes that are measured: started, waited for, looked at in /proc, and ended with all their children."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import orjson

from bench.engines import Engine
from bench.load import HOST, TARGET, Job, Measured
from bench.subgraphs import ASKED
from bench.subgraphs import PORT as SUBGRAPHS_PORT

ROOT: Final = Path(__file__).parent.parent
_PATIENCE_S: Final = 60.0
_GRACE_S: Final = 10.0
_TICKS_A_SECOND: Final = os.sysconf("SC_CLK_TCK")


class StartError(Exception):
    """A process did not come to serve. The message holds what it wrote last."""


class Process:
    """A process with all that it starts, in a session of their own."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        plain = {name: value for name, value in os.environ.items() if not name.startswith("VEREDA_")}
        self._log = log
        with log.open("wb") as output:
            self._leader = subprocess.Popen(
                command,
                cwd=ROOT,
                env=plain | dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def running(self) -> bool:
        return self._leader.poll() is None

    def written(self) -> str:
        return self._log.read_text(errors="replace")

    def peak_mb(self) -> float:
        """The most memory that was ever resident, in 10^6 bytes: the peaks of all its processes together."""
        return sum(_peak_kb(pid) for pid in self._members()) * 1024 / 1e6

    def cpu_s(self) -> float:
        """Processor time so far, of all its processes together."""
        ticks = 0
        for pid in self._members():
            fields = _stat(pid)
            ticks += int(fields[11]) + int(fields[12]) if fields else 0
        return ticks / _TICKS_A_SECOND

    def end(self) -> None:
        if not self.running:
            return
        os.killpg(self._leader.pid, signal.SIGTERM)
        try:
            self._leader.wait(_GRACE_S)
        except subprocess.TimeoutExpired:
            os.killpg(self._leader.pid, signal.SIGKILL)
            self._leader.wait()

    def _members(self) -> list[int]:
        pids = (int(entry.name) for entry in Path("/proc").glob("[0-9]*"))
        return [pid for pid in pids if (fields := _stat(pid)) and int(fields[3]) == self._leader.pid]


@dataclass(frozen=True, slots=True)
class Running:
    """An engine that answers."""

    engine: Engine
    process: Process


@contextmanager
def subgraphs() -> Iterator[None]:
    """All subgraphs, in a process of theirs. Raises: StartError."""
    with tempfile.TemporaryDirectory() as folder:
        command = (sys.executable, "-m", "bench.subgraphs", str(SUBGRAPHS_PORT))
        process = Process(command, {}, Path(folder) / "log")
        try:
            until = time.monotonic() + _PATIENCE_S
            while "ready" not in process.written():
                if not process.running or time.monotonic() > until:
                    raise StartError(f"The subgraphs do not start: {process.written()[-600:]}")
                time.sleep(0.1)
            yield
        finally:
            process.end()


def asked() -> int:
    """How many requests the subgraphs have had."""
    with urllib.request.urlopen(f"http://{HOST}:{SUBGRAPHS_PORT}{ASKED.decode()}") as answer:
        return int(answer.read())


@contextmanager
def running(engines: Sequence[Engine]) -> Iterator[tuple[list[Running], list[str]]]:
    """Those engines that start, and for each other one why it does not."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        started = []
        for engine in engines:
            process = Process(engine.command, engine.environment, Path(folder) / f"{engine.port}.log")
            stack.callback(process.end)
            started.append(Running(engine, process))
        serving, failures = [], []
        for each in started:
            try:
                _wait(each)
                serving.append(each)
            except StartError as error:
                failures.append(str(error))
        yield serving, failures


class Load:
    """The process that asks (`bench.load`)."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    def run(self, job: Job) -> Measured:
        """Raises: RuntimeError when the load ended instead, having said why."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(orjson.dumps(asdict(job)) + b"\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("The load ended.")
        return Measured(**orjson.loads(line))


@contextmanager
def loading() -> Iterator[Load]:
    command = (sys.executable, "-m", "bench.load")
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            yield Load(process)
        finally:
            process.terminate()


def _wait(running: Running) -> None:
    engine, process = running.engine, running.process
    request = urllib.request.Request(
        f"http://{HOST}:{engine.port}{TARGET}",
        data=orjson.dumps({"query": "{ __typename }"}),
        headers={"content-type": "application/json", "accept": "application/json"},
    )
    until = time.monotonic() + _PATIENCE_S
    while time.monotonic() < until and process.running:
        try:
            with urllib.request.urlopen(request, timeout=5):
                return
        except urllib.error.HTTPError:
            return  # it answers, be it only that it does not answer this
        except OSError:
            time.sleep(0.2)
    raise StartError(f"{engine.name} does not start: {process.written()[-600:]}")


def _stat(pid: int) -> list[str]:
    """Of /proc/PID/stat, what follows the name; empty where the process is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _peak_kb(pid: int) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:")), 0)
