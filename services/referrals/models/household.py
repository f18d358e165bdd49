"""Who comes with a client."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from services.referrals.domain.clients import AgeBand
from services.referrals.domain.household import Relation
from services.referrals.models.tables import Base
from vereda.models import Identified, code_column


class HouseholdMember(Identified, Base):
    """One person who comes with a client; the name is sealed under the client's own key."""

    __tablename__ = "household_members"
    __table_args__ = (Index(None, "organization_id", "client_id"), Index(None, "client_id", "id"))

    organization_id: Mapped[UUID]
    client_id: Mapped[UUID] = mapped_column(ForeignKey("clients.id"))
    relation: Mapped[Relation] = code_column(Relation)
    age_band: Mapped[AgeBand] = code_column(AgeBand)
    language: Mapped[str | None] = mapped_column(String(3))
    name_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
