"""`vereda up`: Postgres, the three services and the gateway on one machine, started, watched and stopped together."""

from __future__ import annotations

import asyncio
import fcntl
import os
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from typing import Final

from vereda.errors import OperatorError
from vereda.postgres import EmbeddedPostgres
from vereda.programs import Child, Program
from vereda.provision import provision
from vereda.secrets import Secrets
from vereda.settings import DATABASES, SERVICES, Running, Settings

#: What services serve besides their graphs (docs/hsds.md).
PASSED_PATHS: Final = {"/hsds/3.0": "partners"}

#: The languages that the network's own gateway speaks beside GraphQL (`vereda.facade`), by import path.
FACADES: Final = "facades.fhir:routes"
_READY_S: Final = 60.0
_HOPELESS_AFTER: Final = 4
_COLOURS: Final = {"partners": 36, "referrals": 35, "grants": 33, "gateway": 32, "postgres": 34}

#: Called once when everything is ready, before that is said: loads the demo network, prints the welcome.
WhenReady = Callable[[Settings], Awaitable[None]]


async def up(settings: Settings, when_ready: WhenReady) -> None:
    """Run the network until SIGINT or SIGTERM.

    Raises: OperatorError, in one sentence, when something is in the way: a port in use, a data folder that cannot be
    used, a database out of reach, a process that does not come up.
    """
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stopping.set)
    with _alone(settings):
        _check_ports(settings)
        async with AsyncExitStack() as stack:
            running = asyncio.create_task(_run(settings, when_ready, stack, stopping))
            asked = asyncio.create_task(stopping.wait())
            await asyncio.wait({running, asked}, return_when=asyncio.FIRST_COMPLETED)
            if stopping.is_set():
                say("vereda", "stopping")
                running.cancel()
            else:
                asked.cancel()
            await asyncio.gather(running, return_exceptions=stopping.is_set())
    say("vereda", "stopped")


async def _run(
    settings: Settings, when_ready: WhenReady, stack: AsyncExitStack, stopping: asyncio.Event
) -> None:
    urls = await _databases(settings, stack, stopping)
    gateway_url = f"http://{settings.host}:{settings.port}"
    Running(gateway_url, urls).write(settings)
    stack.callback(Running.clear, settings)

    children = [Child(program, say) for program in programs(settings, urls)]
    keeping = [asyncio.create_task(child.keep_running()) for child in children]
    # The gateway was started last and is stopped first, so that nobody is let in to services that are gone.
    for child, task in zip(children, keeping, strict=True):
        stack.push_async_callback(_stop, child, task)
    await _wait_until_ready(children)
    await when_ready(settings)
    await asyncio.gather(*keeping)


async def _stop(child: Child, task: asyncio.Task[None]) -> None:
    await child.stop()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def programs(settings: Settings, database_urls: dict[str, str]) -> list[Program]:
    """The processes of the network, each with its own database's URL and no other's."""
    common = {"VEREDA_HOME": str(settings.home), "VEREDA_PORT": str(settings.port)}
    services = [
        Program(
            name,
            f"services.{name}.app:create",
            "127.0.0.1",
            settings.service_port(name),
            {**common, f"VEREDA_{name.upper()}_DATABASE_URL": database_urls[name]},
        )
        for name in SERVICES
    ]
    addresses = ",".join(f"{program.name}={program.url}/graphql" for program in services)
    gateway = Program(
        "gateway",
        "gateway.main:create",
        settings.host,
        settings.port,
        {
            **common,
            "VEREDA_GATEWAY_DATABASE_URL": database_urls["gateway"],
            "VEREDA_SUBGRAPH_URLS": addresses,
            "VEREDA_PASSED_PATHS": ",".join(f"{prefix}={name}" for prefix, name in PASSED_PATHS.items()),
            "VEREDA_FACADES": os.environ.get("VEREDA_FACADES", FACADES),
        },
    )
    return [*services, gateway]


async def _databases(settings: Settings, stack: AsyncExitStack, stopping: asyncio.Event) -> dict[str, str]:
    secrets = Secrets(settings.home / "secrets")
    admin_url = settings.database_url
    if admin_url is None:
        postgres = EmbeddedPostgres(settings.home / "postgres", secrets)
        await postgres.start()
        watching = asyncio.create_task(_keep_postgres(postgres, stopping))
        stack.push_async_callback(_stop_postgres, postgres, watching)
        admin_url = postgres.admin_url
    return await provision(admin_url, {name: secrets.get(f"database-{name}") for name in DATABASES})


async def _keep_postgres(postgres: EmbeddedPostgres, stopping: asyncio.Event) -> None:
    while True:
        status = await postgres.wait()
        if stopping.is_set():
            return
        say("postgres", f"ended (status {status}); starting it again")
        for attempt in range(20):
            try:
                await postgres.start()
                break
            except OperatorError as error:  # its last children may still be letting go of shared memory
                say("postgres", str(error))
                await asyncio.sleep(min(0.2 * 2**attempt, 5))


async def _stop_postgres(postgres: EmbeddedPostgres, watching: asyncio.Task[None]) -> None:
    watching.cancel()
    await postgres.stop()


async def _wait_until_ready(children: list[Child]) -> None:
    deadline = asyncio.get_running_loop().time() + _READY_S
    waiting = list(children)
    while waiting:
        answers = await asyncio.gather(*(child.ready() for child in waiting))
        waiting = [child for child, ready in zip(waiting, answers, strict=True) if not ready]
        for child in waiting:
            if child.failures >= _HOPELESS_AFTER or asyncio.get_running_loop().time() > deadline:
                raise OperatorError(f"{child.program.name} does not come up; its log above says why.")
        await asyncio.sleep(0.05)


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    try:
        settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = (settings.home / ".lock").open("w")
    except OSError as error:
        raise OperatorError(
            f"The folder {settings.home} cannot be used ({error.strerror}): set VEREDA_HOME to one that you may"
            " write to."
        ) from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise OperatorError(
                f"Vereda already runs from {settings.home}: stop it first, or set VEREDA_HOME and VEREDA_PORT."
            ) from None
        yield


def _check_ports(settings: Settings) -> None:
    wanted = {settings.port: ("the gateway", settings.host)}
    wanted.update({settings.service_port(name): (name, "127.0.0.1") for name in SERVICES})
    for port, (name, host) in wanted.items():
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                raise OperatorError(
                    f"Port {port}, which {name} needs, cannot be taken on {host} ({error.strerror}):"
                    " stop what uses it, or set VEREDA_PORT."
                ) from None


def say(process: str, line: str) -> None:
    """One line of output, with the process that it comes from in front."""
    name = f"{process:<9} |"
    if sys.stdout.isatty():
        name = f"\x1b[{_COLOURS.get(process, 37)}m{name}\x1b[0m"
    print(name, line, flush=True)  # noqa: T201
