"""People and hand-offs as an application."""

from __future__ import annotations

from pathlib import Path

from starlette.applications import Starlette

from services.referrals.loaders import Loaders
from services.referrals.operations.webhooks import WEBHOOKS
from services.referrals.rounds import ROUNDS
from services.referrals.schema import schema
from vereda.service import Service, create_app

SERVICE = Service(
    "referrals", Path(__file__).parent, schema, Loaders, rounds=ROUNDS, webhooks=WEBHOOKS, sealed=True
)


def create() -> Starlette:
    return create_app(SERVICE)
