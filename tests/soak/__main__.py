"""`python -m tests.soak [SEED] [TURNS]`: thousands of turns over real sockets, with faults."""

from __future__ import annotations

import asyncio
import sys

from .service import Service
from .report import report
from .soak import CHANCE, soak

TURNS = 10_000


def main() -> int:
    """Soak; 1 if a promise was broken."""
    seed, turns = map(int, [*sys.argv[1:], "1", str(TURNS)][:2]) if len(sys.argv) != 2 else (int(sys.argv[1]), TURNS)
    with Service(seed, CHANCE) as service:
        soaked = asyncio.run(soak(service, seed, turns))
    print(report(soaked))  # noqa: T201
    return 1 if soaked.violations else 0


if __name__ == "__main__":
    sys.exit(main())
