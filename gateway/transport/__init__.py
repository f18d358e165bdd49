"""Calls to subgraphs: pooled HTTP/1.1 with bounds on time, size and patience, or applications in this process."""

from gateway.transport.answer import SubgraphAnswer, SubgraphUnavailableError, Transport
from gateway.transport.asgi import AsgiTransport
from gateway.transport.deadlines import DEADLINE
from gateway.transport.http import HttpTransport, TransportLimits
from gateway.transport.mounted import MountedTransport
from gateway.transport.sharing import InFlight, SharedReads

__all__ = [
    "DEADLINE",
    "AsgiTransport",
    "HttpTransport",
    "InFlight",
    "MountedTransport",
    "SharedReads",
    "SubgraphAnswer",
    "SubgraphUnavailableError",
    "Transport",
    "TransportLimits",
]
