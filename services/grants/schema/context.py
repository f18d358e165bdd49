"""The request as this service's resolvers see it, and what opens what."""

from __future__ import annotations

from typing import Final, TypeAlias

import strawberry

from services.grants.loaders import Loaders
from vereda.caller import Scope
from vereda.context import RequestContext

Info: TypeAlias = strawberry.Info[RequestContext[Loaders], None]


#: Any of these opens what an operation is for: what is offered, a client's seat, a client's application.
OFFERED: Final = (Scope.DIRECTORY_READ,)
SEATS: Final = (Scope.CLIENT_READ, Scope.COHORT_WRITE)
APPLICATIONS: Final = (Scope.CLIENT_READ, Scope.GRANT_APPLY, Scope.GRANT_REVIEW)
#: An award's money: who helped to ask for it, who decided, who pays. No client is shown with it.
MONEY: Final = (Scope.GRANT_APPLY, Scope.GRANT_REVIEW, Scope.GRANT_PAY)
