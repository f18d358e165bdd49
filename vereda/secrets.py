"""Secrets that the installation makes for itself: files that only their owner can read, in `VEREDA_HOME/secrets`."""

from __future__ import annotations

import os
import secrets
import tempfile
from pathlib import Path

from vereda.errors import OperatorError


class Secrets:
    """Named random secrets, made at first use and kept."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def get(self, name: str) -> str:
        """The secret `name`: 256 random bits, URL-safe.

        Raises: OperatorError when the folder cannot be used.
        """
        path = self.folder / name
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            if not path.exists():
                _make(path)
            secret = path.read_text().strip()
        except OSError as error:
            raise OperatorError(
                f"The folder {self.folder} cannot be used ({error.strerror}): set VEREDA_HOME to a folder that you"
                " may write to."
            ) from None
        if not secret:
            raise OperatorError(f"The secret in {path} is empty: restore the folder as a whole.")
        return secret


def _make(path: Path) -> None:
    """A new secret, linked into place whole: of all that make it at once, each then reads the first one's."""
    descriptor, fresh = tempfile.mkstemp(
        prefix=f".{path.name}.", dir=path.parent
    )  # readable by its owner alone
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(32))
            file.flush()
            os.fsync(descriptor)
        os.link(fresh, path)
    except FileExistsError:
        pass
    finally:
        os.unlink(fresh)
