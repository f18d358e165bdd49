"""Every field about a client x every reader x every kind of consent, through the graph and row-level security, against a
statement of DOMAIN 4.4 that is written here once more and shares nothing with the code (R6, R7, R12, R13, R14, R18).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import pytest
import pytest_asyncio
from graphql import GraphQLObjectType
from sqlalchemy import text

from services.referrals.app import SERVICE
from services.referrals.domain.disclosure import BY_FIELD, FIELDS, LADDER, Reader, Rung, rung
from services.referrals.printing import page
from tests.referrals.story import EVERYTHING, Story
from tests.support.databases import Databases
from vereda.caller import Caller, Scope, system_caller
from vereda.database import Database
from vereda.ids import new_id

ALL: Final = (*EVERYTHING, "SERVICE_DETAIL", "SURVIVOR")
#: What each field tells, as DOMAIN 3.2 (R12) and 4.1 have it; None is what a party to the referral may always know.
TELLS: Final = {
    "displayName": "IDENTITY",
    "ageBand": "IDENTITY",
    "county": "IDENTITY",
    "zip3": "IDENTITY",
    "contacts": "CONTACT",
    "contactMode": "CONTACT",
    "safeHours": "CONTACT",
    "language": "LANGUAGE",
    "languageModality": "LANGUAGE",
    "needs": "NEED",
    "narrative": "NEED",
}
STATUS: Final = ("state", "fhirStatus", "loop", "reason", "dueAt", "allowedMoves", "timeline")
KIND: Final = ("service", "serviceCategory", "serviceDomain")
#: What DOMAIN 4.4's purposes need at the least, of what is asked here.
PURPOSES: Final = {
    None: None,
    "REFERRAL_DELIVERY": {"IDENTITY", "CONTACT", "LANGUAGE", "NEED", "SERVICE_DETAIL", "OUTCOME"},
    "STATUS_BACK": {"SERVICE_DETAIL", "OUTCOME"},
    "APPOINTMENT": {"IDENTITY", "CONTACT", "LANGUAGE", "SERVICE_DETAIL", "OUTCOME"},
    "GRANT_APPLICATION": {"IDENTITY", "CONTACT", "LANGUAGE"},
    "AGGREGATE": set(),
    "NO_SUCH_PURPOSE": set(),
}
ASKED: Final = """query($id: ID!) { referral(id: $id) { recipient { id }
  client { displayName ageBand county { fips } zip3 contacts { value } contactMode safeHours language languageModality }
  service { id } serviceCategory serviceDomain needs narrative outcome
  state fhirStatus loop reason placerId dueAt allowedMoves { move } timeline { toState outcome } } }"""


@dataclass(frozen=True)
class Situation:
    """A client's referral and what became of their consent. `legal` until `cleared`; `closed_days` ago it ended."""

    name: str
    classes: tuple[str, ...] = ALL
    purposes: tuple[str, ...] = ("REFERRAL_DELIVERY", "STATUS_BACK", "APPOINTMENT", "GRANT_APPLICATION")
    domains: tuple[str, ...] = ()
    change: str = ""
    alive: bool = True
    names_recipient: bool = True
    served: bool = True
    legal: bool = False
    cleared: bool = False
    survivor: bool = False
    closed_days: int | None = None


