"""Loads the demo network into the running system's databases, each by a process of its own: `python -m vereda.demo.loading
partners`. A database that holds anything is left as it is: nobody's own data is ever mixed with the demo's.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime
from importlib import import_module
from typing import Any, Final

from sqlalchemy.engine import make_url

from vereda.caller import system_caller
from vereda.database import Database, plain_url
from vereda.demo.network import COORDINATOR, Network, build
from vereda.demo.people import add_people
from vereda.errors import OperatorError
from vereda.keyring import open_keys
from vereda.secrets import Secrets
from vereda.settings import SERVICES, Settings, database_url, load_settings

_LOADED, _LEFT_ALONE = 0, 3
_GATEWAY: Final = "gateway"
#: Remembers in VEREDA_HOME that a server has the demo network: a start need not look again.
_NOTE: Final = "demo-network-and-people"


async def load_everything(settings: Settings) -> bool:
    """Load what is not there yet; whether the demo network is there afterwards.

    It is not where the directory holds organisations that are not the demo's.
    Raises: OperatorError when a part could not be loaded.
    """
    note, where = settings.home / _NOTE, _server(database_url("partners"))
    if note.exists() and note.read_text() == where:
        return True
    if not await _welcome(settings):
        return False
    processes = [
        await asyncio.create_subprocess_exec(sys.executable, "-m", __name__, name)
        for name in (*SERVICES, _GATEWAY)
    ]
    try:
        statuses = await asyncio.gather(*(process.wait() for process in processes))
    finally:
        for process in processes:
            if process.returncode is None:
                process.terminate()
    if any(status not in (_LOADED, _LEFT_ALONE) for status in statuses):
        raise OperatorError("The demo network could not be loaded; the log above says why.")
    note.write_text(where)
    return True


def _server(url: str) -> str:
    """Which database it is, without its password."""
    return make_url(plain_url(url)).set(password=None).render_as_string()


async def _welcome(settings: Settings) -> bool:
    """Whether the directory is empty, or holds the demo network."""
    network = build()
    database = Database(database_url("partners"), pool_size=1, name="vereda-demo")
    partners: Any = import_module("services.partners.models")
    try:
        async with database.transaction(system_caller(network.by_slug(COORDINATOR).id)) as session:
            if await import_module("services.partners.demo").is_empty(session):
                return True
            found = await session.get(partners.Organization, network.by_slug(COORDINATOR).id)
            return found is not None
    finally:
        await database.close()


async def load_one(name: str) -> int:
    """Load one database's part in one transaction; the exit status says whether it was needed."""
    settings, network = load_settings(), build()
    database = Database(database_url(name), pool_size=2, statement_timeout_s=60, name="vereda-demo")
    try:
        if name == _GATEWAY:
            await _sign_ins(database, settings, network)
            await add_people(database, settings, network)
            return _LOADED
        part: Any = import_module(f"services.{name}.demo")
        keys = open_keys(settings)
        await keys.refresh()
        async with database.transaction(system_caller(network.by_slug(COORDINATOR).id)) as session:
            if not await part.is_empty(session):
                return _LEFT_ALONE
            await part.load(session, network, datetime.now(UTC), keys)
        return _LOADED
    finally:
        await database.close()


async def _sign_ins(database: Database, settings: Settings, network: Network) -> None:
    clients: Any = import_module("gateway.oauth.clients")
    known = {client.client_id for client in await clients.list_clients(database)}
    for one in network.sign_ins:
        if one.client_id not in known:
            await clients.register(
                database,
                clients.Registration(
                    client_id=one.client_id,
                    secret=sign_in_secret(settings, one.client_id),
                    organization=one.organization,
                    name=one.name,
                    scopes=[scope.value for scope in one.scopes],
                    roles=one.roles,
                ),
            )


def sign_in_secret(settings: Settings, client_id: str) -> str:
    """The secret of a demo sign-in, made by this installation for itself."""
    return Secrets(settings.home / "secrets").get(client_id)


if __name__ == "__main__":
    sys.exit(asyncio.run(load_one(sys.argv[1])))
