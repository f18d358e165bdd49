"""Documents that clients registered in the database: each client's own, looked up once in a while."""

from __future__ import annotations

from gateway.guard.trusted import named
from gateway.guard.trusted.registered import KNOWN_FOR_S, RegisteredDocuments
from gateway.identity import Identity
from gateway.oauth import clients
from gateway.oauth.documents import register_documents
from gateway.store import FOLDER
from tests.gateway.oauth.conftest import Clock
from tests.support.databases import Databases
from vereda.caller import Scope
from vereda.database import Database, count_statements
from vereda.ids import new_id

INBOX, OUTBOX = "query Inbox { inbox { id } }", "query Outbox { outbox { id } }"


async def database(databases: Databases) -> Database:
    return await databases.of("gateway", FOLDER)


async def new_client(store: Database, *documents: str) -> Identity:
    client_id = f"reader-{new_id()}"
    registration = clients.Registration(
        client_id=client_id,
        secret="correct-horse-battery-staple-7",
        organization=new_id(),
        name="A reader",
        scopes=[Scope.DIRECTORY_READ],
    )
    await clients.register(store, registration)
    if documents:
        await register_documents(store, client_id, documents)
    return Identity(client_id, client_id=client_id)


async def test_each_client_has_its_own(databases: Databases) -> None:
    store = await database(databases)
    documents = RegisteredDocuments(store)
    one, other = await new_client(store, INBOX), await new_client(store, OUTBOX)

    assert await documents.text(named(INBOX), one) == INBOX
    assert await documents.text(named(OUTBOX), other) == OUTBOX
    assert await documents.text(named(INBOX), other) is None
    assert await documents.text(named(OUTBOX), one) is None
    assert await documents.text(named(INBOX), Identity("anonymous")) is None
    assert await documents.text("inbox", one) is None


async def test_what_is_known_is_not_asked_again_and_unknown_names_ask_nothing(databases: Databases) -> None:
    store = await database(databases)
    documents = RegisteredDocuments(store, clock=Clock())
    client = await new_client(store, INBOX)
    await documents.text(named(INBOX), client)

    statements = count_statements(store)
    for number in range(50):
        await documents.text(named(f"{{ f{number} }}"), client)
        await documents.text(named(INBOX), client)

    assert statements == []


async def test_what_was_registered_or_taken_back_holds_after_a_while(databases: Databases) -> None:
    store, clock = await database(databases), Clock()
    documents = RegisteredDocuments(store, clock=clock)
    client = await new_client(store, INBOX)
    assert client.client_id is not None
    await documents.text(named(INBOX), client)

    await register_documents(store, client.client_id, [OUTBOX], only_these=True)
    clock.at = KNOWN_FOR_S

    assert await documents.text(named(INBOX), client) is None
    assert await documents.text(named(OUTBOX), client) == OUTBOX
