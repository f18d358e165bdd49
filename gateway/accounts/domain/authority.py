"""Who may give what to whom. Two tables; the rest of this module reads them.

Nobody gives more than the table says, touches what they could not have given, or administers themselves. So what an
administrator can bring about, with all whom they appoint and all the systems that they register, is never more than
their own line of the table.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from gateway.store.people import Role
from vereda.caller import Scope


class Kind(StrEnum):
    """Who a caller is: a person who signed in, or a system with credentials of its own."""

    PERSON = "PERSON"
    API_CLIENT = "API_CLIENT"


class Reach(StrEnum):
    """How far an administrator's word goes."""

    ORGANIZATION = "ORGANIZATION"
    NETWORK = "NETWORK"


@dataclass(frozen=True, slots=True)
class Gives:
    """The roles that may be given to people, and the scopes that may be given to systems."""

    roles: frozenset[Role]
    scopes: frozenset[Scope]


#: What makes an administrator: the roles, and the scopes of systems.
ADMINISTERING_ROLES: Final = frozenset({Role.ORGANIZATION_ADMINISTRATOR, Role.NETWORK_COORDINATOR})
ADMINISTERING_SCOPES: Final = frozenset({Scope.ADMIN_ORGANIZATION, Scope.ADMIN_NETWORK})

_DAILY: Final = Gives(frozenset(Role) - ADMINISTERING_ROLES, frozenset(Scope) - ADMINISTERING_SCOPES)
_ORGANIZATION: Final = Gives(
    _DAILY.roles | {Role.ORGANIZATION_ADMINISTRATOR}, _DAILY.scopes | {Scope.ADMIN_ORGANIZATION}
)
_EVERYTHING: Final = Gives(frozenset(Role), frozenset(Scope))

#: A person gives what they have; a system only less, so that a stolen secret makes itself no successors.
GIVES: Final[Mapping[tuple[Reach, Kind], Gives]] = {
    (Reach.ORGANIZATION, Kind.API_CLIENT): _DAILY,
    (Reach.ORGANIZATION, Kind.PERSON): _ORGANIZATION,
    (Reach.NETWORK, Kind.API_CLIENT): _ORGANIZATION,
    (Reach.NETWORK, Kind.PERSON): _EVERYTHING,
}

#: One system never both reviews applications for money and pays it, nor gives both agreements that a legal hold or a
#: demand needs (four eyes).
APART: Final = (
    frozenset({Scope.GRANT_REVIEW, Scope.GRANT_PAY}),
    frozenset({Scope.LEGAL_COUNSEL, Scope.LEGAL_DIRECT}),
)


class Act(StrEnum):
    """What administrators do."""

    INVITE = "INVITE"
    CHANGE_ROLE = "CHANGE_ROLE"
    END_MEMBERSHIP = "END_MEMBERSHIP"
    DISABLE_PERSON = "DISABLE_PERSON"
    ENABLE_PERSON = "ENABLE_PERSON"
    RESET_SIGN_IN = "RESET_SIGN_IN"
    RESET_FACTORS = "RESET_FACTORS"
    END_SESSIONS = "END_SESSIONS"
    REGISTER_CLIENT = "REGISTER_CLIENT"
    CHANGE_CLIENT = "CHANGE_CLIENT"
    ROTATE_SECRET = "ROTATE_SECRET"  # noqa: S105
    DISABLE_CLIENT = "DISABLE_CLIENT"
    ENABLE_CLIENT = "ENABLE_CLIENT"
    REVOKE_TOKENS = "REVOKE_TOKENS"
    REGISTER_DOCUMENTS = "REGISTER_DOCUMENTS"


class Proof(StrEnum):
    """When a person must have proven lately who they are. What takes away must never wait for it."""

    NEVER = "NEVER"
    TO_APPOINT = "TO_APPOINT"
    """Where the act makes an administrator."""
    ALWAYS = "ALWAYS"


PROOF: Final[Mapping[Act, Proof]] = {
    Act.INVITE: Proof.TO_APPOINT,
    Act.CHANGE_ROLE: Proof.TO_APPOINT,
    Act.END_MEMBERSHIP: Proof.NEVER,
    Act.DISABLE_PERSON: Proof.NEVER,
    Act.ENABLE_PERSON: Proof.ALWAYS,
    Act.RESET_SIGN_IN: Proof.ALWAYS,
    Act.RESET_FACTORS: Proof.ALWAYS,
    Act.END_SESSIONS: Proof.NEVER,
    Act.REGISTER_CLIENT: Proof.ALWAYS,
    Act.CHANGE_CLIENT: Proof.ALWAYS,
    Act.ROTATE_SECRET: Proof.ALWAYS,
    Act.DISABLE_CLIENT: Proof.NEVER,
    Act.ENABLE_CLIENT: Proof.ALWAYS,
    Act.REVOKE_TOKENS: Proof.NEVER,
    Act.REGISTER_DOCUMENTS: Proof.NEVER,
}


