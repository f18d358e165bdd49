"""Suggestions for a map of columns: by what columns are called, and by what is in them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from difflib import SequenceMatcher
from itertools import islice
from pathlib import Path
from typing import Final

from services.partners.exchange import dialects
from services.partners.exchange.hsds import BY_NAME
from services.partners.exchange.mapping import plain
from services.partners.exchange.package import Part, open_tables
from services.partners.exchange.report import Problems
from services.partners.exchange.tables import rows_of
from vereda.errors import OperatorError

_LOOKED_AT: Final = 50
_LIKE: Final = 0.84
#: What people call columns of a directory, in English and Spanish.
_WORDS: Final[Mapping[str, str]] = {
    "organization.name": "agency|agency name|organization|organisation|organization name|provider|provider name|nombre de la organizacion|organizacion|agencia",
    "organization.description": "about|mission|about the agency|descripcion de la organizacion",
    "organization.website": "website|web|web site|url|homepage|sitio web|pagina web",
    "organization.email": "email|e-mail|email address|correo|correo electronico",
    "organization.tax_id": "ein|tax id",
    "service.name": "service|service name|program|program name|programme|servicio|programa|nombre del servicio",
    "service.description": "description|service description|services provided|descripcion|what they do",
    "service.eligibility_description": "eligibility|who is eligible|requirements|elegibilidad|requisitos",
    "service.fees_description": "fees|fee|cost|costs|costo|cuota",
    "service.application_process": "how to apply|intake|intake process|application process|como aplicar",
    "service.languages": "languages|languages spoken|language|idiomas|idioma",
    "service.assured_date": "last verified|verified|date verified|last updated|ultima verificacion",
    "location.name": "location|location name|site|site name|lugar|sitio",
    "location.latitude": "lat|latitude|latitud",
    "location.longitude": "lon|lng|long|longitude|longitud",
    "address.address_1": "address|street|street address|address line 1|address1|direccion|calle|domicilio",
    "address.address_2": "suite|unit|address line 2|address2",
    "address.city": "city|town|ciudad",
    "address.state_province": "state|province|estado",
    "address.postal_code": "zip|zip code|zipcode|postal code|postcode|codigo postal",
    "phone.number": "phone|phone number|telephone|tel|main phone|telefono",
    "schedule.description": "hours|hours of operation|opening hours|office hours|horario|horarios",
    "contact.name": "contact|contact name|contact person|contacto",
    "contact.title": "contact title|title",
    "contact.email": "contact email",
    "service_area.name": "area served|service area|counties served|county|condado|area de servicio",
    "taxonomy_term.name": "category|categories|service type|type of service|type|categoria|tipo de servicio",
}
_BY_WORD: Final = {word: target for target, words in _WORDS.items() for word in words.split("|")}
#: What nearly all cells of a column are like, where its name says nothing.
_LOOKS: Final[tuple[tuple[re.Pattern[str], str], ...]] = (
    (re.compile(r"[^@\s]+@[^@\s]+\.[a-z]+", re.IGNORECASE), "organization.email"),
    (re.compile(r"(https?://|www\.)\S+", re.IGNORECASE), "organization.website"),
    (re.compile(r"\(?\d{3}\)?[ .-]?\d{3}[ .-]?\d{4}.*"), "phone.number"),
    (re.compile(r"\d{5}(-\d{4})?"), "address.postal_code"),
    (re.compile(r"[A-Z]{2}"), "address.state_province"),
    (
        re.compile(
            r"\d+ [\w .'-]+ (st|street|ave|avenue|blvd|rd|road|dr|drive|way|ln|lane|ct|court)\b.*",
            re.IGNORECASE,
        ),
        "address.address_1",
    ),
)


def suggest(path: Path) -> dict[str, dict[str, str | None]]:
    """A map of columns for each table of `path` with columns that HSDS does not know. Null where nothing is like it.

    Raises: OperatorError when there is no table.
    """
    with open_tables(path) as parts:
        found = {part.name: columns for part in parts if (columns := _of(part))}
    if not found:
        raise OperatorError(f"{path} holds no table whose columns need a map.")
    return found


def write(suggested: Mapping[str, Mapping[str, str | None]], path: Path) -> None:
    """Raises: OperatorError when the file is there already, or cannot be written."""
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(json.dumps(suggested, indent=2, ensure_ascii=False) + "\n")
    except FileExistsError:
        raise OperatorError(f"{path} is there already: name another file, or take it away.") from None
    except OSError as error:
        raise OperatorError(f"{path} cannot be written: {error.strerror}.") from None


def _of(part: Part) -> dict[str, str | None]:
    rows = rows_of(part, Problems())
    _, names = next(rows, (1, []))
    sample = [row for _, row in islice(rows, _LOOKED_AT)]
    if part.table is not None and _is_known(part.table.kind, names):
        return {}
    choose = _within(part.table.kind) if part.table is not None else _anywhere
    taken: set[str] = set()
    found: dict[str, str | None] = {}
    for number, name in enumerate(names):
        if name.strip():
            values = [row[number].strip() for row in sample if number < len(row) and row[number].strip()]
            target = choose(plain(name), values)
            found[name.strip()] = target if target not in taken else None
            taken |= {target} if target is not None else set()
    return found


def _is_known(kind: str, names: Sequence[str]) -> bool:
    plain_names = [re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_") for name in names]
    known = BY_NAME[kind].known | dialects.understood(kind)
    return all(not name or name in known for name in dialects.translated(kind, plain_names))


def _anywhere(name: str, values: Sequence[str]) -> str | None:
    folded = re.sub(r"[^a-z0-9 ]+", " ", _unaccented(name)).strip()
    if folded in _BY_WORD:
        return _BY_WORD[folded]
    likest = max(_BY_WORD, key=lambda word: SequenceMatcher(None, folded, word).ratio())
    if SequenceMatcher(None, folded, likest).ratio() >= _LIKE:
        return _BY_WORD[likest]
    return next((target for pattern, target in _LOOKS if _nearly_all(pattern, values)), None)


def _within(kind: str) -> Callable[[str, Sequence[str]], str | None]:
    def choose(name: str, values: Sequence[str]) -> str | None:
        column = re.sub(r"[^a-z0-9]+", "_", name).strip("_")
        (translated,) = dialects.translated(kind, [column])
        fields = sorted(BY_NAME[kind].known)
        if translated in fields:
            return f"{kind}.{translated}"
        likest = max(fields, key=lambda field: SequenceMatcher(None, column, field).ratio())
        if SequenceMatcher(None, column, likest).ratio() >= _LIKE:
            return f"{kind}.{likest}"
        target = _anywhere(name, values)
        return target if target is not None and target.startswith(f"{kind}.") else None

    return choose


def _nearly_all(pattern: re.Pattern[str], values: Sequence[str]) -> bool:
    return len(values) > 1 and sum(pattern.fullmatch(value) is not None for value in values) >= 0.8 * len(
        values
    )


def _unaccented(text: str) -> str:
    return text.translate(str.maketrans("áéíóúüñ", "aeiouun"))
