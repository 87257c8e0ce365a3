"""Who is let in to a recorder: programs of this machine that know its endpoint."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from langchain_foundry_agents.emulator import FoundryEmulator
from langchain_foundry_agents.emulator.recording import FoundryRecorder

from .models import Recorder


def status(recorder: FoundryRecorder, target: str, host: str = "127.0.0.1") -> int:
    """The status of an answer to a request with this target, as it is."""
    port = urlsplit(recorder.project_endpoint).port or 0
    head = f"GET {target} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer foundry-emulator\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(f"{head}Connection: close\r\n\r\n".encode())
        return int(connection.makefile("rb").readline().split()[1])


@pytest.fixture
def recorder(record: Recorder) -> Iterator[FoundryRecorder]:
    with record() as running:
        yield running


def test_who_knows_the_endpoint_is_answered(
    recorder: FoundryRecorder, emulator: FoundryEmulator
) -> None:
    project = urlsplit(recorder.project_endpoint).path

    for host in ("127.0.0.1:80", "localhost", "[::1]:8080", "LOCALHOST:1"):
        assert status(recorder, f"{project}/assistants?api-version=v1", host) == 200


def test_the_endpoint_is_another_one_for_each_recorder(tmp_path: Path) -> None:
    def path(name: str) -> str:
        upstream = "http://127.0.0.1:9/p"
        with FoundryRecorder(upstream, tmp_path / name, authorize=dict) as recorder:
            return urlsplit(recorder.project_endpoint).path

    assert path("one") != path("other")


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8080", "127.0.0.1.evil.example"])
def test_a_web_page_whose_host_means_this_machine_is_not_let_in(
    recorder: FoundryRecorder, host: str
) -> None:
    project = urlsplit(recorder.project_endpoint).path

    assert status(recorder, f"{project}/assistants?api-version=v1", host) == 403


@pytest.mark.parametrize(
    "target",
    [
        "/api/projects/emulator/assistants",
        "{project}",
        "{project}/../OTHER/assistants",
        "{project}/%2e%2e/OTHER/assistants",
        "{project}/./assistants",
        "{project}//assistants",
        "{project}@127.0.0.1:9/x",
        "{project}x/assistants",
        "{project}/a%5c..%5cb",
        "{project}/a%3fb",
        "http://evil.example{project}/assistants",
    ],
)
def test_no_path_leaves_the_project(
    recorder: FoundryRecorder, emulator: FoundryEmulator, target: str
) -> None:
    project = urlsplit(recorder.project_endpoint).path

    assert status(recorder, target.format(project=project)) in {400, 404}
    assert emulator.requests == []
