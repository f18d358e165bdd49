"""Deliveries to real receivers: in order, signed, of what may be known at that moment; and what becomes of those that fail."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest
import pytest_asyncio
from sqlalchemy import select, text
from standardwebhooks.webhooks import Webhook

from tests.kernel.conftest import NOTES
from tests.kernel.notes.models import IdempotencyRecord, OutboxEvent, WebhookDelivery, WebhookEndpoint
from tests.kernel.receiver import (
    OK,
    Doing,
    Receiver,
    answers,
    breaks_off,
    closes,
    hangs,
    never_ends,
)
from tests.kernel.test_feed import FEED, Telling, everything
from tests.support.databases import Databases
from vereda.caller import Caller, Scope, system_caller
from vereda.context import RequestContext
from vereda.database import Database
from vereda.errors import ClientError, ErrorCode
from vereda.feed.catalogue import Shown, catalogue, family
from vereda.feed.numbering import feed_rounds
from vereda.feed.policies import GROWN, WAITING
from vereda.feed.reading import Told, newest
from vereda.ids import new_id
from vereda.listening import Listener
from vereda.models import OutboxColumns
from vereda.outbound import Outward
from vereda.refusals import InvalidInput, NotFound, VersionConflict
from vereda.rounds import NOBODY, Round, Rounds, make
from vereda.settings import Settings
from vereda.webhooks import registering
from vereda.webhooks.delivering import Deliverer
from vereda.webhooks.forgetting import forget
from vereda.webhooks.keeping import WEBHOOK_EVENTS, Webhooks
from vereda.webhooks.registering import FORMER_SIGNS, Registered
from vereda.webhooks.retrying import TRIED_FOR
from vereda.webhooks.sending import Sender
from vereda.webhooks.tables import WebhookProblem, WebhookState

TYPES = catalogue(
    family("note", "note", Shown.TOLD, made="made", kept="kept", secret="secret"), WEBHOOK_EVENTS
)
WEBHOOKS = Webhooks(FEED, WebhookEndpoint, WebhookDelivery, IdempotencyRecord, TYPES, (Scope.DIRECTORY_READ,))
NOTE = ["org.vereda.note."]
CLINIC = new_id()


@pytest_asyncio.fixture
async def store(databases: Databases) -> Database:
    """A database of its own: whom others had told would be told, too."""
    return await databases.migrated("notes", NOTES)


class Hooks:
    """An organisation's administrator and the process that delivers, at a time that the test says."""

    def __init__(self, store: Database, settings: Settings) -> None:
        self.store, self.settings = store, settings
        self.telling = Telling(store, settings)
        self.now = datetime.now(UTC)
        self.webhooks = WEBHOOKS

    def context(self, organization: UUID = CLINIC, *scopes: Scope) -> RequestContext[None]:
        granted = frozenset(scope.value for scope in scopes or (Scope.ADMIN_ORGANIZATION,))
        caller = Caller("administrator", organization, granted)
        context = RequestContext[None](caller, self.store, self.settings, lambda _context: None)
        context.now = self.now
        return context

    async def register(
        self, url: str, types: Sequence[str] = tuple(NOTE), after: str | None = None, by: UUID = CLINIC
    ) -> Registered:
        context = self.context(by)
        done = await registering.register(context, self.webhooks, url, types, after, None, str(new_id()))
        await context.end()
        assert isinstance(done, Registered), done
        return done

    async def tell(self, *what: str, by: UUID = CLINIC) -> list[str]:
        subjects = [await self.telling.tell(by, what=one) for one in what or ("note.made",)]
        await self.telling.number()
        return subjects

    def deliverer(self, **more: Any) -> Deliverer:
        settings = more.pop("settings", self.settings)
        return Deliverer(
            self.webhooks, self.store, settings, clock=lambda: self.now, chance=lambda: 0.5, **more
        )

    async def deliver(self, **more: Any) -> None:
        """All that is due now."""
        deliverer = self.deliverer(**more)
        while await deliverer.start_due():
            await deliverer.settle()

    async def endpoint(self, id_: UUID) -> WebhookEndpoint:
        async with self.store.transaction(system_caller(NOBODY)) as session:
            return await session.get_one(WebhookEndpoint, id_)

    async def log(self, id_: UUID) -> list[WebhookDelivery]:
        async with self.store.transaction(system_caller(NOBODY)) as session:
            wanted = select(WebhookDelivery).where(WebhookDelivery.endpoint_id == id_)
            return list(await session.scalars(wanted.order_by(WebhookDelivery.id)))


