"""The command `vereda`. Each command is thin: it parses, and calls the part of the system that does it."""

from __future__ import annotations

import asyncio
import sys
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, Final
from uuid import UUID

import typer

from vereda import __version__, oauth_commands, referral_commands
from vereda.audit import command as audit_command
from vereda.errors import OperatorError
from vereda.reporting.command import Format
from vereda.settings import Running, load_settings
from vereda.webhooks import command as webhooks_command

app: Final = typer.Typer(
    name="vereda",
    help="A partner network's graph: three services and the gateway over them.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
schema_app: Final = typer.Typer(
    help="The subgraphs' SDL and the supergraph composed of it.", no_args_is_help=True
)
import_app: Final = typer.Typer(help="Take in what others publish.", no_args_is_help=True)
export_app: Final = typer.Typer(help="Give out what others can take in.", no_args_is_help=True)
app.add_typer(schema_app, name="schema")
app.add_typer(import_app, name="import")
app.add_typer(export_app, name="export")
keys_app: Final = typer.Typer(
    help="Keys that sign tokens and statements, and the master key of clients' data.", no_args_is_help=True
)
app.add_typer(oauth_commands.app, name="oauth")
app.add_typer(oauth_commands.client_app, name="client")  # the same as `vereda oauth client`
app.add_typer(keys_app, name="keys")
app.add_typer(audit_command.app, name="audit")
app.add_typer(referral_commands.app, name="referrals")
app.add_typer(referral_commands.clients_app, name="clients")
app.add_typer(webhooks_command.app, name="webhooks")


def main() -> None:
    """Run a command; a problem that an operator can solve is one sentence on standard error, and exit status 1."""
    try:
        app()
    except OperatorError as error:
        print(error, file=sys.stderr)  # noqa: T201
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None


@app.command()
def up(
    demo: Annotated[bool, typer.Option(help="Load the demo network into an empty directory.")] = True,
) -> None:
    """Run Postgres, the three services and the gateway on this machine, until Ctrl-C."""
    from vereda.supervisor import up as run
    from vereda.welcome import welcome

    asyncio.run(run(load_settings(), welcome(with_demo=demo)))


@app.command()
def demo(
    scale: Annotated[
        bool,
        typer.Option(
            "--scale", help="Instead, add a year of referrals of a whole state to the demo network."
        ),
    ] = False,
    referrals: Annotated[int, typer.Option(min=1, help="How many, with --scale.")] = 1_000_000,
) -> None:
    """Tell the story of one referral against the running system, with each request and answer."""
    from vereda.demo.caller import UnexpectedAnswerError
    from vereda.demo.scale import load
    from vereda.demo.story import Story

    settings = load_settings()
    if scale:
        asyncio.run(load(settings, referrals, typer.echo))
        return
    try:
        asyncio.run(Story(gateway_url(), settings, typer.echo).run())
    except (UnexpectedAnswerError, OSError) as error:
        raise OperatorError(f"The story broke off: {error}.") from None


@app.command()
def token(
    client_id: Annotated[str, typer.Argument(help="A sign-in of the demo network.")] = "demo-clinic",
) -> None:
    """Print an access token of a demo sign-in, for ten minutes."""
    from vereda.demo.caller import PartnerSystem, UnexpectedAnswerError
    from vereda.demo.loading import sign_in_secret
    from vereda.demo.network import build

    if client_id not in {one.client_id for one in build().sign_ins}:
        raise OperatorError(f"{client_id} is no sign-in of the demo network: `vereda up` lists them.")
    system = PartnerSystem(gateway_url(), client_id, sign_in_secret(load_settings(), client_id))
    try:
        typer.echo(asyncio.run(system.sign_in())["access_token"])
    except (UnexpectedAnswerError, OSError) as error:
        raise OperatorError(f"No token was given: {error}.") from None


@app.command()
def gateway(
    supergraph: Annotated[Path, typer.Option(help="Supergraph SDL (Federation 2, join spec).")],
    port: Annotated[int, typer.Option(min=1, max=65_535)] = 4000,
    host: Annotated[str, typer.Option()] = "127.0.0.1",
    auth: Annotated[str, typer.Option(help="`none` lets everybody in, on loopback only.")] = "none",
    dedupe: Annotated[
        bool, typer.Option("--dedupe", help="Ask equal reads that are under way at the same time once.")
    ] = False,
) -> None:
    """Serve any Federation 2 supergraph at /graphql."""
    _part("gateway.cli").serve(supergraph, host, port, auth, dedupe)


@app.command()
def plan(
    supergraph: Annotated[Path, typer.Option(help="Supergraph SDL.")],
    operation: Annotated[Path, typer.Option(help="File with one operation.")],
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Print the query plan of an operation."""
    typer.echo(_part("gateway.cli").show_plan(supergraph, operation, json))


@schema_app.command("compose")
def schema_compose() -> None:
    """Print the services' SDL into schema/ and compose the supergraph (needs Node)."""
    from vereda.composition import write_files

    changed = write_files()
    typer.echo(f"Changed: {', '.join(changed)}." if changed else "Everything in schema/ is up to date.")


@schema_app.command("check")
def schema_check() -> None:
    """Fail when a file in schema/ does not say what the code says."""
    from vereda.composition import stale_files

    stale = stale_files()
    if stale:
        raise OperatorError(f"Stale in schema/: {', '.join(stale)}. Run `make schema`.")
    typer.echo("Everything in schema/ is up to date.")


@import_app.command("hsds")
def import_hsds(
    path: Annotated[
        Path, typer.Argument(help="Folder, zip, JSON file or spreadsheet (CSV, XLSX) of a directory.")
    ],
    source: Annotated[str | None, typer.Option(help="Name of the directory it comes from.")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="All of it or nothing.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Report, and write nothing.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Report as JSON.")] = False,
    columns: Annotated[
        Path | None, typer.Option(help="JSON file that says what columns hold which HSDS does not know.")
    ] = None,
    suggest_columns: Annotated[
        Path | None, typer.Option(help="Write such a file, with suggestions, and import nothing.")
    ] = None,
) -> None:
    """Take an HSDS package (1.1 to 3.1) into the directory; bad rows are reported, the good ones go in."""
    command = _part("services.partners.exchange.command")
    if suggest_columns is not None:
        raise typer.Exit(command.run_suggest(path, suggest_columns))
    raise typer.Exit(asyncio.run(command.run_import(path, source, strict, dry_run, json, columns)))


@import_app.command("doj")
def import_doj(
    path: Annotated[
        Path, typer.Argument(help="CSV of the Department's roster: organisations, or representatives.")
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Report, and write nothing.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Report as JSON.")] = False,
) -> None:
    """Confirm members' recognitions and accreditations by the Department's roster, and correct what it says otherwise."""
    command = _part("services.partners.exchange.command")
    raise typer.Exit(asyncio.run(command.run_import_doj(path, dry_run, json)))


@export_app.command("hsds")
def export_hsds(
    path: Annotated[Path, typer.Argument(help="Folder to write to.")],
    source: Annotated[str | None, typer.Option(help="Only what came from this directory.")] = None,
    version: Annotated[str, typer.Option(help="Of HSDS: 3.0 or 3.1.")] = "3.0",
) -> None:
    """Write the directory as an HSDS package; confidential addresses stay back."""
    command = _part("services.partners.exchange.command")
    raise typer.Exit(asyncio.run(command.run_export(path, source, version)))


@export_app.command("360giving")
def export_360giving(
    path: Annotated[Path, typer.Argument(help="JSON file to write.")],
    funder: Annotated[UUID, typer.Option(help="Id of the organisation whose awards these are.")],
    name: Annotated[str, typer.Option(help="The name by which it publishes.")],
) -> None:
    """Write a funder's awards to people as 360Giving data: no names, and nothing that few share."""
    command = _part("services.grants.exchange.threesixtygiving")
    number = command.write(asyncio.run(command.read_package(funder, name)), path)
    typer.echo(
        f"{number} grants are in {path}. Awards of a round and amount of which there are few were left out."
    )


@export_app.command("ics")
def export_ics(path: Annotated[Path, typer.Argument(help="File to write, such as workshops.ics.")]) -> None:
    """Write the announced workshops as an iCalendar file, with nothing of clients in it."""
    command = _part("services.partners.exchange.command")
    raise typer.Exit(asyncio.run(command.run_export_ics(path)))


@keys_app.command("list")
def keys_list() -> None:
    """List the signing keys of this installation, and what each is good for now."""
    from vereda.rotating import listing

    typer.echo(listing(load_settings()))


@keys_app.command("rotate")
def keys_rotate(
    ring: Annotated[str | None, typer.Argument(help="Such as `access`; default: all that are here.")] = None,
    after: Annotated[
        float | None,
        typer.Option(
            min=0, help="Seconds in which it is announced, and does not sign yet: 600; after a theft, 12."
        ),
    ] = None,
    compromised: Annotated[
        bool,
        typer.Option("--compromised", help="Then take the old keys away: what they signed is refused."),
    ] = False,
) -> None:
    """Replace a signing key while everything runs; nothing that was signed before is refused."""
    from vereda.rotating import rotate

    for line in rotate(load_settings(), ring, after, compromised=compromised):
        typer.echo(line)


@keys_app.command("rotate-master")
def keys_rotate_master() -> None:
    """Replace the master key that clients' data keys are wrapped by, while everything runs."""
    from vereda.rotating import rotate_master

    typer.echo(asyncio.run(rotate_master(load_settings())))


@keys_app.command("reseal")
def keys_reseal() -> None:
    """Seal the keyring anew, after the key that protects it was rotated or replaced."""
    from vereda.rotating import reseal

    typer.echo(asyncio.run(reseal(load_settings())))


@app.command()
def standings(
    client_id: Annotated[
        str, typer.Option(help="A system with directory:read, and admin:network or referral:send.")
    ] = "demo-coordinator",
    secret_file: Annotated[
        Path | None, typer.Option(help="File with its secret; a sign-in of the demo network needs none.")
    ] = None,
    gateway: Annotated[
        str | None, typer.Option(help="Base URL; the network running here by default.")
    ] = None,
) -> None:
    """Bring what referrals states of each service to the directory, whose ranking goes by it: once a day, say."""
    from vereda.carrying import carry, secret_in
    from vereda.demo.caller import PartnerSystem
    from vereda.demo.loading import sign_in_secret

    secret = secret_in(secret_file) if secret_file else sign_in_secret(load_settings(), client_id)
    filed = asyncio.run(carry(PartnerSystem(gateway or gateway_url(), client_id, secret)))
    typer.echo(f"{filed} services have a newer standing.")


@app.command()
def report(
    form: Annotated[
        str, typer.Argument(help="DASHBOARD, SEED, or a form of `tallyForms`: CDSS_DACA, DOJ_ANNUAL, ...")
    ],
    period: Annotated[str, typer.Argument(help="2026-08, 2026-Q3 or 2026.")],
    format: Annotated[Format, typer.Option()] = Format.PDF,  # noqa: A002
    out: Annotated[Path | None, typer.Option(help="File to write; FORM-PERIOD.FORMAT by default.")] = None,
    language: Annotated[str, typer.Option(help="en or es.")] = "en",
    own: Annotated[bool, typer.Option("--own", help="A form with your organisation's own counts.")] = False,
    county: Annotated[str | None, typer.Option(help="FIPS code: the dashboard of one county.")] = None,
    client_id: Annotated[
        str, typer.Option(help="A system with report:read, or with tally:submit for --own.")
    ] = "demo-coordinator",
    secret_file: Annotated[
        Path | None, typer.Option(help="File with its secret; a sign-in of the demo network needs none.")
    ] = None,
    gateway: Annotated[
        str | None, typer.Option(help="Base URL; the network running here by default.")
    ] = None,
) -> None:
    """Write a report as a file: numbers and no names, each with its definition, period, source, and mark."""
    from vereda.carrying import secret_in
    from vereda.demo.caller import PartnerSystem
    from vereda.demo.loading import sign_in_secret
    from vereda.reporting.asking import Wish
    from vereda.reporting.command import save
    from vereda.reporting.words import LANGUAGES

    if language not in LANGUAGES:
        raise OperatorError(f"`--language` must be one of {', '.join(LANGUAGES)}.")
    secret = secret_in(secret_file) if secret_file else sign_in_secret(load_settings(), client_id)
    system = PartnerSystem(gateway or gateway_url(), client_id, secret)
    to = out or Path(f"{form}-{period}.{format.value}")
    found = asyncio.run(save(system, Wish(form, period, language, own, county), format, to))
    for gap in found.gaps:
        typer.echo(gap, err=True)
    typer.echo(f"{to}: {len(found.rows)} figures.")


@app.command()
def doctor() -> None:
    """Look at what Vereda needs on this machine, and say what is missing."""
    from vereda.doctor import examine

    findings = examine(load_settings())
    for finding in findings:
        typer.echo(f"{'ok ' if finding.ok else 'NO '} {finding.text}")
    raise typer.Exit(0 if all(finding.ok or finding.optional for finding in findings) else 1)


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(__version__)


def gateway_url() -> str:
    url = Running.read(load_settings()).gateway_url
    if url is None:
        raise OperatorError("Nothing runs here: start the network with `vereda up` (or `make run`) first.")
    return url


def _part(module: str) -> Any:
    """A part of the system that the kernel does not depend on, by its import path."""
    return import_module(module)


if __name__ == "__main__":
    main()
