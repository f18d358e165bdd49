"""The examples of docs/oauth.md, run as they stand there against the running gateway."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from pathlib import Path

import orjson
import pytest

from gateway.jose import SIGNATURE_ALGORITHMS
from tests.attacks.target import Target
from tests.clients.people import REDIRECT, Browser, application, registered
from tests.gateway.oauth import applications
from tests.gateway.oauth.applications import Application, Worker
from tests.gateway.oauth.signing import new_key, public
from vereda.database import Database

PAGE = (Path(__file__).parent.parent.parent / "docs" / "oauth.md").read_text()
#: `+` and `%` are form-encoded by clients that go by the letter, and curl does not.
SECRET = "correct-horse-battery-staple-7"
ANSWER = '{"data":{"__typename":"Query"}}'
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"


def example(heading: str) -> tuple[str, str]:
    """Language and text of the one example below this heading."""
    [section] = [part for part in PAGE.split("\n## ") if part.startswith(heading)]
    [(language, text)] = re.findall(r"```(\w+)\n(.*?)```", section, re.DOTALL)
    return language, text


class Running:
    """An example under way, and the person who sits before it."""

    def __init__(self, heading: str, **environment: str) -> None:
        language, text = example(heading)
        program = [sys.executable, "-c"] if language == "python" else ["sh", "-euc"]
        self.command = [*program, text]
        self.environment = {**os.environ, **environment}

    async def __call__(self, browser: Browser | None = None) -> str:
        process = await asyncio.create_subprocess_exec(
            *self.command,
            env=self.environment,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        said = b""
        if browser is not None:
            assert process.stdout is not None
            address = (await process.stdout.readline()).decode().strip()
            said = (await browser.browse(address)).encode() + b"\n"
        async with asyncio.timeout(30):
            out, error = await process.communicate(said)
        assert process.returncode == 0, error.decode()
        return out.decode().strip()


async def test_a_system_with_a_secret(gateway: Target, database: Database) -> None:
    known = await registered(database, secret=SECRET)

    said = await Running(
        "A system with a secret", VEREDA_URL=gateway.url, CLIENT_ID=known["client"], CLIENT_SECRET=SECRET
    )()

    assert said == ANSWER


async def test_a_system_that_signs(gateway: Target, database: Database, tmp_path: Path) -> None:
    key = new_key("P-384")
    known = await registered(database, jwks=public(key))
    (tmp_path / "key.json").write_bytes(orjson.dumps(key.as_dict(private=True)))

    said = await Running(
        "A system that signs",
        VEREDA_URL=gateway.url,
        CLIENT_ID=known["client"],
        CLIENT_KEY=str(tmp_path / "key.json"),
    )()

    assert said == ANSWER


async def test_an_application_that_people_sign_in_to(
    gateway: Target,
    database: Database,
    worker: Worker,
) -> None:
    known = await application(database, worker, secret=SECRET)

    said = await Running(
        "An application that people sign in to",
        VEREDA_URL=gateway.url,
        CLIENT_ID=known["client"],
        CLIENT_SECRET=SECRET,
        REDIRECT_URI=REDIRECT,
    )(Browser(worker))

    assert said == ANSWER


async def test_going_on_for_a_worker(gateway: Target, database: Database, worker: Worker) -> None:
    known = await application(database, worker, secret=SECRET, redirect_uris=(applications.REDIRECT,))
    system = await registered(
        database, secret=SECRET, organization=worker.organization, grant_types=(EXCHANGE,)
    )
    tokens = await Application(worker.http, known["client"], worker.organization).tokens(worker)

    said = await Running(
        "Going on for a worker",
        VEREDA_URL=gateway.url,
        CLIENT_ID=system["client"],
        CLIENT_SECRET=SECRET,
        WORKERS_TOKEN=tokens["access_token"],
    )()

    assert orjson.loads(said)["scope"] == "client:read"


async def test_tokens_that_are_worth_nothing_to_a_thief(gateway: Target, database: Database) -> None:
    known = await registered(database, secret=SECRET, dpop_required=True)

    said = await Running(
        "Tokens that are worth nothing",
        VEREDA_URL=gateway.url,
        CLIENT_ID=known["client"],
        CLIENT_SECRET=SECRET,
    )()

    assert said == ANSWER


def test_the_page_names_all_algorithms() -> None:
    [row] = [line for line in PAGE.splitlines() if line.startswith("| header `alg`")]

    assert set(re.findall(r"\b(?:[A-Z]{2}\d{3}|EdDSA|Ed25519)\b", row)) == set(SIGNATURE_ALGORITHMS)


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\(([\w./-]+\.md)", PAGE))))
def test_its_links_lead_somewhere(link: str) -> None:
    assert (Path(__file__).parent.parent.parent / "docs" / link).exists()
