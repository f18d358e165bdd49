"""The parts that resources are built of. What has nothing in it is left out, as FHIR wants (R4 §2.6.2: no empty element)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from iso639 import Lang, is_language

from facades.fhir.codes import ABSENT, DISCLOSED_UNDER, LANGUAGES
from facades.fhir.seeing import Resource, Seen

_EMPTY: Final[tuple[object, ...]] = (None, "", [], {})


def made(kind: str, id_: str | None, **elements: Any) -> Resource:
    """A resource of this kind. An element whose name ends in `_` is called without it: `for_`, `class_`."""
    return {"resourceType": kind, **kept({"id": id_, **elements})}


def kept(elements: dict[str, Any]) -> dict[str, Any]:
    return {name.removesuffix("_"): value for name, value in elements.items() if value not in _EMPTY}


def reference(kind: str, id_: object) -> dict[str, str] | None:
    return {"reference": f"{kind}/{id_}"} if id_ else None


def concept(system: str, code: str | None, text: str | None = None) -> dict[str, Any] | None:
    """A CodeableConcept of one code."""
    if code is None:
        return None
    return kept({"coding": [{"system": system, "code": code}], "text": text})


def masked() -> dict[str, Any]:
    """That there may be something, and it is not shown."""
    return {"extension": [{"url": ABSENT, "valueCode": "masked"}]}


def instant(text: str) -> str:
    """A time of the graph's as FHIR's `instant`: with a zone, to the millisecond."""
    moment = datetime.fromisoformat(text).astimezone(UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def travelling(seen: Seen) -> list[dict[str, Any]]:
    """The consent's handle and scope, which go on with what is disclosed under it (R11)."""
    return [
        {
            "url": DISCLOSED_UNDER,
            "extension": [
                {"url": "consent", "valueReference": {"reference": f"Consent/{consent}"}},
                {"url": "scope", "valueString": scope},
            ],
        }
        for consent, scope in seen.under()
    ]


def language_tag(code: str) -> str:
    """By BCP 47, whose tags are the shortest code that there is, of an ISO 639-3 code."""
    return str(Lang(code).pt1 or code) if is_language(code, "pt3") else code


def iso_639_3(tag: str) -> str | None:
    """The ISO 639-3 code of a BCP 47 tag's language; None where it has none."""
    subtag = tag.split("-")[0].lower()
    if is_language(subtag, "pt3"):
        return subtag
    return str(Lang(subtag).pt3) if is_language(subtag, "pt1") else None


def language_concept(code: str) -> dict[str, Any]:
    return {"coding": [{"system": LANGUAGES, "code": language_tag(code)}]}


def codings(system: str, codes: Sequence[str]) -> list[dict[str, str]]:
    return [{"system": system, "code": code} for code in codes]
