"""A referral's life beyond the straight way: drafts, open offers, children, two-sided closing (DOMAIN 4.3)."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from services.referrals.models import Client, Referral
from tests.referrals.clocks import heard, row_of
from tests.referrals.story import Story
from vereda.database import Database
from vereda.ids import new_id

SAVED = """... on DraftSaved { referral { id version state needs narrative placerId recipient { id }
  suggestedService { id } } } ... on SensitiveText { field } ... on MoveNotAllowed { state }
  ... on VersionConflict { currentVersion } ... on InvalidInput { problems { field } }"""
SENT = """... on ReferralSent { referral { id version state recipient { id } offers { state organization { id } } } }
  ... on ConsentMissing { missing } ... on InvalidInput { problems { field } } ... on NotFound { code }"""
CLAIMED = "... on ReferralClaimed { referral { id state client { displayName } narrative } }"
CHILD = """... on ReferralRematched { referral { id state needs parent { id } recipient { id } } }
  ... on ConsentMissing { missing } ... on InvalidInput { problems { field problem } }"""
SPLIT = """... on ReferralSplit { referral { state children { id needs state } } }
  ... on InvalidInput { problems { field } } ... on ConsentMissing { missing }"""
OFFERS = "{ openOffers { nodes { id domain urgency language service { id } sender { id } } } }"
TASKS = "{ referralTasks { nodes { kind referral { id } } } }"


async def a_draft(story: Story, client: str, **more: Any) -> dict[str, Any]:
    given = {"client": client, "needs": ["legal.immigration.daca_renewal"], **more}
    return await story.did(story.clinic, "saveDraft", SAVED, **given)


async def test_a_draft_is_kept_edited_and_sent_and_nobody_else_sees_it_before(
    story: Story, database: Database
) -> None:
    client = await story.client()
    kept = (await a_draft(story, client, narrative="First thoughts.", placerId="EHR-7", offer=story.offer()))[
        "referral"
    ]
    version = {"id": kept["id"], "expectedVersion": kept["version"]}
    edited = (await a_draft(story, client, narrative="Second thoughts.", urgency="SOON", **version))[
        "referral"
    ]
    stale = await a_draft(story, client, **version)
    async with database.transaction(story.legal) as session:
        assert await session.get(Referral, kept["id"]) is None
    version = {"id": kept["id"], "expectedVersion": edited["version"]}
    no_consent = await story.did(
        story.clinic, "sendDraft", SENT, consent=str(new_id()), offer=story.offer(), **version
    )
    consent = await story.consent(client)
    sent = await story.did(story.clinic, "sendDraft", SENT, consent=consent, offer=story.offer(), **version)

    assert (kept["recipient"], kept["suggestedService"]) == (None, {"id": str(story.service)})
    assert (edited["narrative"], edited["placerId"]) == ("Second thoughts.", None)
    assert stale["__typename"] == "VersionConflict"
    assert no_consent["__typename"] == "NotFound"
    assert sent["referral"]["state"] == "SENT"
    received = (await story.seen(story.legal, kept["id"]))["data"]["referral"]
    assert received["narrative"] == "Second thoughts."
    assert await heard(database, story.legal, kept["id"]) == ["send"]
    late = await a_draft(
        story, client, id=kept["id"], expectedVersion=sent["referral"]["version"], narrative="Too late."
    )
    assert (late["__typename"], late["state"]) == ("MoveNotAllowed", "SENT")


async def test_what_must_not_be_recorded_is_refused_in_a_draft_too_r2(story: Story) -> None:
    refused = await a_draft(story, await story.client(), narrative="no papers, A123456789")

    assert (refused["__typename"], refused["field"]) == ("SensitiveText", "narrative")


async def test_a_draft_waits_for_consent_with_an_interpreter_and_is_then_sent(story: Story) -> None:
    client = await story.client()
    kept = (await a_draft(story, client))["referral"]
    wrong = await story.move(story.clinic, kept, "REQUEST_CONSENT", interpreterLanguage="Mixtec")
    await story.moves(story.clinic, kept, ("REQUEST_CONSENT", {"interpreterLanguage": "mxb"}))
    consent = await story.consent(client)
    sent = await story.did(
        story.clinic,
        "sendDraft",
        SENT,
        id=kept["id"],
        expectedVersion=await story.version(kept["id"]),
        consent=consent,
        offer=story.offer(),
    )

    assert wrong["problems"] == [{"field": "interpreterLanguage"}]
    assert sent["referral"]["state"] == "SENT"


async def test_what_was_entered_in_error_is_void_until_the_other_side_acts(story: Story) -> None:
    unopened, opened = await story.sent(), await story.sent()
    await story.moves(story.legal, opened, "OPEN")

    voided = await story.moves(story.clinic, unopened, ("VOID", {"reason": "DUPLICATE"}))
    refused = await story.move(story.clinic, opened, "VOID", reason="DUPLICATE")

    assert voided["state"] == "VOID"
    assert refused["__typename"] == "MoveNotAllowed"


async def offered(story: Story, **consent: Any) -> dict[str, Any]:
    """A referral that the legal provider and the school may claim."""
    client = await story.client()
    both = await story.consent(client, recipients=(story.legal, story.school), **consent)
    offers = [story.offer(), story.offer(to=story.school, service=new_id())]
    kept = (await a_draft(story, client, narrative="Renewal due in May."))["referral"]
    sent = await story.did(
        story.clinic,
        "sendDraft",
        SENT,
        id=kept["id"],
        expectedVersion=kept["version"],
        consent=both,
        openTo=offers,
    )
    return {**sent.get("referral", sent), "consent": both, "client": client}


async def the_offer(story: Story, by: Any) -> dict[str, Any]:
    (offer,) = (await story.referrals.data(by, OFFERS))["openOffers"]["nodes"]
    return dict(offer)


async def test_an_open_offer_shows_what_a_claim_needs_and_no_person_r13_r14(
    story: Story, database: Database
) -> None:
    referral = await offered(story)
    offer = await the_offer(story, story.legal)
    before = await story.seen(story.legal, referral["id"])
    async with database.transaction(story.legal) as session:
        assert await session.get(Referral, referral["id"]) is None
        row = await row_of(database, referral["id"])
        assert await session.get(Client, row.client_id) is None

    assert offer == {
        "id": offer["id"],
        "domain": "legal",
        "urgency": "ROUTINE",
        "language": "spa",
        "service": {"id": str(story.service)},
        "sender": {"id": str(story.clinic.organization)},
    }
    assert referral["id"] not in str(offer)
    assert before["data"]["referral"] is None


async def test_of_all_who_claim_at_once_exactly_one_gets_it_and_it_is_withdrawn_from_the_others(
    story: Story, database: Database
) -> None:
    for _ in range(4):
        referral = await offered(story)
        offers = {who.organization: await the_offer(story, who) for who in (story.legal, story.school)}
        claims = [
            (who, offers[who.organization]["id"]) for who in (story.legal, story.school) for _ in range(2)
        ]

        answers = await asyncio.gather(
            *(story.did(who, "claimReferral", CLAIMED, offer=offer) for who, offer in claims)
        )

        won = {who.organization for (who, _), one in zip(claims, answers, strict=True) if "referral" in one}
        assert len(won) == 1
        assert {one["__typename"] for one in answers} == {"ReferralClaimed", "OfferTaken"}
        winner = story.legal if story.legal.organization in won else story.school
        loser = story.school if winner is story.legal else story.legal
        row = await row_of(database, referral["id"])
        assert (row.recipient_id, row.state) == (winner.organization, "SENT")
        assert (await story.referrals.data(loser, OFFERS))["openOffers"]["nodes"] == []
        seen = (await story.seen(winner, referral["id"]))["data"]["referral"]
        assert (seen["client"]["displayName"], seen["narrative"]) == ("Marisol Q.", "Renewal due in May.")
        assert (await story.seen(loser, referral["id"]))["data"]["referral"] is None
        assert await heard(database, story.clinic, referral["id"]) == ["draft_saved", "send", "claim"]
        assert (await story.moves(winner, referral, "OPEN", "ACCEPT"))["state"] == "ACCEPTED"


async def test_an_offer_ends_with_its_referral_and_with_the_consent(story: Story) -> None:
    cancelled, revoked = await offered(story), await offered(story)
    nodes = (await story.referrals.data(story.legal, OFFERS))["openOffers"]["nodes"]
    await story.moves(story.clinic, cancelled, ("CANCEL", {"reason": "CLIENT_SERVED_ELSEWHERE"}))
    await story.revoke(story.clinic, revoked["consent"])

    claims = [await story.did(story.legal, "claimReferral", CLAIMED, offer=one["id"]) for one in nodes]

    assert [one["__typename"] for one in claims] == ["OfferTaken", "OfferTaken"]


async def test_an_offer_goes_to_nobody_whom_the_consent_does_not_name_r6(story: Story) -> None:
    client = await story.client()
    one = await story.consent(client)  # names the legal provider alone
    offers = [story.offer(), story.offer(to=story.school, service=new_id())]
    given = {"client": client, "consent": one, "needs": ["legal.immigration.daca_renewal"]}

    refused = await story.did(story.clinic, "sendReferral", SENT, openTo=offers, **given)
    neither = await story.did(story.clinic, "sendReferral", SENT, **given)

    assert refused["__typename"] == "ConsentMissing"
    assert neither["problems"] == [{"field": "offer"}]


async def test_who_passes_leaves_it_to_the_others_and_may_think_again(story: Story) -> None:
    referral = await offered(story)
    offer = await the_offer(story, story.legal)

    await story.did(story.legal, "passOffer", "", offer=offer["id"])
    left = (await story.referrals.data(story.legal, OFFERS))["openOffers"]["nodes"]
    again = await story.did(story.legal, "claimReferral", CLAIMED, offer=offer["id"])

    assert left == []
    assert again["referral"]["id"] == referral["id"]


async def test_after_a_refusal_one_click_goes_on_elsewhere_under_a_consent_for_the_new_partner_r10(
    story: Story,
) -> None:
    referral = await story.sent()
    elsewhere = story.offer(to=story.school, service=new_id())
    too_early = await story.did(story.clinic, "rematchReferral", CHILD, id=referral["id"], offer=elsewhere)
    await story.moves(story.legal, referral, "OPEN", ("DECLINE", {"reason": "OUT_OF_AREA"}))
    tasks = (await story.referrals.data(story.clinic, TASKS))["referralTasks"]["nodes"]
    missing = await story.did(story.clinic, "rematchReferral", CHILD, id=referral["id"], offer=elsewhere)
    wider = await story.consent(referral["client"], recipients=(story.school,))
    given = {"id": referral["id"], "offer": elsewhere, "consent": wider}
    child = await story.did(story.clinic, "rematchReferral", CHILD, **given)
    second = await story.did(story.clinic, "rematchReferral", CHILD, **given)

    assert too_early["problems"][0]["field"] == "id"
    assert missing["__typename"] == "ConsentMissing"
    assert tasks == [{"kind": "REMATCH", "referral": {"id": referral["id"]}}]
    assert child["referral"]["parent"] == {"id": referral["id"]}
    assert child["referral"]["recipient"] == {"id": str(story.school.organization)}
    assert second["problems"][0]["field"] == "needs"  # one open child for each need
    assert (await story.referrals.data(story.clinic, TASKS))["referralTasks"]["nodes"] == []
    assert (await story.seen(story.legal, child["referral"]["id"]))["data"]["referral"] is None


async def test_needs_are_split_among_partners_and_of_each_one_child_is_open(story: Story) -> None:
    client = await story.client()
    both = await story.consent(client, recipients=(story.legal, story.school))
    needs = ["legal.immigration.daca_renewal", "education.esl"]
    referral = (await story.send(client, both, story.offer(), needs=needs))["referral"]
    part = {"needs": ["education.esl"], "offer": story.offer(to=story.school, service=new_id())}
    version = {"id": referral["id"], "expectedVersion": referral["version"]}

    done, again = await asyncio.gather(
        *(story.did(story.clinic, "splitReferral", SPLIT, parts=[part], **version) for _ in range(2))
    )
    foreign = await story.did(
        story.clinic, "splitReferral", SPLIT, parts=[{**part, "needs": ["health.dental"]}], **version
    )

    assert {done["__typename"], again["__typename"]} == {"ReferralSplit", "InvalidInput"}
    split = next(one for one in (done, again) if "referral" in one)["referral"]
    assert split["state"] == "SENT"
    assert [(one["needs"], one["state"]) for one in split["children"]] == [(["education.esl"], "SENT")]
    assert foreign["problems"] == [{"field": "needs"}]


async def test_the_suggestion_of_a_redirect_comes_back_to_the_sender_r10(story: Story) -> None:
    referral = await story.sent()
    suggested = new_id()
    await story.moves(
        story.legal,
        referral,
        "OPEN",
        ("OFFER_REDIRECT", {"offer": story.offer(to=story.school, service=suggested)}),
    )
    document = (
        "query($id: ID!) { referral(id: $id) { suggestedService { id } suggestedOrganization { id } } }"
    )

    seen = await story.referrals.data(story.clinic, document, id=referral["id"])

    assert seen["referral"] == {
        "suggestedService": {"id": str(suggested)},
        "suggestedOrganization": {"id": str(story.school.organization)},
    }
    assert (await story.moves(story.clinic, referral, "REFUSE_REDIRECT"))["state"] == "IN_REVIEW"


async def completed(story: Story) -> dict[str, Any]:
    referral = await story.sent()
    await story.moves(
        story.legal, referral, "OPEN", "ACCEPT", "START", ("COMPLETE", {"outcome": "SERVED_FULLY"})
    )
    return referral


async def settle(story: Story, referral: dict[str, Any], *, confirmed: bool) -> dict[str, Any]:
    return await story.did(
        story.clinic,
        "settleLoop",
        "... on ReferralMoved { referral { loop } }",
        id=referral["id"],
        expectedVersion=await story.version(referral["id"]),
        confirmed=confirmed,
    )


async def test_a_dispute_opens_a_task_for_both_and_ends_with_the_senders_word(story: Story) -> None:
    referral = await completed(story)

    async def kinds() -> list[list[str]]:
        answers = [await story.referrals.data(by, TASKS) for by in (story.clinic, story.legal)]
        return [[one["kind"] for one in answer["referralTasks"]["nodes"]] for answer in answers]

    disputed = await settle(story, referral, confirmed=False)
    during = await kinds()
    confirmed = await settle(story, referral, confirmed=True)
    again = await settle(story, referral, confirmed=False)

    assert disputed["referral"]["loop"] == "DISPUTED"
    assert during == [["RESOLVE_DISPUTE"], ["RESOLVE_DISPUTE"]]
    assert confirmed["referral"]["loop"] == "CONFIRMED"
    assert await kinds() == [[], []]
    assert again["__typename"] == "MoveNotAllowed"


async def test_a_completed_referral_is_taken_up_again_when_both_sides_say_so(story: Story) -> None:
    referral = await completed(story)
    alone = await story.move(story.legal, referral, "REOPEN_SERVICE")
    asked = await story.did(story.legal, "proposeReopening", "", id=referral["id"])
    still_alone = await story.move(story.legal, referral, "REOPEN_SERVICE")
    await story.did(story.clinic, "proposeReopening", "", id=referral["id"])
    reopened = await story.moves(story.legal, referral, "REOPEN_SERVICE")

    assert [alone["__typename"], still_alone["__typename"]] == ["MoveNotAllowed"] * 2
    assert asked["__typename"] == "ReopeningProposed"
    assert (reopened["state"], reopened["loop"]) == ("IN_SERVICE", "OPEN")
    tasks = [await story.referrals.data(by, TASKS) for by in (story.clinic, story.legal)]
    assert [one["referralTasks"]["nodes"] for one in tasks] == [[], []]


@pytest.mark.parametrize(
    ("move", "more"), [("CLAIM", {}), ("BOOK", {}), ("EXPIRE", {"reason": "NO_RESPONSE"})]
)
async def test_what_is_made_another_way_is_not_made_by_move_referral(
    story: Story, move: str, more: dict[str, str]
) -> None:
    referral = await story.sent()
    await story.moves(story.legal, referral, "OPEN", "ACCEPT")

    for by in (story.legal, story.clinic):
        assert (await story.move(by, referral, move, **more))["__typename"] == "MoveNotAllowed"


async def test_a_sender_without_the_clients_word_hears_of_the_end_alone_r7(
    story: Story, database: Database
) -> None:
    referral = await story.sent(purposes=("REFERRAL_DELIVERY",))
    await story.moves(
        story.legal, referral, "OPEN", "ACCEPT", "START", ("COMPLETE", {"outcome": "ADVICE_ONLY"})
    )

    assert await heard(database, story.clinic, referral["id"]) == ["send", "closed"]


MOVES = """query($id: ID!) { referral(id: $id) { allowedMoves {
  move through needsOutcome needsOffer reasons forbidden } } }"""


async def test_allowed_moves_say_what_each_takes_and_what_is_against_it(
    story: Story, database: Database
) -> None:
    referral = await story.sent(1)

    async def moves(by: Any) -> dict[str, dict[str, Any]]:
        data = await story.referrals.data(by, MOVES, id=referral["id"])
        return {one["move"]: one for one in data["referral"]["allowedMoves"]}

    fresh = await moves(story.clinic)
    await story.moves(story.legal, referral, "OPEN")
    review = await moves(story.legal)
    other = await story.client()
    taking = (await story.send(other, await story.consent(other), story.offer(1)))["referral"]
    await story.moves(story.legal, taking, "OPEN", "ACCEPT")
    full = await moves(story.legal)
    await story.revoke(story.clinic, referral["consent"])

    assert fresh["VOID"]["forbidden"] is None
    assert "CLIENT_DECLINED" in fresh["CANCEL"]["reasons"]
    assert (review["ACCEPT"]["forbidden"], review["ACCEPT"]["reasons"]) == (None, [])
    assert review["ACCEPT"]["through"] == "moveReferral"
    assert "no room" in full["ACCEPT"]["forbidden"]
    assert full["WAITLIST"]["forbidden"] is None
    assert await moves(story.legal) == {}


async def test_a_client_stops_it_by_a_word_to_whoever_serves_them(story: Story) -> None:
    referral = await story.sent()
    await story.moves(story.legal, referral, "OPEN", "ACCEPT")
    seen = await story.referrals.data(story.legal, MOVES, id=referral["id"])
    [allowed] = [one for one in seen["referral"]["allowedMoves"] if one["move"] == "CLIENT_CANCELS"]

    own_reason = await story.move(story.legal, referral, "CLIENT_CANCELS", reason="NO_CAPACITY")
    not_theirs = await story.move(story.clinic, referral, "CLIENT_CANCELS", reason="CLIENT_DECLINED")
    done = await story.moves(story.legal, referral, ("CLIENT_CANCELS", {"reason": "CLIENT_DECLINED"}))

    assert allowed["reasons"] == ["CLIENT_DECLINED", "CLIENT_SERVED_ELSEWHERE"]
    assert own_reason == {"__typename": "InvalidInput", "problems": [{"field": "reason"}]}
    assert not_theirs["__typename"] == "MoveNotAllowed"
    assert (done["state"], done["loop"]) == ("CANCELLED", "REPORTED")
    assert (await story.seen(story.clinic, referral["id"]))["data"]["referral"]["reason"] == "CLIENT_DECLINED"
