"""docs/administration.md says what the tables say, and its examples work as they stand there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from gateway.accounts.domain.authority import GIVES, Kind, Reach
from gateway.people.roles import SCOPES
from gateway.store import Role
from tests.gateway.accounts.office import Accounts
from vereda.caller import Scope
from vereda.ids import new_id

PAGE = (Path(__file__).parents[3] / "docs" / "administration.md").read_text()
EXAMPLES = re.findall(r"```graphql\n(.*?)```", PAGE, re.DOTALL)


def table(first: str) -> list[list[str]]:
    """The cells of the table whose first heading is this."""
    [rows] = re.findall(rf"^\| {first} \|.*\n\|[-|]+\|\n((?:\|.*\n)+)", PAGE, re.MULTILINE)
    return [[cell.strip() for cell in row.strip("|").split(" | ")] for row in rows.splitlines()]


def quoted(cell: str) -> set[str]:
    return set(re.findall(r"`([\w:]+)`", cell))


def test_the_page_names_every_roles_scopes() -> None:
    written = {role.strip("`"): quoted(scopes) for role, scopes in table("role")}

    assert written == {role.name: {scope.value for scope in SCOPES[role]} for role in Role}


def test_the_page_says_who_may_give_what() -> None:
    lines = [
        (Reach.ORGANIZATION, Kind.API_CLIENT),
        (Reach.ORGANIZATION, Kind.PERSON),
        (Reach.NETWORK, Kind.API_CLIENT),
        (Reach.NETWORK, Kind.PERSON),
    ]
    everything = {"every role": {role.name for role in Role}, "every scope": set()}

    for line, (_, people, systems) in zip(lines, table("who administers"), strict=True):
        roles, kept_back = everything.get(people, quoted(people)), everything.get(systems, quoted(systems))
        assert roles == {role.name for role in GIVES[line].roles}
        assert kept_back == {scope.value for scope in set(Scope) - GIVES[line].scopes}


async def test_the_examples_work_in_their_order(accounts: Accounts) -> None:
    me = await accounts.administrator()
    known = {"PERSON": "", "CLIENT": f"records-{new_id()}"}

    for example in EXAMPLES:
        request = example
        for name, value in known.items():
            request = request.replace(f'"{name}"', f'"{value}"')
        data = await accounts.graph.data(me.caller(), request)
        [answer] = data.values()
        assert "code" not in answer, (example, answer)
        known["PERSON"] = _person(answer) or known["PERSON"]

    assert known["PERSON"]


def _person(answer: dict[str, Any]) -> str:
    return str(answer.get("member", {}).get("personId", ""))
