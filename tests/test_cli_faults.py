"""`foundry-agents emulator --fault`: what goes wrong is said on the command line."""

from __future__ import annotations

import re

import pytest

from langchain_foundry_agents.cli.arguments import new_parser
from langchain_foundry_agents.emulator.fault_table import FAULTS


def test_the_help_names_every_fault(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        new_parser().parse_args(["emulator", "--help"])

    (named,) = re.findall(r"Faults: (.*?)\.", capsys.readouterr().out, re.DOTALL)
    assert re.split(r",\s+", named) == list(FAULTS)


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        ("rate-limt", "There is no fault 'rate-limt'. Did you mean 'rate-limit'?"),
        ("stall:on=GET", "'GET' is no route"),
    ],
)
def test_a_fault_that_there_is_not_is_bad_usage(
    capsys: pytest.CaptureFixture[str], fault: str, says: str
) -> None:
    args = new_parser().parse_args(["emulator", "--port", "0", "--fault", fault])
    with pytest.raises(SystemExit) as ended:
        args.run(args)

    assert ended.value.code == 2
    assert says in capsys.readouterr().err
