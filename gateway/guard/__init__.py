"""What stops a hostile document before it costs anything, and a hostile page before it is anybody."""

from gateway.guard.limits import Limits, RefusedError, check_document, read_document

__all__ = ["Limits", "RefusedError", "check_document", "read_document"]
