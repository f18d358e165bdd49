"""From a template and what it shows to an answer: language, form token, strict headers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.requests import Request
from starlette.responses import HTMLResponse

from gateway.people.cookies import LANGUAGE, VISIT, browser_of, new_value, put
from gateway.people.csrf import FIELD, token_for
from gateway.people.languages import LANGUAGES, chosen_language, sentence

_FOLDER: Final = Path(__file__).parent
_A_YEAR_S: Final = 365 * 24 * 3600
_POLICY: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; "
    "form-action {form_action}; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS: Final = {
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    # Not `no-referrer`: with it, browsers send `Origin: null` with our own forms. Other sites learn nothing either way.
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Permissions-Policy": (
        "publickey-credentials-get=(self), publickey-credentials-create=(self), camera=(), microphone=(), "
        "geolocation=(), payment=(), usb=(), interest-cohort=()"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Vary": "Cookie, Accept-Language",
}

environment: Final = Environment(
    loader=FileSystemLoader(_FOLDER / "templates"),
    autoescape=select_autoescape(default=True),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def page(
    request: Request,
    template: str,
    *,
    status: int = 200,
    locale: str | None = None,
    form_action: Sequence[str] = (),
    errors: Mapping[str, str] | None = None,
    **shown: Any,
) -> HTMLResponse:
    """The page `template` in the reader's language.

    `locale` is the language that the person has chosen for themselves; `errors` are message keys by field name;
    `form_action` are further places (CSP sources) that the page's form may lead to.
    """
    language = chosen_language(request, locale)
    known = browser_of(request)
    cookie = known or new_value()
    body = environment.get_template(template).render(
        t=partial(sentence, language),
        language=language,
        languages=[(code, name, _in_language(request, code)) for code, name in LANGUAGES.items()],
        csrf_field=FIELD,
        csrf_token=token_for(cookie),
        errors=errors or {},
        **shown,
    )
    policy = _POLICY.format(form_action=" ".join(("'self'", *form_action)))
    response = HTMLResponse(body, status, {**_HEADERS, "Content-Security-Policy": policy})
    if known is None:
        put(response, VISIT, cookie)
    if request.query_params.get("lang") in LANGUAGES:
        put(response, LANGUAGE, language, max_age_s=_A_YEAR_S)
    return response


def _in_language(request: Request, code: str) -> str:
    """The same page in another language."""
    kept = {name: value for name, value in request.query_params.items() if name != "lang"}
    return f"{request.url.path}?{urlencode({**kept, 'lang': code})}"
