"""Documents that go with a referral: of few kinds, told by their content, within bounds, in parts."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from typing import Final

import puremagic

#: Bytes of a part, of all but the last: in base64 it fits into a request with room to spare.
PART_BYTES: Final = 512 * 1024
#: How many a referral has at most.
MOST: Final = 20
_LONGEST_NAME: Final = 120
_NAME: Final = re.compile(r"[^/\\:*?\"<>|]+")


class AttachmentKind(StrEnum):
    """What is taken. Anything else is refused, whatever its name says."""

    PDF = "PDF"
    PNG = "PNG"
    JPEG = "JPEG"
    TEXT = "TEXT"


class AttachmentState(StrEnum):
    """How far an attachment is. Nobody reads one that is not READY."""

    RECEIVING = "RECEIVING"
    QUARANTINED = "QUARANTINED"
    READY = "READY"
    REFUSED = "REFUSED"


class AttachmentScan(StrEnum):
    """What was done to find malware in it."""

    PENDING = "PENDING"
    CLEAN = "CLEAN"
    NOT_SCANNED = "NOT_SCANNED"
    INFECTED = "INFECTED"
    NOT_SCANNABLE = "NOT_SCANNABLE"


MEDIA_TYPE: Final = {
    AttachmentKind.PDF: "application/pdf",
    AttachmentKind.PNG: "image/png",
    AttachmentKind.JPEG: "image/jpeg",
    AttachmentKind.TEXT: "text/plain; charset=utf-8",
}
_BY_SIGNATURE: Final = {
    "application/pdf": AttachmentKind.PDF,
    "image/png": AttachmentKind.PNG,
    "image/jpeg": AttachmentKind.JPEG,
}
#: What a page of text may hold besides letters, figures and signs.
_LAYOUT: Final = frozenset("\t\n\r\f")


def kind_of(content: bytes) -> AttachmentKind | None:
    """The kind by content: a signature at its very beginning, or text in UTF-8; None for all else."""
    try:
        matches = puremagic.magic_string(content[:4096])
    except (puremagic.PureError, ValueError):
        matches = []
    for match in matches:
        if match.offset == 0 and match.mime_type in _BY_SIGNATURE:
            return _BY_SIGNATURE[match.mime_type]
    return AttachmentKind.TEXT if _is_text(content) else None


def _is_text(content: bytes) -> bool:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    controls = {c for c in set(text) if unicodedata.category(c) in ("Cc", "Cs", "Cn", "Co")}
    return bool(text) and not controls - _LAYOUT


def parts_of(size: int) -> int:
    """In how many parts something of `size` bytes comes and is kept."""
    return -(-size // PART_BYTES)


def part_bytes(size: int, number: int) -> int:
    """How many bytes the part `number`, from 0, of something of `size` bytes has; 0 where there is no such part."""
    return max(0, min(PART_BYTES, size - number * PART_BYTES)) if number >= 0 else 0


def problems(name: str, size: int, largest: int) -> dict[str, str]:
    """What is wrong with an announced attachment, by field."""
    wrong = {}
    plain = name.strip()
    invisible = any(unicodedata.category(c) in ("Cc", "Cf", "Cs") for c in plain)
    if (
        not 1 <= len(plain) <= _LONGEST_NAME
        or not _NAME.fullmatch(plain)
        or invisible
        or plain.startswith(".")
    ):
        wrong["name"] = f"must be a plain file name of 1 to {_LONGEST_NAME} characters"
    if not 1 <= size <= largest:
        wrong["bytes"] = f"must be 1 to {largest}"
    return wrong
