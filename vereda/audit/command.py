"""`vereda audit`: verifying and exporting the audit of a service. Docs: docs/audit.md."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any, Final

import orjson
import typer

from vereda.audit.checkpoints import CheckpointRefusedError, kept
from vereda.audit.entries import audit_key
from vereda.audit.reading import FromDatabase, FromFile, exported
from vereda.audit.verifying import Finding, verify
from vereda.caller import system_caller
from vereda.database import Database
from vereda.errors import OperatorError
from vereda.keys import key_ring
from vereda.rounds import NOBODY
from vereda.settings import SERVICES, load_settings
from vereda.settings import database_url as url_of

app: Final = typer.Typer(
    help="What was done and shown, and proof that nothing of it was changed.", no_args_is_help=True
)

_DatabaseUrl = Annotated[
    str | None,
    typer.Option(help="Postgres URL, where the network does not run here."),
]


@app.command("verify")
def verify_command(
    service: Annotated[str | None, typer.Argument(help="Default: all three.")] = None,
    database_url: _DatabaseUrl = None,
    file: Annotated[Path | None, typer.Option(help="An export, instead of a database.")] = None,
    checkpoint: Annotated[
        list[Path] | None, typer.Option(help="A checkpoint that you kept; may be given several times.")
    ] = None,
    keys: Annotated[Path | None, typer.Option(help="JWK Set with the service's public keys.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Findings as JSON.")] = False,
) -> None:
    """Look at every entry, hash and signature; exit with 1 where anything was changed, removed, added or moved."""
    held = [_text(path) for path in checkpoint or ()]
    trusted = _key_set(keys) if keys is not None else None
    if file is not None:
        reports = {(source := FromFile(file)).service: asyncio.run(_verified_file(source, held, trusted))}
    else:
        names = [_known(service)] if service else list(SERVICES)
        reports = {one: asyncio.run(_verified_database(one, database_url, held, trusted)) for one in names}
    if json:
        said = {
            name: {"entries": size, "findings": [{"problem": f.problem.value, "at": f.at} for f in findings]}
            for name, (size, findings) in reports.items()
        }
        typer.echo(orjson.dumps(said).decode())
    else:
        for name, (size, findings) in reports.items():
            typer.echo(f"{name}: {size} entries, {'whole' if not findings else f'{len(findings)} findings'}")
            for one in findings:
                typer.echo(f"  {one.problem.value} at {one.at}")
    raise typer.Exit(1 if any(findings for _size, findings in reports.values()) else 0)


@app.command("export")
def export_command(
    service: Annotated[str, typer.Argument()],
    path: Annotated[Path, typer.Argument(help="File to write.")],
    database_url: _DatabaseUrl = None,
) -> None:
    """Write the whole audit of a service as NDJSON: handles and codes, for who verifies it elsewhere."""
    typer.echo(f"{asyncio.run(_export(_known(service), path, database_url))} lines.")


async def _export(service: str, path: Path, url: str | None) -> int:
    lines = 0
    async with _audit(service, url) as source:
        with path.open("wb") as file:
            async for line in exported(source, service):
                file.write(line)
                lines += 1
    return lines


async def _verified_file(source: FromFile, held: list[str], trusted: Any) -> tuple[int, list[Finding]]:
    try:
        return await verify(source, source.service, trusted=trusted, held=held)
    except CheckpointRefusedError:
        raise OperatorError(_NO_CHECKPOINT) from None


async def _verified_database(
    service: str, url: str | None, held: list[str], trusted: Any
) -> tuple[int, list[Finding]]:
    """With what this installation knows besides its database: its keys, and the checkpoint that it kept (`keep`)."""
    settings = load_settings()
    key, here = None, kept(settings, service)
    if trusted is None and here.statement is not None:
        trusted = [*here.keys, *key_ring(settings, service).public_jwks()["keys"]]
        held = [*held, here.statement]
        key = audit_key(settings)
    async with _audit(service, url) as source:
        try:
            return await verify(source, service, trusted=trusted, held=held, key=key)
        except CheckpointRefusedError:
            raise OperatorError(_NO_CHECKPOINT) from None


@asynccontextmanager
async def _audit(service: str, url: str | None) -> AsyncIterator[FromDatabase]:
    database = Database(url or url_of(service), pool_size=1, statement_timeout_s=300, name="vereda-audit")
    try:
        async with database.transaction(system_caller(NOBODY, "audit"), read_only=True) as session:
            yield FromDatabase(session)
    finally:
        await database.close()


_NO_CHECKPOINT: Final = (
    "A checkpoint that was given is not this service's, or its key is not among those known."
)


def _known(service: str) -> str:
    if service not in SERVICES:
        raise OperatorError(f"{service} is no service: {', '.join(SERVICES)}.")
    return service


def _text(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError as error:
        raise OperatorError(f"{path} cannot be read ({error.strerror}).") from None


def _key_set(path: Path) -> list[dict[str, Any]]:
    try:
        return list(orjson.loads(path.read_bytes())["keys"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise OperatorError(f"{path} is no JWK Set ({type(error).__name__}).") from None
