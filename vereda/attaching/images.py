"""Images without what a camera or an editor wrote about them: place, time, device, names, thumbnails, what comes after.

Nothing is decoded: the picture's own data is copied as it is, and of the rest only what is needed to show it right. So
the picture loses nothing, and no decoder, where the holes of image libraries are, ever sees what somebody sent. Formats:
ITU T.81 (JPEG) §B.1, JFIF 1.02, Exif 2.3 §4.6; W3C PNG (third edition) §5 and §11.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import Final


class BrokenImageError(ValueError):
    """It is not built as its format says."""


_PNG_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
#: What it takes to show a PNG in its colours and proportions. Text, time, Exif, animation and unknown chunks go.
_PNG_KEPT: Final = frozenset(
    {
        b"IHDR",
        b"PLTE",
        b"IDAT",
        b"IEND",
        b"tRNS",
        b"cHRM",
        b"gAMA",
        b"iCCP",
        b"sBIT",
        b"sRGB",
        b"bKGD",
        b"pHYs",
    }
)

_SOI, _EOI, _SOS, _TEM, _DNL = 0xD8, 0xD9, 0xDA, 0x01, 0xDC
_RESTARTS: Final = frozenset(range(0xD0, 0xD8))
_APP0, _APP1, _APP2, _APP14, _COM = 0xE0, 0xE1, 0xE2, 0xEE, 0xFE
_APPLICATION: Final = frozenset(range(0xE0, 0xF0))
_ORIENTATION: Final = 0x0112


def png_without_metadata(content: bytes) -> bytes:
    """Raises: BrokenImageError."""
    if not content.startswith(_PNG_SIGNATURE):
        raise BrokenImageError("no PNG signature")
    kept, seen = [_PNG_SIGNATURE], set()
    for kind, chunk in _png_chunks(content):
        seen.add(kind)
        if kind in _PNG_KEPT:
            kept.append(chunk)
    if not {b"IHDR", b"IDAT", b"IEND"} <= seen:
        raise BrokenImageError("a PNG has a head, data and an end")
    return b"".join(kept)


def _png_chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Kind and bytes of each chunk up to the end; what comes after that is not looked at."""
    at = len(_PNG_SIGNATURE)
    while at + 12 <= len(content):
        (length,) = struct.unpack_from(">I", content, at)
        end = at + 12 + length
        if end > len(content):
            break
        kind, body = content[at + 4 : at + 8], content[at + 4 : end - 4]
        if zlib.crc32(body) != struct.unpack_from(">I", content, end - 4)[0]:
            raise BrokenImageError("a chunk's checksum is wrong")
        yield kind, content[at:end]
        if kind == b"IEND":
            return
        at = end
    raise BrokenImageError("it ends too early")


def jpeg_without_metadata(content: bytes) -> bytes:
    """Which way up the picture is stays. Raises: BrokenImageError."""
    if content[:2] != bytes((0xFF, _SOI)):
        raise BrokenImageError("no JPEG signature")
    kept, orientation, scans = [], 1, 0
    for marker, body in _jpeg_segments(content):
        if marker == _APP1:
            orientation = _orientation_of(body) or orientation
        elif marker == _SOS:
            scans += 1
        kept.append(_jpeg_kept(marker, body))
    if not scans:
        raise BrokenImageError("a JPEG has a scan")
    head = [bytes((0xFF, _SOI))]
    if orientation != 1:
        head.append(_segment(_APP1, _exif_of(orientation)))
    return b"".join([*head, *kept, bytes((0xFF, _EOI))])


def _jpeg_kept(marker: int, body: bytes) -> bytes:
    """What stays of a segment: of applications' own, colours alone."""
    if marker == _APP0:
        # JFIF: version, density; without the thumbnail that may follow.
        return _segment(_APP0, body[:12] + b"\0\0") if body[:5] == b"JFIF\0" and len(body) >= 14 else b""
    if marker == _APP2:
        return _segment(_APP2, body) if body.startswith(b"ICC_PROFILE\0") else b""
    if marker == _APP14:
        return _segment(_APP14, body[:12]) if body.startswith(b"Adobe") else b""
    if marker in _APPLICATION or marker == _COM:
        return b""
    if marker == _SOS:
        length = int.from_bytes(body[:2], "big")
        return bytes((0xFF, _SOS)) + body[: max(length, 2)] + body[max(length, 2) :]
    return _segment(marker, body)


def _jpeg_segments(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Marker and body of each segment up to the end of the image; of a scan its head, with its length, and its data."""
    at, size = 2, len(content)
    while at + 4 <= size + 2:
        if at + 2 > size or content[at] != 0xFF:
            raise BrokenImageError("a marker is missing")
        while at + 1 < size and content[at + 1] == 0xFF:  # fill bytes
            at += 1
        if at + 1 >= size:
            break
        marker = content[at + 1]
        if marker == _EOI:
            return
        if marker in _RESTARTS or marker in (0x00, _SOI, _TEM) or at + 4 > size:
            raise BrokenImageError("a marker is where it cannot be")
        length = int.from_bytes(content[at + 2 : at + 4], "big")
        end = at + 2 + length
        if length < 2 or end > size:
            break
        if marker == _SOS:
            end = _end_of_scan(content, end)
            yield marker, content[at + 2 : end]
        else:
            yield marker, content[at + 4 : end]
        at = end
    raise BrokenImageError("it ends too early")


def _end_of_scan(content: bytes, at: int) -> int:
    """Where the next marker is that is not part of the scan's data."""
    while (at := content.find(b"\xff", at)) >= 0 and at + 1 < len(content):
        following = content[at + 1]
        if following != 0x00 and following not in _RESTARTS and following != 0xFF:
            return at
        at += 1 if following == 0xFF else 2
    raise BrokenImageError("it ends too early")


def _segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + (len(body) + 2).to_bytes(2, "big") + body


def _orientation_of(body: bytes) -> int | None:
    """Which way up the picture is, 1 to 8, if Exif says so."""
    if not body.startswith(b"Exif\0\0") or len(body) < 14:
        return None
    tiff = body[6:]
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return None
    (first,) = struct.unpack_from(f"{order}I", tiff, 4)
    if first + 2 > len(tiff):
        return None
    (count,) = struct.unpack_from(f"{order}H", tiff, first)
    for number in range(count):
        place = first + 2 + 12 * number
        if place + 12 > len(tiff):
            return None
        tag, kind, _count, value = struct.unpack_from(f"{order}HHIH", tiff, place)
        if (tag, kind) == (_ORIENTATION, 3):
            return value if 1 <= value <= 8 else None
    return None


def _exif_of(orientation: int) -> bytes:
    """Exif that says which way up, and nothing else."""
    entry = struct.pack(">HHIHH", _ORIENTATION, 3, 1, orientation, 0)
    return b"Exif\0\0" + b"MM\0\x2a" + struct.pack(">IH", 8, 1) + entry + struct.pack(">I", 0)
