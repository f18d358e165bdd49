"""The request as this service's resolvers see it."""

from __future__ import annotations

from typing import TypeAlias

import strawberry

from services.partners.loaders import Loaders
from vereda.caller import Scope
from vereda.context import RequestContext

Info: TypeAlias = strawberry.Info[RequestContext[Loaders], None]


def may_read(info: Info) -> None:
    """Raises: ClientError FORBIDDEN where the caller may not read the directory, whatever way led here."""
    info.context.caller.require(Scope.DIRECTORY_READ)
