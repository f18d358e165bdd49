"""Every road to a field that the caller may not read: it is neither answered nor asked for, and its absence tells nothing.

The graph (graph/*.graphql): a person's phone needs the scope `client:read`, under a renamed directive; a shelter needs
the policy `role:supervisor`; an interface and a union lead to both, `@requires` computes with the one, `@provides` brings
the other along.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from gateway.app import create_app
from gateway.identity import NoAuthentication
from gateway.settings import GatewaySettings
from tests.attacks.catalogue import document, parameters
from tests.attacks.conftest import signed_in
from tests.attacks.graph.data import ADDRESS, PHONES
from tests.attacks.target import GRAPH, Target, subgraphs
from tests.attacks.wire import Sent
from tests.federation.compose import SUPERGRAPH
from tests.gateway.http.network import serving
from vereda.caller import Scope
from vereda.database import Database

CODE = "UNAUTHORIZED_FIELD_OR_TYPE"
_DEEP = "{ friends { friends { phone } } }"

ROADS = {
    "by its name": "{ people { id phone } }",
    "under an alias": "{ people { id name: phone } }",
    "in a fragment": "{ people { ...f } } fragment f on Person { id phone }",
    "in a fragment of a fragment": "{ people { ...f } } fragment f on Person { ... on Person { ...g } } fragment g on Person { phone }",
    "through an interface": "{ reachable { id phone } }",
    "past an interface": "{ reachable { id ... on Person { phone } ... on Shelter { address } } }",
    "back through an interface": "{ people { ... on Reachable { phone } } }",
    "through a union": "{ found { __typename ... on Person { phone } ... on Shelter { address beds } } }",
    "through a union and an interface": "{ found { ... on Reachable { phone } } }",
    "by what is computed from it": "{ people { reminder } }",
    "by what is computed from it, elsewhere": "{ notes { about { reminder } } }",
    "by what brings it along": "{ shelters { address } }",
    "by a key of it": "{ shelters { id } }",
    "by its type alone": "{ shelters { __typename } }",
    "by its type alone, under an alias": "{ s: shelters { t: __typename } }",
    "through another service": "{ notes { about { phone } } }",
    "far below": '{ person(id: "p0") ' + _DEEP + " }",
    "behind a condition": "query($yes: Boolean = true) { people { phone @include(if: $yes) } }",
    "behind a condition that is turned around": "query($no: Boolean! = false) { people { ... @skip(if: $no) { phone } } }",
    "in a deferred part": "{ people { id ... @defer { phone } } }",
    "in what a mutation answers": 'mutation { rename(id: "p0", name: "x") { id phone } }',
    "twice, once in the open": "{ people { name } people { phone } }",
    "beside itself": "{ a: people { phone } b: people { phone } }",
}


async def closed(target: Target, sent: Sent) -> None:
    """The answer to a request, checked: no secret (that is checked of every answer), an error, nothing asked for."""
    target.asked.clear()
    answer = await target.send(sent)

    said = answer.json()
    codes = {error["extensions"]["code"] for error in said["errors"]}
    assert codes <= {CODE, "GRAPHQL_VALIDATION_FAILED"}
    for word in ("phone", "reminder", "address", "beds", "Shelter"):
        assert word not in target.documents()
    assert not [word for word in ("client:read", "supervisor") if word in answer.body.decode()]


@pytest.mark.parametrize("road", ROADS.values(), ids=ROADS.keys())
async def test_a_forbidden_field_is_not_reached(target: Target, road: str) -> None:
    """CVE-2025-64530, CVE-2025-64347, CVE-2025-64173: interfaces, renamed directives, transitive fields."""
    await closed(target, document(road))


async def test_nor_by_get(target: Target) -> None:
    await closed(target, parameters({"GraphQL-Preflight": "1"}, query=ROADS["by its name"]))


async def test_what_is_not_there_and_what_may_not_be_seen_look_alike(target: Target) -> None:
    there = await target.send(document('{ person(id: "p0") { phone } }'))
    nowhere = await target.send(document('{ person(id: "p9") { phone } }'))

    assert there.json()["data"] == {"person": {"phone": None}}
    assert nowhere.json()["data"] == {"person": None}


@pytest_asyncio.fixture(scope="session")
async def worker(gateway: Target, database: Database) -> Target:
    """A caller who may read clients."""
    return await signed_in(gateway, database, Scope.DIRECTORY_READ, Scope.CLIENT_READ)


@pytest_asyncio.fixture(scope="session")
async def supervisor(gateway: Target, database: Database) -> Target:
    """A caller who may see shelters, and no client."""
    return await signed_in(gateway, database, Scope.DIRECTORY_READ, roles=["supervisor"])


async def data(target: Target, text: str) -> object:
    """The data of an answer, whatever is in it."""
    answer = await target.send(document(text), may_know=(*PHONES, ADDRESS))
    said = answer.json()
    assert "errors" not in said, said
    return said["data"]


async def test_who_may_read_it_does(worker: Target, supervisor: Target) -> None:
    people = [{"phone": phone, "reminder": f"Call {phone}"} for phone in PHONES]

    assert await data(worker, "{ people { phone reminder } }") == {"people": people}
    assert await data(supervisor, "{ shelters { address beds } }") == {
        "shelters": [{"address": ADDRESS, "beds": 9}]
    }


async def test_nothing_is_shared_between_who_may_and_who_may_not(
    target: Target, worker: Target, supervisor: Target
) -> None:
    """One document, three callers, many times at once: each has the answer that is theirs."""
    text = "{ people { phone } shelters { address } }"

    async def asked(caller: Target) -> tuple[bool, bool]:
        answer = await caller.send(document(text), may_know=(*PHONES, ADDRESS))
        return PHONES[0].encode() in answer.body, ADDRESS.encode() in answer.body

    answers = await asyncio.gather(*(asked(caller) for caller in (worker, target, supervisor) * 15))

    assert answers == [(True, False), (False, False), (False, True)] * 15


def _renamed(supergraph: str, link: str) -> str:
    """The supergraph with another name for @requiresScopes."""
    url = '@link(url: "https://specs.apollo.dev/requiresScopes/v0.1"'
    assert url in supergraph
    return (
        supergraph.replace("@requiresScopes", "@needs")
        .replace("requiresScopes__Scope", "needs__Scope")
        .replace(url, f"{url}, {link}")
    )


def _open_interface(supergraph: str) -> str:
    """The supergraph as a composition would write it that derives nothing for interfaces."""
    head, _, rest = supergraph.partition("interface Reachable")
    inside, _, tail = rest.partition("\n}")
    assert "@policy" in inside
    assert "@requiresScopes" in inside
    inside = inside.replace(' @policy(policies: [["role:supervisor"]])', "")
    inside = inside.replace(' @requiresScopes(scopes: [["client:read"]])', "")
    return f"{head}interface Reachable{inside}\n}}{tail}"


VARIANTS = {
    "the directive renamed by its link": lambda text: _renamed(text, 'as: "needs"'),
    "the directive renamed by an import": lambda text: _renamed(
        text, 'import: [{name: "@requiresScopes", as: "@needs"}]'
    ),
    "an interface that says nothing": _open_interface,
}


@pytest_asyncio.fixture(params=VARIANTS.values(), ids=VARIANTS.keys())
async def variant(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Target]:
    """A gateway over another way to write the same supergraph; its callers are nobody."""
    text = (GRAPH / SUPERGRAPH).read_text()
    file = tmp_path / SUPERGRAPH
    file.write_text(request.param(text))
    assert file.read_text() != text
    async with subgraphs() as (served, urls):
        gateway = create_app(GatewaySettings(file, urls), NoAuthentication())
        async with serving(gateway) as base:
            url = httpx.URL(base)
            assert url.port is not None
            yield Target(url.host, url.port, tmp_path, served)


async def test_another_way_to_write_the_same_rules_opens_no_road(variant: Target) -> None:
    """CVE-2025-64173: rules under another name, or on the types alone."""
    for road in ROADS.values():
        await closed(variant, document(road))
