"""Zips that others made: what in one is not safe to read is told before it is read. Nothing is unpacked to disk."""

from __future__ import annotations

import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import Final

from vereda.errors import OperatorError

_MOST_MEMBERS: Final = 10_000
_LARGEST_TOTAL: Final = 4 * 1024**3
#: Tables of text shrink ten- to fiftyfold; what shrinks more, and is large, is there to fill the disk or the memory.
_HIGHEST_RATIO: Final = 200
_RATIO_COUNTS_FROM: Final = 8 * 1024**2

#: What reading a damaged zip raises.
BROKEN_ZIP: Final = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)


def safe_members(path: Path | str, archive: zipfile.ZipFile) -> list[str]:
    """The names of its files. Raises: OperatorError where one leads out of it, is a link, is encrypted, or swells."""
    members = archive.infolist()
    if len(members) > _MOST_MEMBERS or sum(member.file_size for member in members) > _LARGEST_TOTAL:
        raise OperatorError(f"{path} holds too much: at most {_MOST_MEMBERS} files and 4 GiB are taken.")
    for member in members:
        name = member.filename
        if name.startswith("/") or "\\" in name or ":" in name or ".." in PurePosixPath(name).parts:
            raise OperatorError(f"{path} is not safe to read: a file in it has a name that leads out of it.")
        if stat.S_ISLNK(member.external_attr >> 16):
            raise OperatorError(f"{path} is not safe to read: it holds a link instead of a file.")
        if member.flag_bits & 1:
            raise OperatorError(f"{path} is encrypted: give it without a password.")
        if member.file_size > max(_RATIO_COUNTS_FROM, _HIGHEST_RATIO * member.compress_size):
            raise OperatorError(
                f"{path} is not safe to read: a file in it swells more than {_HIGHEST_RATIO}-fold."
            )
    hidden = ("__MACOSX/", ".")
    return sorted(m.filename for m in members if not m.is_dir() and not m.filename.startswith(hidden))
