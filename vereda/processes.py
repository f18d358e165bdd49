"""What every child process of ours needs: to end with its parent, however that ends."""

from __future__ import annotations

import ctypes
import signal
import sys
from collections.abc import Callable
from typing import Final

_PR_SET_PDEATHSIG: Final = 1


def end_with_parent(number: signal.Signals) -> Callable[[], None] | None:
    """A `preexec_fn`: the kernel sends the child `number` when its parent dies, even by kill -9 (Linux, prctl(2)).

    None elsewhere: there a child notices by end-of-file on its standard input.
    """
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)  # looked up here, because after fork nothing should allocate

    def ask() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, int(number), 0, 0, 0)

    return ask