SITUATIONS: Final = (
    Situation("everything is allowed"),
    *(Situation(f"without {one}", tuple(c for c in ALL if c != one)) for one in (*EVERYTHING, "SURVIVOR")),
    Situation("no word back", purposes=("REFERRAL_DELIVERY",)),
    Situation("word back alone", purposes=("STATUS_BACK",)),
    Situation("appointments alone", purposes=("APPOINTMENT",)),
    Situation("revoked", change="revoked_at = now()", alive=False),
    Situation("expired", change="expires_at = now() - interval '1 minute'", alive=False),
    Situation("not yet begun", change="valid_from = now() + interval '1 day'", alive=False),
    Situation("for this kind of help", domains=("legal",)),
    Situation("for another kind of help", change="service_domains = '{health}'", served=False),
    Situation("naming another", change="recipients = ARRAY[gen_random_uuid()]", names_recipient=False),
    Situation("before the conflict check", legal=True),
    Situation("after the conflict check", legal=True, cleared=True),
    Situation("declined before the check", legal=True, closed_days=1),
    Situation("closed a while", closed_days=29),
    Situation("closed for long", closed_days=31),
    Situation("a survivor's", survivor=True),
    Situation("a survivor's, not named so", tuple(c for c in ALL if c != "SURVIVOR"), survivor=True),
    Situation("a survivor's, revoked", survivor=True, change="revoked_at = now()", alive=False),
    Situation(
        "a survivor's, naming another", survivor=True, change="recipients = '{}'", names_recipient=False
    ),
)
#: Asked for each purpose that a request can name; the others without one.
WITH_PURPOSES: Final = ("everything is allowed", "appointments alone", "word back alone", "a survivor's")
READERS: Final = ("author", "staff", "recipient", "named beside", "stranger", "coordinator", "funder")


@pytest_asyncio.fixture(scope="module")
async def database(databases: Databases) -> Database:
    """A database of this file's own, because consents are changed here by force."""
    return await databases.migrated("referrals", SERVICE.folder)


def callers(story: Story) -> dict[str, Caller]:
    return {
        "author": story.clinic,
        "staff": replace(story.clinic, subject="a colleague"),
        "recipient": story.legal,
        "named beside": story.school,  # of the same consent, and sent no referral
        "stranger": replace(story.legal, organization=new_id()),
        "coordinator": replace(
            story.legal,
            organization=new_id(),
            scopes=frozenset({Scope.CLIENT_READ.value, Scope.ADMIN_NETWORK.value, Scope.REPORT_READ.value}),
        ),
        "funder": replace(
            story.legal,
            organization=new_id(),
            scopes=frozenset({Scope.CLIENT_READ.value, Scope.GRANT_PAY.value, Scope.REPORT_READ.value}),
        ),
    }


async def arranged(story: Story, database: Database, situation: Situation) -> dict[str, str]:
    """The situation, with a value in every field that is asked."""
    person = {"ageBand": "FROM_41_TO_64", "zip3": "937", "contactMode": "SAFE_HOURS", "safeHours": "mornings"}
    client = await story.client(**person)
    await story.consent(client, ALL, recipients=(story.school,))
    consent = await story.consent(client, ALL, ("REFERRAL_DELIVERY",))
    offer = story.offer(legal=situation.legal, survivor=situation.survivor)
    sent = (await story.send(client, consent, offer, placerId="P-1"))["referral"]
    ended = situation.closed_days is not None
    # The rest by force: the way there is what other tests are about.
    row = {
        "state": "'DECLINED'" if ended else "'ACCEPTED'",
        "reason": "'NO_CAPACITY'",
        "outcome": "'ADVICE_ONLY'",
        "due_at": "now()",
        "conflict_cleared_at": "now()" if situation.cleared else "NULL",
        "ended_at": f"now() - interval '{situation.closed_days} days'" if ended else "NULL",
    }
    allowed = {
        "data_classes": f"ARRAY{list(situation.classes)!r}",
        "purposes": f"ARRAY{list(situation.purposes)!r}",
        "service_domains": f"ARRAY{list(situation.domains)!r}::text[]",
    }
    async with database.transaction(system_caller(new_id())) as session:
        await session.execute(
            text(f"UPDATE referrals SET {written(row)} WHERE id = :id"),
            {"id": UUID(sent["id"])},
        )
        await session.execute(
            text(
                "INSERT INTO referral_events (referral_id, sequence, move, from_state, to_state, party,"
                " actor_organization_id, actor, outcome, occurred_at) SELECT id, 3, 'OPEN', 'SENT', 'IN_REVIEW',"
                " 'RECIPIENT', recipient_id, 'worker', 'ADVICE_ONLY', now() FROM referrals WHERE id = :id"
            ),
            {"id": UUID(sent["id"])},
        )
        await session.execute(text("ALTER TABLE consents DISABLE TRIGGER revocation_ends_referrals"))
        allowed |= dict([situation.change.split(" = ", 1)] if situation.change else ())
        await session.execute(
            text(f"UPDATE consents SET {written(allowed)} WHERE id = :id"),
            {"id": UUID(consent)},
        )
        await session.execute(text("ALTER TABLE consents ENABLE TRIGGER revocation_ends_referrals"))
    return {"referral": sent["id"], "consent": consent}


