"""`vereda oauth ...`: who may sign in, as an operator sees to it. Each command is thin, as in `vereda.cli`."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated, Final

import typer

app: Final = typer.Typer(help="Partner systems and people that may sign in.", no_args_is_help=True)
client_app: Final = typer.Typer(
    help="Partner systems that may sign in (OAuth clients).", no_args_is_help=True
)
person_app: Final = typer.Typer(help="People who may sign in.", no_args_is_help=True)
app.add_typer(client_app, name="client")
app.add_typer(person_app, name="person")

ClientId = Annotated[str, typer.Argument()]
Purpose = Annotated[str | None, typer.Option(help="What its tokens are for.")]
Grants = Annotated[
    list[str] | None, typer.Option(help="client_credentials (as it is by default), authorization_code, ...")
]
RedirectUris = Annotated[
    list[str] | None, typer.Option(help="Where people come back to, with authorization_code.")
]
Jwks = Annotated[Path | None, typer.Option(help="File with a JWK Set: its public keys.")]
JwksUri = Annotated[str | None, typer.Option(help="Where it publishes its public keys.")]
Dpop = Annotated[bool | None, typer.Option(help="Only tokens that are bound to a key of its own (RFC 9449).")]
DocumentsOnly = Annotated[bool | None, typer.Option(help="Only operations that were registered for it.")]
FirstParty = Annotated[bool | None, typer.Option(help="The network's own: people are not asked.")]
Cost = Annotated[int | None, typer.Option(help="What its operations may cost in a minute.")]

Organization = Annotated[str, typer.Option(help="Id of the organisation.")]
Person = Annotated[str, typer.Argument(help="Id or e-mail address.")]
Role = Annotated[
    str,
    typer.Option(
        help="case_worker, supervisor, organization_administrator, network_coordinator, auditor or counsel."
    ),
]


@client_app.command("add")
def client_add(
    client_id: ClientId,
    organization: Annotated[str, typer.Option(help="Id of the organisation that it acts for.")],
    name: Annotated[str, typer.Option(help="What people are shown.")],
    scope: Annotated[list[str], typer.Option(help="May be given several times.")],
    purpose: Purpose = None,
    grant: Grants = None,
    redirect_uri: RedirectUris = None,
    jwks: Jwks = None,
    jwks_uri: JwksUri = None,
    dpop_required: Dpop = None,
    trusted_documents_only: DocumentsOnly = None,
    first_party: FirstParty = None,
    cost_per_minute: Cost = None,
) -> None:
    """Let a partner's system sign in; prints its new secret, once, unless it has keys of its own."""
    from vereda.clients import add

    given = {
        "name": name,
        "scopes": scope,
        "purpose": purpose,
        "grant_types": grant,
        "redirect_uris": redirect_uri,
        "jwks": jwks,
        "jwks_uri": jwks_uri,
        "dpop_required": dpop_required,
        "trusted_documents_only": trusted_documents_only,
        "first_party": first_party,
        "cost_per_minute": cost_per_minute,
    }
    typer.echo(asyncio.run(add(client_id, organization, given)))


@client_app.command("list")
def client_list() -> None:
    """List the partner systems that may sign in."""
    from vereda.clients import listing

    typer.echo(asyncio.run(listing()))


@client_app.command("show")
def client_show(client_id: ClientId) -> None:
    """Print all that is said of a partner's system."""
    from vereda.clients import show

    typer.echo(asyncio.run(show(client_id)))


@client_app.command("change")
def client_change(
    client_id: ClientId,
    name: Annotated[str | None, typer.Option(help="What people are shown.")] = None,
    scope: Annotated[
        list[str] | None, typer.Option(help="All that it has from now on; may be given several times.")
    ] = None,
    purpose: Purpose = None,
    grant: Grants = None,
    redirect_uri: RedirectUris = None,
    dpop_required: Dpop = None,
    trusted_documents_only: DocumentsOnly = None,
    first_party: FirstParty = None,
    cost_per_minute: Cost = None,
) -> None:
    """Change what is said of a partner's system; what is left out stays. Where its rights change, its tokens end."""
    from vereda.clients import change

    given = {
        "name": name,
        "scopes": scope,
        "purpose": purpose,
        "grant_types": grant,
        "redirect_uris": redirect_uri,
        "dpop_required": dpop_required,
        "trusted_documents_only": trusted_documents_only,
        "first_party": first_party,
        "cost_per_minute": cost_per_minute,
    }
    asyncio.run(change(client_id, given))
    typer.echo(f"{client_id} is changed.")


@client_app.command("rotate")
def client_rotate(
    client_id: ClientId,
    compromised: Annotated[
        bool,
        typer.Option(
            "--compromised", help="Refuse the old secret at once; otherwise it serves a day longer."
        ),
    ] = False,
    jwks: Jwks = None,
    jwks_uri: JwksUri = None,
) -> None:
    """Give a partner's system a new secret, and print it, once; or keys in its place."""
    from vereda.clients import rotate

    given = {"jwks": jwks, "jwks_uri": jwks_uri}
    typer.echo(asyncio.run(rotate(client_id, given, compromised=compromised)))


@client_app.command("documents")
def client_documents(
    client_id: ClientId,
    files: Annotated[
        list[Path], typer.Argument(help="GraphQL documents, one a file; or JSON, with documents by name.")
    ],
    only_these: Annotated[
        bool, typer.Option("--only-these", help="Those of before are trusted no more.")
    ] = False,
) -> None:
    """Name the operations that a partner's system may run; prints the SHA-256 of each."""
    from vereda.clients import register_documents

    typer.echo(asyncio.run(register_documents(client_id, files, only_these=only_these)))


@client_app.command("disable")
def client_disable(client_id: ClientId) -> None:
    """Let a partner's system in no more; its tokens end within 30 seconds."""
    from vereda.clients import disable

    asyncio.run(disable(client_id))
    typer.echo(f"{client_id} may not sign in any more.")


@client_app.command("enable")
def client_enable(client_id: ClientId) -> None:
    """Let a partner's system in again."""
    from vereda.clients import enable

    asyncio.run(enable(client_id))
    typer.echo(f"{client_id} may sign in again.")


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


@app.command("code")
def code(
    email: Annotated[str, typer.Argument(help="The address of one of the demo's people.")],
) -> None:
    """Print what a demo person's authenticator app shows at this moment (development only)."""
    from vereda.demo import people
    from vereda.settings import load_settings

    typer.echo(people.code(load_settings(), email))
