"""By what services are counted and narrowed down, besides their terms, languages, counties and organisations."""

from __future__ import annotations

from enum import StrEnum


class Fee(StrEnum):
    """What a service costs its client, as far as its record says so."""

    FREE = "FREE"
    SLIDING_SCALE = "SLIDING_SCALE"
    FEE = "FEE"
    UNKNOWN = "UNKNOWN"


class ServiceModality(StrEnum):
    """How a service is had: at a place, or from afar."""

    IN_PERSON = "IN_PERSON"
    REMOTE = "REMOTE"


class FacetName(StrEnum):
    """What results are counted by."""

    TERM = "TERM"
    LANGUAGE = "LANGUAGE"
    COUNTY = "COUNTY"
    ORGANIZATION_KIND = "ORGANIZATION_KIND"
    FEE = "FEE"
    MODALITY = "MODALITY"
    OPEN = "OPEN"


class ServiceOrder(StrEnum):
    """In what order services are listed; of equals, by name."""

    RELEVANCE_DESC = "RELEVANCE_DESC"
    NAME_ASC = "NAME_ASC"
    DISTANCE_ASC = "DISTANCE_ASC"
    VERIFIED_DESC = "VERIFIED_DESC"
