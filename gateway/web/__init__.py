"""GraphiQL, for development: installed from its own package by `make run` where Node is, served by us, from nowhere else."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

_FOLDER: Final = Path(__file__).parent
_PACKAGES: Final = _FOLDER / "node_modules"
#: GraphiQL's editor writes style attributes, and its style sheet holds fonts and images as data.
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; "
    "img-src 'self' data:; font-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_FILES: Final = {
    "page.js": (_FOLDER / "page.js", "text/javascript"),
    "page.css": (_FOLDER / "page.css", "text/css"),
    "graphiql.js": (_PACKAGES / "graphiql/graphiql.min.js", "text/javascript"),
    "graphiql.css": (_PACKAGES / "graphiql/graphiql.min.css", "text/css"),
    "react.js": (_PACKAGES / "react/umd/react.production.min.js", "text/javascript"),
    "react-dom.js": (_PACKAGES / "react-dom/umd/react-dom.production.min.js", "text/javascript"),
}
_NOT_INSTALLED: Final = (
    "GraphiQL is not installed here: with Node 20 or later at hand, run `make explorer`.\n"
)


def graphiql_page() -> Response:
    """The page; or, in a sentence, how to get it."""
    if not all(path.exists() for path, _ in _FILES.values()):
        return PlainTextResponse(_NOT_INSTALLED)
    return FileResponse(
        _FOLDER / "graphiql.html", media_type="text/html", headers={"Content-Security-Policy": _POLICY}
    )


def graphiql_routes() -> list[Route]:
    """The page's scripts and styles."""
    return [
        Route(f"/graphql/{name}", _served(path, media_type), methods=["GET"])
        for name, (path, media_type) in _FILES.items()
        if path.exists()
    ]


def _served(path: Path, media_type: str) -> Callable[[Request], Awaitable[Response]]:
    async def serve(_request: Request) -> Response:
        return FileResponse(path, media_type=media_type)

    return serve
