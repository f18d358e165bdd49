"""What matching needs beside the directory: rules of eligibility, what referrals states of services, unmet need."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from services.partners.domain.terms import RuleKind
from services.partners.models.tables import Base, Owned
from vereda.models import Identified, code_column


class EligibilityRule(Identified, Owned, Base):
    """One condition of a service, in its provider's words. A rule that changes is a new one: who met the old is asked again."""

    __tablename__ = "eligibility_rules"
    __table_args__ = (Index(None, "organization_id", "service_id"), Index(None, "service_id", "position"))

    service_id: Mapped[UUID] = mapped_column(ForeignKey("services.id"))
    position: Mapped[int]
    kind: Mapped[RuleKind] = code_column(RuleKind)
    text: Mapped[str]
    text_es: Mapped[str | None]
    minimum: Mapped[int | None]
    maximum: Mapped[int | None]
    counties: Mapped[list[str]] = mapped_column(default=list)
    percent: Mapped[int | None]


class ServiceStanding(Owned, Base):
    """The newest signed statement of referrals about a service's answers, as it was filed: no count, no rate of a few."""

    __tablename__ = "service_standings"
    __table_args__ = (Index(None, "organization_id", "service_id"),)

    service_id: Mapped[UUID] = mapped_column(ForeignKey("services.id"), primary_key=True)
    as_of: Mapped[datetime]
    expires_at: Mapped[datetime]
    accept_rate: Mapped[float | None]
    above_share: Mapped[bool]
    declined_at: Mapped[datetime | None]


class UnmetNeed(Base):
    """How often a kind of need was met with no service: a number by county and month, and nothing of who searched."""

    __tablename__ = "unmet_needs"
    __table_args__ = (CheckConstraint("count > 0", name="count"),)

    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    county_fips: Mapped[str] = mapped_column(String(5), primary_key=True)
    kind: Mapped[str] = mapped_column(String(120), primary_key=True)
    count: Mapped[int]
