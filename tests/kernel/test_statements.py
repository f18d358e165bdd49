"""What one service states to another through a client cannot be changed, mistaken for another, or used for ever."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests.kernel.signing import altered, unpacked
from tests.support.subgraph import caller_of
from vereda import published
from vereda.ids import new_id
from vereda.keys import KeyRing
from vereda.settings import Settings
from vereda.signed import TokenRefusedError
from vereda.statements import (
    ConsentProof,
    ConsentsInForce,
    ServiceOffer,
    StatementVerifier,
    sign,
    state,
    verifier,
)
from vereda.tokens import mint

OFFER = ServiceOffer(
    service=new_id(),
    organization=new_id(),
    domain="legal",
    category="immigration",
    legal=True,
    survivor=False,
    active=True,
    capacity="OPEN",
    available=4,
    reported_at=datetime(2026, 3, 1, 9, 30, tzinfo=UTC),
)
PROOF = ConsentProof(
    consent=new_id(),
    purpose="PROGRAM_ENROLMENT",
    data_classes=["PROGRAM"],
    sponsor=new_id(),
    sponsor_handle=new_id(),
    recipient=new_id(),
    recipient_handle=new_id(),
    consent_expires_at=datetime(2027, 3, 1, tzinfo=UTC),
)


class Issuers:
    """The two services that make statements, and a reader of each kind."""

    def __init__(self, home: Path) -> None:
        settings = Settings(home=home)
        self.partners = KeyRing(settings.keys / "partners")
        self.referrals = KeyRing(settings.keys / "referrals")
        self.offers = StatementVerifier(ServiceOffer, settings)
        self.proofs = StatementVerifier(ConsentProof, settings)


@pytest.fixture(scope="module")
def issuers(tmp_path_factory: pytest.TempPathFactory) -> Issuers:
    return Issuers(tmp_path_factory.mktemp("home"))


instants = st.datetimes(timezones=st.just(UTC))
codes = st.text(max_size=20)
offers = st.builds(
    ServiceOffer,
    service=st.uuids(),
    organization=st.uuids(),
    domain=codes,
    category=codes,
    legal=st.booleans(),
    survivor=st.booleans(),
    active=st.booleans(),
    capacity=st.none() | codes,
    available=st.none() | st.integers(0, 10_000),
    reported_at=st.none() | instants,
)
proofs = st.builds(
    ConsentProof,
    consent=st.uuids(),
    purpose=codes,
    data_classes=st.lists(codes, max_size=6),
    sponsor=st.uuids(),
    sponsor_handle=st.uuids(),
    recipient=st.uuids(),
    recipient_handle=st.uuids(),
    consent_expires_at=instants,
)


@hypothesis_settings(max_examples=40, deadline=None)
@given(offer=offers)
async def test_an_offer_is_read_as_it_was_stated(issuers: Issuers, offer: ServiceOffer) -> None:
    assert await issuers.offers.read(state(issuers.partners, offer)) == offer


@hypothesis_settings(max_examples=40, deadline=None)
@given(proof=proofs)
async def test_a_proof_of_consent_is_read_as_it_was_stated(issuers: Issuers, proof: ConsentProof) -> None:
    assert await issuers.proofs.read(state(issuers.referrals, proof)) == proof


async def refused(reader: StatementVerifier[Any], token: str) -> None:
    with pytest.raises(TokenRefusedError):
        await reader.read(token)


async def test_a_client_cannot_change_what_a_statement_says(issuers: Issuers) -> None:
    genuine, other = state(issuers.partners, OFFER), state(issuers.partners, OFFER, now=time.time() - 9)
    (head, _, seal), (_, body, _) = genuine.split("."), other.split(".")

    await refused(issuers.offers, f"{head}.{body}.{seal}")
    for position in range(0, len(genuine) - 1, 11):
        letter = "A" if genuine[position] != "A" else "B"
        await refused(issuers.offers, genuine[:position] + letter + genuine[position + 1 :])


async def test_a_statement_of_one_kind_is_none_of_the_other(issuers: Issuers) -> None:
    await refused(issuers.proofs, state(issuers.partners, OFFER))
    await refused(issuers.offers, state(issuers.referrals, PROOF))


async def test_a_service_states_only_what_is_its_own_to_state(issuers: Issuers) -> None:
    await refused(issuers.proofs, state(issuers.partners, PROOF))
    await refused(issuers.offers, state(issuers.referrals, OFFER))
    offer = state(issuers.partners, OFFER)
    await refused(issuers.offers, altered(issuers.partners, offer, iss="urn:vereda:referrals"))
    await refused(issuers.offers, altered(issuers.partners, offer, {"typ": ConsentProof.type}))


async def test_a_transaction_token_is_no_statement(issuers: Issuers) -> None:
    await refused(issuers.offers, mint(issuers.partners, caller_of()))


@pytest.mark.parametrize("statement", [OFFER, PROOF], ids=["offer", "proof"])
async def test_a_statement_is_refused_once_its_time_is_over(
    issuers: Issuers, statement: ServiceOffer | ConsentProof
) -> None:
    over = time.time() - statement.lifetime_s
    ring, reader = (
        (issuers.partners, issuers.offers)
        if isinstance(statement, ServiceOffer)
        else (issuers.referrals, issuers.proofs)
    )

    assert await reader.read(state(ring, statement, now=over + 30)) == statement  # type: ignore[attr-defined]
    await refused(reader, state(ring, statement, now=over - 10))


async def test_a_statement_without_one_of_its_fields_is_refused(issuers: Issuers) -> None:
    token = state(issuers.referrals, PROOF)
    content = unpacked(token)[1]["statement"]

    for name in content:
        without = {key: value for key, value in content.items() if key != name}
        await refused(issuers.proofs, altered(issuers.referrals, token, statement=without))


@pytest.mark.parametrize("content", [None, "text", 7, [], {"consent": 7}], ids=str)
async def test_a_statement_that_is_none_is_refused(issuers: Issuers, content: Any) -> None:
    await refused(
        issuers.proofs, altered(issuers.referrals, state(issuers.referrals, PROOF), statement=content)
    )


@pytest.mark.parametrize(("field", "value"), [("consent", 7), ("sponsor", "x"), ("consent_expires_at", 5)])
async def test_a_field_of_another_kind_is_refused(issuers: Issuers, field: str, value: object) -> None:
    token = state(issuers.referrals, PROOF)
    content = {**unpacked(token)[1]["statement"], field: value}

    await refused(issuers.proofs, altered(issuers.referrals, token, statement=content))


async def test_what_a_later_version_adds_does_not_disturb_a_reader(issuers: Issuers) -> None:
    token = state(issuers.referrals, PROOF)
    content = {**unpacked(token)[1]["statement"], "added_later": True}

    assert await issuers.proofs.read(altered(issuers.referrals, token, statement=content)) == PROOF


def test_a_proof_carries_handles_and_codes_and_nothing_else_of_a_person_r33(issuers: Issuers) -> None:
    assert set(unpacked(state(issuers.referrals, PROOF))[1]["statement"]) == {
        "consent",
        "purpose",
        "data_classes",
        "sponsor",
        "sponsor_handle",
        "recipient",
        "recipient_handle",
        "consent_expires_at",
    }


async def test_the_issuers_keys_are_not_read_for_each_statement(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[str] = []
    read = published._read
    monkeypatch.setattr(published, "_read", lambda location: reads.append(location) or read(location))
    private = settings.model_copy(update={"home": settings.home / "read-once"})
    statement = ConsentsInForce(reader=new_id(), handle=new_id(), consents=[])

    for _ in range(3):
        assert await verifier(ConsentsInForce, private).read(sign(private, statement)) == statement

    assert len(reads) == 1
