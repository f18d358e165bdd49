"""The example of a whole service that Open Referral publishes: it goes in, and comes out."""

from __future__ import annotations

import json
from typing import Any, Final

from services.partners.exchange.importing import import_hsds
from tests.partners.published import DATA, needs_published
from tests.partners.rest.conftest import Api

EXAMPLE: Final = DATA / "hsds-3.0" / "json" / "service_full.json"
#: When a service was changed; the 639-3 code of a language; what a change was of. An organisation in a service comes with
#: its own fields alone.
KNOWN_BETTER: Final = {"last_modified", "code", "resource_type", "link_entity", "organization"}


@needs_published
async def test_the_published_example_comes_out_as_it_went_in(api: Api) -> None:
    """But for identifiers, which are the network's here, and what the directory knows better."""
    example = json.loads(EXAMPLE.read_text())
    await import_hsds(api.database, EXAMPLE)
    (mine,) = (await api.found("/services?full=true"))["contents"]

    for one in example["service_at_locations"]:  # which says again what is of the service
        for repeated in ("contacts", "phones", "schedules", "languages"):
            del one["location"][repeated]
        del one["location"]["latitude"], one["location"]["longitude"]  # 100 and 101, which no place has

    def said(value: Any) -> Any:
        if isinstance(value, dict):
            return {
                key: said(inner)
                for key, inner in sorted(value.items())
                if key != "id" and not key.endswith("_id") and key not in KNOWN_BETTER
            }
        if isinstance(value, list):
            return [said(one) for one in value]
        return value.strip('" ') if isinstance(value, str) else value

    assert json.dumps(said(mine), indent=1).splitlines() == json.dumps(said(example), indent=1).splitlines()