@pytest.fixture
def hooks(store: Database, settings: Settings) -> Hooks:
    return Hooks(store, settings)


@asynccontextmanager
async def receivers(*doing: Doing) -> AsyncIterator[list[Receiver]]:
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(Receiver(one).running()) for one in doing]


@pytest_asyncio.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with Receiver().running() as running:
        yield running


async def test_what_happens_is_sent_in_its_order_signed_and_with_ids_alone(
    hooks: Hooks, receiver: Receiver
) -> None:
    registered = await hooks.register(receiver.url)
    subjects = await hooks.tell("note.made", "note.kept", "note.made")

    await hooks.deliver()

    assert receiver.subjects == subjects
    assert registered.secret is not None
    for one in receiver.requests:
        assert Webhook(registered.secret).verify(one.body, one.headers)
        said = orjson.loads(one.body)
        assert one.headers["content-type"].startswith("application/cloudevents+json")
        assert one.headers["webhook-id"] == said["id"]
        assert (said["specversion"], said["source"], said["data"]) == ("1.0", "/notes", {})
        assert said.keys() <= {
            "id", "specversion", "source", "type", "subject", "time", "sequence", "datacontenttype", "data",
        }  # fmt: skip
    assert receiver.connections == 1, "one connection serves what comes at once"
    assert [one.problem for one in await hooks.log(registered.endpoint.id)] == [None] * 3


async def test_nothing_is_sent_twice_where_nothing_failed_and_what_was_before_not_at_all(
    hooks: Hooks, receiver: Receiver
) -> None:
    await hooks.tell()
    await hooks.register(receiver.url)
    subjects = await hooks.tell()

    await hooks.deliver()
    await hooks.deliver()

    assert receiver.subjects == subjects


async def test_wanted_types_alone_are_sent_and_the_place_moves_on_over_many_others(
    hooks: Hooks, receiver: Receiver
) -> None:
    registered = await hooks.register(receiver.url, ["org.vereda.note.kept"])
    await hooks.tell(*(["note.made"] * 30))
    [kept] = await hooks.tell("note.kept")

    await hooks.deliver()

    assert receiver.subjects == [kept]
    context = hooks.context()
    assert (await hooks.endpoint(registered.endpoint.id)).cursor == await newest(context, FEED)
    await context.end()


async def test_r9_r16_what_may_not_be_known_any_more_when_it_is_its_turn_is_not_sent(
    hooks: Hooks, receiver: Receiver
) -> None:
    """The consent ends while earlier events are under way: what has not left yet is passed over, without a trace."""
    revoked = False

    async def until_revoked(
        _context: Any, _session: Any, events: Sequence[OutboxColumns]
    ) -> dict[UUID, Told]:
        told = await everything(None, None, events)
        return {id_: one for id_, one in told.items() if not (revoked and "secret" in one.type)}

    async def revokes(receiver: Receiver, writer: asyncio.StreamWriter) -> None:
        nonlocal revoked
        revoked = True
        await OK(receiver, writer)

    hooks.webhooks = replace(WEBHOOKS, feed=replace(FEED, tells=until_revoked))
    receiver.does = revokes
    registered = await hooks.register(receiver.url)
    told = await hooks.tell("note.secret", "note.secret", "note.made")

    await hooks.deliver()

    assert receiver.subjects == [told[0], told[2]]
    assert {one.type for one in await hooks.log(registered.endpoint.id)} == {
        "org.vereda.note.secret",
        "org.vereda.note.made",
    }


