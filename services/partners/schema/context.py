"""The request as this service's resolvers see it."""

from __future__ import annotations

from typing import Any, TypeAlias

import strawberry

from services.partners.exchange.kept import Kept
from services.partners.loaders import Loaders
from vereda.caller import Scope
from vereda.context import RequestContext

Info: TypeAlias = strawberry.Info[RequestContext[Loaders], None]


def may_read(info: Info) -> None:
    """Raises: ClientError FORBIDDEN where the caller may not read the directory, whatever way led here."""
    info.context.caller.require(Scope.DIRECTORY_READ)


async def kept_with(described: Any, info: Info) -> Kept:
    """What is kept with an object of the graph: with its row, or, of an object that is itself kept, in itself."""
    own = getattr(described, "kept", None)
    if isinstance(own, Kept):
        return own
    found = await info.context.loaders.kept.load(described.kept_as)
    assert found is not None
    return found
