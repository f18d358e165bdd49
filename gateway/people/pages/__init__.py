"""The pages that people see: `sign_in` and `account` over `answering` and `rendering`, in two languages."""

from __future__ import annotations

from gateway.people.pages.answering import message
from gateway.people.pages.consent import consent_page

__all__ = ["consent_page", "message"]
