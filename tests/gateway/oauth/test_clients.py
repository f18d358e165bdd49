"""The register of clients, and the walls around it."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import func, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from gateway.hashing import hash_secret, matches
from gateway.identity import AuthenticationError
from gateway.oauth import OAuthAuthenticator, clients, routes
from gateway.oauth.client import Known
from gateway.store import FOLDER, AccessToken, Base, OAuthClient
from tests.gateway.oauth.conftest import BOTH, SECRET, Partner, admitted, new_partner
from tests.support.databases import Databases
from tests.support.subgraph import caller_of
from vereda.caller import RESERVED_SCOPES, Caller, Scope
from vereda.database import Database
from vereda.errors import OperatorError
from vereda.ids import new_id
from vereda.migrations import differences, migrate, unprotected_tables
from vereda.settings import Settings


def details(client_id: str, organization: UUID, **changes: Any) -> dict[str, Any]:
    return {
        "client_id": client_id,
        "secret": SECRET,
        "organization": organization,
        "name": "A clinic",
        "scopes": BOTH,
        **changes,
    }


async def stored(database: Database, client_id: str) -> Known:
    found = await clients.find(database, client_id)
    assert found is not None
    return found


async def test_registering_the_same_again_changes_nothing(partner: Partner, database: Database) -> None:
    token = await partner.token()
    before = await stored(database, partner.client_id)

    await clients.register(
        database,
        clients.Registration(
            **details(
                partner.client_id,
                partner.organization,
                scopes=BOTH[::-1],
                roles=["case-worker"],
                purpose="care-coordination",
            )
        ),
    )

    assert await stored(database, partner.client_id) == before
    assert (await partner.post("/oauth/introspect", token=token)).json()["active"]


async def test_replicas_that_register_the_same_client_at_once_agree(database: Database) -> None:
    client_id, organization = f"at-once-{new_id()}", new_id()

    made = await asyncio.gather(
        *(
            clients.register(database, clients.Registration(**details(client_id, organization)))
            for _ in range(4)
        )
    )

    assert len(set(made)) == 1


@pytest.mark.parametrize(
    "change",
    [{"secret": "another-secret-of-some-length"}, {"scopes": ()}, {"roles": ("x",)}, {"purpose": "x"}],
)
async def test_a_changed_secret_or_right_ends_the_tokens_that_were_given(
    http: httpx.AsyncClient, database: Database, authenticator: OAuthAuthenticator, change: dict[str, Any]
) -> None:
    partner = await new_partner(http, database, roles=(), purpose=None)
    token = await partner.token()

    await clients.register(
        database, clients.Registration(**details(partner.client_id, partner.organization, **change))
    )

    with pytest.raises(AuthenticationError):
        await admitted(authenticator, token)


async def test_an_old_secret_does_not_work_after_a_new_one(partner: Partner, database: Database) -> None:
    await clients.register(
        database,
        clients.Registration(
            **details(partner.client_id, partner.organization, secret="another-secret-of-some-length")
        ),
    )

    assert (await partner.ask()).status_code == 401
    partner.secret = "another-secret-of-some-length"
    assert (await partner.ask()).status_code == 200


async def test_a_client_never_changes_hands(partner: Partner, database: Database) -> None:
    before = await stored(database, partner.client_id)

    with pytest.raises(OperatorError, match="another organization"):
        await clients.register(database, clients.Registration(**details(partner.client_id, new_id())))

    assert await stored(database, partner.client_id) == before


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"scopes": ["system"]}, "`system`"),
        ({"scopes": ["authorization-server"]}, "`authorization-server`"),
        ({"scopes": ["no:such"]}, "`no:such`"),
        ({"secret": "tiny-canary"}, "shorter"),
        ({"client_id": "a b"}, "client id"),
        ({"client_id": "x" * 81}, "client id"),
    ],
)
async def test_what_cannot_be_registered_is_explained(
    database: Database, change: dict[str, Any], said: str
) -> None:
    with pytest.raises(OperatorError, match=said) as error:
        await clients.register(
            database, clients.Registration(**{**details("some-client", new_id()), **change})
        )

    assert change.get("secret", SECRET) not in str(error.value)


async def test_a_disabled_client_loses_its_tokens_and_stays_disabled_until_enabled(
    partner: Partner, database: Database, authenticator: OAuthAuthenticator
) -> None:
    token = await partner.token()

    await clients.disable(database, partner.client_id)
    await clients.register(database, clients.Registration(**details(partner.client_id, partner.organization)))

    assert (await partner.ask()).status_code == 401
    with pytest.raises(AuthenticationError):
        await admitted(authenticator, token)
    await clients.enable(database, partner.client_id)
    assert (await partner.ask()).status_code == 200
    with pytest.raises(AuthenticationError):
        await admitted(authenticator, token)


async def test_disabling_nobody_is_an_error(database: Database) -> None:
    with pytest.raises(OperatorError, match="nobody-here"):
        await clients.disable(database, "nobody-here")


async def test_the_list_shows_clients_and_no_secret(partner: Partner, database: Database) -> None:
    everybody = await clients.list_clients(database)

    [mine] = [client for client in everybody if client.client_id == partner.client_id]
    assert (mine.organization, mine.scopes, mine.disabled_at) == (
        partner.organization,
        frozenset(map(str, BOTH)),
        None,
    )
    assert [c.client_id for c in everybody] == sorted(c.client_id for c in everybody)
    assert "argon2" not in repr(everybody)
    assert partner.secret not in repr(everybody)


def test_secrets_are_kept_as_argon2id_with_a_salt() -> None:
    first, second = hash_secret(SECRET), hash_secret(SECRET)

    assert first.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert first != second
    assert matches(first, SECRET)
    assert not matches(first, SECRET + "x")
    assert not matches("no hash at all", SECRET)


@pytest.mark.parametrize("table", [OAuthClient, AccessToken])
async def test_an_organization_sees_its_own_and_nobody_sees_more(
    http: httpx.AsyncClient, database: Database, table: type[Base]
) -> None:
    mine, theirs = await new_partner(http, database), await new_partner(http, database)
    await mine.token()
    await theirs.token()

    async def owners(caller: Caller | None) -> set[UUID]:
        async with database.transaction(caller) as session:
            return set(await session.scalars(select(table.__table__.c.organization_id)))

    assert await owners(None) == set()
    assert await owners(caller_of()) == set()
    assert await owners(caller_of(mine.organization)) == {mine.organization}
    assert await owners(clients.SERVER) >= {mine.organization, theirs.organization}


async def test_an_organization_can_write_nothing_not_even_of_its_own(
    partner: Partner, database: Database
) -> None:
    owner = caller_of(partner.organization, *Scope)
    await partner.token()

    for statement in (
        update(OAuthClient).values(scopes=["grant:pay"]),
        update(AccessToken).values(revoked_at=None, expires_at=func.now()),
        text("DELETE FROM access_tokens"),
    ):
        async with database.transaction(owner) as session:
            touched: Any = await session.execute(statement)
            assert touched.rowcount == 0
    for statement in (
        text("DELETE FROM oauth_clients"),
        insert(OAuthClient).values(
            client_id="mine-too",
            organization_id=partner.organization,
            name="x",
            secret_hash="x",
            scopes=[],
            roles=[],
        ),
    ):
        with pytest.raises(DBAPIError, match=r"permission denied|violates row-level security"):
            async with database.transaction(owner) as session:
                await session.execute(statement)


@pytest.mark.parametrize("reserved", sorted(RESERVED_SCOPES))
async def test_not_even_the_server_can_store_a_scope_of_our_own_processes(
    partner: Partner, database: Database, reserved: str
) -> None:
    with pytest.raises(DBAPIError, match="no_reserved_scope"):
        async with database.transaction(clients.SERVER) as session:
            await session.execute(update(OAuthClient).values(scopes=["directory:read", reserved]))


async def test_the_database_is_what_the_models_say_and_every_table_is_protected(
    databases: Databases,
) -> None:
    fresh = await databases.empty("gateway_fresh")
    await asyncio.gather(*(migrate(fresh, FOLDER) for _ in range(3)))

    assert await differences(fresh, Base.metadata) == []
    assert await unprotected_tables(fresh) == []


async def test_a_gateway_that_would_send_tokens_in_the_clear_does_not_start(
    settings: Settings, database: Database
) -> None:
    with pytest.raises(OperatorError, match="https"):
        routes(settings.model_copy(update={"issuer": "http://graph.example.org"}), database)
    assert routes(settings.model_copy(update={"issuer": "https://graph.example.org"}), database)
