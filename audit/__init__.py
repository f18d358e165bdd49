"""What can be looked for by machines: known mistakes, known holes in what we depend on, secrets, and the security tests."""
