"""Where the demo network is: real counties, towns and ZIP codes of the San Joaquin Valley."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Place:
    town: str
    zip_code: str
    rural: bool


@dataclass(frozen=True, slots=True)
class County:
    fips: str
    name: str
    places: tuple[Place, ...]


COUNTIES: Final = (
    County(
        "06019",
        "Fresno",
        (Place("Fresno", "93721", False), Place("Reedley", "93654", True), Place("Mendota", "93640", True)),
    ),
    County(
        "06029",
        "Kern",
        (
            Place("Bakersfield", "93301", False),
            Place("Delano", "93215", False),
            Place("Arvin", "93203", True),
        ),
    ),
    County("06031", "Kings", (Place("Hanford", "93230", False), Place("Avenal", "93204", True))),
    County("06039", "Madera", (Place("Madera", "93637", False), Place("Chowchilla", "93610", True))),
    County("06047", "Merced", (Place("Merced", "95340", False), Place("Planada", "95365", True))),
    County("06077", "San Joaquin", (Place("Stockton", "95202", False), Place("Thornton", "95686", True))),
    County("06099", "Stanislaus", (Place("Modesto", "95354", False), Place("Patterson", "95363", True))),
    County("06107", "Tulare", (Place("Visalia", "93291", False), Place("Woodlake", "93286", True))),
)
