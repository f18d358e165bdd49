"""Clients, their consents, and their referrals from one organisation to another. The people's lives are here."""
