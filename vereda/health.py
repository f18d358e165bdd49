"""`/health/live`: the process runs. `/health/ready`: it can serve, all that it needs included."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from vereda.draining import DRAINING

Check = Callable[[], Awaitable[None]]
_CHECK_TIMEOUT_S: Final = 2.0


def health_routes(checks: Mapping[str, Check]) -> list[Route]:
    """The two probes. A check raises when what it looks at is not there; only its name is shown.

    A process that is about to end is not ready. Anybody may ask: those who ask at the same time are answered by one look, so that many make no more work than one.
    """
    looking: asyncio.Task[dict[str, bool]] | None = None

    async def live(_request: Request) -> JSONResponse:
        return JSONResponse({"status": "live"})

    async def ready(_request: Request) -> JSONResponse:
        nonlocal looking
        if DRAINING.begun:
            return JSONResponse({"status": "not ready", "checks": {}}, status_code=503)
        if looking is None or looking.done():
            looking = asyncio.create_task(_look(checks))
        results = await asyncio.shield(looking)
        ok = all(results.values())
        body = {
            "status": "ready" if ok else "not ready",
            "checks": {k: "ok" if v else "failing" for k, v in results.items()},
        }
        return JSONResponse(body, status_code=200 if ok else 503)

    return [Route("/health/live", live, methods=["GET"]), Route("/health/ready", ready, methods=["GET"])]


async def _look(checks: Mapping[str, Check]) -> dict[str, bool]:
    names = list(checks)
    passed = await asyncio.gather(*(_passes(checks[name]) for name in names))
    return dict(zip(names, passed, strict=True))


async def _passes(check: Check) -> bool:
    try:
        await asyncio.wait_for(check(), _CHECK_TIMEOUT_S)
    except Exception:  # whatever it is, the probe's answer is the same
        return False
    return True
