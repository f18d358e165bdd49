"""The read part of the HSDS API (Open Referral, HSDS 3.0), for systems that read no GraphQL."""

from services.partners.rest.paths import PATHS

__all__ = ["PATHS"]
