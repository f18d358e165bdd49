"""How long what is kept (R23): the table that the services' rounds read, and docs/retention.md is printed from.

python -m vereda.retention > docs/retention.md
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from vereda.settings import Settings


@dataclass(frozen=True, slots=True)
class Retained:
    """One kind of data. `setting`: the name of the setting that says for how many days; None: for good.

    `counted_from`: from when; `becomes`: of it afterwards; `round_`: what sees to that, as service and name.
    """

    what: str
    setting: str | None
    counted_from: str
    becomes: str
    round_: str | None

    def over(self, settings: Settings) -> timedelta:
        """How long it is kept. Of what is kept for good there is no such time."""
        assert self.setting is not None
        return timedelta(days=getattr(settings, self.setting))


CLOSED: Final = Retained(
    "what a referral says of a client: narrative, needs, messages, documents, both sides' identifiers",
    "retention_closed_days",
    "its end",
    "its keys are destroyed, and its row keeps states, times and the domain of the service",
    "referrals: forget closed referrals",
)
FINISHED: Final = Retained(
    "a client whose referrals have all ended",
    "retention_closed_days",
    "the end of the last one, or a newer consent",
    "erased (R22): handle, county and month are left",
    "referrals: erase clients kept long enough",
)
UNSENT: Final = Retained(
    "a client for whom nothing was ever sent, with drafts",
    "retention_unsent_days",
    "their being recorded, or the newest draft or consent",
    "erased (R22)",
    "referrals: erase clients kept long enough",
)
APPOINTMENTS: Final = Retained(
    "when a client was expected, and whether they came",
    "retention_appointments_days",
    "the appointment's end",
    "deleted; the referral's own history stays",
    "referrals: forget appointments",
)
GRANTS: Final = Retained(
    "whose a seat in a cohort or an application for a grant was",
    "retention_grants_days",
    "the end of the cohort, or of the funding round",
    "its handles and its consent are replaced by random ones, its documents are destroyed: it counts, and leads to nobody",
    "grants: unlink finished programmes",
)
DISCLOSURES: Final = Retained(
    "consents and disclosures",
    None,
    "-",
    "kept: who saw what must be answered for at least three years (R28). They hold no name",
    None,
)
AUDIT: Final = Retained("the audit, erasures, legal holds and demands", None, "-", "kept (R27)", None)
AGGREGATES: Final = Retained(
    "published figures and tallies", None, "-", "kept: they are of nobody (R31)", None
)
SUMMARIES: Final = Retained(
    "summaries for recognition and accreditation",
    None,
    "-",
    "kept, for longer than the six years that 8 CFR 1292.14 asks for; they are numbers",
    None,
)

RETENTION: Final = (CLOSED, FINISHED, UNSENT, APPOINTMENTS, GRANTS, DISCLOSURES, AUDIT, AGGREGATES, SUMMARIES)

_HEAD: Final = """# Retention

How long what is kept, and what becomes of it (R23). Printed from `vereda/retention.py`; the rounds that see to it read the
same table, hourly. A [legal hold](legal-demands.md) on a client stops all of it for them.

| what | kept for | counted from | then | round |
|---|---|---|---|---|
"""


def page() -> str:
    """docs/retention.md."""
    defaults = Settings.model_fields
    rows = []
    for one in RETENTION:
        kept = "for good"
        if one.setting is not None:
            kept = f"{defaults[one.setting].default} days (`VEREDA_{one.setting.upper()}`)"
        rows.append(f"| {one.what} | {kept} | {one.counted_from} | {one.becomes} | {one.round_ or '-'} |\n")
    return _HEAD + "".join(rows)


if __name__ == "__main__":
    print(page(), end="")  # noqa: T201
