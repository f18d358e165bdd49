"""What the network may read of a cohort that is over."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.grants.models.tables import Base


class PublishedFunnel(Base):
    """How far those came who kept their seat in one cohort, small counts hidden; written once and never changed (R31).

    `figures`: for each stage how many came to it and no further, or the mark in the count's place.
    """

    __tablename__ = "published_funnels"

    cohort_id: Mapped[UUID] = mapped_column(ForeignKey("cohorts.id"), primary_key=True)
    organization_id: Mapped[UUID]
    figures: Mapped[dict[str, Any]] = mapped_column(JSONB)
    published_at: Mapped[datetime]