def written(values: dict[str, str]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in values.items())


def expected(reader: str, situation: Situation, purpose: str | None) -> dict[str, bool] | None:
    """What DOMAIN 4.4 lets `reader` see, by field; None: that there is no such referral (R16)."""
    if reader not in ("author", "staff", "recipient"):
        return None
    right = situation.alive and situation.names_recipient and "SURVIVOR" in situation.classes
    if reader == "recipient" and situation.survivor and not right:
        return None
    least = PURPOSES[purpose]

    def needed(data_class: str) -> bool:
        return least is None or data_class in least

    return {
        **{name: needed(of) and _told(reader, name, of, situation, purpose) for name, of in TELLS.items()},
        **{name: needed("SERVICE_DETAIL") and _kind(reader, name, situation) for name in KIND},
        **{name: needed("OUTCOME") and _status(reader, situation) for name in STATUS},
        "outcome": needed("OUTCOME")
        and _status(reader, situation)
        and (reader == "recipient" or "OUTCOME" in situation.classes),
        "placerId": reader != "recipient"
        or (situation.alive and situation.names_recipient and "STATUS_BACK" in situation.purposes),
        "recipient": not (situation.survivor and reader == "staff"),
    }


def _told(reader: str, name: str, of: str, situation: Situation, purpose: str | None) -> bool:
    """consent.active AND reader IN recipients AND class IN dataClasses AND purpose IN purposes AND NOT hold/seal."""
    if name == "narrative" and (reader == "staff" or (reader == "author" and situation.survivor)):
        return False  # it tells the kind of help exactly (R13)
    if reader in ("author", "staff"):
        return True  # what one's own organisation wrote
    if not (situation.alive and situation.names_recipient and situation.served and of in situation.classes):
        return False
    if (purpose or "REFERRAL_DELIVERY") not in situation.purposes:
        return False
    if situation.closed_days is not None and situation.closed_days > 30:
        return False
    if situation.legal and not situation.cleared:
        return name == "displayName" and situation.closed_days is None
    return True


def _kind(reader: str, name: str, situation: Situation) -> bool:
    """The ladder: recipient and author exact, the rest of the staff the domain; a survivor's the domain for all others."""
    if reader == "recipient" or (reader == "author" and not situation.survivor):
        return True
    return name == "serviceDomain"


def _status(reader: str, situation: Situation) -> bool:
    return reader == "recipient" or (situation.alive and "STATUS_BACK" in situation.purposes)


async def test_r12_every_field_for_every_reader_under_every_consent(story: Story, database: Database) -> None:
    who, wrong, tried = callers(story), [], 0
    for situation in SITUATIONS:
        made = await arranged(story, database, situation)
        for reader in READERS:
            for purpose in PURPOSES if situation.name in WITH_PURPOSES else (None,):
                caller = replace(who[reader], purpose=purpose)
                answer = await story.referrals.answer(caller, ASKED, id=made["referral"])
                allowed, seen = expected(reader, situation, purpose), answer["data"]["referral"]
                case = (situation.name, reader, purpose)
                assert answer["errors"] == [], case
                if allowed is None or seen is None:
                    tried += 1
                    if (allowed is None) != (seen is None) or answer["extensions"]:
                        wrong.append((*case, "the referral"))
                    continue
                found = values(seen, "SENT" if reader == "recipient" else "IN_REVIEW")
                told = {entry["path"][-1] for entry in answer["extensions"].get("redactions", ())}
                for name, shown in allowed.items():
                    tried += 1
                    generalised = name == "needs" and reader != "recipient" and shown
                    if bool(found[name]) != shown and not (name == "allowedMoves" and situation.closed_days):
                        wrong.append((*case, name))
                    if not shown and name not in told:
                        wrong.append((*case, name, "why not"))
                    if generalised and (found[name] == ["legal"]) != (
                        reader == "staff" or situation.survivor
                    ):
                        wrong.append((*case, "needs, how exactly"))

    assert wrong == []
    assert tried > 1_500


