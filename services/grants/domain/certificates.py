"""Certificates that name nobody: a code that whoever completed a course may show, and that tells what was completed.

The code follows from the seat by a key of the installation, and is kept nowhere; beside the course stands a digest of it. Who
has the database learns from neither whose a certificate is, and who has a code learns no name.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import Final
from uuid import UUID

#: Without I, L, O and U, which are taken for others when a code is read out (Crockford's base 32).
_DIGITS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH: Final = 20
_GROUP: Final = 5
_MISREAD: Final = str.maketrans({"I": "1", "L": "1", "O": "0"})
_CODE: Final = re.compile(f"[{_DIGITS}]{{{_LENGTH}}}")


def certificate_code(key: bytes, participant: UUID) -> str:
    """The code of a participant's certificate: 100 bits, in four groups of five."""
    number = int.from_bytes(hmac.digest(key, participant.bytes, "sha256")) >> (256 - _LENGTH * 5)
    digits = "".join(_DIGITS[number >> (5 * place) & 31] for place in reversed(range(_LENGTH)))
    return "-".join(digits[start : start + _GROUP] for start in range(0, _LENGTH, _GROUP))


def code_digest(code: str) -> bytes | None:
    """What is kept of a code, however it was typed: with or without hyphens, in small letters; None of what is no code."""
    plain = re.sub(r"[\s-]", "", code).upper().translate(_MISREAD)
    return hashlib.sha256(plain.encode()).digest() if _CODE.fullmatch(plain) else None
