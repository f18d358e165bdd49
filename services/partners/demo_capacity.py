"""The demo network's shifts and volunteers, and its ways to recognition and accreditation in several stages."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.partners.domain.applications import PAPERS, RaPurpose, RaStage
from services.partners.domain.terms import WorkshopStatus
from services.partners.domain.volunteering import RequestState, ShiftRole, VolunteerState
from services.partners.models import (
    RaApplication,
    RaChecklistItem,
    Volunteer,
    VolunteerRequest,
    WorkshopShift,
)
from vereda.demo.network import EPOCH, Network
from vereda.ids import seeded_id

#: What each workshop that is ahead wants: role, language, how many, and how many of them come already.
_SHIFTS: Final = (
    (ShiftRole.GREETER, None, 2, 2),
    (ShiftRole.INTAKE, None, 3, 1),
    (ShiftRole.INTERPRETER, "mixtec", 1, 0),
)
#: Applications: purpose, stage, how many items of its list are ready.
_APPLICATIONS: Final = (
    (RaPurpose.NEW_RECOGNITION, RaStage.PREPARING, 2),
    (RaPurpose.NEW_RECOGNITION, RaStage.READY, 5),
    (RaPurpose.NEW_RECOGNITION, RaStage.PENDING, 5),
)


async def load_capacity(
    session: AsyncSession, network: Network, now: datetime, workshops: list[dict[str, Any]]
) -> None:
    """Shifts of the workshops that are ahead, and of clinics and schools that prepare to be recognised."""
    ahead = [one for one in workshops if one["status"] is WorkshopStatus.PUBLISHED]
    helpers = [member.id for member in network.of_kind("CBO")]
    shifts, requests, volunteers = [], [], []
    for number, workshop in enumerate(ahead):
        for role, language, wanted, coming in _SHIFTS:
            label = f"{workshop['id']}/{role}"
            partner = helpers[number % len(helpers)]
            shift = {
                "id": seeded_id("demo-shift", label, EPOCH),
                "organization_id": workshop["organization_id"],
                "workshop_id": workshop["id"],
                "role": role,
                "language": language,
                "starts_at": workshop["starts_at"] - timedelta(minutes=30),
                "ends_at": workshop["ends_at"],
                "wanted": wanted,
                "filled": 0,  # the trigger's
                "version": 1,
            }
            shifts.append(shift)
            requests.append(_request(label, shift, partner, coming))
            volunteers += [_volunteer(label, shift, partner, one) for one in range(coming)]
    for table, rows in (
        (WorkshopShift, shifts),
        (VolunteerRequest, requests),
        (Volunteer, volunteers),
    ):
        await session.execute(insert(table), rows)
    await _applications(session, network, now)


def _request(label: str, shift: dict[str, Any], partner: UUID, coming: int) -> dict[str, Any]:
    return {
        "id": seeded_id("demo-volunteer-request", label, EPOCH),
        "organization_id": shift["organization_id"],
        "shift_id": shift["id"],
        "asked_id": partner,
        "people": shift["wanted"],
        "state": RequestState.ACCEPTED if coming else RequestState.ASKED,
        "version": 1,
    }


def _volunteer(label: str, shift: dict[str, Any], partner: UUID, number: int) -> dict[str, Any]:
    return {
        "id": seeded_id("demo-volunteer", f"{label}/{number}", EPOCH),
        "organization_id": partner,
        "shift_id": shift["id"],
        "request_id": seeded_id("demo-volunteer-request", label, EPOCH),
        "practitioner_id": None,
        "state": VolunteerState.COMING,
        "version": 1,
    }


async def _applications(session: AsyncSession, network: Network, now: datetime) -> None:
    today = now.date()
    applicants = [*network.of_kind("CLINIC"), *network.of_kind("ADULT_SCHOOL")]
    applications, items = [], []
    for member, (purpose, stage, ready) in zip(applicants, _APPLICATIONS, strict=False):
        filed = today - timedelta(days=60) if stage is RaStage.PENDING else None
        row = {
            "id": seeded_id("demo-ra-application", member.slug, EPOCH),
            "organization_id": member.id,
            "form": PAPERS[purpose].form,
            "purpose": purpose,
            "stage": stage,
            "filed_on": filed,
            "served_uscis_on": filed,
            "version": 1,
        }
        applications.append(row)
        items += [
            {
                "application_id": row["id"],
                "organization_id": member.id,
                "item": item,
                "done_on": today - timedelta(days=90),
            }
            for item in PAPERS[purpose].items[:ready]
        ]
    await session.execute(insert(RaApplication), applications)
    await session.execute(insert(RaChecklistItem), items)
