"""Partner systems that may sign in: what `vereda oauth client` does, through the authorization server's own register."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from importlib import import_module
from pathlib import Path
from typing import Any

import orjson

from vereda.errors import OperatorError
from vereda.operating import gateway_database, organization_id


async def add(client_id: str, organization: str, given: Mapping[str, Any]) -> str:
    """Register a client; its new secret, or a word that it has none. `given`: fields of the register's `Registration`.

    Raises: OperatorError when something given makes no sense.
    """
    owner = organization_id(organization)
    register, said = _register(), _said(given)
    secret = None if {"jwks", "jwks_uri"} & said.keys() else str(register.new_secret())
    registration = register.Registration(client_id=client_id, organization=owner, secret=secret, **said)
    async with gateway_database() as database:
        await register.register(database, registration, only_new=True)
    return secret or f"{client_id} may sign in with its keys."


async def listing() -> str:
    """One line for each client."""
    async with gateway_database() as database:
        clients = await _register().list_clients(database)
    return "\n".join(
        f"{one.client_id:<24} {'disabled' if one.disabled_at else 'may sign in':<12} {one.name}"
        for one in clients
    )


async def show(client_id: str) -> str:
    """All that is said of a client, a line each. Raises: OperatorError when there is none."""
    async with gateway_database() as database:
        known = await _register().find(database, client_id)
    if known is None:
        raise OperatorError(f"There is no client `{client_id}`.")
    said = {one.name: getattr(known.client, one.name) for one in fields(known.client)}
    return "\n".join(f"{name.replace('_', ' '):<24} {_shown(value)}" for name, value in said.items())


async def change(client_id: str, given: Mapping[str, Any]) -> None:
    """Change what is said of a client. Raises: OperatorError when there is none, or it cannot be so."""
    async with gateway_database() as database:
        await _register().change(database, client_id, _said(given))


async def rotate(client_id: str, given: Mapping[str, Any], *, compromised: bool) -> str:
    """A new secret; or the keys in its place. Raises: OperatorError when there is no such client, or it has no secret."""
    register, keys = _register(), _said(given)
    async with gateway_database() as database:
        if keys:
            await register.replace_keys(database, client_id, **keys)
            return f"{client_id} may sign in with these keys, and with nothing else."
        overlap = {"overlap": register.OVERLAP * 0} if compromised else {}
        return str(await register.rotate_secret(database, client_id, **overlap))


async def register_documents(client_id: str, files: list[Path], *, only_these: bool) -> str:
    """One line for each document: its name, and the file that it is from. Raises: OperatorError."""
    found = [one for file in files for one in _documents(file)]
    async with gateway_database() as database:
        names = await import_module("gateway.oauth.documents").register_documents(
            database, client_id, [document for document, _ in found], only_these=only_these
        )
    return "\n".join(f"{name}  {origin}" for name, (_, origin) in zip(names, found, strict=True))


def _documents(file: Path) -> list[tuple[str, str]]:
    """What a file holds, and where in it: one document; or, in JSON, many by any names, as build tools write them.

    Raises: OperatorError.
    """
    try:
        text = file.read_text()
        if file.suffix != ".json":
            return [(text, str(file))]
        held = orjson.loads(text)
        return [(str(document), f"{file} {name}") for name, document in dict(held).items()]
    except (OSError, ValueError) as error:
        raise OperatorError(f"The documents in {file} cannot be read: {error}.") from None


async def disable(client_id: str) -> None:
    """Raises: OperatorError when there is no such client."""
    async with gateway_database() as database:
        await _register().disable(database, client_id)


async def enable(client_id: str) -> None:
    """Raises: OperatorError when there is no such client."""
    async with gateway_database() as database:
        await _register().enable(database, client_id)


def _said(given: Mapping[str, Any]) -> dict[str, Any]:
    """What was given on the command line: nothing, an empty list, leaves as it is. Raises: OperatorError."""
    said = {name: value for name, value in given.items() if value is not None and value != []}
    if isinstance(path := said.get("jwks"), Path):
        try:
            said["jwks"] = orjson.loads(path.read_bytes())
        except (OSError, orjson.JSONDecodeError) as error:
            raise OperatorError(f"The key set {path} cannot be read: {error}.") from None
    return said


def _shown(value: object) -> str:
    if value is None or value == "":
        return "-"
    if isinstance(value, frozenset | tuple):
        return " ".join(sorted(map(str, value))) or "-"
    return orjson.dumps(value).decode() if isinstance(value, dict) else str(value)


def _register() -> Any:
    return import_module("gateway.oauth.clients")
