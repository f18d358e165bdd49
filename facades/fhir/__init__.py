"""HL7 FHIR R4 for referrals, by the SDOH Clinical Care guide's exchange: a client of the public graph.

`routes` is what `VEREDA_FACADES` names. Docs: docs/exchange.md.
"""

from facades.fhir.app import routes

__all__ = ["routes"]
