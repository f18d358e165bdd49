"""Counties as reports tell them."""

from __future__ import annotations

from typing import Final

#: The counties of the region, by their federal (FIPS) codes.
REGION: Final = ("06019", "06029", "06031", "06039", "06047", "06077", "06099", "06107")
#: Any other.
ELSEWHERE: Final = "ELSEWHERE"