@pytest.mark.parametrize(
    ("doing", "problem", "status"),
    [
        (answers("500 Oops"), WebhookProblem.REFUSED, 500),
        (answers("404 Not Found"), WebhookProblem.REFUSED, 404),
        (answers("302 Found", "Location: http://127.0.0.1:9/"), WebhookProblem.REDIRECTED, 302),
        (answers("307 Temporary Redirect", "Location: /elsewhere"), WebhookProblem.REDIRECTED, 307),
        (closes, WebhookProblem.UNREACHABLE, None),
        (breaks_off, WebhookProblem.UNREACHABLE, None),
        (hangs, WebhookProblem.TIMED_OUT, None),
    ],
)
async def test_what_fails_is_tried_again_later_with_the_same_id_and_before_everything_that_follows(
    hooks: Hooks, receiver: Receiver, doing: Doing, problem: WebhookProblem, status: int | None
) -> None:
    receiver.does = doing
    sender = Sender(Outward(loopback=True, timeout_s=0.3))
    registered = await hooks.register(receiver.url)
    subjects = await hooks.tell("note.made", "note.kept")

    await hooks.deliver(sender=sender)
    [failed] = await hooks.log(registered.endpoint.id)
    await hooks.deliver(sender=sender)
    still = len(receiver.requests)
    receiver.does = OK
    hooks.now += timedelta(seconds=10)
    await hooks.deliver()

    assert (failed.problem, failed.status, failed.attempt) == (problem, status, 1)
    assert still == 1, "nothing is sent while its circuit is open"
    assert receiver.subjects == [subjects[0], *subjects]
    first, again = receiver.requests[0].headers, receiver.requests[1].headers
    assert first["webhook-id"] == again["webhook-id"]
    assert int(again["webhook-timestamp"]) - int(first["webhook-timestamp"]) == 10
    assert [one.attempt for one in await hooks.log(registered.endpoint.id)] == [1, 2, 1]
    assert (await hooks.endpoint(registered.endpoint.id)).failing_since is None


async def test_an_answer_without_an_end_is_taken_for_what_its_head_said(
    hooks: Hooks, receiver: Receiver
) -> None:
    """Four kilobytes of it are read, and none is kept."""
    receiver.does = never_ends
    await hooks.register(receiver.url)
    subjects = await hooks.tell("note.made", "note.made")

    await hooks.deliver()

    assert receiver.subjects == subjects
    assert receiver.connections == 2


async def test_who_asks_for_time_is_given_it(hooks: Hooks, receiver: Receiver) -> None:
    receiver.does = answers("429 Too Many Requests", "Retry-After: 600")
    registered = await hooks.register(receiver.url)
    await hooks.tell()

    await hooks.deliver()

    assert (await hooks.endpoint(registered.endpoint.id)).due_at == hooks.now + timedelta(seconds=600)


async def test_a_receiver_that_is_away_for_almost_three_days_misses_nothing(
    hooks: Hooks, receiver: Receiver
) -> None:
    receiver.does = closes
    registered = await hooks.register(receiver.url)
    began, subjects = hooks.now, await hooks.tell("note.made", "note.kept")
    await hooks.deliver()
    while True:
        due = (await hooks.endpoint(registered.endpoint.id)).due_at
        if due >= began + TRIED_FOR:
            break
        hooks.now = due
        await hooks.deliver()
    receiver.requests.clear()
    receiver.does = OK
    subjects += await hooks.tell("note.made")

    hooks.now = due
    await hooks.deliver()

    assert receiver.subjects == subjects
    assert len(await hooks.log(registered.endpoint.id)) > 12


