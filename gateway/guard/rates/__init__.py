"""How much a client, and its organisation, may cause in a minute: token buckets of cost units."""

from gateway.guard.rates.buckets import Bucket
from gateway.guard.rates.limiting import (
    Buckets,
    Charge,
    LocalBuckets,
    Policy,
    Quota,
    RateLimits,
    TooManyRequestsError,
)

__all__ = [
    "Bucket",
    "Buckets",
    "Charge",
    "LocalBuckets",
    "Policy",
    "Quota",
    "RateLimits",
    "TooManyRequestsError",
]