def values(seen: dict[str, Any], others: str) -> dict[str, Any]:
    """By field; a timeline of one's own acts, and not of the other side's, is one that is not shown."""
    theirs = [event for event in seen["timeline"] if event["toState"] == others]
    return {**seen, **seen["client"], "timeline": theirs}


def types_of_the_table() -> set[str]:
    return {one.name.partition(".")[0] for one in FIELDS}


def test_r12_a_field_without_a_row_in_the_table_fails_here() -> None:
    schema = SERVICE.schema._schema
    declared = set()
    for name in types_of_the_table():
        kind = schema.type_map[name]
        assert isinstance(kind, GraphQLObjectType)
        declared |= {f"{name}.{field}" for field in kind.fields}

    assert declared == set(BY_FIELD)
    assert len(BY_FIELD) == len(FIELDS)


def test_r12_every_type_that_can_be_read_is_in_the_table_or_said_to_be_of_nobody() -> None:
    """A new type is noticed as soon as any question leads to it, wherever it hangs."""
    schema = SERVICE.schema._schema
    assert schema.query_type is not None
    roots = (str(field.type).strip("[]!") for field in schema.query_type.fields.values())
    reached, todo = set(), ["Client", "Referral", "Consent", *roots]
    while todo:
        name = todo.pop()
        kind = schema.type_map[name]
        if not isinstance(kind, GraphQLObjectType) or name in reached or name in ELSEWHERE:
            continue
        reached.add(name)
        todo += [str(field.type).strip("[]!") for field in kind.fields.values()]

    assert {name for name in reached if not name.endswith(("Connection", "Edge"))} == types_of_the_table()


#: What is the directory's, an organisation's own settings and keys, counts of many, the audit (handles and codes), pages, and
#: parts of a field that has a row of its own.
ELSEWHERE: Final = {
    "Organization",
    "Service",
    "Workshop",
    "County",
    "PageInfo",
    "ClientContact",
    "ConsentReceipt",
    "ConsentPresence",
    "Destruction",
    "AuditLog",
    "ChangeFeed",  # ids and codes; what may be known of them is asked at each reading (test_feed.py)
    "CompartmentKey",
    "ConsentScript",
    "Escalation",
    "PublishedReport",
    "ResponseLimits",
    "TallyForm",
    "TallyReport",
    "_Service",
    "_Entity",
    "_Any",
    "WorkshopTurnout",
    "WorkshopTallies",
    "SeasonTurnout",
    "FilledForm",
    "TallyLine",
    "RegionalDashboard",
    "RegionalPeriod",
    "RegionalFigure",
    "RegionalMeasure",
    "RegionalValue",
    "ServicesFigures",
    "OutreachFigures",
    "QualityFigures",
    "WebhookEndpoint",
    "WebhookDelivery",
}


@pytest.mark.parametrize("reader", Reader)
def test_r13_a_survivors_kind_of_help_collapses_for_all_but_the_recipient(reader: Reader) -> None:
    assert rung(reader, survivor=False) is LADDER[reader]
    assert rung(reader, survivor=True) is (
        Rung.EXACT if reader is Reader.RECIPIENT else min(LADDER[reader], Rung.DOMAIN)
    )


def test_the_page_is_printed_from_the_table() -> None:
    printed = (Path(__file__).parents[2] / "docs" / "disclosure.md").read_text()

    assert printed == page(), "run: python -m services.referrals.printing > docs/disclosure.md"
