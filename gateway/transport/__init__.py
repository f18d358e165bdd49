"""Calls to subgraphs: pooled HTTP/1.1 with bounds on time, size and patience."""

from gateway.transport.answer import SubgraphAnswer, SubgraphUnavailableError, Transport
from gateway.transport.http import HttpTransport, TransportLimits

__all__ = ["HttpTransport", "SubgraphAnswer", "SubgraphUnavailableError", "Transport", "TransportLimits"]