async def test_after_three_days_it_is_stopped_told_of_in_the_feed_and_goes_on_where_it_was_when_asked_to(
    hooks: Hooks, receiver: Receiver
) -> None:
    receiver.does = answers("500 Oops")
    registered = await hooks.register(receiver.url)
    id_, began = registered.endpoint.id, hooks.now
    subjects = await hooks.tell("note.made", "note.kept")
    await hooks.deliver()
    while (endpoint := await hooks.endpoint(id_)).state is WebhookState.ACTIVE:
        hooks.now = endpoint.due_at
        await hooks.deliver()
    await hooks.telling.number()

    log = await hooks.log(id_)
    told = [one.told for one in (await hooks.telling.read(CLINIC)).events if one.told]
    assert hooks.now - began >= TRIED_FOR
    assert (endpoint.state, endpoint.problem) == (WebhookState.STOPPED, WebhookProblem.REFUSED)
    assert [one.dead_letter for one in log] == [False] * (len(log) - 1) + [True]
    assert ("org.vereda.webhook.stopped", str(id_)) in {(one.type, one.subject) for one in told}

    receiver.requests.clear()
    receiver.does = OK
    hooks.now += timedelta(days=1)
    await hooks.deliver()
    assert receiver.requests == []
    context = hooks.context()
    done = await registering.change(context, WEBHOOKS, id_, 1, None, None, True, "again")
    assert isinstance(done, WebhookEndpoint)
    await hooks.deliver()
    assert receiver.subjects == subjects


async def test_who_is_gone_is_told_nothing_more(hooks: Hooks, receiver: Receiver) -> None:
    """410, as Standard Webhooks has it."""
    receiver.does = answers("410 Gone")
    registered = await hooks.register(receiver.url)
    await hooks.tell()

    await hooks.deliver()

    endpoint = await hooks.endpoint(registered.endpoint.id)
    assert (endpoint.state, endpoint.problem) == (WebhookState.STOPPED, WebhookProblem.GONE)


async def test_one_whose_place_is_kept_no_longer_is_stopped_rather_than_to_skip_anything(
    hooks: Hooks, receiver: Receiver
) -> None:
    registered = await hooks.register(receiver.url)
    subjects = await hooks.tell("note.made")
    await hooks.deliver()
    await hooks.tell("note.made", "note.made")
    async with hooks.store.transaction(system_caller(NOBODY)) as session:
        await session.execute(text("DELETE FROM feed_entries WHERE place < 4"))

    await hooks.deliver()

    endpoint = await hooks.endpoint(registered.endpoint.id)
    assert (receiver.subjects, endpoint.state, endpoint.problem) == (
        subjects,
        WebhookState.STOPPED,
        WebhookProblem.CURSOR_LOST,
    )


async def test_a_quick_receiver_waits_for_no_slow_dead_or_hanging_one(hooks: Hooks) -> None:
    """Of four places two are for slow and failing ones; three hang, and were slow before."""
    async with receivers(hangs, hangs, hangs, OK) as found:
        *hanging, quick = found
        ids = [(await hooks.register(one.url)).endpoint.id for one in hanging]
        await hooks.register(quick.url)
        async with hooks.store.transaction(system_caller(NOBODY)) as session:
            await session.execute(
                text("UPDATE webhook_endpoints SET slow = true WHERE id = ANY (:ids)"), {"ids": ids}
            )
        subjects = await hooks.tell(*(["note.made"] * 5))
        deliverer = hooks.deliverer(settings=hooks.settings.model_copy(update={"webhooks_at_once": 4}))

        try:
            assert await deliverer.start_due() == 3
            await quick.until(5)
            assert quick.subjects == subjects
            assert sum(len(one.requests) for one in hanging) <= 2
        finally:
            await deliverer.end()


async def test_replicas_share_the_endpoints_and_send_to_none_side_by_side(hooks: Hooks) -> None:
    async with receivers(*[OK] * 6) as found:
        for one in found:
            await hooks.register(one.url)
        subjects = await hooks.tell(*(["note.made"] * 6))
        replicas = [hooks.deliverer() for _ in range(3)]

        begun = await asyncio.gather(*(one.start_due() for one in replicas))
        await asyncio.gather(*(one.settle() for one in replicas))

        assert sum(begun) == 6
        assert [one.subjects for one in found] == [subjects] * 6


