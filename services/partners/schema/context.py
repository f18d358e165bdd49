"""The request as this service's resolvers see it."""

from __future__ import annotations

from typing import TypeAlias

import strawberry

from services.partners.loaders import Loaders
from vereda.context import RequestContext

Info: TypeAlias = strawberry.Info[RequestContext[Loaders], None]
