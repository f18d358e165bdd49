"""A partner's system that does not give up: it sends a request, under its key, until it knows the answer."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from dataclasses import dataclass
from typing import Any, Final

import httpx

#: The longest that anything may stay away: who asks longer than this has found a fault.
PATIENCE_S: Final = 120
#: How many answers are thrown away unread: the connection is cut, and the request sent again under the same key.
CUT: Final = 0.08


class NeverAnsweredError(AssertionError):
    """A request had no answer for longer than everything takes to come back."""


@dataclass
class System:
    """One sign-in. `notes` counts what went wrong on the way."""

    http: httpx.AsyncClient
    client_id: str
    secret: str
    chance: random.Random
    notes: Counter[str]
    token: str | None = None

    async def ask(self, document: str, **variables: Any) -> Any:
        """The value of the document's one root field, which is not null.

        Raises: NeverAnsweredError.
        """
        last: object = None
        try:
            async with asyncio.timeout(PATIENCE_S):
                while True:
                    try:
                        last = answer = await self._once(document, variables)
                    except (httpx.HTTPError, ValueError, TimeoutError) as error:
                        last = error
                    else:
                        values = list((answer.get("data") or {}).values())
                        if values and values[0] is not None and not answer.get("errors"):
                            return values[0]
                        self._look(answer)
                    self.notes["asked again"] += 1
                    await asyncio.sleep(self.chance.uniform(0.02, 0.2))
        except TimeoutError:
            raise NeverAnsweredError(f"{document.split('(')[0].strip()}: {last}") from None

    async def _once(self, document: str, variables: dict[str, Any]) -> dict[str, Any]:
        if self.token is None:
            self.token = await self._sign_in()
        asked = self.http.post(
            "/graphql",
            json={"query": document, "variables": variables},
            headers={"Authorization": f"Bearer {self.token}"},
        )
        if self.chance.random() < CUT:
            self.notes["cut off"] += 1
            async with asyncio.timeout(self.chance.uniform(0.001, 0.05)):
                await asked
        else:
            response = await asked
            if response.status_code == 401:
                self.token = None
            return dict(response.json())
        raise ValueError("this answer was lost")

    async def _sign_in(self) -> str:
        answer = await self.http.post(
            "/oauth/token", data={"grant_type": "client_credentials"}, auth=(self.client_id, self.secret)
        )
        return str(answer.json()["access_token"])

    def _look(self, answer: dict[str, Any]) -> None:
        """A mistake of ours would never be answered: better told at once."""
        codes = {error.get("extensions", {}).get("code") for error in answer.get("errors") or ()}
        wrong = codes & {"GRAPHQL_VALIDATION_FAILED", "BAD_USER_INPUT", "FORBIDDEN", "IDEMPOTENCY_KEY_REUSED"}
        assert not wrong, answer
