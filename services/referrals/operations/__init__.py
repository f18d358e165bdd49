"""What can be done with clients, consents and referrals: one function each, which owns its transaction."""
