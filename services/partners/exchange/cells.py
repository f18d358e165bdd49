"""Cells of a package as values: pure, strict about meaning, lenient about form.

Each parser takes a cell's text, never empty, and gives what was read, with a note where it had to correct something.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import Final, Generic, TypeVar
from urllib.parse import urlsplit

from iso639 import Lang
from iso639.exceptions import DeprecatedLanguageValue, InvalidLanguageValue

from services.partners.domain.terms import LocationType, ServiceStatus

T = TypeVar("T")


class UnreadableError(ValueError):
    """The cell cannot be what it should be; the message says why, for people, and does not repeat the value."""


@dataclass(frozen=True, slots=True)
class Read(Generic[T]):
    value: T
    note: str | None = None


Parser = Callable[[str], Read[T]]

_EARLIEST_YEAR: Final = 1800
_AMERICAN: Final = ("%m/%d/%Y", "%m/%d/%y")
_DATES: Final = ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", *_AMERICAN, "%B %d, %Y", "%b %d, %Y", "%d %B %Y")
_TIME: Final = re.compile(
    r"(\d{1,2})(?::?(\d{2}))?(?::(\d{2})(?:\.\d+)?)?\s*([ap])?\.?\s*(?:m\.?)?\s*(z|[+-]\d{2}:?\d{2})?",
    re.IGNORECASE,
)
_EMAIL: Final = re.compile(r"[^\s@<>\"',;]+@[^\s@<>\"',;]+\.[^\s@<>\"',;.]+")
_LONGEST_URL: Final = 2000
_DAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def clean(raw: str) -> str:
    """Text that Postgres can store: without NUL and other control characters, without half characters."""
    kept = "".join(c for c in raw if c >= " " or c in "\n\t").encode("utf-8", "replace").decode()
    return kept.replace("\x7f", "").strip()


def day(raw: str) -> Read[date]:
    """An ISO 8601 date, or one as American spreadsheets write it (month first)."""
    text = re.sub(r"[T ]\d{1,2}:\d{2}.*$", "", raw.strip())
    for form in _DATES:
        try:
            found = datetime.strptime(text, form).date()  # noqa: DTZ007 - a day has no time zone
        except ValueError:
            continue
        if found.year < _EARLIEST_YEAR:
            raise UnreadableError(f"is a date before {_EARLIEST_YEAR}")
        return Read(found, "was read as an American date (month first)" if form in _AMERICAN else None)
    raise UnreadableError("is not a date: write it as YYYY-MM-DD")


def moment(raw: str) -> Read[datetime]:
    """An ISO 8601 instant; without an offset it is taken as UTC."""
    try:
        found = datetime.fromisoformat(raw.strip())
    except ValueError:
        midnight = day(raw)
        return Read(datetime.combine(midnight.value, time(), UTC), midnight.note)
    if found.year < _EARLIEST_YEAR:
        raise UnreadableError(f"is a date before {_EARLIEST_YEAR}")
    return Read(found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC))


def clock(raw: str) -> Read[time]:
    """A time of day, local to the place: `17:30`, `17:30:00`, `5:30 PM`, `9am`."""
    matched = _TIME.fullmatch(raw.strip())
    if not matched:
        raise UnreadableError("is not a time of day: write it as HH:MM")
    hours, minutes, seconds, half, offset = matched.groups()
    if minutes is None and half is None:
        raise UnreadableError("is not a time of day: write it as HH:MM")
    hour = int(hours)
    if half:
        if not 1 <= hour <= 12:
            raise UnreadableError("is not a time of day: write it as HH:MM")
        hour = hour % 12 + (12 if half.lower() == "p" else 0)
    if (hour, int(minutes or 0), int(seconds or 0)) == (24, 0, 0):
        return Read(time(23, 59), "24:00 was read as 23:59")
    try:
        found = time(hour, int(minutes or 0), int(seconds or 0))
    except ValueError:
        raise UnreadableError("is not a time of day: write it as HH:MM") from None
    return Read(found, "its offset was left aside: hours are local" if offset else None)


def url(raw: str) -> Read[str]:
    """A web address, http or https."""
    text = raw.strip()
    bare = "://" not in text and not text.lower().startswith(("mailto:", "javascript:", "data:", "tel:"))
    try:
        parts = urlsplit(f"http://{text}" if bare else text)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        raise UnreadableError("is not a web address") from None
    if parts.scheme not in ("http", "https") or "." not in host.strip(".") or re.search(r"[\s<>\"]", text):
        raise UnreadableError("is not a web address that begins with http:// or https://")
    if len(text) > _LONGEST_URL:
        raise UnreadableError(f"is longer than {_LONGEST_URL} characters")
    return Read(f"http://{text}", "had no http://, which was put before it") if bare else Read(text)


def uri(raw: str) -> Read[str]:
    """An absolute URI of any scheme (RFC 3986 §4.3); a bare web address becomes one of http."""
    text = raw.strip()
    if re.fullmatch(r"(?!javascript:|data:)[a-z][a-z0-9+.-]*:[^\s<>\"]+", text, re.IGNORECASE):
        return url(text) if text.lower().startswith("http") else Read(text)
    return url(text)


def email(raw: str) -> Read[str]:
    text = raw.strip().removeprefix("mailto:")
    if not _EMAIL.fullmatch(text) or len(text) > 254:
        raise UnreadableError("is not one e-mail address")
    return Read(text)


def phone(raw: str) -> Read[str]:
    """A telephone number, kept as it is written."""
    text = raw.strip().strip("\"'").strip()
    if sum(c.isdigit() for c in text) < 3 or len(text) > 200:
        raise UnreadableError("is not a telephone number")
    return Read(text)


def extension(raw: str) -> Read[str]:
    """A number, whatever is written before it."""
    matched = re.fullmatch(r"\D{0,12}?(\d{1,10})(\.0+)?\s*", raw.strip(), re.ASCII)
    if not matched:
        raise UnreadableError("is not the number of an extension")
    return Read(matched[1])


def whole(lowest: int, highest: int) -> Parser[int]:
    """A parser of whole numbers from `lowest` to `highest`."""

    def parse(raw: str) -> Read[int]:
        if not re.fullmatch(r"[+-]?\d{1,12}(\.0+)?", raw.strip(), re.ASCII):
            raise UnreadableError("is not a whole number")
        found = int(float(raw))
        if not lowest <= found <= highest:
            raise UnreadableError(f"is not from {lowest} to {highest}")
        return Read(found)

    return parse


def year(raw: str) -> Read[int]:
    text = raw.strip()
    if re.fullmatch(r"\d{4}(\.0+)?", text, re.ASCII):
        return whole(1500, 2100)(text)
    try:
        return Read(day(text).value.year, "only its year was kept")
    except UnreadableError:
        raise UnreadableError("is not a year") from None


def degrees(highest: float) -> Parser[float]:
    """A parser of degrees (WGS 84) from `-highest` to `highest`."""

    def parse(raw: str) -> Read[float]:
        try:
            found = float(raw)
        except ValueError:
            raise UnreadableError("is not a number of degrees") from None
        if not math.isfinite(found) or abs(found) > highest:
            raise UnreadableError(f"is not from -{highest:g} to {highest:g} degrees")
        return Read(found)

    return parse


latitude: Final = degrees(90.0)
longitude: Final = degrees(180.0)
age: Final = whole(0, 150)

_STATUSES: Final[Mapping[str, ServiceStatus]] = {
    "active": ServiceStatus.ACTIVE,
    "open": ServiceStatus.ACTIVE,
    "yes": ServiceStatus.ACTIVE,
    "inactive": ServiceStatus.INACTIVE,
    "closed": ServiceStatus.INACTIVE,
    "no": ServiceStatus.INACTIVE,
    "defunct": ServiceStatus.DEFUNCT,
    "temporarily closed": ServiceStatus.TEMPORARILY_CLOSED,
}


def status(raw: str) -> Read[ServiceStatus]:
    """HSDS `service.status`. An unknown one is read as inactive: nobody should be sent there on a guess."""
    found = _STATUSES.get(raw.strip().lower().replace("_", " "))
    if found is None:
        return Read(ServiceStatus.INACTIVE, "is not a status of HSDS, and was read as inactive")
    return Read(found)


def location_type(raw: str) -> Read[LocationType]:
    """HSDS `location.location_type`; the older `virtual` column says true or false."""
    text = raw.strip().lower()
    if text in ("true", "false"):
        return Read(LocationType.VIRTUAL if text == "true" else LocationType.PHYSICAL)
    if text.upper() not in LocationType.__members__:
        return Read(LocationType.PHYSICAL, "is not physical, postal or virtual, and was read as physical")
    return Read(LocationType[text.upper()])


def frequency(raw: str) -> Read[str]:
    text = raw.strip().upper()
    if text not in ("WEEKLY", "MONTHLY", "DAILY", "YEARLY"):
        raise UnreadableError("is not a frequency of RFC 5545, such as WEEKLY")
    return Read(text)


def weekdays(raw: str) -> Read[str]:
    """RFC 5545 `BYDAY`, such as `MO,TU` or `1MO`; a day's English name is read as well."""
    found = []
    for part in re.split(r"[,;\s]+", raw.strip()):
        matched = re.fullmatch(r"([+-]?\d{0,2})([A-Za-z]{2})(?:[a-z]*)", part)
        if part and (not matched or matched[2].upper() not in _DAYS):
            raise UnreadableError("is not a list of weekdays, such as MO,TU")
        if matched:
            found.append(matched[1] + matched[2].upper())
    if not found:
        raise UnreadableError("is not a list of weekdays, such as MO,TU")
    return Read(",".join(found))


