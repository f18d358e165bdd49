"""One database and two roles for each process that owns data, on any Postgres 16 or later.

One role owns the database, the other answers requests in it (`vereda.database`). Neither can see another database or
step around row-level security.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import re
from collections.abc import Mapping
from typing import Final

import asyncpg
from sqlalchemy.engine import make_url

from vereda.database import REQUEST_ROLE, plain_url
from vereda.errors import OperatorError

_OLDEST_POSTGRES: Final = 16
#: Of PBKDF2: Postgres' own default. The passwords are 256 random bits.
_ITERATIONS: Final = 4096
#: With the ending of the role of requests, within the 63 bytes of a name.
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,50}")


async def provision(
    admin_url: str, passwords: Mapping[str, str], *, prefix: str = "vereda_"
) -> dict[str, str]:
    """Make (or bring up to date) the roles and the database for each name in `passwords`; both roles have its password.

    Returns: name -> URL of the owner. Safe to run again; it never drops anything.
    Raises: OperatorError when the server is out of reach, too old, or its role may not do this.
    """
    urls = {}
    try:
        connection = await asyncpg.connect(plain_url(admin_url), timeout=10)
    except (OSError, TimeoutError, asyncpg.PostgresError, ValueError) as error:
        raise OperatorError(
            f"Postgres at {_shown(admin_url)} cannot be reached ({type(error).__name__}): check VEREDA_DATABASE_URL"
            " and that the server is running."
        ) from None
    try:
        if connection.get_server_version().major < _OLDEST_POSTGRES:
            raise OperatorError(f"Vereda needs Postgres {_OLDEST_POSTGRES} or later; this server is older.")
        # Roles are shared by the whole server: two provisioners at once take turns, until the connection closes.
        await connection.execute("SELECT pg_advisory_lock(hashtext('vereda.provision'))")
        for name, password in passwords.items():
            await _ensure(connection, f"{prefix}{name}", password)
            urls[name] = _url_as(admin_url, f"{prefix}{name}", password)
    except asyncpg.PostgresError as error:
        raise OperatorError(
            f"The role of VEREDA_DATABASE_URL may not create roles and databases ({type(error).__name__}):"
            " it needs CREATEROLE and CREATEDB."
        ) from None
    finally:
        await connection.close()
    return urls


async def _ensure(connection: asyncpg.Connection, name: str, password: str) -> None:
    assert _NAME.fullmatch(name), name
    async with connection.transaction():
        quoted = await connection.fetchval("SELECT quote_literal($1)", _verifier(password))
        for role in (name, f"{name}{REQUEST_ROLE}"):
            exists = await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", role)
            verb = "ALTER" if exists else "CREATE"
            await connection.execute(f"{verb} ROLE {role} LOGIN NOCREATEDB NOCREATEROLE PASSWORD {quoted}")
        if not await connection.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = current_user"):
            await connection.execute(f"GRANT {name} TO CURRENT_USER WITH SET TRUE")
    if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", name):
        await connection.execute(f"CREATE DATABASE {name} OWNER {name}")
    await connection.execute(f"REVOKE ALL ON DATABASE {name} FROM PUBLIC")


def _verifier(password: str) -> str:
    """What Postgres keeps of a password (RFC 5803, SCRAM-SHA-256): so it is not in a statement, nor in the server's log.

    A password beyond ASCII is handed over as it is: only Postgres prepares it (RFC 4013) as its clients do.
    """
    if not password.isascii():
        return password
    salt = os.urandom(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, _ITERATIONS)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    said = (base64.b64encode(part).decode() for part in (salt, stored, server))
    return "SCRAM-SHA-256${}:{}${}:{}".format(_ITERATIONS, *said)


def _url_as(admin_url: str, name: str, password: str) -> str:
    url = make_url(plain_url(admin_url)).set(username=name, password=password, database=name)
    return url.render_as_string(hide_password=False)


def _shown(url: str) -> str:
    try:
        parsed = make_url(plain_url(url))
    except Exception:  # whatever is wrong with it, it may hold a password
        return "the given address"
    return f"{parsed.host or 'a Unix socket'}:{parsed.port or 5432}"
