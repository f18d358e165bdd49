"""That the keys cannot be had now."""

from __future__ import annotations


class KeysAwayError(Exception):
    """The key management service does not answer, or not to us. The message says which, for the operator's log."""
