"""What the region reads of itself: how it stood at each month's end, and what it means to reach."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.partners.models.tables import Base


class RegionSnapshot(Base):
    """How the directory stood when a month had ended, and the needs of that month that no service answered: written once.

    `stock`: {measure: {county or "": number}}, of what every member reads in the directory. `unmet`: the table of unmet needs as
    it may be shown (R31), [[[[dimension, value], ...], count or mark], ...]; none where too little was counted.
    """

    __tablename__ = "region_snapshots"

    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    stock: Mapped[dict[str, dict[str, float]]] = mapped_column(JSONB)
    unmet: Mapped[list[Any]] = mapped_column(JSONB)
    taken_at: Mapped[datetime]


class RegionTarget(Base):
    """What the coordinator means the region, or a county, to reach in a year. Append-only: the highest `version` holds.

    `county` is "" for the region; `organization_id` is whose coordinator said it.
    """

    __tablename__ = "region_targets"
    __table_args__ = (CheckConstraint("value >= 0", name="value"),)

    measure: Mapped[str] = mapped_column(String(60), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    county: Mapped[str] = mapped_column(String(5), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    value: Mapped[float]
    organization_id: Mapped[UUID]
    set_by: Mapped[str] = mapped_column(String(120))
    set_at: Mapped[datetime]
