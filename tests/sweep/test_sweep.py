"""A turn that is cancelled at whatever await point leaves no connection, lock or run behind.

`python -m tests.sweep` (`make sweep`) tries many more.
"""

from __future__ import annotations

import pytest

from .sweep import SHORT, WAYS, Way, sweep

GENERATIONS = ("classic", "new")
FEWEST = 2 * 10
"""A turn that is asked over a socket waits this often at least, in a new thread and in another."""


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("call", ["ainvoke", "astream"])
@pytest.mark.parametrize("generation", GENERATIONS)
async def test_nothing_is_left_wherever_a_turn_is_cancelled(
    generation: str, call: str, way: Way
) -> None:
    left = await sweep(generation, calls=(call,), ways=(way,), answers=((SHORT, 10_000),))

    assert (left.connections, left.locks, left.runs, left.places) == (0, 0, 0, [])
    assert left.points >= FEWEST
