"""`python -m tests.simulation SEED [TURNS]`: episodes from a seed on, until so many turns.

One turn wanted is one episode played.
"""

from __future__ import annotations

import gc
import logging
import sys
import traceback
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from os import cpu_count
from time import perf_counter
from typing import NamedTuple

from .checks import Violation
from .episode import play
from .report import report

TURNS = 100_000
_SEEDS_AT_ONCE = 8
_SEEDS_A_LINE = 100


class Played(NamedTuple):
    """An episode, as a process tells of it."""

    results: Counter[str]
    """How its turns ended."""
    broken: str = ""
    """The promise that was broken, and all that led to it."""


def played(seed: int) -> Played:
    """Play an episode."""
    logging.disable(logging.WARNING)
    # What an episode makes lives to its end: it is looked through once, then.
    gc.freeze()
    gc.disable()
    try:
        return Played(play(seed).results)
    except Violation as broken:
        return Played(Counter(), report(seed, broken))
    except Exception:  # noqa: BLE001 - a crash is told with its seed, too
        return Played(Counter(), f"{traceback.format_exc()}\nThe seed is {seed}.")
    finally:
        gc.collect()


def episodes(first: int) -> Iterator[Played]:
    """The episodes of all seeds from one on, by as many processes as there are processors."""
    workers = cpu_count() or 1
    step = workers * _SEEDS_AT_ONCE
    with ProcessPoolExecutor(workers) as pool:
        while True:
            yield from pool.map(played, range(first, first + step))
            first += step


def main() -> int:
    """Play until so many turns are over; 1 if a promise was broken."""
    first, wanted = map(int, [*sys.argv[1:], str(TURNS)][:2])
    began, results, seeds = perf_counter(), Counter[str](), 0
    for one in [played(first)] if wanted == 1 else episodes(first):
        seeds += 1
        results.update(one.results)
        if one.broken:
            print(one.broken)  # noqa: T201
            return 1
        if seeds % _SEEDS_A_LINE == 0:
            print(f"{results.total():11,} turns so far", file=sys.stderr)  # noqa: T201
        if results.total() >= wanted:
            break
    seconds = perf_counter() - began
    told = [f"{count:11,} {name}" for name, count in results.most_common()]
    rate = results.total() / seconds
    told += [
        f"{results.total():11,} turns, no promise broken; {seeds:,} episodes from seed {first} on",
        f"{rate:11,.0f} turns a second, for {seconds:,.0f} s",
    ]
    print("\n".join(told))  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
