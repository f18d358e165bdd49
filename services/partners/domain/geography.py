"""Counties of the region, and where ZIP codes are."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Final, NewType

import zipcodes

Fips = NewType("Fips", str)


@dataclass(frozen=True, slots=True)
class Point:
    """Degrees, WGS 84."""

    latitude: float
    longitude: float


EARTH_RADIUS_MILES: Final = 3958.8


def miles_between(one: Point, other: Point) -> float:
    """As the crow flies (haversine)."""
    lat, other_lat = math.radians(one.latitude), math.radians(other.latitude)
    half_dlat, half_dlon = (other_lat - lat) / 2, math.radians(other.longitude - one.longitude) / 2
    chord = math.sin(half_dlat) ** 2 + math.cos(lat) * math.cos(other_lat) * math.sin(half_dlon) ** 2
    return 2 * EARTH_RADIUS_MILES * math.asin(min(1.0, math.sqrt(chord)))


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


@cache
def town_centre(city: str, state: str) -> Point | None:
    """Where a town is said to be, of a place in it that is kept back (R17): the centre of the first of its ZIP codes.

    One point for the whole town, so that how far a place is tells the town and no more. None where there is no such town.
    """
    found: list[dict[str, str]] = zipcodes.filter_by(city=city, state=state)  # type: ignore[no-untyped-call]
    first = min(found, key=lambda row: row["zip_code"], default=None)
    return Point(float(first["lat"]), float(first["long"])) if first else None
