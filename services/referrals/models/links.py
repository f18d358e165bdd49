"""That two records of one organisation are of one person."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from services.referrals.models.tables import Base
from vereda.models import Identified


class ClientLink(Identified, Base):
    """People said so, on evidence, and can take it back; nothing is ever merged."""

    __tablename__ = "client_links"
    __table_args__ = (
        Index(None, "organization_id", "id"),
        Index(None, "other_id"),
        Index(
            "uq_client_links_in_force",
            "one_id",
            "other_id",
            unique=True,
            postgresql_where=text("unlinked_at IS NULL"),
        ),
        CheckConstraint("one_id <= other_id", name="ordered"),
    )

    organization_id: Mapped[UUID]
    one_id: Mapped[UUID] = mapped_column(ForeignKey("clients.id"))
    other_id: Mapped[UUID] = mapped_column(ForeignKey("clients.id"))
    evidence: Mapped[list[str]]
    linked_by: Mapped[str] = mapped_column(String(120))
    linked_at: Mapped[datetime]
    unlinked_by: Mapped[str | None] = mapped_column(String(120))
    unlinked_at: Mapped[datetime | None]