async def test_an_endpoint_whose_process_died_is_taken_over_when_its_lease_ends(
    hooks: Hooks, receiver: Receiver
) -> None:
    receiver.does = hangs
    await hooks.register(receiver.url)
    subjects = await hooks.tell()
    dying = hooks.deliverer()
    await dying.start_due()
    await receiver.until(1)
    await dying.end()  # as if killed: nothing is entered, and the lease is not given back

    receiver.does = OK
    assert await hooks.deliverer().start_due() == 0
    hooks.now += timedelta(minutes=1)
    await hooks.deliver()

    assert receiver.subjects == subjects * 2
    assert receiver.requests[0].headers["webhook-id"] == receiver.requests[1].headers["webhook-id"]


async def test_who_lost_the_lease_moves_nothing_any_more(hooks: Hooks, receiver: Receiver) -> None:
    """It was replayed from elsewhere while a delivery was under way: the new place stands."""
    registered = await hooks.register(receiver.url)
    id_ = registered.endpoint.id

    async def replays(receiver: Receiver, writer: asyncio.StreamWriter) -> None:
        receiver.does = OK
        context = hooks.context()
        await registering.replay(context, WEBHOOKS, id_, None, "from the beginning")
        await context.end()
        await OK(receiver, writer)

    receiver.does = replays
    subjects = await hooks.tell("note.made", "note.kept")

    await hooks.deliver()

    assert receiver.subjects == [subjects[0], *subjects]


async def test_one_that_is_paused_is_told_nothing_and_then_everything(
    hooks: Hooks, receiver: Receiver
) -> None:
    id_ = (await hooks.register(receiver.url)).endpoint.id
    context = hooks.context()
    await registering.change(context, WEBHOOKS, id_, 1, None, None, False, "pause")
    subjects = await hooks.tell()
    await hooks.deliver()
    assert receiver.requests == []

    await registering.change(context, WEBHOOKS, id_, 2, None, None, True, "go on")
    await hooks.deliver()

    assert receiver.subjects == subjects


async def test_two_secrets_sign_for_a_day_after_a_rotation_and_one_alone_after_a_theft(
    hooks: Hooks, receiver: Receiver
) -> None:
    registered = await hooks.register(receiver.url)
    id_, context = registered.endpoint.id, hooks.context()

    async def verified_by(*secrets: str | None) -> list[bool]:
        await hooks.tell()
        await hooks.deliver()
        one = receiver.requests[-1]
        signatures = one.headers["webhook-signature"].split()
        at = datetime.fromtimestamp(int(one.headers["webhook-timestamp"]), UTC)
        return [
            Webhook(str(key)).sign(one.headers["webhook-id"], at, one.body.decode()) in signatures
            for key in secrets
        ]

    rotated = await registering.rotate(context, WEBHOOKS, id_, None, False, "first")
    assert isinstance(rotated, Registered)
    assert await verified_by(registered.secret, rotated.secret) == [True, True]
    hooks.now += FORMER_SIGNS
    assert await verified_by(registered.secret, rotated.secret) == [False, True]
    stolen = await registering.rotate(context, WEBHOOKS, id_, None, True, "second")
    assert isinstance(stolen, Registered)
    assert await verified_by(rotated.secret, stolen.secret) == [False, True]


async def test_a_secret_is_shown_once_and_again_only_to_the_same_request_soon_after(
    hooks: Hooks, receiver: Receiver
) -> None:
    async def asked() -> Any:
        context = hooks.context()
        try:
            return await registering.register(context, WEBHOOKS, receiver.url, NOTE, None, None, "one key")
        finally:
            await context.end()

    first, again = await asked(), await asked()
    hooks.now += timedelta(hours=2)
    late = await asked()

    assert first.secret == again.secret != late.secret
    assert (late.secret, late.endpoint.id) == (None, first.endpoint.id)
    async with hooks.store.transaction(system_caller(NOBODY)) as session:
        kept = str(
            (
                await session.execute(
                    text("SELECT e::text, r::text FROM webhook_endpoints e, idempotency_records r")
                )
            ).all()
        )
    assert first.secret.removeprefix("whsec_") not in kept


