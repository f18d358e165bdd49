"""The rules of referrals and consent, pure."""
