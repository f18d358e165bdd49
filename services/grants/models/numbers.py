"""What was published of grants."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.grants.models.tables import Base
from vereda.models import Identified


class PublishedGrants(Identified, Base):
    """The network's figures of applications submitted in a year, once and for all: a second, other version would give away
    by its difference what either hides (R31). `figures` as in referrals: [[[[dimension, value], ...], count or mark], ...].

    `money`: cents of the awards approved, {"paid": cents, "receipted": cents}, each only where no count that it could be worked
    out against is hidden. `ventures`: a table like `figures`, of those who completed a course that ended in the year.
    """

    __tablename__ = "published_grants"

    year: Mapped[int] = mapped_column(unique=True)
    figures: Mapped[list[Any]] = mapped_column(JSONB)
    money: Mapped[dict[str, int] | None] = mapped_column(JSONB)
    ventures: Mapped[list[Any] | None] = mapped_column(JSONB)
    currency: Mapped[str | None] = mapped_column(String(3))
    median_days_to_decision: Mapped[int | None]
    published_at: Mapped[datetime]


class PublishedOutcomes(Identified, Base):
    """What came of the awards on applications submitted in a year, for the people: once and for all. `figures` as above, of
    licences and survival; none where `PublishedGrants` of the year does not show how many awards there were.
    """

    __tablename__ = "published_outcomes"

    year: Mapped[int] = mapped_column(unique=True)
    figures: Mapped[list[Any]] = mapped_column(JSONB)
    median_days_to_money: Mapped[int | None]
    published_at: Mapped[datetime]
