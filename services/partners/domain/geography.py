"""Counties of the region and distances between ZIP codes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import asin, cos, radians, sin, sqrt
from typing import Final, NewType

import zipcodes

Fips = NewType("Fips", str)
_EARTH_RADIUS_MILES: Final = 3958.8


@dataclass(frozen=True, slots=True)
class Point:
    """Degrees, WGS 84."""

    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class RegionCounty:
    """A county of the San Joaquin Valley, by its federal (FIPS) code."""

    fips: Fips
    name: str


COUNTIES: Final = (
    RegionCounty(Fips("06019"), "Fresno"),
    RegionCounty(Fips("06029"), "Kern"),
    RegionCounty(Fips("06031"), "Kings"),
    RegionCounty(Fips("06039"), "Madera"),
    RegionCounty(Fips("06047"), "Merced"),
    RegionCounty(Fips("06077"), "San Joaquin"),
    RegionCounty(Fips("06099"), "Stanislaus"),
    RegionCounty(Fips("06107"), "Tulare"),
)
BY_FIPS: Final = {county.fips: county for county in COUNTIES}
_BY_NAME: Final = {f"{county.name} County": county for county in COUNTIES}


@dataclass(frozen=True, slots=True)
class PostalCode:
    """A US ZIP code: its centre, city, state, and its county where that is one of ours."""

    code: str
    city: str
    state: str
    county: Fips | None
    centre: Point


@cache
def postal_code(code: str) -> PostalCode | None:
    """The ZIP code (5 digits or ZIP+4), or None when there is none such."""
    digits = code.strip()[:5]
    if len(digits) != 5 or not digits.isascii() or not digits.isdigit():
        return None
    found: list[dict[str, str]] = zipcodes.matching(digits)  # type: ignore[no-untyped-call]
    if not found:
        return None
    row = found[0]
    county = _BY_NAME.get(row["county"]) if row["state"] == "CA" else None
    centre = Point(float(row["lat"]), float(row["long"]))
    return PostalCode(digits, row["city"], row["state"], county.fips if county else None, centre)


def miles_between(one: Point, other: Point) -> float:
    """Great-circle distance (haversine)."""
    latitude_1, latitude_2 = radians(one.latitude), radians(other.latitude)
    half_dlat = (latitude_2 - latitude_1) / 2
    half_dlon = radians(other.longitude - one.longitude) / 2
    chord = sin(half_dlat) ** 2 + cos(latitude_1) * cos(latitude_2) * sin(half_dlon) ** 2
    return 2 * _EARTH_RADIUS_MILES * asin(min(1.0, sqrt(chord)))
