"""The keys that wrap data keys, kept outside of every database, so that one of them can be destroyed for good.

    tree.py       a wrapping key for each data key, out of one seed, each of which can be cut out
    document.py   all of it at one moment: master versions, the tree, the key of handles and indexes
    sealers.py    what protects the document where it lies: nothing but its file's mode, or a key from the environment
    transit.py    or a key management service over HTTP
    keeping.py    the document read, kept for a while, and changed by one process at a time
    opening.py    which of it the settings ask for

What holds, and what does not: docs/decisions/0026.
"""

from __future__ import annotations

from vereda.keyring.away import KeysAwayError
from vereda.keyring.document import Keyring, KeyShreddedError
from vereda.keyring.keeping import Keys
from vereda.keyring.opening import open_keys
from vereda.keyring.tree import KeyIds, Tree

__all__ = ["KeyIds", "KeyShreddedError", "Keyring", "Keys", "KeysAwayError", "Tree", "open_keys"]
