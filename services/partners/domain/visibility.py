"""Who may know where a place is (R17), and what everybody else is told instead.

| visibility | who knows the place itself |
|---|---|
| PUBLIC | everybody, exports included |
| PARTNERS | every member of the network |
| TRUSTED | its owner, and members that the owner has named |
| OWNER | its owner |

Others are told its town and county, and to call first. Whatever would lead nearer is not in the row that they can read:
its ZIP code stands with the address, and its coordinates are its town's, the same for every place kept back there. So
distances, maps, searches and counts cannot tell two places of one town apart, whoever asks and by whatever way.
"""

from __future__ import annotations

from typing import Final

from services.partners.domain.geography import PostalCode, town_centre
from services.partners.domain.terms import Visibility

OPEN_TO_MEMBERS: Final = frozenset({Visibility.PUBLIC, Visibility.PARTNERS})
OPEN_TO_ALL: Final = frozenset({Visibility.PUBLIC})


def kept_back(visibility: Visibility) -> bool:
    """Whether some member of the network may not know where such a place is."""
    return visibility not in OPEN_TO_MEMBERS


def told(
    visibility: Visibility,
    zip_code: PostalCode | None,
    latitude: float | None = None,
    longitude: float | None = None,
) -> dict[str, str | float | None]:
    """What a location's own row may hold of where it is: `postal_code`, `latitude`, `longitude`.

    Coordinates of its own, where it has them, or its ZIP's centre; of a place that is kept back, its town's alone.
    """
    if kept_back(visibility):
        centre = town_centre(zip_code.city, zip_code.state) if zip_code else None
        return {
            "postal_code": None,
            "latitude": centre.latitude if centre else None,
            "longitude": centre.longitude if centre else None,
        }
    if latitude is None and zip_code is not None:
        latitude, longitude = zip_code.centre.latitude, zip_code.centre.longitude
    return {"postal_code": zip_code.code if zip_code else None, "latitude": latitude, "longitude": longitude}
