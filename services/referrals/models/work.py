"""What is still to be done: work lists, the network's overdue, and how quickly each partner answers."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Final
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from services.referrals.domain.clocks import Urgency
from services.referrals.domain.lifecycle import State
from services.referrals.domain.tasks import TaskKind
from services.referrals.models.tables import Base
from vereda.models import Identified, code_column

#: In `service_id`: the limits are of all services of the organisation that have none of their own.
EVERY_SERVICE: Final = UUID(int=0)


class Task(Identified, Base):
    """Something that `organization_id` has to do about a referral. One of a kind is open at a time."""

    __tablename__ = "tasks"
    __table_args__ = (
        Index(
            "uq_tasks_open",
            "organization_id",
            "referral_id",
            "kind",
            unique=True,
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index(None, "organization_id", "id"),
        Index(None, "referral_id"),
    )

    organization_id: Mapped[UUID]
    referral_id: Mapped[UUID] = mapped_column(ForeignKey("referrals.id"))
    kind: Mapped[TaskKind] = code_column(TaskKind)
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class Escalation(Identified, Base):
    """That a partner has not answered for long, as the network's coordinator learns it: of nobody's story.

    Referrals to services for survivors are not among them (R16).
    """

    __tablename__ = "escalations"
    __table_args__ = (
        Index(None, "id", postgresql_where=text("closed_at IS NULL")),
        Index(None, "referral_id"),
    )

    referral_id: Mapped[UUID] = mapped_column(ForeignKey("referrals.id"))
    responsible_id: Mapped[UUID]
    domain: Mapped[str | None] = mapped_column(String(80))
    urgency: Mapped[Urgency] = code_column(Urgency)
    state: Mapped[State] = code_column(State)
    waiting_since: Mapped[datetime]
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class ResponseLimits(Base):
    """How quickly an organisation answers, or one of its services: what is None is the network's default."""

    __tablename__ = "response_limits"

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    service_id: Mapped[UUID] = mapped_column(primary_key=True, default=EVERY_SERVICE)
    acknowledge_business_days: Mapped[int | None]
    respond_business_days: Mapped[int | None]
    contact_business_days: Mapped[int | None]
    information_business_days: Mapped[int | None]
    expire_business_days: Mapped[int | None]
    urgent_business_hours: Mapped[int | None]
    heartbeat_days: Mapped[int | None]
    revalidate_days: Mapped[int | None]
    #: Local time of California; of the organisation as a whole.
    opens: Mapped[time | None]
    closes: Mapped[time | None]


class Holiday(Base):
    """A day that an organisation does not work, on top of the federal holidays."""

    __tablename__ = "holidays"

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
