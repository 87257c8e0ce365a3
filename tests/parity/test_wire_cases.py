"""Each case of _parity/cases, asked of the emulator, or of Azure with `--azure`."""

from __future__ import annotations

import pytest

from langchain_foundry_agents._parity.case import Case, read_cases
from langchain_foundry_agents._parity.target import Target


def name_of(case: Case) -> str:
    return f"{case.area}: {case.name}"


@pytest.mark.parametrize("case", read_cases(), ids=name_of)
def test_the_answers_are_the_expected_ones(case: Case, target: Target) -> None:
    played = target.ask(case)

    assert (played.problem, played.left) == (None, ())
    found = [
        (exchange.send, difference)
        for exchange, seen in zip(case.exchanges, played.seen, strict=True)
        for difference in seen.unexpected(exchange)
    ]
    assert found == []
