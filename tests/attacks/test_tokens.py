"""Tokens that are forged, foreign, or sent where they do not belong: 401, a challenge, and nobody is asked anything."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio

from tests.attacks.canary import Canary, listening
from tests.attacks.catalogue import document
from tests.attacks.target import Target
from tests.attacks.wire import Sent
from tests.support.forging import Forger, forgeries
from vereda.settings import Settings

QUERY = document("{ motto }")


@pytest_asyncio.fixture
async def canary() -> AsyncIterator[Canary]:
    async with listening() as alive:
        yield alive


@pytest.fixture(scope="session")
def forger(target: Target) -> Forger:
    return Forger(target.token, Settings(home=target.home, port=target.port))


async def challenge(target: Target, sent: Sent) -> str:
    """The challenge of a request that was refused without a subgraph being asked."""
    asked = len(target.asked)
    answer = await target.send(sent)

    assert answer.status == 401
    assert answer.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert len(target.asked) == asked
    return answer.header("www-authenticate")


async def test_every_forged_token_is_refused_alike_and_leads_nobody_anywhere(
    target: Target, forger: Forger, canary: Canary
) -> None:
    """alg confusion, kid injection, jku, x5u, embedded keys, crit, zip, JWE bombs (RFC 8725; CVE-2015-9235,
    CVE-2018-0114, CVE-2022-21449, CVE-2023-51774, CVE-2024-33663, CVE-2024-33664)."""
    settings = Settings(home=target.home, port=target.port)
    challenges = set()

    for what, forged in forgeries(forger, settings, canary.url).items():
        try:
            challenges.add(await challenge(replace(target, token=forged), QUERY))
        except AssertionError as error:
            pytest.fail(f"{what}: {error}")

    [one] = challenges
    assert one.startswith('Bearer error="invalid_token"')
    assert canary.heard == []
    # The forger's tools work: what they make of nothing but the truth is admitted.
    answer = await replace(target, token=forger.signed()).send(QUERY)
    assert answer.json() == {"data": {"motto": "nobody alone"}}


async def test_the_canary_hears(canary: Canary) -> None:
    import httpx

    with pytest.raises(httpx.RemoteProtocolError):
        await httpx.AsyncClient().get(canary.url)

    assert canary.heard[0].startswith(b"GET / HTTP/1.1")


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer",
        "Bearer ",
        "Basic TOKEN",
        "Token TOKEN",
        "Bearer TOKEN, Bearer TOKEN",
        "bearer=TOKEN",
        "TOKEN",
    ],
)
async def test_a_good_token_in_a_wrong_header_opens_nothing(target: Target, authorization: str) -> None:
    """RFC 6750 §2.1: the header is one scheme and one token."""
    said = authorization.replace("TOKEN", target.token)

    assert (await challenge(target, QUERY.having(Authorization=said))).startswith("Bearer")


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_good_token_in_the_address_or_the_body_opens_nothing(target: Target, method: str) -> None:
    """RFC 6750 §2.2, §2.3, RFC 9700 §4.3.2: addresses are written down by everybody."""
    headers = {
        "Authorization": "",
        "Content-Type": "application/json",
        "Cookie": f"access_token={target.token}",
    }
    body = b"" if method == "GET" else f'{{"query":"{{motto}}","access_token":"{target.token}"}}'.encode()
    sent = Sent(method, f"/graphql?query=%7Bmotto%7D&access_token={target.token}", headers, body)

    await challenge(target, sent)


async def test_a_transaction_token_opens_nothing_from_outside(target: Target) -> None:
    await target.send(QUERY)
    inside = target.asked[-1].headers["txn-token"]

    await challenge(replace(target, token=inside), QUERY)
    await challenge(target, QUERY.having(Authorization="", Txn_Token=inside))


async def test_no_token_of_a_caller_goes_inside(target: Target) -> None:
    await target.send(QUERY)

    [*_, asked] = target.asked
    assert target.token not in str(asked)
