"""The subgraph of accounts over a real database."""

from __future__ import annotations

import pytest_asyncio

from gateway.accounts.app import service
from tests.gateway.accounts.office import Accounts, Mailbox
from tests.support.subgraph import Subgraph
from vereda.database import Database
from vereda.settings import Settings


@pytest_asyncio.fixture
async def accounts(database: Database, settings: Settings) -> Accounts:
    mailbox = Mailbox()
    return Accounts(Subgraph(service(mailbox), database, settings), mailbox)
