"""The rules of administration: nothing that an administrator can bring about is more than their line of the table."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.accounts.domain.authority import (
    GIVES,
    PROOF,
    Act,
    Administrator,
    Kind,
    Objection,
    Proof,
    Reach,
    objection_to_client,
    objection_to_person,
    objection_to_role,
    reach_of,
)
from gateway.people.roles import scopes_of
from gateway.store import Role
from tests.support.trying import examples
from vereda.caller import Scope
from vereda.ids import new_id

HOME, OTHER = new_id(), new_id()
EVERYBODY = [(reach, kind) for reach in Reach for kind in Kind]
ADMINISTRATION = {Scope.ADMIN_ORGANIZATION.value, Scope.ADMIN_NETWORK.value}


def administrator(
    reach: Reach = Reach.ORGANIZATION, kind: Kind = Kind.PERSON, *, proven: bool = True, subject: str = "me"
) -> Administrator:
    return Administrator(subject, kind, reach, HOME, proven)


def test_a_system_gives_less_than_it_is_and_a_person_what_they_are() -> None:
    def gives(reach: Reach, kind: Kind) -> tuple[set[str], set[str]]:
        line = GIVES[reach, kind]
        return (
            {role.value for role in line.roles} & {"organization_administrator", "network_coordinator"},
            {scope.value for scope in line.scopes} & ADMINISTRATION,
        )

    organization = ({"organization_administrator"}, {"admin:organization"})
    assert gives(Reach.ORGANIZATION, Kind.API_CLIENT) == (set(), set())
    assert gives(Reach.ORGANIZATION, Kind.PERSON) == organization
    assert gives(Reach.NETWORK, Kind.API_CLIENT) == organization
    assert gives(Reach.NETWORK, Kind.PERSON) == (
        {"organization_administrator", "network_coordinator"},
        ADMINISTRATION,
    )


@pytest.mark.parametrize("role", Role)
def test_a_role_makes_an_administrator_by_its_scopes(role: Role) -> None:
    expected = {
        Role.ORGANIZATION_ADMINISTRATOR: Reach.ORGANIZATION,
        Role.NETWORK_COORDINATOR: Reach.NETWORK,
    }

    assert reach_of(scopes_of(role)) is expected.get(role)


@pytest.mark.parametrize("act", Act)
def test_every_act_says_whether_it_waits_for_a_proof_and_none_that_takes_away_does(act: Act) -> None:
    takes = {
        Act.END_MEMBERSHIP,
        Act.DISABLE_PERSON,
        Act.END_SESSIONS,
        Act.DISABLE_CLIENT,
        Act.REVOKE_TOKENS,
    }

    assert (PROOF[act] is Proof.NEVER) >= (act in takes)


def test_who_signed_in_long_ago_appoints_nobody_and_resets_nothing() -> None:
    stale = administrator(Reach.NETWORK, proven=False)

    def to_role(act: Act, then: Role) -> Objection | None:
        return objection_to_role(stale, act, "them", now=Role.CASE_WORKER, then=then)

    assert to_role(Act.CHANGE_ROLE, Role.SUPERVISOR) is None
    assert to_role(Act.CHANGE_ROLE, Role.ORGANIZATION_ADMINISTRATOR) is Objection.PROOF
    assert objection_to_person(stale, Act.RESET_SIGN_IN, "them", {}) is Objection.PROOF
    assert objection_to_person(stale, Act.DISABLE_PERSON, "them", {}) is None
    assert objection_to_client(stale, Act.ROTATE_SECRET, "theirs") is Objection.PROOF
    assert objection_to_client(stale, Act.DISABLE_CLIENT, "theirs") is None


@pytest.mark.parametrize(("reach", "kind"), EVERYBODY)
def test_nobody_administers_themselves(reach: Reach, kind: Kind) -> None:
    me = administrator(reach, kind)

    for act in Act:
        assert objection_to_role(me, act, "me", now=Role.CASE_WORKER) is Objection.ONESELF
        assert objection_to_person(me, act, "me", {HOME: Role.CASE_WORKER}) is Objection.ONESELF
        assert objection_to_client(me, act, "me") is Objection.ONESELF


@pytest.mark.parametrize(("reach", "kind"), EVERYBODY)
def test_second_factors_are_reset_by_a_coordinator_in_person_only(reach: Reach, kind: Kind) -> None:
    objection = objection_to_person(
        administrator(reach, kind), Act.RESET_FACTORS, "them", {HOME: Role.CASE_WORKER}
    )

    assert (objection is None) is ((reach, kind) == (Reach.NETWORK, Kind.PERSON))


def test_somebody_who_works_for_others_too_is_theirs_as_well() -> None:
    both = {HOME: Role.CASE_WORKER, OTHER: Role.CASE_WORKER}

    for act in (Act.DISABLE_PERSON, Act.ENABLE_PERSON, Act.RESET_SIGN_IN):
        assert objection_to_person(administrator(), act, "them", both) is Objection.ELSEWHERE
        assert objection_to_person(administrator(Reach.NETWORK), act, "them", both) is None


def test_what_the_network_disabled_only_the_network_enables() -> None:
    for reach, expected in ((Reach.ORGANIZATION, Objection.BY_NETWORK), (Reach.NETWORK, None)):
        me = administrator(reach)
        person = objection_to_person(me, Act.ENABLE_PERSON, "them", {}, disabled_by_network=True)
        client = objection_to_client(me, Act.ENABLE_CLIENT, "theirs", disabled_by_network=True)
        assert (person, client) == (expected, expected)


def test_one_system_never_reviews_and_pays() -> None:
    both = [Scope.GRANT_REVIEW.value, Scope.GRANT_PAY.value]

    for reach, kind in EVERYBODY:
        objection = objection_to_client(administrator(reach, kind), Act.REGISTER_CLIENT, "new", then=both)
        assert objection is Objection.APART


@dataclass
class World:
    """Two organisations, a coordinator among the first one's people, and an attacker with all that they get hold of."""

    people: dict[str, dict[UUID, Role]]
    systems: dict[str, tuple[UUID, frozenset[str]]]
    held: set[str]
    disabled: set[str] = field(default_factory=set)

    def administrator(self, subject: str) -> Administrator | None:
        """What a subject may now, as the register says."""
        if subject in self.disabled:
            return None
        if subject in self.systems:
            reach = reach_of(self.systems[subject][1])
            return reach and administrator(reach, Kind.API_CLIENT, subject=subject)
        role = self.people[subject].get(HOME)
        reach = reach_of(scopes_of(role)) if role else None
        return reach and administrator(reach, Kind.PERSON, subject=subject)

    def rights(self, subject: str) -> tuple[set[Role], set[str]]:
        if subject in self.systems:
            return set(), set(self.systems[subject][1])
        return set(self.people[subject].values()), set()


