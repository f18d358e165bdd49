"""The directory as an application."""

from __future__ import annotations

from pathlib import Path

from starlette.applications import Starlette

from services.partners.loaders import Loaders
from services.partners.operations.stating import ANSWERS
from services.partners.operations.webhooks import WEBHOOKS
from services.partners.rest import PATHS
from services.partners.rounds import ROUNDS
from services.partners.schema import schema
from vereda.service import Service, create_app

SERVICE = Service(
    "partners",
    Path(__file__).parent,
    schema,
    Loaders,
    rounds=ROUNDS,
    paths=PATHS,
    answers=ANSWERS,
    webhooks=WEBHOOKS,
)


def create() -> Starlette:
    return create_app(SERVICE)
