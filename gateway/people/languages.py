"""The languages of the pages: a catalogue of messages each, in `messages/`, and which one a reader gets."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from starlette.requests import Request

from gateway.people.cookies import LANGUAGE, value_of

#: By their own names, so that whoever reads only one finds it.
LANGUAGES: Final = {"en": "English", "es": "Español"}
_FOLDER: Final = Path(__file__).parent / "messages"
_FALLBACK: Final = "en"
_MOST_PREFERENCES: Final = 20

CATALOGUES: Final[Mapping[str, Mapping[str, str]]] = {
    code: json.loads((_FOLDER / f"{code}.json").read_text(encoding="utf-8")) for code in LANGUAGES
}


def chosen_language(request: Request, own: str | None = None) -> str:
    """What was just asked for, else the person's `own`, else this browser's, else the first that it prefers."""
    for code in (request.query_params.get("lang"), own, value_of(request, LANGUAGE)):
        if code in LANGUAGES:
            return str(code)
    return _preferred(request.headers.get("accept-language", ""))


def _preferred(header: str) -> str:
    """RFC 9110 §12.5.4: the language range with the greatest weight that we speak; `es-MX` is Spanish."""
    weighted: list[tuple[float, str]] = []
    for part in header.split(",")[:_MOST_PREFERENCES]:
        tag, _, parameter = part.partition(";")
        code = tag.strip().lower().partition("-")[0]
        try:
            weight = float(parameter.strip().removeprefix("q=")) if parameter.strip() else 1.0
        except ValueError:
            continue
        if code in LANGUAGES and weight > 0:
            weighted.append((weight, code))
    return max(weighted, key=lambda one: one[0])[1] if weighted else _FALLBACK


def sentence(language: str, key: str, **values: object) -> str:
    """A message in `language`, or in English where that is none of ours."""
    return CATALOGUES.get(language, CATALOGUES[_FALLBACK])[key].format(**values)