NEW = "new"


@dataclass(frozen=True)
class Try:
    """`actor`: which of those whom the attacker holds; `target`: a name, or `NEW` for the newest that they made."""

    act: Act
    actor: int
    target: str
    organization: UUID
    role: Role
    scopes: frozenset[str]


tries = st.builds(
    Try,
    st.sampled_from(Act),
    st.integers(0, 5),
    st.sampled_from(
        ["coordinator", "colleague", "worker", "elsewhere", "hub", "records", "theirs", "attacker", NEW]
    ),
    st.sampled_from([HOME, HOME, OTHER]),
    st.sampled_from(Role),
    st.frozensets(st.sampled_from(["client:read", *ADMINISTRATION]), max_size=2),
)

_OF_ROLES = {Act.INVITE, Act.CHANGE_ROLE, Act.END_MEMBERSHIP, Act.END_SESSIONS}
_OF_PEOPLE = {Act.DISABLE_PERSON, Act.ENABLE_PERSON, Act.RESET_SIGN_IN, Act.RESET_FACTORS}


def attempt(world: World, one: Try) -> None:
    """What the operations do: the rules decide, then it happens."""
    actor = sorted(world.held)[one.actor % len(world.held)]
    who = world.administrator(actor)
    if who is None or not who.reaches(one.organization):
        return
    if one.act in _OF_ROLES | _OF_PEOPLE:
        on_a_person(world, one, who)
    else:
        on_a_system(world, one, who)


