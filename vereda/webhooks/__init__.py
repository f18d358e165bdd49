"""Webhooks: what happened, sent to an organisation's own system as soon as it can be read.

An endpoint is a URL, what is wanted there, and how far it has been told: a place in the organisation's feed
(`vereda.feed`). Each service delivers its own feed; nothing is kept for delivery but that place, so that what may not be
known any more at the moment of sending is not sent (R9, R16). docs/decisions/0044, docs/webhooks.md.
"""
