"""Signatures as Standard Webhooks has them, and when a delivery is tried again: rules without a database."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from vereda.webhooks.retrying import LONGEST_ASKED, TRIED_FOR, WAITS, given_up, wait
from vereda.webhooks.signing import BadSecretError, key_of, new_secret, signed

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
CHANCE = st.floats(min_value=0, max_value=1)


@given(st.dictionaries(st.text(max_size=10), st.text(max_size=30), min_size=1))
def test_the_public_library_verifies_what_we_sign_by_either_of_two_secrets(said: dict[str, str]) -> None:
    former, newer = new_secret(), new_secret()
    body = orjson.dumps(said)
    headers = signed("an-event", int(datetime.now(UTC).timestamp()), body, [newer, former])

    for secret in (former, newer):
        assert Webhook(secret).verify(body, headers) == said
    with pytest.raises(WebhookVerificationError):
        Webhook(new_secret()).verify(body, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(newer).verify(body + b" ", headers)
    assert len(headers["webhook-signature"].split()) == 2


def test_the_signature_is_that_of_the_specifications_own_example() -> None:
    """The example of the reference libraries' README: one secret, id, time and payload, and what comes of them."""
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    payload = b'{"test": 2432232314}'

    headers = signed("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, payload, [secret])

    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize(
    "secret",
    [
        "",
        "whsec_",
        "whsec_no base64!",
        "whsec_" + base64.b64encode(b"x" * 23).decode(),
        "whsec_" + base64.b64encode(b"x" * 65).decode(),
        base64.b64encode(b"x" * 32).decode(),
    ],
)
def test_what_is_no_secret_of_the_standard_is_refused(secret: str) -> None:
    with pytest.raises(BadSecretError):
        key_of(secret)


@given(st.integers(min_value=1, max_value=500), CHANCE)
def test_each_wait_is_longer_than_the_one_before_but_for_its_jitter_and_never_above_the_longest(
    failures: int, chance: float
) -> None:
    length = WAITS[min(failures, len(WAITS)) - 1]

    assert 0.8 * length <= wait(failures, chance) <= 1.2 * length
    assert list(WAITS) == sorted(WAITS)


@given(CHANCE, st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=9)))
def test_a_receiver_may_ask_for_more_time_and_not_for_ever(chance: float, asked: timedelta) -> None:
    waited = wait(1, chance, asked)

    assert min(asked, LONGEST_ASKED) <= waited <= max(LONGEST_ASKED, wait(1, chance))


@given(st.lists(CHANCE, min_size=60, max_size=60))
def test_for_three_days_it_is_tried_a_dozen_times_or_more_whatever_chance_says(chances: list[float]) -> None:
    now, tries = NOW, 1
    while not given_up(NOW, now):
        now += wait(tries, chances[tries])
        tries += 1

    assert 14 <= tries <= 25
    assert now - NOW >= TRIED_FOR
