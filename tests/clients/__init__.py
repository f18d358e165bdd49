"""Clients and audits that others wrote, strict about what the standards say, against the running gateway."""
