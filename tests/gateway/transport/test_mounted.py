"""A subgraph of this very process beside those of the network."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gateway.transport import AsgiTransport, HttpTransport, MountedTransport, SubgraphUnavailableError
from tests.gateway.http.network import serving


def subgraph(name: str) -> Starlette:
    async def graphql(_request: Request) -> Response:
        return JSONResponse({"from": name})

    async def ready(_request: Request) -> Response:
        return JSONResponse({})

    return Starlette(routes=[Route("/graphql", graphql, methods=["POST"]), Route("/health/ready", ready)])


def mounted(**urls: str) -> MountedTransport:
    """`inside` is mounted; all others are where `urls` say."""
    apps = {"inside": subgraph("inside")}
    transport = MountedTransport(apps, AsgiTransport(apps), HttpTransport({}))
    transport.route(urls)
    return transport


async def test_what_is_mounted_is_asked_here_whatever_its_address_and_the_rest_where_it_is() -> None:
    async with serving(subgraph("outside")) as url:
        transport = mounted(inside=f"{url}/graphql", outside=f"{url}/graphql")
        answers = [await transport.send(name, b"{}", {}) for name in ("inside", "outside")]
        await transport.check("inside")
        await transport.check("outside")
        await transport.close()

    assert [answer.body for answer in answers] == [b'{"from":"inside"}', b'{"from":"outside"}']
    assert transport.counts == {("inside", "answered"): 1, ("outside", "answered"): 1}


async def test_a_new_supergraph_moves_what_is_outside_and_leaves_what_is_inside() -> None:
    async with serving(subgraph("moved")) as url:
        transport = mounted(outside="http://127.0.0.1:9/graphql")
        transport.route({"outside": f"{url}/graphql", "inside": "http://127.0.0.1:9/graphql"})
        answers = [await transport.send(name, b"{}", {}) for name in ("inside", "outside")]
        await transport.close()

    assert [answer.body for answer in answers] == [b'{"from":"inside"}', b'{"from":"moved"}']


async def test_what_is_nowhere_is_unavailable() -> None:
    transport = mounted()

    with pytest.raises(SubgraphUnavailableError, match="no address"):
        await transport.send("elsewhere", b"{}", {})
    with pytest.raises(SubgraphUnavailableError, match="no address"):
        await transport.check("elsewhere")
    await transport.close()
