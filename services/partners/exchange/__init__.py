"""Exchange with other directories in the Human Services Data Specification (Open Referral HSDS)."""

from __future__ import annotations

from services.partners.exchange.exporting import export_hsds
from services.partners.exchange.importing import import_hsds
from services.partners.exchange.report import ExportReport, ImportReport, RowProblem, Severity

__all__ = ["ExportReport", "ImportReport", "RowProblem", "Severity", "export_hsds", "import_hsds"]