def on_a_person(world: World, one: Try, who: Administrator) -> None:
    target = one.target
    if target == NEW:
        target = f"invited-{len(world.people) - (one.act is not Act.INVITE)}"
    now = world.people.get(target, {}).get(one.organization)
    if target in world.systems or (one.act is not Act.INVITE and now is None):
        return
    if one.act in _OF_PEOPLE:
        if objection_to_person(who, one.act, target, world.people[target]) is None:
            {Act.DISABLE_PERSON: world.disabled.add}.get(one.act, world.disabled.discard)(target)
        return
    then = one.role if one.act in (Act.INVITE, Act.CHANGE_ROLE) else None
    if one.act is Act.INVITE and now not in (None, then):
        return
    if objection_to_role(who, one.act, target, now=now, then=then) is not None:
        return
    if one.act is Act.END_MEMBERSHIP:
        del world.people[target][one.organization]
    elif then is not None:
        if target not in world.people:  # somebody whom the attacker made up
            world.people[target] = {}
            world.held.add(target)
        world.people[target][one.organization] = then


def on_a_system(world: World, one: Try, who: Administrator) -> None:
    new = one.act is Act.REGISTER_CLIENT
    target = one.target
    if target == NEW or new:
        target = f"registered-{len(world.systems) - (not new)}"
    owner, scopes = world.systems.get(target, (one.organization, frozenset()))
    if owner != one.organization or not (new or target in world.systems):
        return
    then = one.scopes if new or one.act is Act.CHANGE_CLIENT else frozenset()
    if objection_to_client(who, one.act, target, scopes=scopes, then=then) is not None:
        return
    if new or one.act is Act.CHANGE_CLIENT:
        world.systems[target] = (owner, then)
    if new or one.act in (Act.ROTATE_SECRET, Act.CHANGE_CLIENT):
        world.held.add(target)  # its secret, or keys of theirs


@examples(300)
@given(start=st.sampled_from(EVERYBODY), steps=st.lists(tries, min_size=20, max_size=80))
def test_no_way_of_acting_leads_an_attacker_beyond_their_line_of_the_table(
    start: tuple[Reach, Kind], steps: list[Try]
) -> None:
    reach, kind = start
    network = reach is Reach.NETWORK
    role = Role.NETWORK_COORDINATOR if network else Role.ORGANIZATION_ADMINISTRATOR
    scope = Scope.ADMIN_NETWORK if network else Scope.ADMIN_ORGANIZATION
    world = World(
        people={
            "coordinator": {HOME: Role.NETWORK_COORDINATOR},
            "colleague": {HOME: Role.ORGANIZATION_ADMINISTRATOR, OTHER: Role.CASE_WORKER},
            "worker": {HOME: Role.CASE_WORKER},
            "elsewhere": {OTHER: Role.ORGANIZATION_ADMINISTRATOR},
            **({"attacker": {HOME: role}} if kind is Kind.PERSON else {}),
        },
        systems={
            "hub": (HOME, frozenset({Scope.ADMIN_NETWORK.value})),
            "records": (HOME, frozenset({Scope.CLIENT_READ.value})),
            "theirs": (OTHER, frozenset({Scope.CLIENT_READ.value})),
            **({"attacker": (HOME, frozenset({scope.value}))} if kind is Kind.API_CLIENT else {}),
        },
        held={"attacker"},
    )
    line = GIVES[start]

    for step in steps:
        attempt(world, step)

    for subject in world.held - {"attacker"}:
        roles, scopes = world.rights(subject)
        assert roles <= line.roles
        assert scopes <= {one.value for one in line.scopes}
    if start != (Reach.NETWORK, Kind.PERSON):
        assert world.people["coordinator"][HOME] is Role.NETWORK_COORDINATOR
        assert "coordinator" not in world.disabled
        assert "hub" not in world.held
    if not network:
        assert all(OTHER not in world.people.get(subject, {}) for subject in world.held)
        assert world.people["elsewhere"][OTHER] is Role.ORGANIZATION_ADMINISTRATOR
        assert world.people["colleague"][OTHER] is Role.CASE_WORKER
        assert world.disabled.isdisjoint({"elsewhere", "colleague"})
        assert "theirs" not in world.held
