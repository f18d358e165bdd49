"""Webhooks as an integrator meets them: commands beside a running network, and the receiver that docs/webhooks.md shows."""

from __future__ import annotations

import asyncio
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support.running import RunningNetwork
from vereda.demo.caller import PartnerSystem
from vereda.demo.loading import sign_in_secret
from vereda.ids import new_id
from vereda.settings import Settings

pytestmark = pytest.mark.processes

_PAGE = Path(__file__).parents[2] / "docs" / "webhooks.md"
_PATIENCE_S = 30


@contextmanager
def shown_receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[dict[str, Any], str]]:
    """The program of the page, running; and its URL. It is told its secret by the environment, as the page says."""
    found = re.search(r"```python\n(.*?)```", _PAGE.read_text(), re.DOTALL)
    assert found is not None
    program: dict[str, Any] = {}
    exec(compile(found[1], str(_PAGE), "exec"), program)
    program["Receiver"].log_message = lambda *_arguments: None
    server = program["serve"](0)
    monkeypatch.setenv("WEBHOOK_SECRET", "whsec_" + "A" * 44)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield program, f"http://127.0.0.1:{server.server_address[1]}/vereda"
    finally:
        server.shutdown()
        server.server_close()


async def until(program: dict[str, Any], type_: str) -> dict[str, Any]:
    """The first event of a type that arrived."""
    async with asyncio.timeout(_PATIENCE_S):
        while True:
            for event in program["todo"]:
                if event["type"] == type_:
                    return dict(event)
            await asyncio.sleep(0.05)


async def test_an_integrator_is_told_of_what_happens_from_registering_to_removing(
    network: RunningNetwork, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clinic = PartnerSystem(
        network.url, "demo-clinic", sign_in_secret(Settings(home=network.home), "demo-clinic")
    )
    own = (await clinic.ask("{ myOrganization { id } }"))["data"]["myOrganization"]["id"]
    name = f"hooks-{new_id().hex[-6:]}"
    status, secret = await network.run(
        *("client", "add", name, "--organization", own, "--name", "Hooks", "--scope", "admin:organization")
    )
    assert status == 0, secret
    (tmp_path / "secret").write_text(secret)
    signed_in = ("--client-id", name, "--secret-file", str(tmp_path / "secret"))

    async def hooks(*arguments: str, fails: bool = False) -> str:
        status, output = await network.run("webhooks", *arguments, *signed_in)
        assert status == (1 if fails else 0), output
        return output

    with shown_receiver(monkeypatch) as (program, url):
        registered = json.loads(
            await hooks(
                "register", url, "--type", "org.vereda.client.", "--type", "org.vereda.webhook.", "--json"
            )
        )
        by_service = {one["service"]: one for one in registered["webhooks"]}
        assert set(by_service) == {"partners", "referrals", "grants"}  # each tells of its webhooks
        id_ = by_service["referrals"]["id"]
        assert "REFUSED (400)" in await hooks("test", id_, fails=True)  # it has another secret yet
        monkeypatch.setenv("WEBHOOK_SECRET", registered["secret"])
        assert "ARRIVED (204)" in await hooks("test", id_)
        await hooks("resume", id_)

        handle = await _recorded(clinic)
        event = await until(program, "org.vereda.client.recorded")

        assert (event["subject"], event["source"]) == (handle, "/referrals")
        assert "Luz Ejemplo" not in json.dumps(program["todo"])
        assert "ARRIVED" in await hooks("log", id_)
        await hooks("pause", id_)
        assert "PAUSED" in await hooks("list")
        monkeypatch.setenv("WEBHOOK_SECRET", (await hooks("rotate", id_, "--compromised")).strip())
        assert "ARRIVED" in await hooks("test", id_)
        await hooks("change", id_, "--type", "org.vereda.client.")
        await hooks("replay", id_)
        for one in by_service.values():
            await hooks("remove", one["id"])
        assert (await hooks("list")).strip() == ""
        assert "There is no webhook" in await hooks("log", id_, fails=True)


async def _recorded(clinic: PartnerSystem) -> str:
    """A new client of the clinic; the handle."""
    document = (
        "mutation($input: RecordClientInput!) { recordClient(input: $input) {"
        " __typename ... on ClientRecorded { client { handle } } } }"
    )
    given = {"idempotencyKey": str(new_id()), "displayName": "Luz Ejemplo", "language": "spa", "zip3": "937"}
    answer = await clinic.ask(document, {"input": given})
    done = (answer["data"] or {}).get("recordClient") or {}
    assert done.get("__typename") == "ClientRecorded", answer
    return str(done["client"]["handle"])
