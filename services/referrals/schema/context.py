"""The request as this service's resolvers see it."""

from __future__ import annotations

from typing import Final, TypeAlias

import strawberry

from services.referrals.loaders import Loaders
from vereda.caller import Scope
from vereda.context import RequestContext

Info: TypeAlias = strawberry.Info[RequestContext[Loaders], None]

#: Any of these opens a referral and a consent; `client:read` besides, what is about the client.
READING: Final = (Scope.CLIENT_READ, Scope.REFERRAL_SEND, Scope.REFERRAL_RECEIVE, Scope.CONSENT_MANAGE)
#: Any of these opens a client, by its handle alone: of the client's own fields `may_show` asks for more.
KNOWING: Final = (*READING, Scope.COHORT_WRITE, Scope.GRANT_APPLY, Scope.GRANT_REVIEW)
