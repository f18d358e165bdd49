"""Documents that are asked for by name: operations that a client registered, and automatic persisted queries.

A document's name is the SHA-256 of its text, `sha256:` and 64 hexadecimal digits (GraphQL over HTTP, appendix A), or in a
manifest any name that its tools gave it. A hash names one text and no other, so that what one caller made known under it
is what another one means by it.
"""

from gateway.guard.trusted.manifest import Manifest
from gateway.guard.trusted.naming import digest, named, named_by_hash
from gateway.guard.trusted.resolving import Documents, TrustedStore, UnknownDocumentError

__all__ = [
    "Documents",
    "Manifest",
    "TrustedStore",
    "UnknownDocumentError",
    "digest",
    "named",
    "named_by_hash",
]
