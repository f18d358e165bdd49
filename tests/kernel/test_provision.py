"""Each process gets a role and a database of its own, out of the others' reach, on any Postgres that allows it."""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
from pathlib import Path
from typing import Any
from urllib.parse import quote

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.engine import make_url

from tests.kernel.conftest import NOTES
from vereda.database import Database, async_url, plain_url, request_url
from vereda.errors import OperatorError
from vereda.migrations import migrate
from vereda.postgres import _BIN as POSTGRES_BIN
from vereda.postgres import EmbeddedPostgres
from vereda.provision import provision
from vereda.settings import DATABASES

ROOT = Path(__file__).parent.parent.parent


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


async def test_each_name_gets_a_role_for_requests_that_owns_nothing(postgres: EmbeddedPostgres) -> None:
    prefix = a_prefix()
    urls = await provision(postgres.admin_url, {"one": "secret 1"}, prefix=prefix)
    await ask(urls["one"], f"GRANT CONNECT ON DATABASE {prefix}one TO {prefix}one_request")

    requests = request_url(urls["one"])

    assert await ask(requests, "SELECT current_user || ' ' || current_database()") == (
        f"{prefix}one_request {prefix}one"
    )
    owned = "SELECT count(*) FROM pg_shdepend WHERE refobjid = current_user::regrole AND deptype = 'o'"
    assert await ask(requests, owned) == 0
    for statement in ("CREATE TABLE mine (x int)", "CREATE TEMP TABLE mine (x int)", f"SET ROLE {prefix}one"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await ask(requests, statement)


async def test_a_data_folder_from_before_there_were_two_roles_gets_the_second(
    postgres: EmbeddedPostgres,
) -> None:
    """An upgrade: the role is made at the next start, and the policies are applied anew for it."""
    prefix = a_prefix()
    urls = await provision(postgres.admin_url, {"one": "a"}, prefix=prefix)
    await ask(postgres.admin_url, f"DROP ROLE {prefix}one_request")

    await provision(postgres.admin_url, {"one": "a"}, prefix=prefix)
    database = Database(urls["one"])
    await migrate(database, NOTES)

    async with database.transaction(None) as session:
        assert await session.scalar(text("SELECT current_user")) == f"{prefix}one_request"
        assert await session.scalar(text("SELECT count(*) FROM notes")) == 0
    await database.close()


@pytest.mark.skipif(shutil.which("bash") is None, reason="the script is for bash")
async def test_the_containers_script_makes_the_same_and_may_be_run_again(postgres: EmbeddedPostgres) -> None:
    admin = make_url(postgres.admin_url)
    environment = {
        "PATH": f"{POSTGRES_BIN}:{os.environ['PATH']}",
        "PGHOST": str(admin.query["host"]),
        "PGPASSWORD": str(admin.password),
        **{f"{name.upper()}_PASSWORD": f"it's {name}" for name in DATABASES},
    }
    for _ in range(2):
        done = await asyncio.create_subprocess_exec(
            "bash", str(ROOT / "deploy/postgres-init.sh"), env=environment, stderr=asyncio.subprocess.PIPE
        )
        assert (await done.communicate())[1] == b""
        assert done.returncode == 0

    for name in DATABASES:
        owner = of_database(of_role(postgres.admin_url, f"vereda_{name}", f"it's {name}"), f"vereda_{name}")
        assert await ask(owner, "SELECT 1") == await ask(request_url(owner), "SELECT 1") == 1
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await ask(of_database(request_url(owner), "vereda_partners"), "SELECT 1")


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


async def test_a_password_is_in_no_statement_that_the_server_would_log(postgres: EmbeddedPostgres) -> None:
    name = a_prefix() + "nobody"
    await ask(postgres.admin_url, f"CREATE ROLE {name} LOGIN PASSWORD 'x'")

    with pytest.raises(OperatorError):
        await provision(
            of_role(postgres.admin_url, name, "x"), {"one": "zorzal-4711"}, prefix=f"{name[:8]}x_"
        )

    log = postgres.log_file.read_text()
    assert f"STATEMENT:  CREATE ROLE {name[:8]}x_one" in log
    assert "zorzal-4711" not in log


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
