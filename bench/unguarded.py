"""The stand-alone gateway without its guard: `python -m bench.unguarded SUPERGRAPH PORT`.

No limit is looked at that a request could reach, and no head. All else is as anybody starts it, so that what the guard
costs is what the two differ by.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from starlette.applications import Starlette

from gateway.app import create_app
from gateway.guard import Limits
from gateway.identity import NoAuthentication
from gateway.settings import GatewaySettings
from vereda.heads import HeadGuard
from vereda.serving import serve
from vereda.settings import load_settings
from vereda.telemetry import configure_logging

#: More than any request has of anything.
_ENDLESS: Final = 10**9


def create(supergraph: Path) -> Starlette:
    app = create_app(GatewaySettings(supergraph, limits=endless()), NoAuthentication())
    app.user_middleware = [one for one in app.user_middleware if one.cls is not HeadGuard]
    return app


def endless() -> Limits:
    """Limits that nothing exceeds."""
    counted = set(Limits.model_fields) - {"retry_share"}  # a share of requests, not a limit on any
    return Limits(**{**dict.fromkeys(counted, _ENDLESS), "list_size": 0})  # nothing costs anything


if __name__ == "__main__":
    configure_logging(load_settings(), "gateway")
    serve(create(Path(sys.argv[1])), "127.0.0.1", int(sys.argv[2]))
