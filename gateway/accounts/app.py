"""Accounts as a subgraph: within the gateway's process, or served alone, where another router has the gateway's seat:

python -m vereda.serving gateway.accounts.app:create --port 4004
"""

from __future__ import annotations

from functools import partial
from typing import Final

from starlette.applications import Starlette

from gateway.accounts.loaders import Loaders
from gateway.accounts.post import Letters, Post
from gateway.accounts.schema import schema
from gateway.people.letters import Letters as PagesLetters
from gateway.store import FOLDER
from vereda.database import Database
from vereda.service import Service, create_app, create_part, open_database
from vereda.settings import Settings, load_settings

NAME: Final = "accounts"


def service(letters: Letters | None = None) -> Service[Loaders]:
    """The subgraph over the gateway's database; without `letters`, links reach nobody."""
    loaders = partial(Loaders, post=Post(letters))
    return Service(NAME, FOLDER, schema, loaders, database="gateway", signs=False)


def part(settings: Settings, database: Database, letters: Letters | None = None) -> Starlette:
    """The subgraph within the process that owns `database`."""
    return create_part(service(letters), settings, database)


def create() -> Starlette:
    """The subgraph alone. Its letters go the same way as those of the sign-in pages, and what cannot be sent at once is
    tried again by the gateway that serves these: both have the same database, `VEREDA_HOME` and mail server."""
    settings = load_settings()
    database = open_database("gateway", settings)
    return create_app(service(PagesLetters.of(settings, database)), settings, database)
