"""What `vereda up` does and says once everything is ready."""

from __future__ import annotations

from typing import Final

from vereda.demo.caller import PartnerSystem
from vereda.demo.loading import load_everything, sign_in_secret
from vereda.demo.network import build
from vereda.demo.people import PEOPLE, password
from vereda.settings import Environment, Running, Settings
from vereda.supervisor import WhenReady, say

_QUERY: Final = '{ services(first: 3, filter: {languages: ["spa"], withCapacity: true}) { nodes { name organization { name } } } }'


def welcome(*, with_demo: bool) -> WhenReady:
    """Load the demo network where that is wanted and nobody's own data is there; then say how to begin."""

    async def ready(settings: Settings) -> None:
        loaded = False
        if with_demo and settings.environment is Environment.DEVELOPMENT:
            loaded = await load_everything(settings)
            if not loaded:
                say("vereda", "the directory holds data of its own: the demo network is not loaded")
        gateway = Running.read(settings).gateway_url or settings.public_url
        lines = [
            "",
            "Vereda is ready",
            "",
            f"  GraphQL     {gateway}/graphql",
            f"  sign in     {_for_browsers(gateway)}/sign-in",
            f"  health      {gateway}/health/ready",
        ]
        if loaded:
            lines += await _first_steps(settings, gateway)
        for line in [*lines, ""]:
            print(line, flush=True)  # noqa: T201

    return ready


async def _first_steps(settings: Settings, gateway: str) -> list[str]:
    sign_ins = build().sign_ins
    token = (
        await PartnerSystem(
            gateway, sign_ins[0].client_id, sign_in_secret(settings, sign_ins[0].client_id)
        ).sign_in()
    )["access_token"]
    return [
        "",
        "  Demo sign-ins (client id and secret, for POST /oauth/token):",
        *(
            f"    {one.client_id:<17} {sign_in_secret(settings, one.client_id)}  {one.name}"
            for one in sign_ins
        ),
        "",
        "  Demo people (address and password, for the sign-in page; `vereda oauth code ADDRESS` prints the second factor):",
        *(
            f"    {one.email:<29} {password(settings, one)}  {one.name}, {one.workplaces[0][1]}"
            for one in PEOPLE
        ),
        "",
        "  To begin, paste (the clinic's token holds for ten minutes; `vereda token demo-clinic` prints a new one):",
        "",
        f"    TOKEN={token}",
        f"    curl -s {gateway}/graphql -H \"Authorization: Bearer $TOKEN\" -H 'Content-Type: application/json' \\",
        f"      -d '{_as_body(_QUERY)}'",
        "",
        "  `vereda demo` tells a referral's whole story. Ctrl-C stops everything.",
    ]


def _for_browsers(gateway: str) -> str:
    """Passkeys belong to a name, which an address is not."""
    return gateway.replace("//127.0.0.1", "//localhost")


def _as_body(query: str) -> str:
    return '{"query": "' + query.replace('"', '\\"') + '"}'