async def test_a_trial_is_sent_to_a_paused_endpoint_too_and_entered(hooks: Hooks, receiver: Receiver) -> None:
    registered = await hooks.register(receiver.url)
    id_, context = registered.endpoint.id, hooks.context()
    await registering.change(context, WEBHOOKS, id_, 1, None, None, False, "pause")
    delivery = await registering.ask_for_test(context, WEBHOOKS, id_, "try")

    await hooks.deliver()

    [entered] = await hooks.log(id_)
    [one] = receiver.requests
    assert (entered.id, entered.status, entered.type) == (delivery, 200, "org.vereda.webhook.test")
    assert Webhook(str(registered.secret)).verify(one.body, one.headers)
    assert await registering.ask_for_test(context, WEBHOOKS, id_, "try") == delivery


async def test_replaying_sends_again_from_any_place_that_is_kept(hooks: Hooks, receiver: Receiver) -> None:
    id_, context = (await hooks.register(receiver.url)).endpoint.id, hooks.context()
    subjects = await hooks.tell("note.made", "note.kept", "note.made")
    await hooks.deliver()
    second = (await hooks.telling.read(CLINIC, first=3)).cursor  # the registration has the first place

    await registering.replay(context, WEBHOOKS, id_, second, "some")
    await hooks.deliver()
    await registering.replay(context, WEBHOOKS, id_, None, "all")
    await hooks.deliver()

    assert receiver.subjects == [*subjects, subjects[2], *subjects]
    with pytest.raises(ClientError) as refused:
        await registering.replay(context, WEBHOOKS, id_, "no cursor", "none")
    assert refused.value.code is ErrorCode.BAD_CURSOR


@pytest.mark.parametrize(
    ("url", "types", "secret", "field"),
    [
        ("http://example.org/", NOTE, None, "url"),
        ("https://user:word@example.org/", NOTE, None, "url"),
        ("ftp://example.org/", NOTE, None, "url"),
        ("https://example.org/" + "x" * 2000, NOTE, None, "url"),
        ("https://example.org/", ["org.vereda.no_such."], None, "types"),
        ("https://example.org/", [""], None, "types"),
        ("https://example.org/", NOTE, "whsec_short", "secret"),
    ],
)
async def test_what_cannot_be_registered_is_refused_by_the_field_that_is_wrong(
    hooks: Hooks, url: str, types: list[str], secret: str | None, field: str
) -> None:
    done = await registering.register(hooks.context(), WEBHOOKS, url, types, None, secret, "key")

    assert isinstance(done, InvalidInput)
    assert [one.field for one in done.problems] == [field]


async def test_an_organisation_has_ten_at_most(hooks: Hooks) -> None:
    for n in range(registering.MOST):
        await hooks.register(f"https://example.org/{n}")

    done = await registering.register(
        hooks.context(), WEBHOOKS, "https://example.org/", NOTE, None, None, "key"
    )

    assert isinstance(done, InvalidInput)


async def test_nobody_touches_anothers_endpoints_or_learns_of_them(hooks: Hooks, receiver: Receiver) -> None:
    id_, legal = (await hooks.register(receiver.url)).endpoint.id, new_id()
    done = (
        await registering.change(hooks.context(legal), WEBHOOKS, id_, 1, None, None, False, "a"),
        await registering.rotate(hooks.context(legal), WEBHOOKS, id_, None, False, "b"),
        await registering.replay(hooks.context(legal), WEBHOOKS, id_, None, "c"),
        await registering.ask_for_test(hooks.context(legal), WEBHOOKS, id_, "d"),
        await registering.remove(hooks.context(legal), WEBHOOKS, id_, "e"),
    )

    assert all(isinstance(one, NotFound) for one in done)
    with pytest.raises(ClientError, match="scope"):
        await registering.remove(hooks.context(CLINIC, Scope.CLIENT_READ), WEBHOOKS, id_, "f")


