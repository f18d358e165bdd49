"""The request as this subgraph's resolvers see it, and who gets past the gateway to them."""

from __future__ import annotations

from typing import Final, TypeAlias

import strawberry

from gateway.accounts.loaders import Loaders
from vereda.caller import Scope
from vereda.context import RequestContext

Info: TypeAlias = strawberry.Info[RequestContext[Loaders], None]

#: `@requiresScopes`: one of these.
ADMINISTRATORS: Final = ((Scope.ADMIN_ORGANIZATION.value,), (Scope.ADMIN_NETWORK.value,))
AUDITORS: Final = (*ADMINISTRATORS, (Scope.AUDIT_VERIFY.value,))
