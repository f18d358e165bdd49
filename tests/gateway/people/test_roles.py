"""What roles may: the table, held to what it is meant to say."""

from __future__ import annotations

import pytest

from gateway.people.roles import SCOPES, scopes_of
from gateway.store import Role
from vereda.caller import Scope

READING = {Scope.DIRECTORY_READ, Scope.CLIENT_READ, Scope.REPORT_READ, Scope.AUDIT_VERIFY}
CLIENTS = {
    Scope.CLIENT_READ,
    Scope.REFERRAL_SEND,
    Scope.REFERRAL_RECEIVE,
    Scope.CONSENT_MANAGE,
    Scope.BOOKING_WRITE,
}


def test_every_role_has_a_line() -> None:
    assert set(SCOPES) == set(Role)
    assert all(scopes_of(role) for role in Role)


def test_a_case_worker_may_nothing_that_a_supervisor_may_not() -> None:
    assert SCOPES[Role.CASE_WORKER] < SCOPES[Role.SUPERVISOR]


def test_an_auditor_changes_nothing() -> None:
    assert SCOPES[Role.AUDITOR] <= READING


@pytest.mark.parametrize("role", [Role.ORGANIZATION_ADMINISTRATOR, Role.NETWORK_COORDINATOR, Role.AUDITOR])
def test_who_does_not_work_with_clients_does_not_see_them(role: Role) -> None:
    assert not SCOPES[role] & CLIENTS


def test_only_the_coordinator_administers_the_network() -> None:
    assert [role for role in Role if Scope.ADMIN_NETWORK in SCOPES[role]] == [Role.NETWORK_COORDINATOR]


def test_nobody_reviews_an_application_and_pays_it() -> None:
    assert not any({Scope.GRANT_REVIEW, Scope.GRANT_PAY} <= SCOPES[role] for role in Role)
