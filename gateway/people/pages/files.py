"""The pages' style and script, from our own origin."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

_FOLDER: Final = Path(__file__).parent / "static"
_FILES: Final = {"pages.css": "text/css", "passkeys.js": "text/javascript"}
_HEADERS: Final = {"Cache-Control": "no-cache", "Cross-Origin-Resource-Policy": "same-origin"}


def file_routes() -> list[Route]:
    return [
        Route(f"/people/{name}", _served(_FOLDER / name, kind), methods=["GET"])
        for name, kind in _FILES.items()
    ]


def _served(path: Path, media_type: str) -> Callable[[Request], Awaitable[Response]]:
    async def serve(_request: Request) -> Response:
        return FileResponse(path, media_type=media_type, headers=_HEADERS)

    return serve
