"""`foundry-agents emulator --fault` and `--keep`: what is said on the command line."""

from __future__ import annotations

import re

import pytest

from langchain_foundry_agents.cli.arguments import new_parser
from langchain_foundry_agents.emulator.faults.table import FAULTS


def test_the_help_names_every_fault(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        new_parser().parse_args(["emulator", "--help"])

    (named,) = re.findall(r"Faults: (.*?)\.", capsys.readouterr().out, re.DOTALL)
    assert re.split(r",\s+", named) == list(FAULTS)


@pytest.mark.parametrize(
    ("option", "says"),
    [
        ("--fault=rate-limt", "There is no fault 'rate-limt'. Did you mean 'rate-limit'?"),
        ("--fault=stall:on=GET", "'GET' is no route"),
        ("--keep=treads=1", "'treads=1' is no limit: give threads=…, conversations=…, "),
        ("--keep=threads=many", "'threads=many' is no limit"),
    ],
)
def test_what_there_is_not_is_bad_usage(
    capsys: pytest.CaptureFixture[str], option: str, says: str
) -> None:
    args = new_parser().parse_args(["emulator", "--port", "0", option])
    with pytest.raises(SystemExit) as ended:
        args.run(args)

    assert ended.value.code == 2
    assert says in capsys.readouterr().err