async def test_what_changed_meanwhile_is_not_changed_unseen_and_what_is_removed_is_gone(
    hooks: Hooks, receiver: Receiver
) -> None:
    id_, context = (await hooks.register(receiver.url)).endpoint.id, hooks.context()
    await hooks.tell()
    await hooks.deliver()
    await registering.change(context, WEBHOOKS, id_, 1, None, ["org.vereda.note.kept"], None, "one")

    stale = await registering.change(context, WEBHOOKS, id_, 1, None, None, None, "other")
    gone = await registering.remove(context, WEBHOOKS, id_, "away")
    again = await registering.remove(context, WEBHOOKS, id_, "away")

    assert isinstance(stale, VersionConflict)
    assert gone == again == id_
    assert await hooks.log(id_) == []


async def test_the_log_is_kept_as_long_as_the_setting_says_and_dead_letters_while_it_is_stopped(
    hooks: Hooks, receiver: Receiver
) -> None:
    receiver.does = answers("410 Gone")
    id_ = (await hooks.register(receiver.url)).endpoint.id
    context = hooks.context()
    await registering.ask_for_test(context, WEBHOOKS, id_, "try")
    await hooks.tell()
    await hooks.deliver()
    later = hooks.now + timedelta(days=hooks.settings.webhook_log_days, minutes=1)

    gone = await make(Round("forget in a test", 3600, forget), hooks.store, hooks.settings, lambda: later)

    assert gone == 1
    assert [one.dead_letter for one in await hooks.log(id_)] == [True]


async def test_addresses_of_our_own_networks_are_not_reached_and_look_like_any_that_is_not_there(
    hooks: Hooks,
) -> None:
    """SSRF: what a name resolves to counts, when it is sent; and nothing tells which network a host is in."""

    async def inside(_host: str, _port: int) -> Sequence[str]:
        return ["169.254.169.254"]

    async def nowhere(_host: str, _port: int) -> Sequence[str]:
        raise OSError

    logged = []
    for resolve in (inside, nowhere):
        id_ = (await hooks.register("https://hooks.example.org/")).endpoint.id
        await hooks.tell()
        await hooks.deliver(sender=Sender(Outward(private=True, timeout_s=5, resolve=resolve)))
        [one] = await hooks.log(id_)
        logged.append((one.problem, one.status))
        await registering.remove(hooks.context(), WEBHOOKS, id_, str(id_))

    assert logged == [(WebhookProblem.UNREACHABLE, None)] * 2


async def test_a_process_delivers_as_soon_as_it_can_be_read_woken_by_the_feed(
    hooks: Hooks, receiver: Receiver
) -> None:
    """With rounds that come once an hour, a delivery can only come from having been told."""
    await hooks.register(receiver.url)
    listener = Listener(hooks.store, (WAITING, GROWN))
    rounds = Rounds([replace(feed_rounds()[0], every_s=3600)], hooks.store, hooks.settings, listener)
    deliverer = Deliverer(WEBHOOKS, hooks.store, hooks.settings, listener)
    listener.begin()
    rounds.begin()
    deliverer.begin()
    try:
        subject = await hooks.telling.tell(CLINIC)
        await receiver.until(1)
    finally:
        await deliverer.end()
        await rounds.end()
        await listener.end()

    assert receiver.subjects == [subject]


async def test_the_outbox_knows_who_did_what_to_an_endpoint(hooks: Hooks, receiver: Receiver) -> None:
    id_, context = (await hooks.register(receiver.url)).endpoint.id, hooks.context()
    await registering.change(context, WEBHOOKS, id_, 1, None, None, False, "a")
    await registering.rotate(context, WEBHOOKS, id_, None, False, "b")
    await registering.replay(context, WEBHOOKS, id_, None, "c")
    await registering.ask_for_test(context, WEBHOOKS, id_, "d")
    await registering.remove(context, WEBHOOKS, id_, "e")

    async with hooks.store.transaction(system_caller(NOBODY)) as session:
        told = list(await session.scalars(select(OutboxEvent.type).order_by(OutboxEvent.sequence)))
    assert [one.removeprefix("org.vereda.webhook.") for one in told] == [
        "registered", "changed", "rotated", "replayed", "test_asked", "removed",
    ]  # fmt: skip
    assert {one.removeprefix("org.vereda.") for one in told} <= set(TYPES)
