"""The federated GraphQL endpoint: plans and executes queries over any Federation 2 supergraph.

Knows no service by name: what it may ask, and where, is all in the supergraph it is given.
"""
