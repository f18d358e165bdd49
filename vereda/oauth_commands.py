"""`vereda oauth ...`: who may sign in, as an operator sees to it. Each command is thin, as in `vereda.cli`."""

from __future__ import annotations

import asyncio
from typing import Annotated, Final

import typer

app: Final = typer.Typer(help="Partner systems and people that may sign in.", no_args_is_help=True)
client_app: Final = typer.Typer(
    help="Partner systems that may sign in (OAuth clients).", no_args_is_help=True
)
person_app: Final = typer.Typer(help="People who may sign in.", no_args_is_help=True)
app.add_typer(client_app, name="client")
app.add_typer(person_app, name="person")

Organization = Annotated[str, typer.Option(help="Id of the organisation.")]
Person = Annotated[str, typer.Argument(help="Id or e-mail address.")]
Role = Annotated[
    str,
    typer.Option(help="case_worker, supervisor, organization_administrator, network_coordinator or auditor."),
]


@client_app.command("add")
def client_add(
    client_id: Annotated[str, typer.Argument()],
    organization: Annotated[str, typer.Option(help="Id of the organisation that it acts for.")],
    name: Annotated[str, typer.Option()],
    scope: Annotated[list[str], typer.Option(help="May be given several times.")],
) -> None:
    """Let a partner's system sign in; prints its new secret, once."""
    from vereda.clients import add

    typer.echo(asyncio.run(add(client_id, organization, name, scope)))


@client_app.command("list")
def client_list() -> None:
    """List the partner systems that may sign in."""
    from vereda.clients import listing

    typer.echo(asyncio.run(listing()))


@client_app.command("disable")
def client_disable(client_id: Annotated[str, typer.Argument()]) -> None:
    """Let a partner's system in no more; its tokens end within 30 seconds."""
    from vereda.clients import disable

    asyncio.run(disable(client_id))
    typer.echo(f"{client_id} may not sign in any more.")


@person_app.command("invite")
def person_invite(
    email: Annotated[str, typer.Argument(help="Where mails reach them, and what they sign in with.")],
    organization: Organization,
    role: Role,
    name: Annotated[str, typer.Option(help="What others see.")],
    locale: Annotated[str, typer.Option(help="Language of mails and pages: en or es.")] = "en",
    organization_name: Annotated[
        str | None, typer.Option(help="What the sign-in pages call the organisation.")
    ] = None,
) -> None:
    """Make somebody a member; prints the link by which they set a password, good once and for a week."""
    from vereda.people import invite

    done = invite(
        email,
        organization=organization,
        role=role,
        name=name,
        locale=locale,
        organization_name=organization_name,
    )
    typer.echo(asyncio.run(done))


@person_app.command("list")
def person_list(organization: Organization) -> None:
    """List the people of an organisation."""
    from vereda.people import listing

    typer.echo(asyncio.run(listing(organization)))


@person_app.command("role")
def person_role(person: Person, organization: Organization, role: Role) -> None:
    """Make a member something else; they sign in anew."""
    from vereda.people import set_role

    asyncio.run(set_role(person, organization, role))
    typer.echo(f"{person} is {role} now.")


@person_app.command("disable")
def person_disable(person: Person) -> None:
    """Let a person in no more, anywhere; what they have open ends within half a minute."""
    from vereda.people import disable

    asyncio.run(disable(person))
    typer.echo(f"{person} may not sign in any more.")


@person_app.command("enable")
def person_enable(person: Person) -> None:
    """Let a person in again."""
    from vereda.people import enable

    asyncio.run(enable(person))
    typer.echo(f"{person} may sign in again.")


@person_app.command("reset")
def person_reset(
    person: Person,
    factors: Annotated[
        bool, typer.Option("--factors", help="Their second factors, too: make sure first that it is them.")
    ] = False,
) -> None:
    """End a person's password and sessions; prints the link by which they set a new one, good for half an hour."""
    from vereda.people import reset

    typer.echo(asyncio.run(reset(person, factors=factors)))
