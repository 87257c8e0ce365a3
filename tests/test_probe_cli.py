"""`foundry-agents doctor --probe`, as its users meet it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from parity.altered import altered_service, in_json

from langchain_foundry_agents.cli import main
from langchain_foundry_agents.emulator import FoundryEmulator

pytestmark = pytest.mark.slow

THREADS = ("--all", "--area", "threads")
NO_ISSUE_NEEDS = re.compile(
    r"127\.0\.0\.1|localhost|foundry-emulator|/api/projects/\w"
    r"|\b(thread|asst|run|msg|step|call|conv|resp)_(?!A{8}|0123456789abcdef)[A-Za-z0-9]{16}"
)


def run(url: str, file: Path, *more: str) -> int:
    arguments = ["--endpoint", url, "--model", "gpt-4o", "--transcript", str(file), *more]
    return main(["doctor", "--probe", *arguments])


def test_a_probe_of_an_emulator_finds_nothing(
    emulator: FoundryEmulator, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(emulator.project_endpoint, tmp_path / "p.json", *THREADS, "--yes") == 0

    shown = capsys.readouterr()
    *answers, summary = shown.out.splitlines()
    assert [line.rpartition(" ")[2] for line in answers] == ["same"] * 7
    assert summary == "7 questions: 7 answered the same, 0 otherwise."
    assert emulator.service.state.threads == {}
    told = json.loads((tmp_path / "p.json").read_text())
    assert [case["area"] for case in told["cases"]] == ["threads"] * 7
    assert told["cases"][0]["exchanges"][0]["emulator"] == "the same"


def test_what_differs_is_shown_beside_and_the_same_again_is_counted(
    emulator: FoundryEmulator, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    altered = in_json(lambda body: body.update(extra=1))
    with altered_service(emulator.project_endpoint, "POST /threads", altered) as url:
        assert run(url, tmp_path / "p.json", *THREADS, "--yes") == 1

    shown = [re.sub(" +", " ", line) for line in capsys.readouterr().out.splitlines()]
    assert shown[:3] == [
        "threads: a thread is made, shown, changed and deleted emulator service",
        " POST /threads 200 200 differs",
        ' ! body.extra "<missing>" 1',
    ]
    assert " ! and 1 more as above" in shown
    told = json.loads((tmp_path / "p.json").read_text())
    assert told["cases"][0]["exchanges"][0]["differences"] == [
        {"place": "body.extra", "ours": "<missing>", "theirs": 1}
    ]


def test_a_transcript_names_no_place_no_token_and_no_id(
    emulator: FoundryEmulator, tmp_path: Path
) -> None:
    altered = in_json(lambda body: body.update(extra="Call Ada, 555-0100"))
    with altered_service(emulator.project_endpoint, "POST /threads.*", altered) as url:
        run(url, tmp_path / "p.json", "--yes")

    text = (tmp_path / "p.json").read_text()
    assert "extra" in text
    assert "Ada, 555" not in text
    assert NO_ISSUE_NEEDS.findall(text) == []


def test_an_area_that_there_is_not_is_bad_usage(
    emulator: FoundryEmulator, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        run(emulator.project_endpoint, tmp_path / "p.json", "--area", "nothing", "--yes")

    assert "'nothing'" in capsys.readouterr().err


def test_what_it_costs_is_said_and_nothing_is_asked_without_a_yes(
    emulator: FoundryEmulator, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(emulator.project_endpoint, tmp_path / "p.json", *THREADS) == 1

    said = capsys.readouterr().err
    assert "7 questions" in said
    assert "the model gpt-4o answer in it (runs and responses: 1)" in said
    assert "--yes" in said
    assert emulator.requests == []
    assert not (tmp_path / "p.json").exists()


def test_a_model_is_needed(emulator: FoundryEmulator, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["doctor", "--probe", "--endpoint", emulator.project_endpoint])

    assert "--model" in capsys.readouterr().err


def test_a_service_that_cannot_be_reached_is_given_up(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("http://127.0.0.1:9/api/projects/none", tmp_path / "p.json", *THREADS, "--yes") == 1

    shown = capsys.readouterr()
    assert shown.out.endswith("3 questions: 0 answered the same, 3 otherwise.\n")
    assert "The service answers nothing (POST /threads: ServiceConnectionError)." in shown.err
