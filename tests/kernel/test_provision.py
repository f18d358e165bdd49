"""Each process gets a role and a database of its own, out of the others' reach, on any Postgres that allows it."""

from __future__ import annotations

import asyncio
import secrets
from typing import Any
from urllib.parse import quote

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.engine import make_url

from vereda.database import async_url, plain_url
from vereda.errors import OperatorError
from vereda.postgres import EmbeddedPostgres
from vereda.provision import provision


def a_prefix() -> str:
    return f"p{secrets.token_hex(3)}_"


async def ask(url: str, statement: str) -> Any:
    connection = await asyncpg.connect(url, timeout=5)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


def of_database(url: str, name: str) -> str:
    """The same role's URL of another database."""
    return make_url(url).set(database=name).render_as_string(hide_password=False)


def of_role(url: str, name: str, password: str) -> str:
    return make_url(url).set(username=name, password=password).render_as_string(hide_password=False)


async def test_each_name_gets_a_role_that_owns_its_database(postgres: EmbeddedPostgres) -> None:
    prefix = a_prefix()

    urls = await provision(postgres.admin_url, {"one": "secret 1", "two": "s'2"}, prefix=prefix)

    for name, url in urls.items():
        owner = "SELECT current_user || ' ' || current_database() || ' ' || pg_get_userbyid(datdba)::text"
        statement = f"{owner} FROM pg_database WHERE datname = current_database()"
        assert await ask(url, statement) == " ".join([f"{prefix}{name}"] * 3)


async def test_a_role_does_not_get_into_anothers_database(postgres: EmbeddedPostgres) -> None:
    prefix = a_prefix()
    urls = await provision(postgres.admin_url, {"one": "a", "two": "b"}, prefix=prefix)

    for own, other in (("one", "two"), ("two", "one")):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await ask(of_database(urls[own], f"{prefix}{other}"), "SELECT 1")


@pytest.mark.parametrize(
    "statement",
    [
        "SET ROLE {prefix}two",
        "CREATE ROLE {prefix}three",
        "CREATE DATABASE {prefix}three",
        "ALTER ROLE {prefix}one SUPERUSER",
        "ALTER ROLE {prefix}one BYPASSRLS",
        "ALTER ROLE {prefix}two PASSWORD 'mine'",
        "DROP DATABASE {prefix}two",
        "GRANT {prefix}two TO {prefix}one",
        "SELECT rolpassword FROM pg_authid",
        "COPY (SELECT 1) TO PROGRAM 'true'",
        "SELECT pg_read_file('PG_VERSION')",
    ],
)
async def test_a_role_can_do_nothing_to_others_nor_to_the_server(
    postgres: EmbeddedPostgres, statement: str
) -> None:
    prefix = a_prefix()
    urls = await provision(postgres.admin_url, {"one": "a", "two": "b"}, prefix=prefix)

    with pytest.raises(asyncpg.PostgresError) as refused:
        await ask(urls["one"], statement.format(prefix=prefix))

    assert isinstance(refused.value, asyncpg.InsufficientPrivilegeError | asyncpg.InvalidCatalogNameError)


async def test_to_provision_again_keeps_the_data_and_takes_the_new_password(
    postgres: EmbeddedPostgres,
) -> None:
    prefix = a_prefix()
    before = await provision(postgres.admin_url, {"one": "old"}, prefix=prefix)
    await ask(before["one"], "CREATE TABLE kept AS SELECT 7 AS n")

    after = await provision(postgres.admin_url, {"one": "new"}, prefix=prefix)

    assert await ask(after["one"], "SELECT n FROM kept") == 7
    with pytest.raises(asyncpg.InvalidPasswordError):
        await ask(before["one"], "SELECT 1")


async def test_provisioners_that_start_together_take_turns(postgres: EmbeddedPostgres) -> None:
    prefix = a_prefix()
    names = {"one": "a", "two": "b"}

    urls = await asyncio.gather(*(provision(postgres.admin_url, names, prefix=prefix) for _ in range(5)))

    assert all(each == urls[0] for each in urls)
    assert await ask(urls[0]["two"], "SELECT 1") == 1


@pytest.mark.parametrize(
    "password", ["", "'; DROP ROLE postgres; --", "p@ss:/?#[]%20", "contraseña ☂", "\\'"]
)
async def test_any_password_serves(postgres: EmbeddedPostgres, password: str) -> None:
    password = password or secrets.token_urlsafe(32)

    urls = await provision(postgres.admin_url, {"one": password}, prefix=a_prefix())

    assert await ask(urls["one"], "SELECT 1") == 1


async def test_an_administrator_who_is_no_superuser_suffices(postgres: EmbeddedPostgres) -> None:
    """As on a managed Postgres."""
    admin = a_prefix() + "admin"
    await ask(postgres.admin_url, f"CREATE ROLE {admin} LOGIN CREATEROLE CREATEDB PASSWORD 'x'")
    url = of_role(postgres.admin_url, admin, "x")
    prefix = a_prefix()

    first = await provision(url, {"one": "a", "two": "b"}, prefix=prefix)
    again = await provision(url, {"one": "a", "two": "c"}, prefix=prefix)

    assert await ask(first["one"], "SELECT 1") == await ask(again["two"], "SELECT 1") == 1
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await ask(of_database(again["one"], f"{prefix}two"), "SELECT 1")


async def test_an_administrator_who_may_not_is_told_what_is_missing(postgres: EmbeddedPostgres) -> None:
    name = a_prefix() + "nobody"
    await ask(postgres.admin_url, f"CREATE ROLE {name} LOGIN PASSWORD 'x'")

    with pytest.raises(OperatorError, match="it needs CREATEROLE and CREATEDB"):
        await provision(of_role(postgres.admin_url, name, "x"), {"one": "a"}, prefix=a_prefix())


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://admin:canary@127.0.0.1:9/postgres",
        "postgres://admin:canary@/postgres?host=/nonexistent",
        "postgresql+asyncpg://admin:canary@127.0.0.1:9/x",
        "mysql://admin:canary@127.0.0.1:9/x",
        "postgresql://admin:canary@127.0.0.1:canary/x",
        "canary",
    ],
)
async def test_a_server_out_of_reach_is_told_without_its_password(url: str) -> None:
    with pytest.raises(OperatorError, match="check VEREDA_DATABASE_URL") as refused:
        await provision(url, {"one": "canary"})

    assert "canary" not in str(refused.value)
    assert refused.value.__suppress_context__


async def test_a_wrong_password_is_told_without_it(postgres: EmbeddedPostgres) -> None:
    with pytest.raises(OperatorError, match="InvalidPasswordError") as refused:
        await provision(of_role(postgres.admin_url, "postgres", "canary"), {"one": "a"})

    assert "canary" not in str(refused.value)


@pytest.mark.parametrize(
    "scheme", ["postgres", "postgresql", "postgresql+asyncpg", "postgresql+psycopg", "postgres+asyncpg"]
)
def test_a_url_may_be_written_in_any_of_the_usual_ways(scheme: str) -> None:
    assert plain_url(f"{scheme}://u:p@h:1/d?ssl=require") == "postgresql://u:p@h:1/d?ssl=require"
    assert async_url(f"{scheme}://u:p@h:1/d") == "postgresql+asyncpg://u:p@h:1/d"


@given(st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=20))
def test_a_password_arrives_whole_through_the_url(password: str) -> None:
    url = f"postgres://u:{quote(password, safe='')}@h/d"

    assert make_url(async_url(url)).password == password
