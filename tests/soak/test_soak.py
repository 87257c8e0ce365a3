"""A few hundred turns of the soak; `make soak` takes ten thousand."""

from __future__ import annotations

import asyncio

import pytest

from . import kernel
from .report import report
from .service import Service
from .soak import soak

TURNS = 300


@pytest.mark.slow
@pytest.mark.skipif(not kernel.is_here, reason="Linux tells what a process holds")
def test_no_promise_is_broken_under_load() -> None:
    with Service(1, chance=0.2) as service:
        soaked = asyncio.run(soak(service, 1, TURNS))

    assert soaked.violations == [], report(soaked)
    assert soaked.outcomes.total() == TURNS
    assert soaked.outcomes["answer"] > TURNS / 2
    assert soaked.held.met.total() > TURNS / 10
