"""`vereda referrals ...` and `vereda clients ...`: spreadsheets, in the name of a partner's system. Each command is thin."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from vereda.errors import OperatorError

app: Final = typer.Typer(help="Referrals as a spreadsheet: out, and moves in.", no_args_is_help=True)
clients_app: Final = typer.Typer(
    help="Clients from a spreadsheet, into your own organisation.", no_args_is_help=True
)

ClientId = Annotated[
    str, typer.Option(help="The system that signs in; it needs the rights that the file asks for.")
]
SecretFile = Annotated[
    Path | None, typer.Option(help="File with its secret; a sign-in of the demo network needs none.")
]
Gateway = Annotated[str | None, typer.Option(help="Base URL; the network running here by default.")]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Say what would be done with each row, and do nothing.")
]
Columns = Annotated[
    list[str] | None,
    typer.Option(
        "--column", help="OURS=THEIRS: what the file calls a column of ours. May be given several times."
    ),
]


@app.command("export")
def export(
    box: Annotated[str, typer.Argument(help="inbox or outbox.")],
    path: Annotated[Path, typer.Argument(help="File to write, such as inbox.csv. It must not be there yet.")],
    since: Annotated[str | None, typer.Option(help="Only what changed from this time on (RFC 3339).")] = None,
    client_id: ClientId = "demo-clinic",
    secret_file: SecretFile = None,
    gateway: Gateway = None,
) -> None:
    """Write what your organisation received or sent: states, times and your own references, and nobody's name."""
    from vereda.sheets import cells, referrals

    if box not in referrals.BOXES:
        raise OperatorError("What can be exported is your inbox or your outbox.")
    rows = asyncio.run(referrals.exported(_system(client_id, secret_file, gateway), box, since))
    cells.write(path, referrals.COLUMNS, rows)
    typer.echo(f"{len(rows)} referrals in {path}.")


@app.command("import")
def import_(
    path: Annotated[Path, typer.Argument(help="A file as it was exported, with `move` filled in.")],
    dry_run: DryRun = False,
    column: Columns = None,
    client_id: ClientId = "demo-clinic",
    secret_file: SecretFile = None,
    gateway: Gateway = None,
) -> None:
    """Make the moves that a file asks for, a row each. It can be sent again, and does nothing twice."""
    from vereda.sheets import cells, referrals

    rows = cells.read(path, referrals.COLUMNS, _named(column))
    system = _system(client_id, secret_file, gateway)
    _end(asyncio.run(referrals.taken_in(system, rows, preview=dry_run)))


@clients_app.command("import")
def import_clients(
    path: Annotated[Path, typer.Argument(help="A CSV with a reference, a name and a language in each row.")],
    dry_run: DryRun = False,
    column: Columns = None,
    handles: Annotated[
        Path | None, typer.Option(help="File to write: the network's handle of each reference.")
    ] = None,
    client_id: ClientId = "demo-clinic",
    secret_file: SecretFile = None,
    gateway: Gateway = None,
) -> None:
    """Record people whom your organisation helps. Nobody else knows of them until a consent says so."""
    from vereda.sheets import cells, clients

    rows = cells.read(path, clients.COLUMNS, _named(column))
    system = _system(client_id, secret_file, gateway)
    report, known = asyncio.run(clients.taken_in(system, rows, preview=dry_run))
    if handles is not None and known:
        cells.write(handles, ("reference", "handle"), known)
    _end(report)


def _named(columns: list[str] | None) -> dict[str, str]:
    named = {}
    for one in columns or ():
        ours, equals, theirs = one.partition("=")
        if not (ours and equals and theirs):
            raise OperatorError("A column is named OURS=THEIRS, such as name='Client name'.")
        named[ours.strip()] = theirs.strip()
    return named


def _system(client_id: str, secret_file: Path | None, gateway: str | None) -> Any:
    from vereda.carrying import secret_in
    from vereda.cli import gateway_url
    from vereda.demo.caller import PartnerSystem
    from vereda.demo.loading import sign_in_secret
    from vereda.settings import load_settings

    secret = secret_in(secret_file) if secret_file else sign_in_secret(load_settings(), client_id)
    return PartnerSystem(gateway or gateway_url(), client_id, secret)


def _end(report: Any) -> None:
    typer.echo(report.printed())
    if report.refused:
        raise typer.Exit(1)
