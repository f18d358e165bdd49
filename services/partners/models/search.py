"""What search reads: an index of its own beside the directory, kept by the database itself (decision 0035).

No request reads or writes these tables in its caller's name: they are the system's, and hold nothing that a member of
the network may not read of the records that they were made from.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, String, text
from sqlalchemy.dialects.postgresql import TSTZMULTIRANGE, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from services.partners.domain.facets import Fee
from services.partners.domain.terms import OrganizationKind, ServiceStatus
from services.partners.models.tables import Base, Owned
from vereda.models import code_column


class ServiceDocument(Owned, Base):
    """A service as search sees it: its words, and what it is counted by. Written by triggers (migration 0012).

    Of a place that its owner keeps back, nothing is in it but its county, which every member may know (R17).
    """

    __tablename__ = "service_documents"
    __table_args__ = (
        Index(None, "name", "service_id"),
        Index(None, "organization_id"),
        Index(None, "words", postgresql_using="gin"),
        Index(None, "terms", postgresql_using="gin"),
        Index("ix_service_documents_due", "service_id", postgresql_where=text("due")),
        Index(None, "openings_until"),
    )

    service_id: Mapped[UUID] = mapped_column(ForeignKey("services.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str]
    status: Mapped[ServiceStatus] = code_column(ServiceStatus)
    kind: Mapped[OrganizationKind] = code_column(OrganizationKind)
    #: Whether its organisation is an active member.
    working: Mapped[bool]
    #: Its terms and all that these are under.
    terms: Mapped[list[str]]
    languages: Mapped[list[str]]
    counties: Mapped[list[str]]
    modalities: Mapped[list[str]]
    fee: Mapped[Fee] = code_column(Fee)
    source: Mapped[str | None]
    verified_at: Mapped[datetime | None]
    #: Of both languages; a lexeme of weight A is of its name, B of its organisation and terms, C and D of the rest.
    words: Mapped[Any] = mapped_column(TSVECTOR, deferred=True)
    #: When it is open, from the day on which this was computed to `openings_until`; none where no hours are known.
    openings: Mapped[Any] = mapped_column(TSTZMULTIRANGE, deferred=True, nullable=True)
    openings_until: Mapped[datetime | None]
    #: Whether its words and hours are still to be read by the round that keeps the vocabulary and the hours.
    due: Mapped[bool]
    #: The transaction that wrote it: each writes it once, however many parts of a service it changes.
    refreshed_in: Mapped[int] = mapped_column(BigInteger)


class SearchWord(Base):
    """A word of the directory's texts, with what is left of it without a letter or two (`domain/spelling.py`)."""

    __tablename__ = "search_words"
    __table_args__ = (
        Index(None, "remainders", postgresql_using="gin"),
        Index("ix_search_words_beginning", "word", postgresql_ops={"word": "text_pattern_ops"}),
    )

    word: Mapped[str] = mapped_column(String(24), primary_key=True)
    remainders: Mapped[list[str]]
    #: In how many texts it was met, roughly: a text that changes counts again.
    uses: Mapped[int]


class SearchSynonym(Base):
    """What people say for what the directory says. The network's coordinator adds to it; it names nobody."""

    __tablename__ = "search_synonyms"

    phrase: Mapped[str] = mapped_column(String(80), primary_key=True)
    #: A folded phrase, or `#` and a code of the taxonomy.
    meaning: Mapped[str] = mapped_column(String(200), primary_key=True)
