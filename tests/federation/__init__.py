"""Federation, told by example: a folder for each feature, with real subgraph servers behind the real gateway.

A folder holds its subgraphs' SDL (`<name>.graphql`), the supergraph composed from them (`supergraph.graphql`, by
`python -m tests.federation.compose`), what the subgraphs know (`data.py`), and the rules (`test_<feature>.py`).
The subgraphs are strict: what a plan may not ask, they answer with an error, and the test that asked it fails.
"""
