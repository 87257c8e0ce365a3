"""`python -m tests.soak SEED TURNS`: turns over real sockets, many at a time, with faults."""

from __future__ import annotations

import asyncio
import sys

from .report import report
from .service import Service
from .soak import soak

CHANCE = 0.2


def main(seed: int, turns: int) -> int:
    """Soak; 1 if a promise was broken."""
    with Service(seed, CHANCE) as service:
        soaked = asyncio.run(soak(service, seed, turns))
    print(report(soaked))  # noqa: T201
    return 1 if soaked.violations else 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
