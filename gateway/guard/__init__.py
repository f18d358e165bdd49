"""What stops a hostile document before it costs anything, and a hostile page before it is anybody."""

from gateway.guard.documents import RefusedError, check_document, read_document
from gateway.guard.inputs import check_variables
from gateway.guard.limits import Limits

__all__ = ["Limits", "RefusedError", "check_document", "check_variables", "read_document"]
