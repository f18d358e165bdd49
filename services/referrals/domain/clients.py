"""The little that is recorded of a client (R3): no birth date, no status, no birthplace, no number of any state."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from iso639 import is_language

_ZIP3: Final = re.compile(r"\d{3}")
_MOST_CONTACTS: Final = 5
_LONGEST_TEXT: Final = 120
_FIPS: Final = re.compile(r"\d{5}")


class AgeBand(StrEnum):
    UNDER_18 = "UNDER_18"
    FROM_18_TO_25 = "FROM_18_TO_25"
    FROM_26_TO_40 = "FROM_26_TO_40"
    FROM_41_TO_64 = "FROM_41_TO_64"
    FROM_65 = "FROM_65"


class ContactMode(StrEnum):
    """How the client may be contacted (R32)."""

    ANY = "ANY"
    SAFE_HOURS = "SAFE_HOURS"
    SAFE_PERSON = "SAFE_PERSON"
    DO_NOT_CONTACT = "DO_NOT_CONTACT"


class Modality(StrEnum):
    SPOKEN = "SPOKEN"
    WRITTEN = "WRITTEN"
    SIGNED = "SIGNED"


class ContactSystem(StrEnum):
    PHONE = "PHONE"
    SMS = "SMS"
    EMAIL = "EMAIL"
    THROUGH_PERSON = "THROUGH_PERSON"


class ContactResult(StrEnum):
    """How one try to reach a client went."""

    REACHED = "REACHED"
    NO_ANSWER = "NO_ANSWER"
    WRONG_NUMBER = "WRONG_NUMBER"
    LEFT_NEUTRAL_MESSAGE = "LEFT_NEUTRAL_MESSAGE"


class KeyGroup(StrEnum):
    """What one data key seals."""

    IDENTITY = "IDENTITY"
    CONTACT = "CONTACT"
    NARRATIVE = "NARRATIVE"
    #: Both parties' own identifiers of a referral.
    REFERENCE = "REFERENCE"
    #: What somebody stated who broke the glass; such a key has the access's id for a referral's.
    EMERGENCY = "EMERGENCY"
    #: What the workers on both sides write to each other.
    THREAD = "THREAD"
    #: Documents that go with a referral.
    ATTACHMENT = "ATTACHMENT"
    #: What a legal recipient checks conflicts with: the names, and the tokens that are compared blindly (R14).
    CONFLICT = "CONFLICT"
    CONFLICT_MATCH = "CONFLICT_MATCH"
    #: Either side's compartment of what its lawyers' privilege covers (R15).
    PRIVILEGED_SENDER = "PRIVILEGED_SENDER"
    PRIVILEGED_RECIPIENT = "PRIVILEGED_RECIPIENT"


def problems(
    name: str,
    language: str,
    county: str | None,
    zip3: str | None,
    contacts: Sequence[str],
    mode: ContactMode,
    safe_hours: str | None,
) -> dict[str, str]:
    """What is wrong with a client's record, by field."""
    found = {}
    if not 1 <= len(name.strip()) <= 200:
        found["display_name"] = "must have 1 to 200 characters; an alias will do"
    if not is_language(language, "pt3"):
        found["language"] = "must be an ISO 639-3 code, such as `spa`"
    if county is None and zip3 is None:
        found["county"] = "or `zip3` is needed: where the client can be served"
    if county is not None and not _FIPS.fullmatch(county):
        found["county"] = "must be a county's FIPS code of five digits"
    if zip3 is not None and not _ZIP3.fullmatch(zip3):
        found["zip3"] = "must be the first three digits of a ZIP code"
    if mode is ContactMode.SAFE_HOURS and not (safe_hours or "").strip():
        found["safe_hours"] = "is needed with contact mode SAFE_HOURS"
    if len(safe_hours or "") > _LONGEST_TEXT:
        found["safe_hours"] = f"must have at most {_LONGEST_TEXT} characters, such as `weekdays after 17:00`"
    if len(contacts) > _MOST_CONTACTS or not all(1 <= len(one.strip()) <= _LONGEST_TEXT for one in contacts):
        found["contacts"] = f"must be at most {_MOST_CONTACTS}, of 1 to {_LONGEST_TEXT} characters each"
    return found


def name_tokens(name: str) -> list[str]:
    """The words of a name, folded: lower case, without accents and marks."""
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    plain = "".join(c for c in decomposed if not unicodedata.combining(c))
    return sorted(set(re.findall(r"\w+", plain)))