class Objection(StrEnum):
    """Why an act is not done."""

    ONESELF = "ONESELF"
    BEYOND = "BEYOND"
    ELSEWHERE = "ELSEWHERE"
    IN_PERSON = "IN_PERSON"
    FOR_PEOPLE = "FOR_PEOPLE"
    APART = "APART"
    PROOF = "PROOF"
    BY_NETWORK = "BY_NETWORK"


@dataclass(frozen=True, slots=True)
class Administrator:
    """Somebody who administers. `proven_lately`: whether a person has just shown who they are; True for systems."""

    subject: str
    kind: Kind
    reach: Reach
    organization: UUID
    proven_lately: bool

    @property
    def gives(self) -> Gives:
        return GIVES[self.reach, self.kind]

    def reaches(self, organization: UUID) -> bool:
        return self.reach is Reach.NETWORK or organization == self.organization


def reach_of(scopes: Collection[str]) -> Reach | None:
    """How far these scopes let somebody administer; None: not at all."""
    if Scope.ADMIN_NETWORK in scopes:
        return Reach.NETWORK
    return Reach.ORGANIZATION if Scope.ADMIN_ORGANIZATION in scopes else None


def objection_to_role(
    who: Administrator, act: Act, person: str | None, *, now: Role | None = None, then: Role | None = None
) -> Objection | None:
    """Against an act on one membership: of `person` (None: who is not known yet), with its role before and after."""
    if person == who.subject:
        return Objection.ONESELF
    if {role for role in (now, then) if role is not None} - who.gives.roles:
        return Objection.BEYOND
    return _unproven(who, act, appoints=then in ADMINISTERING_ROLES and now is not then)


def objection_to_person(
    who: Administrator,
    act: Act,
    person: str,
    memberships: Mapping[UUID, Role],
    *,
    disabled_by_network: bool = False,
) -> Objection | None:
    """Against an act on a whole person, whose roles by organisation are `memberships`."""
    if person == who.subject:
        return Objection.ONESELF
    if not all(who.reaches(organization) for organization in memberships):
        return Objection.ELSEWHERE
    if set(memberships.values()) - who.gives.roles:
        return Objection.BEYOND
    if act is Act.RESET_FACTORS and (who.reach, who.kind) != (Reach.NETWORK, Kind.PERSON):
        return Objection.IN_PERSON
    if act is Act.ENABLE_PERSON and disabled_by_network and who.reach is not Reach.NETWORK:
        return Objection.BY_NETWORK
    return _unproven(who, act, appoints=False)


def objection_to_client(
    who: Administrator,
    act: Act,
    client_id: str,
    *,
    scopes: Collection[str] = (),
    roles: Collection[str] = (),
    then: Collection[str] = (),
    for_people: bool = False,
    first_party: bool = False,
    disabled_by_network: bool = False,
) -> Objection | None:
    """Against an act on a system with these `scopes` and `roles`, which has the scopes `then` afterwards.

    `for_people`: people sign in through it, of other organisations, too, and it acts for them with their rights;
    `first_party`: without asking them whether it may.
    """
    if client_id == who.subject:
        return Objection.ONESELF
    beyond = {*scopes, *then} - {scope.value for scope in who.gives.scopes}
    beyond |= set(roles) & {role.value for role in frozenset(Role) - who.gives.roles}
    if beyond or (first_party and (who.reach, who.kind) != (Reach.NETWORK, Kind.PERSON)):
        return Objection.BEYOND
    if for_people and who.reach is not Reach.NETWORK and ADMINISTERING_SCOPES & set(then):
        return Objection.FOR_PEOPLE
    if any(apart <= set(then) for apart in APART):
        return Objection.APART
    if act is Act.ENABLE_CLIENT and disabled_by_network and who.reach is not Reach.NETWORK:
        return Objection.BY_NETWORK
    return _unproven(who, act, appoints=bool(ADMINISTERING_SCOPES & set(then)))


def _unproven(who: Administrator, act: Act, *, appoints: bool) -> Objection | None:
    wanted = PROOF[act] is Proof.ALWAYS or (PROOF[act] is Proof.TO_APPOINT and appoints)
    return Objection.PROOF if wanted and not who.proven_lately else None
