"""`python -m tests.sweep`: every way, every call, both generations, at every await point."""

from __future__ import annotations

import asyncio
import sys

from .sweep import Left, sweep


def say(line: str) -> None:
    """Show how far it is."""
    print(line, flush=True)  # noqa: T201


def main() -> int:
    """Sweep over all; 1 if anything is left."""
    total = Left()
    for generation in ("classic", "new"):
        for mode in ("stream", "poll"):
            total.add(asyncio.run(sweep(generation, tell=say, run_mode=mode)))
    say("\n".join([*total.places, str(total)]))
    return 1 if total.places else 0


if __name__ == "__main__":
    sys.exit(main())
