"""Each notebook runs from top to bottom, without an account, and says what it said before.

With `UPDATE=1` what it says now is kept in the notebook.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from langchain_foundry_agents.emulator import FoundryEmulator

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
ALL = sorted(NOTEBOOKS.glob("*.ipynb"))
UPDATE = os.environ.get("UPDATE") == "1"
KINDS = "asst|assistant|call|cfile|ci|cntr|conv|fs|mcpr|msg|resp|run|thread"
# What differs from run to run: ids, addresses, times, and a bar's way to its end.
MASKS = [
    (rf"\b({KINDS})([_-])[A-Za-z0-9]{{8,}}", r"\1\2…"),
    (r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", "…"),
    (r"\b[0-9a-f]{32}\b", "…"),
    (r"127\.0\.0\.1:\d+", "127.0.0.1:…"),
    (r"[^\r\n]*\r", ""),
    (r"\[\d\d:\d\d<\d\d:\d\d, +[\d.?]+(?:it/s|s/it)\]", "[…]"),
]
ASKS_WHERE_IT_IS = [path for path in ALL if "ON_AZURE" in path.read_text(encoding="utf-8")]
MOST_LINES_TO_THE_FIRST_ANSWER = 14

pytestmark = pytest.mark.slow


def executed(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The notebook with what its cells say now."""
    resources = {"metadata": {"path": str(NOTEBOOKS)}}
    NotebookClient(notebook, timeout=60, kernel_name="python3", resources=resources).execute()
    for cell in notebook.cells:
        cell.metadata = {}
        if cell.cell_type == "code":
            cell.outputs = joined(cell.outputs)
    notebook.metadata.language_info = {"name": "python"}
    return notebook


def joined(outputs: list[Any]) -> list[Any]:
    """Outputs with the pieces of a stream as one, masked."""
    whole: list[Any] = []
    for output in outputs:
        if whole and output.get("name") and whole[-1].get("name") == output.name:
            whole[-1].text += output.text
        else:
            whole.append(output)
    return [nbformat.from_dict(masked(output)) for output in whole]


def masked(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: masked(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [masked(inner) for inner in value]
    if isinstance(value, str):
        for pattern, mask in MASKS:
            value = re.sub(pattern, mask, value)
    return value


@pytest.mark.parametrize("path", ALL, ids=lambda path: path.stem)
def test_a_notebook_says_what_it_said_before(path: Path) -> None:
    kept = nbformat.read(path, as_version=4)
    now = executed(nbformat.read(path, as_version=4))

    if UPDATE:
        path.write_text(nbformat.writes(now, indent=1) + "\n", encoding="utf-8")
    else:
        assert [cell.get("outputs") for cell in now.cells] == [
            cell.get("outputs") for cell in kept.cells
        ]


@pytest.mark.parametrize("path", ASKS_WHERE_IT_IS, ids=lambda path: path.stem)
def test_a_notebook_runs_with_the_agent_that_the_environment_names(
    path: Path, emulator: FoundryEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AZURE_AI_PROJECT_ENDPOINT", emulator.project_endpoint)
    monkeypatch.setenv("AZURE_AI_AGENT_NAME", emulator.create_agent(name="ours", generation="new"))

    executed(nbformat.read(path, as_version=4))

    assert emulator.requests


@pytest.mark.parametrize("path", ALL, ids=lambda path: path.stem)
def test_a_notebook_begins_with_an_answer(path: Path) -> None:
    title, first, *_ = nbformat.read(path, as_version=4).cells

    assert title.source.startswith("# ")
    assert len(first.source.splitlines()) <= MOST_LINES_TO_THE_FIRST_ANSWER
    assert first.outputs


def test_there_are_eight() -> None:
    assert [path.stem[:2] for path in ALL] == [f"0{number}" for number in range(1, 9)]