def country(raw: str) -> Read[str]:
    text = raw.strip().upper()
    text = {"USA": "US", "UNITED STATES": "US", "UNITED STATES OF AMERICA": "US"}.get(text, text)
    if not re.fullmatch(r"[A-Z]{2}", text, re.ASCII):
        raise UnreadableError("is not a two-letter country code")
    return Read(text)


#: Names in use that ISO 639-3 calls otherwise.
_LANGUAGE_NAMES: Final = {
    "mandarin": "cmn",
    "chinese (mandarin)": "cmn",
    "cantonese": "yue",
    "chinese (cantonese)": "yue",
    "taiwanese": "nan",
    "farsi": "pes",
    "punjabi": "pan",
    "american sign language": "ase",
    "asl": "ase",
}


@lru_cache(maxsize=2048)
def language(raw: str) -> Read[str]:
    """The ISO 639-3 code of a language given by a code of ISO 639 or BCP 47, or by its English name."""
    text = raw.strip()
    known = _LANGUAGE_NAMES.get(text.lower())
    if known:
        return Read(known)
    for form in (text, text.lower(), text.title(), re.split(r"[-_]", text)[0].lower()):
        try:
            return Read(str(Lang(form).pt3))
        except (InvalidLanguageValue, DeprecatedLanguageValue):
            continue
    raise UnreadableError("is not a language of ISO 639")
