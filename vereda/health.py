"""`/health/live`: the process runs. `/health/ready`: it can serve, all that it needs included."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

Check = Callable[[], Awaitable[None]]
_CHECK_TIMEOUT_S: Final = 2.0


def health_routes(checks: Mapping[str, Check]) -> list[Route]:
    """The two probes. A check raises when what it looks at is not there; only its name is shown."""

    async def live(_request: Request) -> JSONResponse:
        return JSONResponse({"status": "live"})

    async def ready(_request: Request) -> JSONResponse:
        results = dict(zip(checks, await asyncio.gather(*map(_passes, checks.values())), strict=True))
        ok = all(results.values())
        body = {
            "status": "ready" if ok else "not ready",
            "checks": {k: "ok" if v else "failing" for k, v in results.items()},
        }
        return JSONResponse(body, status_code=200 if ok else 503)

    return [Route("/health/live", live, methods=["GET"]), Route("/health/ready", ready, methods=["GET"])]


async def _passes(check: Check) -> bool:
    try:
        await asyncio.wait_for(check(), _CHECK_TIMEOUT_S)
    except Exception:  # whatever it is, the probe's answer is the same
        return False
    return True
