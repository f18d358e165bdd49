"""Whether something is the FHIR resource that it says: by the classes of `fhir.resources`.

They are those of R4B (4.3.0), in which the resources that this facade speaks are those of R4 (4.0.1) to the letter: R4B
changed the definitions of medicines, of evidence and of subscription topics. They are loaded when first needed, and each
check takes a fraction of a millisecond.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any, Final

from pydantic import ValidationError

from facades.fhir.outcomes import Issue, RefusedError
from facades.fhir.seeing import Resource

_MOST_ISSUES: Final = 20


def validate(resource: Mapping[str, Any], kind: str) -> Resource:
    """The resource, without the nulls by which FHIR keeps the places of lists of primitives (R4 §2.6.2).

    Raises: RefusedError 400 naming each element that is not as FHIR has it, and no value (R34).
    """
    model = getattr(import_module(f"fhir.resources.R4B.{kind.lower()}"), kind)
    try:
        model.model_validate(resource)
    except ValidationError as error:
        issues = [
            Issue(
                "structure",
                f"This is not as FHIR R4 has it ({one['type']}).",
                _place(kind, one["loc"], one["type"]),
            )
            for one in error.errors(include_url=False, include_context=False, include_input=False)
        ]
        raise RefusedError(400, issues[:_MOST_ISSUES]) from None
    except (LookupError, TypeError, AttributeError, ValueError):
        # By which the library says that something in it is no resource of any kind.
        raise RefusedError(
            400, [Issue("structure", "Not all in it is a resource of FHIR R4.", kind)]
        ) from None
    found: Resource = _without_nulls(resource, kind)
    return found


def _without_nulls(value: Any, at: str) -> Any:
    """An element is there or it is not: null is none (R4 §2.6.2). Raises: RefusedError 400."""
    if isinstance(value, list):
        return [_without_nulls(one, at) for one in value if one is not None]
    if not isinstance(value, Mapping):
        return value
    if None in value.values():
        raise RefusedError(400, [Issue("structure", "An element of this is null: leave it out.", at)])
    return {name: _without_nulls(inner, f"{at}.{name}") for name, inner in value.items()}


def _place(kind: str, location: tuple[int | str, ...], problem: str) -> str:
    """`Task.identifier[0].value`. A name that FHIR does not know is the sender's, and not repeated."""
    known = location[:-1] if problem == "extra_forbidden" else location
    return kind + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in known)
