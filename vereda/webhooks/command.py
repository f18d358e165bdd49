"""`vereda webhooks`: an organisation's endpoints, over the public graph. Docs: docs/webhooks.md."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any, Final

import orjson
import typer

from vereda.errors import OperatorError
from vereda.settings import Running, load_settings
from vereda.webhooks.calling import Caller

app: Final = typer.Typer(help="Have what happened sent to a system of yours.", no_args_is_help=True)

_Id = Annotated[str, typer.Argument(help="As `vereda webhooks list` shows it.")]
_ClientId = Annotated[
    str, typer.Option(envvar="VEREDA_CLIENT_ID", help="A system with admin:organization that may sign in.")
]
_SecretFile = Annotated[Path, typer.Option(envvar="VEREDA_CLIENT_SECRET_FILE", help="File with its secret.")]
_Gateway = Annotated[
    str | None,
    typer.Option(envvar="VEREDA_GATEWAY", help="Base URL; the network running here by default."),
]
_Json = Annotated[bool, typer.Option("--json", help="As JSON.")]
_Types = Annotated[
    list[str] | None,
    typer.Option("--type", help="Beginning of the types wanted; may be given several times. Default: all."),
]
#: A trial is asked after so often.
_TRIAL_EVERY_S: Final = 0.5
_TRIAL_FOR_S: Final = 30


@app.command("register")
def register_command(
    url: Annotated[str, typer.Argument(help="An https URL of yours.")],
    client_id: _ClientId,
    secret_file: _SecretFile,
    type_: _Types = None,
    service: Annotated[
        list[str] | None,
        typer.Option(help="partners, referrals or grants; default: all that have such types."),
    ] = None,
    after: Annotated[
        str | None, typer.Option(help="Cursor to begin after; default: what is to come.")
    ] = None,
    gateway: _Gateway = None,
    json: _Json = False,
) -> None:
    """Register an endpoint, at each service with one secret; prints it, once."""
    called = _caller(client_id, secret_file, gateway).register(url, type_ or (), service or (), after)
    secret, made = asyncio.run(called)
    if json:
        _print({"secret": secret, "webhooks": made})
        return
    typer.echo(f"Secret, shown this once: {secret}")
    _table(made)


@app.command("list")
def list_command(
    client_id: _ClientId, secret_file: _SecretFile, gateway: _Gateway = None, json: _Json = False
) -> None:
    """List your organisation's endpoints, and how it goes with them."""
    found = asyncio.run(_caller(client_id, secret_file, gateway).listing())
    _print(found) if json else _table(found)


@app.command("log")
def log_command(
    id_: _Id,
    client_id: _ClientId,
    secret_file: _SecretFile,
    first: Annotated[int, typer.Option(min=1, max=100)] = 20,
    gateway: _Gateway = None,
    json: _Json = False,
) -> None:
    """Show what was sent to an endpoint, the newest first."""
    found = asyncio.run(_caller(client_id, secret_file, gateway).log(id_, first))
    if json:
        _print(found)
        return
    _lines(
        (one["at"], one["type"], f"try {one['attempt']}", _came(one), f"{one['tookMs']} ms") for one in found
    )


@app.command("change")
def change_command(
    id_: _Id,
    client_id: _ClientId,
    secret_file: _SecretFile,
    url: Annotated[str | None, typer.Option(help="Where to from now on.")] = None,
    type_: _Types = None,
    gateway: _Gateway = None,
) -> None:
    """Change where an endpoint is, or what is sent there; what is left out stays."""
    asyncio.run(_caller(client_id, secret_file, gateway).change(id_, url=url, types=type_))
    typer.echo(f"{id_} is changed.")


@app.command("pause")
def pause_command(id_: _Id, client_id: _ClientId, secret_file: _SecretFile, gateway: _Gateway = None) -> None:
    """Send nothing to an endpoint until it is resumed."""
    asyncio.run(_caller(client_id, secret_file, gateway).change(id_, active=False))
    typer.echo(f"{id_} is paused.")


