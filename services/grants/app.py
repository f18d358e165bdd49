"""Programmes and money as an application."""

from __future__ import annotations

from pathlib import Path

from starlette.applications import Starlette

from services.grants.loaders import Loaders
from services.grants.schema import schema
from vereda.audit.sealing import audit_rounds
from vereda.service import Service, create_app

SERVICE = Service("grants", Path(__file__).parent, schema, Loaders, rounds=audit_rounds("grants"))


def create() -> Starlette:
    return create_app(SERVICE)
