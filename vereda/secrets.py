"""Secrets that the installation makes for itself: files that only their owner can read, in `VEREDA_HOME/secrets`."""

from __future__ import annotations

import os
import secrets
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
            fresh = path.with_name(f".{name}.{os.getpid()}")
            try:
                # Linked into place: of two processes that make it at once, both read the first one's.
                fresh.write_text(secrets.token_urlsafe(32))
                fresh.chmod(0o600)
                os.link(fresh, path)
            except FileExistsError:
                pass
            finally:
                fresh.unlink(missing_ok=True)
            return path.read_text().strip()
        except OSError as error:
            raise OperatorError(
                f"The folder {self.folder} cannot be used ({error.strerror}): set VEREDA_HOME to a folder that you"
                " may write to."
            ) from None
