"""Who is asking: established by the gateway, carried by the transaction token, enforced by Postgres."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from vereda.errors import ClientError, ErrorCode


class Scope(StrEnum):
    """OAuth scopes of the network (DOMAIN: roles and OAuth)."""

    DIRECTORY_READ = "directory:read"
    DIRECTORY_WRITE = "directory:write"
    CAPACITY_WRITE = "capacity:write"
    REFERRAL_SEND = "referral:send"
    REFERRAL_RECEIVE = "referral:receive"
    CONSENT_MANAGE = "consent:manage"
    CLIENT_READ = "client:read"
    WORKSHOP_PLAN = "workshop:plan"
    BOOKING_WRITE = "booking:write"
    COHORT_WRITE = "cohort:write"
    GRANT_APPLY = "grant:apply"
    GRANT_REVIEW = "grant:review"
    GRANT_PAY = "grant:pay"
    REPORT_READ = "report:read"
    TALLY_SUBMIT = "tally:submit"
    AUDIT_VERIFY = "audit:verify"
    LEGAL_COUNSEL = "legal:counsel"
    LEGAL_DIRECT = "legal:direct"
    ADMIN_ORGANIZATION = "admin:organization"
    ADMIN_NETWORK = "admin:network"


#: The header in which a request names its purpose: it narrows what is read, and never widens it (R18).
PURPOSE_HEADER = "Vereda-Purpose"
#: What only our own loaders (demo, import) act under, as the owner of a database.
SYSTEM_SCOPE: Final = "system"
#: What the authorization server does to its own database, in the role of requests.
SERVER_SCOPE: Final = "authorization-server"
#: Scopes of our own processes: of no client, and in no token, whoever signed it.
RESERVED_SCOPES: Final = frozenset({SYSTEM_SCOPE, SERVER_SCOPE})


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated party: a person or system (`subject`) acting for one organisation.

    `authenticated_at`: when a person last proved who they are (OpenID Connect Core §2 `auth_time`); None for systems, and
    where it is not known.
    """

    subject: str
    organization: UUID
    scopes: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    purpose: str | None = None
    authenticated_at: datetime | None = None
    request_id: str = field(default="-", compare=False)

    def require(self, *any_of: Scope) -> None:
        """Raises: ClientError FORBIDDEN, naming the scopes, when this caller's token carries none of them."""
        if not any(scope in self.scopes for scope in any_of):
            names = " or ".join(f"`{scope}`" for scope in any_of)
            raise ClientError(
                ErrorCode.FORBIDDEN,
                f"This needs the scope {names}, which your token does not carry.",
                {"requiredScope": " ".join(scope.value for scope in any_of)},
            )


def system_caller(organization: UUID, subject: str = "system") -> Caller:
    """The caller of our own loaders, acting for `organization`."""
    return Caller(subject, organization, frozenset({SYSTEM_SCOPE, *(scope.value for scope in Scope)}))
