"""Writes small Python functions for one exact shape. What ends up in the source are GraphQL names, as literals."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class Source:
    """Python source in the making, with the constants that it refers to."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._indent = 0
        self._names: dict[str, Any] = {}

    def constant(self, name: str, value: Any) -> str:
        """Make `value` known to the source; returns the name under which it is."""
        unique = name if name not in self._names else f"{name}_{len(self._names)}"
        self._names[unique] = value
        return unique

    def line(self, text: str) -> None:
        self._lines.append("    " * self._indent + text)

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        self.line(head)
        self._indent += 1
        yield
        self._indent -= 1

    def build(self, name: str) -> Any:
        """Compile, and return what the source defines as `name`."""
        text = "\n".join(self._lines)
        exec(compile(text, f"<generated {name}>", "exec"), self._names)  # noqa: S102 (see the module's first line)
        return self._names[name]
