"""Shapes of numbers, over folded text. Every repetition is bounded, so that no text makes a search slow."""

from __future__ import annotations

import re
from typing import Final, TypeAlias

#: Between the digits of a number, and between a word and its number.
_S: Final = r"[ .\-_/]{0,2}"
_TO: Final = r"[^a-z0-9]{0,4}"
_NO: Final = r"(?:(?:number|numero|num|nro|no|n|#)\b)?"
_IS: Final = r"(?:(?:is|es|was|era|termina|ending|ends|en|in|el|la|su|her|his|del?|of|card|account|tarjeta|mexicano|mexicana)\b[^a-z0-9]{1,3}){0,3}"


def _digits(least: int, most: int) -> str:
    return rf"\d(?:{_S}\d){{{least - 1},{most - 1}}}(?!\d)"


def _named(names: str, number: str) -> str:
    """A number with its name before it, and little between the two."""
    return rf"\b(?:{names}){_TO}{_NO}{_TO}{_IS}{_NO}{_TO}{number}"


_ALIEN: Final = (
    r"a[- ]?(?:number|numero|num|no|file)|numero (?:de )?a|num a|anumber|alien ?(?:reg(?:istration)?\.? ?)?(?:number|numero|no|num)?"
    r"|alienigena|(?:registro de |de )?extranjer[oa]|uscis|file|expediente|mica|green ?card|tarjeta de residente|residente"
)
_TAX: Final = r"ssn|s\.s\.n\.?|ss ?#|soc(?:ial)? ?sec(?:urity)?|social|seguro(?: social)?|nss|itin|t\.?i\.?n\.?|tax ?id|contribuyente"
_PASSPORT: Final = r"passports?|pasaportes?|pp ?#|pp"
_CONSULAR: Final = (
    r"matricula(?: consular)?|(?:consular|del consulado)(?: id| card| id card)?|credencial consular"
)

_DOB: Final = r"dob|d\.o\.b\.?|date of birth|birth ?date|fecha de nac(?:imiento)?|f\. ?de ?nac"


Shapes: TypeAlias = tuple[tuple[str, re.Pattern[str]], ...]


def _shapes(*shapes: tuple[str, str]) -> Shapes:
    return tuple((kind, re.compile(shape)) for kind, shape in shapes)


#: Numbers that are known by themselves: kind and shape, the first that is found names the refusal.
ALONE: Final = _shapes(
    ("TAX_NUMBER", r"(?<![\d\-./])\d{3}[-. /]{1,3}\d{2}[-. /]{1,3}\d{4}(?![\d]|[-/]\d)"),
    ("RECEIPT_NUMBER", r"\b(?!tel|cel|fax|mob|num|sms|ext|exp)[a-z]{3}\d{10}\b"),
    ("RECEIPT_NUMBER", rf"\b(?:ioe|wac|eac|lin|src|msc|nbc|ysc|zla|zny|zsf){_S}{_digits(10, 10)}"),
    ("A_NUMBER", rf"(?<![a-z0-9\-])a[^a-z0-9]{{0,3}}{_digits(8, 9)}"),
    ("A_NUMBER", r"(?<![\d\-./+$])\d{3}[- .]\d{3}[- .]\d{3}(?![\d]|[-. ]\d)|(?<![\d\-./+$#])\d{9}(?![\d]|-\d)"),
    ("PASSPORT", r"\b[a-z]{4}\d{6}[hm][a-z]{5}[a-z0-9]\d\b|\bg\d{8}\b"),
)  # fmt: skip
#: Numbers that are known by the name before them.
NAMED: Final = _shapes(
    ("TAX_NUMBER", _named(_TAX, _digits(4, 9))),
    ("TAX_NUMBER", r"\b(?:last|ultimos) (?:4|four|cuatro) (?:digits )?(?:of|del?|ssn|social)\b[a-z ]{0,20}[^a-z0-9]{0,3}\d{4}\b"),
    ("RECEIPT_NUMBER", r"\bsevis\b[^a-z0-9]{0,3}n?\d{8,10}"),
    ("A_NUMBER", _named(_ALIEN, rf"a?{_S}{_digits(8, 9)}")),
    ("A_NUMBER", rf"\b(?:su|his|her|mi|my) a(?: es| is)?[^a-z0-9]{{0,3}}{_digits(8, 9)}"),
    ("PASSPORT", _named(_PASSPORT, rf"[a-z]{{0,2}}{_S}\d{{6,9}}\b")),
    ("PASSPORT", r"\b(?:passport|pasaporte|visa) ?(?:number|no\b|#|num(?:ero)?\b)|\bnum(?:ero|ber)? (?:of|de) (?:passport|pasaporte|visa)\b"),
    ("PASSPORT", rf"\bvisa (?:foil|control)?{_TO}{_NO}{_TO}[a-z]?\d{{7,14}}\b"),
    ("PASSPORT", _named(_CONSULAR, r"[a-z]{0,3}\d{5,9}\b")),
    ("PASSPORT", rf"\bi-?94\b{_TO}{_NO}{_TO}[a-z0-9]{{11}}\b"),
    ("BIRTH_DATE", rf"\b(?:{_DOB})\.?[^a-z0-9]{{0,4}}(?:is |es )?\d"),
    ("BIRTH_DATE", r"\b(?:born on|nacio el|nacid[oa] el)\b.{0,4}\d"),
)  # fmt: skip
#: Without one of these beginnings of words there is no such name.
ANY_NAME: Final = re.compile(
    r"\b(?:ssn?|s\.s|soci?|segu|nss|itin|t\.?i\.?n|tax|cont|last|ulti|dob|d\.o|date|birt|fech|f\.|born|naci|a[- ]?(?:n|f)|(?:su|his|her|mi|my) a\b|alie|num|uscis"
    r"|file|expe|mica|gree|tarj|resi|extr|regi|pass|pasa|pp|visa|matr|cons|cred|i-?94|sevis)"
)
