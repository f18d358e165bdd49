"""How the pages answer: forms checked before anything is done, redirects to pages of our own only."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.people.csrf import csrf_ok
from gateway.people.forms import FormError, read_form
from gateway.people.pages.rendering import page
from gateway.people.paths import SIGN_IN, safe_next

Form = Mapping[str, str]
#: A form that could not be taken as it was filled in (RFC 9110 §15.5.21).
REFUSED: Final = 422
#: RFC 6585 §4.
TOO_MANY: Final = 429


def posted(
    handle: Callable[[Request, Form], Awaitable[Response]],
) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint for forms of ours: others' are refused before `handle` sees them."""

    async def answer(request: Request) -> Response:
        try:
            form = await read_form(request)
        except FormError:
            return message(request, "unreadable", 400)
        if not csrf_ok(request, form):
            return message(request, "stale", 403, link=SIGN_IN)
        return await handle(request, form)

    return answer


def message(request: Request, key: str, status: int = 200, *, link: str | None = None) -> Response:
    """A page that says one thing: the messages `<key>.title` and `<key>.text`, and `<key>.link` with a link."""
    return page(request, "message.html", status=status, key=key, link=link)


def json_page(body: str) -> Response:
    """What a page's script asked for."""
    return Response(body, media_type="application/json", headers={"Cache-Control": "no-store"})


def see_other(path: str) -> Response:
    """RFC 9110 §15.4.4: what was posted is done; on to a page."""
    return RedirectResponse(path, 303)


def onward(request: Request, next_path: str) -> Response:
    """On to where the person wanted to go: a page of ours, or the authorization endpoint, which sends the browser to an
    application elsewhere. `form-action` holds for all redirects that follow a form, so that needs a page between."""
    path = safe_next(next_path)
    return elsewhere(request, path) if path.startswith("/oauth/") else see_other(path)


def elsewhere(request: Request, url: str) -> Response:
    """On, by a new navigation: to a `url` that leads to another site, and that we chose."""
    return page(request, "onward.html", url=url)


def address_of(request: Request) -> str:
    """Where a request comes from, for counting failures; it is kept nowhere (R5)."""
    return request.client.host if request.client else ""