@app.command("resume")
def resume_command(
    id_: _Id, client_id: _ClientId, secret_file: _SecretFile, gateway: _Gateway = None
) -> None:
    """Go on where an endpoint was paused or stopped."""
    asyncio.run(_caller(client_id, secret_file, gateway).change(id_, active=True))
    typer.echo(f"{id_} is active.")


@app.command("rotate")
def rotate_command(
    id_: _Id,
    client_id: _ClientId,
    secret_file: _SecretFile,
    compromised: Annotated[
        bool, typer.Option("--compromised", help="The former secret signs no more; else it does for a day.")
    ] = False,
    gateway: _Gateway = None,
) -> None:
    """Give an endpoint a new secret, and print it, once."""
    typer.echo(asyncio.run(_caller(client_id, secret_file, gateway).rotate(id_, compromised=compromised)))


@app.command("test")
def trial_command(id_: _Id, client_id: _ClientId, secret_file: _SecretFile, gateway: _Gateway = None) -> None:
    """Have a request sent that says nothing, and show what came of it; exit with 1 where it did not arrive."""
    came = asyncio.run(_trial(_caller(client_id, secret_file, gateway), id_))
    typer.echo(f"{_came(came)} after {came['tookMs']} ms")
    raise typer.Exit(0 if came["problem"] is None else 1)


@app.command("replay")
def replay_command(
    id_: _Id,
    client_id: _ClientId,
    secret_file: _SecretFile,
    after: Annotated[
        str | None,
        typer.Option(help="Cursor of the service's feed to go on after; default: all that is kept."),
    ] = None,
    gateway: _Gateway = None,
) -> None:
    """Have an endpoint told again."""
    asyncio.run(_caller(client_id, secret_file, gateway).replay(id_, after))
    typer.echo(f"{id_} goes on from there.")


@app.command("remove")
def remove_command(
    id_: _Id, client_id: _ClientId, secret_file: _SecretFile, gateway: _Gateway = None
) -> None:
    """Remove an endpoint, its secrets and its log."""
    asyncio.run(_caller(client_id, secret_file, gateway).remove(id_))
    typer.echo(f"{id_} is removed.")


async def _trial(caller: Caller, id_: str) -> dict[str, Any]:
    delivery = await caller.test(id_)
    for _ in range(int(_TRIAL_FOR_S / _TRIAL_EVERY_S)):
        entered = [one for one in await caller.log(id_, 20) if one["id"] == delivery]
        if entered:
            return entered[0]
        await asyncio.sleep(_TRIAL_EVERY_S)
    raise OperatorError(
        f"It was not sent within {_TRIAL_FOR_S} seconds: look at `vereda webhooks log {id_}`."
    )


def _caller(client_id: str, secret_file: Path, gateway: str | None) -> Caller:
    from vereda.carrying import secret_in
    from vereda.demo.caller import PartnerSystem

    url = gateway or Running.read(load_settings()).gateway_url
    if url is None:
        raise OperatorError("Nothing runs here: say with --gateway where the network is.")
    return Caller(PartnerSystem(url.rstrip("/"), client_id, secret_in(secret_file)))


def _came(delivery: dict[str, Any]) -> str:
    status = f" ({delivery['status']})" if delivery["status"] else ""
    return f"{delivery['problem'] or 'ARRIVED'}{status}"


def _table(endpoints: Sequence[dict[str, Any]]) -> None:
    _lines(
        (
            one["id"],
            one["service"],
            one["state"] if one["problem"] is None else f"{one['state']} {one['problem']}",
            one["url"],
            ",".join(one["types"]) or "all",
        )
        for one in endpoints
    )


def _lines(rows: Iterable[Sequence[str]]) -> None:
    for row in rows:
        typer.echo("  ".join(row))


def _print(said: Any) -> None:
    typer.echo(orjson.dumps(said, option=orjson.OPT_INDENT_2).decode())
