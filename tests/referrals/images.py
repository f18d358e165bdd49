"""Small images with all that a camera writes about them."""

from __future__ import annotations

import struct
import zlib

SECRETS = (b"N 36 44 12", b"Canon of Marisol", b"taken at her home", b"after the end")


def png(*extra: tuple[bytes, bytes], trailer: bytes = b"") -> bytes:
    """One grey pixel, with chunks of one's own before its data."""
    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    chunks = [(b"IHDR", head), *extra, (b"IDAT", zlib.compress(b"\0\x7f")), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(map(_chunk, *zip(*chunks, strict=True))) + trailer


def png_that_tells() -> bytes:
    return png(
        (b"tEXt", b"Author\0" + SECRETS[1]),
        (b"eXIf", SECRETS[0]),
        (b"tIME", b"\x07\xe8\1\1\1\1\1"),
        (b"gAMA", struct.pack(">I", 45455)),
        (b"prVt", SECRETS[2]),
        trailer=SECRETS[3],
    )


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + (len(body) + 2).to_bytes(2, "big") + body


def exif(orientation: int, order: str = ">", more: bytes = b"") -> bytes:
    mark = b"MM\0\x2a" if order == ">" else b"II\x2a\0"
    entries = struct.pack(f"{order}HHIHH", 0x0112, 3, 1, orientation, 0)
    tiff = mark + struct.pack(f"{order}IH", 8, 1) + entries + struct.pack(f"{order}I", 0)
    return b"Exif\0\0" + tiff + more


#: Two scans, as progressive pictures have, with a restart marker and a stuffed byte in the data of one.
SCANS = (
    segment(0xDA, b"\1\1\0\0\x3f\0")
    + b"\x12\xff\x00\x34\xff\xd0\x56"
    + segment(0xC4, b"\x10" + b"\0" * 16)
    + segment(0xDA, b"\1\1\0\0\x3f\0")
    + b"\x78"
)
TABLES = segment(0xDB, b"\0" + b"\1" * 64) + segment(0xC2, b"\x08\0\1\0\1\1\1\x11\0")


def jpeg(*extra: bytes, trailer: bytes = b"") -> bytes:
    return b"\xff\xd8" + b"".join(extra) + TABLES + SCANS + b"\xff\xd9" + trailer


def jpeg_that_tells(orientation: int = 6) -> bytes:
    return jpeg(
        segment(0xE0, b"JFIF\0\1\2\0\0\1\0\1\1\1" + b"\xaa\xbb\xcc"),  # with a thumbnail of one pixel
        segment(0xE1, exif(orientation, more=SECRETS[0])),
        segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + SECRETS[1]),
        segment(0xE2, b"ICC_PROFILE\0\1\1colours"),
        segment(0xE2, b"MPF\0" + SECRETS[2]),
        segment(0xED, b"Photoshop 3.0\0" + SECRETS[1]),
        segment(0xFE, SECRETS[2]),
        trailer=SECRETS[3],
    )
