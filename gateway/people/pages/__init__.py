"""What people see: each module a few pages, over `answering` (forms, redirects) and `rendering` (templates, headers)."""

from __future__ import annotations

from gateway.people.pages.answering import message
from gateway.people.pages.consent import consent_page
from gateway.people.pages.routes import page_routes

__all__ = ["consent_page", "message", "page_routes"]
