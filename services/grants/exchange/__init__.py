"""Grants as others read them."""
