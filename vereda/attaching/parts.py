"""A document's sealed parts, in a table of the service's own."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from vereda.attaching.images import BrokenImageError, jpeg_without_metadata, png_without_metadata
from vereda.attaching.kinds import (
    PART_BYTES,
    AttachmentKind,
    AttachmentScan,
    AttachmentState,
    kind_of,
    part_bytes,
    parts_of,
)
from vereda.attaching.scanning import Scanner, Verdict
from vereda.refusals import AttachmentRefused, InvalidInput, attachment_refused, invalid

#: How long a document may take to arrive.
ARRIVES_WITHIN: Final = timedelta(hours=1)
_OF_VERDICT: Final = {
    Verdict.CLEAN: (AttachmentState.READY, AttachmentScan.CLEAN),
    Verdict.NOT_SCANNED: (AttachmentState.READY, AttachmentScan.NOT_SCANNED),
    Verdict.INFECTED: (AttachmentState.REFUSED, AttachmentScan.INFECTED),
    Verdict.NOT_SCANNABLE: (AttachmentState.REFUSED, AttachmentScan.NOT_SCANNABLE),
}
_WITHOUT_METADATA: Final[dict[AttachmentKind, Callable[[bytes], bytes]]] = {
    AttachmentKind.PNG: png_without_metadata,
    AttachmentKind.JPEG: jpeg_without_metadata,
}


class UnfitError(Exception):
    """The document is not what it was announced as (`WRONG_KIND`), or damaged (`BROKEN`); its words are for people."""

    def __init__(self, problem: str, message: str) -> None:
        super().__init__(message)
        self.problem, self.message = problem, message


def decoded(content: str) -> bytes | None:
    """The bytes of a part in base64 (RFC 4648 §4); None of what is none."""
    try:
        return base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError):
        return None


def size_problem(size: int, number: int, piece: bytes) -> str | None:
    """What is wrong with a part of a document of `size` bytes, in words; None where nothing is."""
    wanted = part_bytes(size, number)
    if piece and len(piece) == wanted:
        return None
    return f"must have {wanted} bytes: parts are of {PART_BYTES}, the last one of the rest"


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of one document. `table` has `attachment_id`, `number` and `content_sealed`.

    `seal` and `open` take what a part holds and its place, of which the document is a part: a part that was moved does not
    open. `open` gives None where it does not.
    """

    session: AsyncSession
    table: Any
    document: UUID
    seal: Callable[[bytes, bytes], bytes]
    open: Callable[[bytes, bytes], bytes | None]

    def store(self, number: int, piece: bytes) -> None:
        sealed = self.seal(piece, place(self.document, number))
        self.session.add(self.table(attachment_id=self.document, number=number, content_sealed=sealed))

    async def has(self, number: int) -> bool:
        return await self.session.get(self.table, (self.document, number)) is not None

    async def are_whole(self, size: int) -> bool:
        arrived = (
            select(func.count()).select_from(self.table).where(self.table.attachment_id == self.document)
        )
        return await self.session.scalar(arrived) == parts_of(size)

    async def take(self, row: Any, number: int, piece: bytes) -> InvalidInput | AttachmentRefused | None:
        """Store one more part of `row`'s document. With the last one that was missing, look at it and put it in quarantine.

        `row` has `kind`, `size`, `state` and `scan`, as an announced document does.
        """
        if await self.has(number):
            return invalid(number="was sent already")
        self.store(number, piece)
        await self.session.flush()
        if await self.are_whole(row.size):
            try:
                row.size = await self.settle(row.kind, row.size)
            except UnfitError as unfit:
                return attachment_refused(unfit.problem, unfit.message)
            row.state = AttachmentState.QUARANTINED
            await self.session.flush()
        return None

    async def judge(self, row: Any, scanner: Scanner) -> None:
        """Show the document of `row` to the scanner. One that it finds something in loses its bytes at once; one that no key
        opens any more is refused unseen.

        Raises: ScannerAwayError.
        """
        content = await self.content(row.size)
        if content is None:
            row.state = AttachmentState.REFUSED
        else:
            row.state, row.scan = _OF_VERDICT[await scanner.scan(content)]
        if row.state is AttachmentState.REFUSED:
            await self.forget()

    async def content(self, size: int) -> bytes | None:
        """The whole document; None where its key is destroyed or a part does not open."""
        parts = await self.session.execute(
            select(self.table.number, self.table.content_sealed)
            .where(self.table.attachment_id == self.document)
            .order_by(self.table.number)
        )
        pieces = [self.open(sealed, place(self.document, number)) for number, sealed in parts]
        if None in pieces or len(pieces) != parts_of(size):
            return None
        return b"".join(piece for piece in pieces if piece is not None)

    async def settle(self, kind: AttachmentKind, size: int) -> int:
        """Look at what has come as a whole, and keep it without what nobody asked for. Returns the bytes that are kept.

        Raises: UnfitError.
        """
        content = await self.content(size)
        if content is None or kind_of(content) is not kind:
            raise UnfitError("WRONG_KIND", f"This is no {kind.value}, whatever its name says.")
        if (clean := _WITHOUT_METADATA.get(kind)) is None:
            return size
        try:
            content = clean(content)
        except BrokenImageError:
            raise UnfitError("BROKEN", "This image is damaged: save it anew, then attach that.") from None
        await self.forget()
        for number in range(parts_of(len(content))):
            self.store(number, content[number * PART_BYTES :][:PART_BYTES])
        await self.session.flush()
        return len(content)

    async def forget(self) -> None:
        await self.session.execute(delete(self.table).where(self.table.attachment_id == self.document))


def place(document: UUID, number: int) -> bytes:
    """What a part is sealed for: its document, and its number in it."""
    return document.bytes + number.to_bytes(4, "big")
