"""What cannot be recorded, and what a recording does not have."""

from __future__ import annotations

from pathlib import Path

import pytest

from langchain_foundry_agents import BadRequestError
from langchain_foundry_agents.emulator import FoundryEmulator
from langchain_foundry_agents.emulator.recording import FoundryRecorder, FoundryReplay

from ..conftest import client
from .models import Recorder, model_at


def test_what_was_not_recorded_is_refused_with_what_comes_next(
    emulator: FoundryEmulator, record: Recorder, tape: Path
) -> None:
    agent = emulator.create_agent()
    with record(texts=True) as recorder:
        model_at(recorder.project_endpoint, agent).invoke("What is 2 + 2?")

    with FoundryReplay(tape) as replay:
        model = model_at(replay.project_endpoint, agent)
        with pytest.raises(BadRequestError) as caught:
            model.invoke("What is 3 + 3?")
        told = str(caught.value)
        assert "The recording has no other POST /threads/runs with this query and body." in told
        assert "Expected next, as number 1: POST /threads/runs with {" in told
        assert "difference is at body.thread.messages[0].content" in told

        assert model.invoke("What is 2 + 2?").text == "2 + 2 = 4."
        with pytest.raises(BadRequestError, match="all of its 1 exchanges were asked for"):
            model.invoke("What is 2 + 2?")


def test_equal_requests_are_answered_in_their_order(
    emulator: FoundryEmulator, record: Recorder, tape: Path
) -> None:
    agent = emulator.create_agent()
    emulator.script("One.", "Two.")
    for make in (lambda: record(texts=True), lambda: FoundryReplay(tape)):
        with make() as service:
            model = model_at(service.project_endpoint, agent)

            assert [model.invoke("Hello").text for _ in range(2)] == ["One.", "Two."]


def test_a_service_that_is_not_there_is_told_and_not_recorded(tmp_path: Path) -> None:
    tape = tmp_path / "session.jsonl"
    gone = "http://127.0.0.1:1/api/projects/p"
    with FoundryRecorder(gone, tape, authorize=dict) as recorder, client(recorder) as http:
        answer = http.get("/threads")

    assert answer.status_code == 502
    assert answer.json()["error"]["code"] == "upstream_unreachable"
    assert len(tape.read_text().splitlines()) == 1


def test_a_recording_is_never_overwritten(record: Recorder, tape: Path) -> None:
    tape.write_text("mine")

    with pytest.raises(FileExistsError):
        record()


@pytest.mark.parametrize("text", ["", "no JSON", '{"format": "another"}', "[]"])
def test_what_is_no_recording_is_refused(tape: Path, text: str) -> None:
    tape.write_text(text)

    with pytest.raises(ValueError, match="is no recording of this version"):
        FoundryReplay(tape)
