"""Whose tables these are."""

from __future__ import annotations

from vereda.models import (
    Tables,
    service_metadata,
)


class Base(Tables):
    __abstract__ = True
    metadata = service_metadata()
