"""What a client and its organisation may cause in a minute: buckets, allowances, and leases of buckets that are shared."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.guard.rates import Bucket, LocalBuckets, Policy, RateLimits, TooManyRequestsError
from gateway.guard.rates.leasing import LeasedBuckets
from gateway.identity import Identity
from gateway.store import FOLDER
from tests.gateway.oauth.conftest import Clock
from tests.support.databases import Databases
from vereda.database import Database, count_statements
from vereda.ids import new_id

ORGANIZATION = UUID(int=7)
CLIENT = Identity("one", client_id="one", organization=ORGANIZATION)


@given(
    st.lists(st.tuples(st.floats(0, 30), st.floats(0.1, 120)), max_size=60),
    st.floats(1, 100),
    st.floats(0.1, 10),
)
def test_a_bucket_never_gives_out_more_than_it_held_and_got_back(
    asked: list[tuple[float, float]], capacity: float, per_s: float
) -> None:
    bucket, now, given_out = Bucket(capacity, per_s, 0), 0.0, 0.0

    for passed, units in asked:
        now += passed
        if bucket.take(units, now) == 0:
            given_out += units
        assert given_out <= capacity + now * per_s + 1e-6
        assert -1e-6 <= bucket.left(now) <= capacity


@given(st.floats(1, 100), st.floats(0.1, 10), st.floats(0, 200), st.floats(0.1, 0.9))
def test_after_the_time_that_a_bucket_tells_there_is_enough(
    capacity: float, per_s: float, spent: float, part: float
) -> None:
    bucket, units = Bucket(capacity, per_s, 0), capacity * part
    bucket.settle(-spent, 0)  # a debt, perhaps

    wait_s = bucket.take(units, 0)

    assert wait_s == 0 or bucket.take(units, wait_s + 1e-3) == 0


def limits(clock: Clock, client: int = 600, organization: int = 6000) -> RateLimits:
    return RateLimits(LocalBuckets(clock), client_per_minute=client, organization_per_minute=organization)


async def refused(rates: RateLimits, caller: Identity, cost: float) -> TooManyRequestsError:
    with pytest.raises(TooManyRequestsError) as caught:
        await rates.admit(caller, cost)
    return caught.value


async def test_a_client_is_refused_when_its_minute_is_used_up_and_told_when_to_come_again() -> None:
    clock = Clock()
    rates = limits(clock)
    for _ in range(3):
        await rates.admit(CLIENT, 200)

    quota = (await refused(rates, CLIENT, 100)).quota
    clock.at = quota.reset_s

    assert (quota.policy.name, quota.left, quota.reset_s) == ("client", 0, 10)
    await rates.admit(CLIENT, 100)


async def test_what_an_operation_did_not_cost_is_given_back() -> None:
    rates = limits(Clock())

    charge = await rates.admit(CLIENT, 300)
    rates.settle(charge, 20)

    assert [quota.left for quota in rates.quotas(CLIENT)] == [580, 5980]


async def test_an_operation_that_costs_more_than_a_minute_can_run_and_is_paid_for_afterwards() -> None:
    rates = limits(Clock())

    charge = await rates.admit(CLIENT, 5000)
    rates.settle(charge, 900)
    quota = (await refused(rates, CLIENT, 1)).quota

    assert [units for _, units in charge.taken] == [300, 3000]
    assert quota.reset_s == 31  # 300 of debt, and one


async def test_clients_of_one_organisation_share_its_allowance_and_a_refusal_takes_nothing() -> None:
    rates = limits(Clock(), client=1000, organization=1200)
    other = Identity("two", client_id="two", organization=ORGANIZATION)
    for _ in range(2):
        await rates.admit(CLIENT, 500)

    quota = (await refused(rates, other, 400)).quota

    assert quota.policy.name == "organization"
    assert [one.left for one in rates.quotas(other)] == [1000, 200]
    await rates.admit(Identity("three", client_id="three", organization=UUID(int=8)), 400)


async def test_a_client_may_have_its_own_allowance_and_nobody_has_none() -> None:
    rates = limits(Clock(), client=10)
    generous = Identity("big", client_id="big", cost_per_minute=100)

    await rates.admit(generous, 40)
    for _ in range(50):
        assert (await rates.admit(Identity("anonymous"), 1000)).taken == ()

    assert [quota.left for quota in rates.quotas(generous)] == [60]
    assert rates.quotas(Identity("anonymous")) == []


async def test_each_request_costs_something() -> None:
    rates = limits(Clock(), client=10)
    for _ in range(10):
        await rates.admit(CLIENT, 0)

    await refused(rates, CLIENT, 0)


# Shared by replicas


async def shared(databases: Databases, per_minute: int = 600) -> tuple[Database, Policy]:
    store = await databases.of("gateway", FOLDER)
    return store, Policy("client", f"client {new_id()}", per_minute)


async def test_replicas_give_out_no_more_together_than_one_would(databases: Databases) -> None:
    # So little comes back in a second that the time which the test takes makes no difference.
    store, policy = await shared(databases, per_minute=60)
    replicas = [LeasedBuckets(store, clock=Clock()) for _ in range(3)]

    given_out = 0
    for number in range(120):
        given_out += await replicas[number % 3].take(policy, 1) == 0

    assert 50 <= given_out <= 75


async def test_the_database_is_asked_once_for_many_requests_and_not_while_there_is_nothing(
    databases: Databases,
) -> None:
    store, policy = await shared(databases)
    buckets = LeasedBuckets(store, clock=Clock())
    await buckets.take(policy, 1)

    statements = count_statements(store)
    while_leased = [await buckets.take(policy, 1) for _ in range(25)]
    asked_meanwhile = list(statements)
    for _ in range(100):
        if await buckets.take(policy, 200):
            break
    statements.clear()
    waits = [await buckets.take(policy, 200) for _ in range(10)]

    assert while_leased == [0] * 25
    assert asked_meanwhile == []
    assert all(wait_s > 0 for wait_s in waits)
    assert statements == []


async def test_what_is_given_back_can_be_used_again_and_debts_are_paid(databases: Databases) -> None:
    store, policy = await shared(databases)
    buckets = LeasedBuckets(store, clock=Clock())

    await buckets.take(policy, 300)
    buckets.settle(policy, 290)
    left = buckets.left(policy)
    buckets.settle(policy, -2000)

    assert left == pytest.approx(590, abs=30)
    assert await buckets.take(policy, 1) > 0


async def test_without_the_database_each_replica_counts_for_itself() -> None:
    nowhere = Database("postgresql://nobody:x@127.0.0.1:1/none")
    buckets, policy = LeasedBuckets(nowhere, clock=Clock()), Policy("client", "client x", 60)

    answers = [await buckets.take(policy, 30) for _ in range(3)]
    await nowhere.close()

    assert answers == [0, 0, 30]
