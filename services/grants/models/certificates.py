"""That somebody completed a course; not who."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from services.grants.models.tables import Base


class Certificate(Base):
    """A certificate, by a digest of its code (`domain/certificates.py`): it leads to no participant."""

    __tablename__ = "certificates"
    __table_args__ = (Index(None, "organization_id", "cohort_id"),)

    code_digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    organization_id: Mapped[UUID]
    cohort_id: Mapped[UUID] = mapped_column(ForeignKey("cohorts.id"))
    completed_on: Mapped[date]
