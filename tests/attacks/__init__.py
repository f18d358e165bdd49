"""What is done to GraphQL gateways, done to ours: a process in production settings, over real sockets.

`documents`, `values`, `sites` and `leaks` are a catalogue: a function for each attack, whose name says what is sent,
whose docstring says what stops it, with the published hole that taught it. `test_catalogue` runs them all. What needs
more than one request, or bytes that are no HTTP, has a test of its own beside.

The attacker is not nobody: its token is good, and its scopes are few.
"""
