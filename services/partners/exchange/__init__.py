"""Exchange with other directories in the Human Services Data Specification (Open Referral HSDS)."""
