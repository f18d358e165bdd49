"""Paths that a subgraph serves besides its graph: read through the gateway, behind all that guards the graph.

The gateway knows prefixes and subgraphs' names from a setting, and nothing of what is served there.
"""

from gateway.passing.endpoint import PassedPath
from gateway.passing.prefixes import passed_paths

__all__ = ["PassedPath", "passed_paths"]
