"""What of a person's record in FHIR never comes in (R1 to R3).

Numbers of authorities, citizenship and birthplace are **refused**, the whole Bundle with them, as free text that tells such
things is: whoever sends them has an export to mend, and would go on sending them if they were quietly left out. What every
record has and no referral needs, a birth date above all, is **left out with a warning**: it is not kept, and nothing else
depends on it. Decision 0041.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from facades.fhir.outcomes import Issue, RefusedError, warning

#: Types of identifiers (HL7 v2-0203) that an authority gives: social security, tax, passport, visa, residence, citizenship,
#: driving, birth; and `NN` with a country, national numbers.
BARRED_TYPES: Final = frozenset(
    {"SS", "SB", "TAX", "PPN", "VS", "PRC", "CZ", "DL", "BC", "BCT", "NI", "MA", "MC"}
)
_NATIONAL: Final = "NN"
#: Parts of identifier systems that name the same.
BARRED_SYSTEMS: Final = (
    "us-ssn",
    "us-itin",
    "passport",
    "2.16.840.1.113883.4.1",
    "2.16.840.1.113883.4.2",
    "2.16.840.1.113883.4.3",
    "2.16.840.1.113883.4.330",
)
#: Ends of extensions' names that tell where somebody is from.
BARRED_EXTENSIONS: Final = (
    "birthPlace",
    "citizenship",
    "nationality",
    "immigration-status",
    "tribal-affiliation",
)

#: What of a Patient is taken; the rest is left out.
TAKEN: Final = frozenset(
    {
        "resourceType",
        "id",
        "meta",
        "text",
        "active",
        "language",
        "name",
        "telecom",
        "communication",
        "address",
    }
    | {"extension", "modifierExtension"}
)


def check_barred(resource: Mapping[str, Any], kind: str) -> None:
    """Raises: RefusedError 422 naming each element that is refused, and none of their values."""
    issues = [
        Issue("business-rule", f"{why} is not taken: leave it out of what you send.", at)
        for at, why in _barred(resource, kind)
    ]
    if issues:
        raise RefusedError(422, issues)


def _barred(value: Any, at: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, list):
        for number, one in enumerate(value):
            yield from _barred(one, f"{at}[{number}]")
    elif isinstance(value, Mapping):
        element = at.rpartition(".")[2].partition("[")[0]
        if element == "identifier" and _of_authority(value):
            yield at, "A number that an authority gave"
        elif element in ("extension", "modifierExtension") and str(value.get("url")).endswith(
            BARRED_EXTENSIONS
        ):
            yield at, "Where somebody is from"
        else:
            for name, inner in value.items():
                yield from _barred(inner, f"{at}.{name}")


def _of_authority(identifier: Mapping[str, Any]) -> bool:
    types = [str(one.get("code", "")) for one in identifier.get("type", {}).get("coding", ())]
    system = str(identifier.get("system", ""))
    return any(one in BARRED_TYPES or one.startswith(_NATIONAL) for one in types) or any(
        system == one or system.endswith((f":{one}", f"/{one}")) or f"{one}." in system
        for one in BARRED_SYSTEMS
    )


def left_out(patient: Mapping[str, Any]) -> list[Issue]:
    """A warning for each element of a Patient that is not kept."""
    return [
        warning("This is not kept: a referral does not need it.", f"Patient.{name}")
        for name in patient
        if name not in TAKEN and not name.startswith("_")
    ]
