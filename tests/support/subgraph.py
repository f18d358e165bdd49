"""Asks one service's schema in-process, in the name of a caller, on a real database."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from vereda.caller import Caller, Scope
from vereda.context import RequestContext
from vereda.database import Database
from vereda.ids import new_id
from vereda.service import Service
from vereda.settings import Settings


def caller_of(organization: UUID | None = None, *scopes: Scope, subject: str = "worker") -> Caller:
    """A caller of `organization` (a new one by default) with `scopes` (all by default)."""
    granted = scopes or tuple(Scope)
    return Caller(subject, organization or new_id(), frozenset(s.value for s in granted))


class Subgraph:
    """One service's schema over its test database."""

    def __init__(self, service: Service[Any], database: Database, settings: Settings) -> None:
        self.service = service
        self.database = database
        self.settings = settings

    async def answer(self, caller: Caller, document: str, **variables: Any) -> dict[str, Any]:
        """The whole answer, `{"data", "errors", "extensions"}`, errors as a client would see them."""
        context = RequestContext(caller, self.database, self.settings, self.service.make_loaders)
        try:
            result = await self.service.schema.execute(document, variables, context_value=context)
        finally:
            await context.close()
        errors = [error.formatted for error in result.errors or ()]
        return {"data": result.data, "errors": errors, "extensions": result.extensions or {}}

    async def data(self, caller: Caller, document: str, **variables: Any) -> dict[str, Any]:
        """The answer's data; fails the test when there is an error."""
        answer = await self.answer(caller, document, **variables)
        assert not answer["errors"], answer["errors"]
        data = answer["data"]
        assert data is not None
        return dict(data)

    async def entities(self, caller: Caller, selection: str, *representations: dict[str, Any]) -> list[Any]:
        """What `_entities` makes of the representations: how the gateway reaches this service's types."""
        document = f"query($r: [_Any!]!) {{ _entities(representations: $r) {{ {selection} }} }}"
        return list(
            (await self.data(caller, document, r=[dict(one) for one in representations]))["_entities"]
        )
