"""Expected refusals that every service's payload unions may hold. A client matches on the type, or on `code`."""

from __future__ import annotations

import strawberry

from vereda.screening import Finding

REFUSAL_DESCRIPTION = "Why a request was not carried out; nothing was changed."


@strawberry.interface(description=REFUSAL_DESCRIPTION)
class Refusal:
    code: str = strawberry.field(description="Stable; see docs/errors.md.")
    message: str = strawberry.field(description="What to do about it, in English.")


@strawberry.federation.type(shareable=True, description="One input field that cannot be taken as it is.")
class FieldProblem:
    field: str = strawberry.field(description="Path of the input field, such as `address.postalCode`.")
    problem: str


@strawberry.federation.type(shareable=True, description="Some input fields cannot be taken as they are.")
class InvalidInput(Refusal):
    problems: list[FieldProblem]


@strawberry.federation.type(shareable=True, description="There is no such thing, or you may not know of it.")
class NotFound(Refusal):
    pass


@strawberry.federation.type(shareable=True, description="It exists, but is not yours to change.")
class NotAllowed(Refusal):
    pass


@strawberry.federation.type(shareable=True, description="Somebody else changed it since you read it.")
class VersionConflict(Refusal):
    current_version: int


@strawberry.federation.type(
    shareable=True, description="Free text holds something that must not be recorded. It was not stored."
)
class SensitiveText(Refusal):
    field: str
    kind: str


@strawberry.federation.type(
    shareable=True,
    description="This document is not taken, as `problem` says: nothing of its last part was stored.",
)
class AttachmentRefused(Refusal):
    problem: str = strawberry.field(description="WRONG_KIND, or BROKEN.")


def invalid(**problems: str) -> InvalidInput:
    """`invalid(postal_code="must have 5 digits")`; names are given in the API's camelCase."""
    return InvalidInput(
        code="INVALID_INPUT",
        message="Some fields cannot be taken as they are: correct them and send again.",
        problems=[FieldProblem(field=_camel(name), problem=text) for name, text in problems.items()],
    )


def not_found(what: str) -> NotFound:
    return NotFound(code="NOT_FOUND", message=f"There is no such {what}, or you may not know of it.")


def not_allowed(message: str) -> NotAllowed:
    return NotAllowed(code="NOT_ALLOWED", message=message)


def sensitive_text(field: str, finding: Finding) -> SensitiveText:
    return SensitiveText(code="SENSITIVE_TEXT", message=finding.hint, field=field, kind=finding.kind)


def attachment_refused(problem: str, message: str) -> AttachmentRefused:
    return AttachmentRefused(code="ATTACHMENT_REFUSED", message=message, problem=problem)


def version_conflict(current: int) -> VersionConflict:
    return VersionConflict(
        code="VERSION_CONFLICT",
        message="It has changed since you read it: read it again, then decide.",
        current_version=current,
    )


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)
