"""`make chaos`: `python -m tests.chaos --seconds 600 --workers 8 --seed 7`. Prints what was done, and fails where anything is lost."""

from __future__ import annotations

import argparse
import asyncio
import random
import tempfile
from pathlib import Path

from tests.chaos.running import UNLIMITED, wreak
from tests.support.running import RunningNetwork


async def run(seconds: float, workers: int, seed: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        network = RunningNetwork(Path(folder) / "home", **UNLIMITED)
        await network.start()
        try:
            ran = await wreak(network, seconds, workers, seed)
            await ran.check()
        except BaseException:
            print(network.output[-20_000:])
            raise
        finally:
            await network.stop()
    print(f"Seed {seed}: {ran.history.told()}.")
    print("Faults: " + ", ".join(f"{n} x {what}" for what, n in sorted(ran.faults.items())) + ".")
    print("Nothing acknowledged is lost, nothing was done twice.")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos")
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--workers", type=int, default=8)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    given = parser.parse_args()
    asyncio.run(run(given.seconds, given.workers, given.seed))


if __name__ == "__main__":
    main()
