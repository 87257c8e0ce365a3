"""A few thousand turns of the simulation; `make simulate` plays a million."""

from __future__ import annotations

import pytest

from .checks import Violation
from .episode import play
from .report import report

SEEDS = (2, 3, 5, 7, 9)
"""Of episodes with each of the rates of faults."""


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_no_promise_is_broken(seed: int) -> None:
    try:
        told = play(seed, clients=60)
    except Violation as broken:
        pytest.fail(report(seed, broken))

    assert told.results["AIMessage"] > 100


def test_a_seed_tells_the_same_story_each_time() -> None:
    first, second = (play(7, clients=10) for _ in range(2))

    assert (first.now, first.results) == (second.now, second.results)
