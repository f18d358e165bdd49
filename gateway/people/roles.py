"""What each role of an organisation may do, as OAuth scopes: one table."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from gateway.store import Role
from vereda.caller import Scope

_READS: Final = frozenset({Scope.DIRECTORY_READ})
_CASES: Final = _READS | {
    Scope.CLIENT_READ,
    Scope.REFERRAL_SEND,
    Scope.REFERRAL_RECEIVE,
    Scope.CONSENT_MANAGE,
    Scope.BOOKING_WRITE,
    Scope.GRANT_APPLY,
}
_PLANS: Final = frozenset({Scope.CAPACITY_WRITE, Scope.WORKSHOP_PLAN, Scope.REPORT_READ, Scope.TALLY_SUBMIT})

#: Who works with clients sees them; who runs the organisation or the network does not. Reviewing applications and
#: paying grants are never one role's (four eyes), nor are the two agreements that a legal hold and a demand need.
SCOPES: Final[Mapping[Role, frozenset[Scope]]] = MappingProxyType(
    {
        Role.CASE_WORKER: _CASES,
        Role.SUPERVISOR: _CASES | _PLANS | {Scope.COHORT_WRITE, Scope.GRANT_REVIEW},
        Role.ORGANIZATION_ADMINISTRATOR: _READS
        | _PLANS
        | {Scope.DIRECTORY_WRITE, Scope.GRANT_PAY, Scope.ADMIN_ORGANIZATION, Scope.LEGAL_DIRECT},
        Role.NETWORK_COORDINATOR: _READS | {Scope.DIRECTORY_WRITE, Scope.REPORT_READ, Scope.ADMIN_NETWORK},
        Role.AUDITOR: _READS | {Scope.REPORT_READ, Scope.AUDIT_VERIFY},
        Role.COUNSEL: _READS | {Scope.LEGAL_COUNSEL},
    }
)


def scopes_of(role: Role) -> frozenset[str]:
    """The scopes that a person of this role has, and the most that an application may have in their name."""
    return frozenset(scope.value for scope in SCOPES[role])
