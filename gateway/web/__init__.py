"""The explorer: a page of our own to try queries on in development. It loads nothing from any other host."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

_FOLDER: Final = Path(__file__).parent
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_FILES: Final = {"explorer.js": "text/javascript", "explorer.css": "text/css"}


def explorer_page() -> Response:
    return FileResponse(
        _FOLDER / "explorer.html", media_type="text/html", headers={"Content-Security-Policy": _POLICY}
    )


def explorer_routes() -> list[Route]:
    """The page's script and style."""
    return [Route(f"/graphql/{name}", _served(name, kind), methods=["GET"]) for name, kind in _FILES.items()]


def _served(name: str, media_type: str) -> Callable[[Request], Awaitable[Response]]:
    async def serve(_request: Request) -> Response:
        return FileResponse(_FOLDER / name, media_type=media_type)

    return serve
