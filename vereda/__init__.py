"""The small kernel that the gateway and the three services share.

It holds what must be the same everywhere: settings, the caller and row-level security, ids, pagination,
idempotency, errors, tokens, telemetry, and the supervisor that runs the whole on one machine. It imports neither
the gateway nor any service.
"""

__version__ = "0.1.0"
