"""The demo network's programmes: a year of two cohorts of forty and the next one, and a program of grants of $5,000 and $10,000."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.grants import demo_awards, demo_selection, demo_sources, demo_training
from services.grants.domain.applications import BY_NAME, ApplicationMoveName, ApplicationState
from services.grants.domain.cohorts import SEATED, CohortStatus, ParticipantStatus, Season
from services.grants.domain.money import EntryKind
from services.grants.models import (
    ApplicationEvent,
    Cohort,
    FundingProgram,
    FundingRound,
    FundingTier,
    FundingTranche,
    GrantApplication,
    Participant,
    TrainingProgram,
)
from services.grants.operations.funnels import publish_over
from services.grants.operations.numbers import publish_year, settled_year
from vereda.demo.network import ALLY, EPOCH, FUNDER, SCHOOL, SEED, Network
from vereda.ids import seeded_id
from vereda.keyring import Keyring, Keys
from vereda.secrets import Secrets

_SEATS: Final = 40
_TIERS: Final = ((500_000, "Training completed"), (1_000_000, "Training completed, and revenue shown"))
_APPROVED: Final = 54
_DENIED: Final = 16
#: Cohorts whose people are drawn from the one source of chance.
_OF_OLD: Final = 2
_WAITED: Final = 5
_BUDGET_CENTS: Final = 50_000_000


async def is_empty(session: AsyncSession) -> bool:
    return await session.scalar(select(TrainingProgram.id).limit(1)) is None


async def load(session: AsyncSession, network: Network, now: datetime, keys: Keys) -> None:
    """Write the programmes. Their people are known here by handles alone."""
    provider = keys.current()
    chance = random.Random(SEED)  # noqa: S311
    key = Secrets(keys.path.parent).get("certificates").encode()
    await _cohorts(session, network, now, provider, chance, key)
    await _grants(session, network, now, provider, chance)
    await publish_year(session, settled_year(now), now)
    await publish_over(session, now)


async def _cohorts(
    session: AsyncSession,
    network: Network,
    now: datetime,
    provider: Keyring,
    chance: random.Random,
    key: bytes,
) -> None:
    host, ally = network.by_slug(SCHOOL).id, network.by_slug(ALLY).id
    program = seeded_id("demo-training", "entrepreneurs", EPOCH)
    await session.execute(
        insert(TrainingProgram),
        [
            {
                "id": program,
                "organization_id": host,
                "name": "Immigrant Entrepreneurs",
                "name_es": "Emprendedores inmigrantes",
                "description": "Two quarters of weekly training, and somebody at your side until the licence is there.",
                "version": 1,
            }
        ],
    )
    cohorts, participants = [], []
    for number, (season, status, starts_in, taken) in enumerate(
        (
            (Season.SPRING_SUMMER, CohortStatus.FINISHED, -330, _SEATS),
            (Season.FALL_WINTER, CohortStatus.OPEN, 10, _SEATS - 4),
            (Season.FALL_WINTER, CohortStatus.FINISHED, -515, _SEATS),
        )
    ):
        id_ = seeded_id("demo-cohort", str(number), EPOCH)
        starts = now.date() + timedelta(days=starts_in)
        enrolled = []
        # Its own chances: what is drawn for others stays what it was.
        draws = chance if number < _OF_OLD else random.Random(SEED + number)  # noqa: S311
        for seat in range(taken):
            person = seeded_id("demo-entrepreneur", f"{number}/{seat}", EPOCH)
            way = (ParticipantStatus.COMPLETED,) * 8 + (
                ParticipantStatus.DROPPED,
                ParticipantStatus.WITHDRAWN,
            )
            held = status is CohortStatus.FINISHED
            done = draws.choice(way) if held else ParticipantStatus.ADMITTED
            completed = datetime.combine(starts + timedelta(days=182), now.timetz())
            enrolled.append(done)
            participants.append(
                {
                    "id": seeded_id("demo-participant", f"{number}/{seat}", EPOCH),
                    "organization_id": host,
                    "cohort_id": id_,
                    "host_handle": provider.pairwise_id(person, host),
                    "sponsor_id": ally,
                    "sponsor_handle": provider.pairwise_id(person, ally),
                    "consent_id": seeded_id("demo-enrolment-consent", f"{number}/{seat}", EPOCH),
                    "consent_expires_at": now + timedelta(days=30),
                    "status": done,
                    "completed_at": completed if done is ParticipantStatus.COMPLETED else None,
                    "enrolled_at": now + timedelta(days=min(starts_in, 0) - 20),
                    "version": 1,
                }
            )
        cohorts.append(
            {
                "id": id_,
                "organization_id": host,
                "program_id": program,
                "season": season,
                "year": starts.year,
                "capacity": _SEATS,
                "admitted": sum(one in SEATED for one in enrolled),
                "starts_on": starts,
                "ends_on": starts + timedelta(days=182),
                "languages": ["spa", "eng"],
                "status": status,
                "version": 1,
            }
        )
    participants += _waiting(participants, cohorts, now)
    await session.execute(insert(Cohort), cohorts)
    await session.execute(insert(Participant), participants)
    # Its own chances: what is drawn for grants stays what it was.
    own = random.Random(SEED)  # noqa: S311
    await demo_training.load(session, cohorts, participants, now, own)
    await demo_selection.load(session, cohorts, participants, provider, key, now, own)


def _waiting(
    participants: list[dict[str, Any]], cohorts: list[dict[str, Any]], now: datetime
) -> list[dict[str, Any]]:
    """Who waited for the cohort before, and went over to the one that is open: they have a seat in it."""
    former, next_ = cohorts[0], cohorts[1]
    over = [one for one in participants if one["cohort_id"] == next_["id"]][:_WAITED]
    return [
        {
            **one,
            "id": seeded_id("demo-waited", str(one["id"]), EPOCH),
            "cohort_id": former["id"],
            "consent_id": seeded_id("demo-waited-consent", str(one["id"]), EPOCH),
            "status": ParticipantStatus.ROLLED_OVER,
            "enrolled_at": now - timedelta(days=350),
        }
        for one in over
    ]


async def _grants(
    session: AsyncSession, network: Network, now: datetime, provider: Keyring, chance: random.Random
) -> None:
    funder, ally = network.by_slug(FUNDER).id, network.by_slug(ALLY).id
    program = seeded_id("demo-funding", "seed", EPOCH)
    tiers = [
        {
            "id": seeded_id("demo-tier", str(cents), EPOCH),
            "organization_id": funder,
            "program_id": program,
            "amount_cents": cents,
            "condition": condition,
            "requires_training": True,
        }
        for cents, condition in _TIERS
    ]
    # In the newest year whose figures are settled, so that the network has published them.
    closed = datetime(settled_year(now), 11, 5, 20, tzinfo=UTC)
    past, current = (seeded_id("demo-round", name, EPOCH) for name in ("past", "current"))
    applications, events, awarded = _applications(provider, chance, past, funder, ally, tiers, now, closed)
    books = demo_awards.pay(applications, events, now, chance)
    await session.execute(
        insert(FundingProgram),
        [
            {
                "id": program,
                "organization_id": funder,
                "name": "Semilla small-business grants",
                "name_es": "Becas Semilla para pequeños negocios",
                "description": "A grant for those who completed the training and begin their own business.",
                "attestation": "I belong to the group that the program's rules describe.",
                "version": 1,
            }
        ],
    )
    await session.execute(insert(FundingTier), tiers)
    await session.execute(insert(FundingTranche), demo_awards.schedule_of(program, funder))
    round_ = {"organization_id": funder, "program_id": program, "budget_cents": _BUDGET_CENTS, "version": 1}
    await session.execute(
        insert(FundingRound),
        [
            {
                **round_,
                "id": past,
                "name": "Last year's round",
                "opens_at": closed - timedelta(days=60),
                "closes_at": closed,
                "awarded_cents": awarded,
            },
            {
                **round_,
                "id": current,
                "name": "This year's round",
                "opens_at": now - timedelta(days=5),
                "closes_at": now + timedelta(days=180),
                "awarded_cents": 0,
            },
        ],
    )
    await session.execute(insert(GrantApplication), applications)
    await session.execute(insert(ApplicationEvent), events)
    for id_, opened in ((past, closed - timedelta(days=60)), (current, now - timedelta(days=5))):
        of_round = {"id": id_, "organization_id": funder}
        books.book(EntryKind.ROUND_OPENED, _BUDGET_CENTS, opened, of_round, None, str(id_))
    await books.write(session)
    recipients = {"school": network.by_slug(SCHOOL).id, "ally": ally}
    await demo_sources.load(session, funder, recipients, {"past": past, "current": current}, now)


def _applications(
    provider: Keyring,
    chance: random.Random,
    round_: UUID,
    funder: UUID,
    applicant: UUID,
    tiers: list[dict[str, Any]],
    now: datetime,
    closed: datetime,
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], int]:
    applications, events, awarded = [], [], 0
    for number in range(_APPROVED + _DENIED):
        approved = number < _APPROVED
        # Whoever asked for the higher tier had shown revenue, and was approved.
        tier = chance.choices(tiers, (70, 30))[0] if approved else tiers[0]
        person = seeded_id("demo-applicant", str(number), EPOCH)
        id_ = seeded_id("demo-application", str(number), EPOCH)
        submitted = closed - timedelta(days=chance.randint(5, 55))
        decided = submitted + timedelta(days=chance.randint(10, 40))
        end = ApplicationMoveName.APPROVE if approved else ApplicationMoveName.DENY
        awarded += tier["amount_cents"] if approved else 0
        applications.append(
            {
                "id": id_,
                "organization_id": applicant,
                "funder_id": funder,
                "round_id": round_,
                "tier_id": tier["id"],
                "applicant_handle": provider.pairwise_id(person, applicant),
                "funder_handle": provider.pairwise_id(person, funder),
                "consent_id": seeded_id("demo-grant-consent", str(number), EPOCH),
                "consent_expires_at": now + timedelta(days=100),
                "attestation_version": 1,
                "state": ApplicationState.APPROVED if approved else ApplicationState.DENIED,
                "awarded_cents": tier["amount_cents"] if approved else None,
                "submitted_at": submitted,
                "decided_at": decided,
                "version": 1,
            }
        )
        moves = (
            None,
            ApplicationMoveName.SUBMIT,
            ApplicationMoveName.SCREEN,
            ApplicationMoveName.REVIEW,
            end,
        )
        for sequence, move in enumerate(moves, start=1):
            row = BY_NAME[move] if move else None
            events.append(
                {
                    "application_id": id_,
                    "sequence": sequence,
                    "move": move,
                    "to_state": row.to if row else ApplicationState.DRAFT,
                    "side": row.by if row else "APPLICANT",
                    "organization_id": applicant if row is None or row.by == "APPLICANT" else funder,
                    "actor": "demo",
                    "occurred_at": submitted + timedelta(days=sequence),
                }
            )
    return applications, events, awarded
