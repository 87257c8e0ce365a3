"""What it costs to begin: the import, and a model."""

from __future__ import annotations

import os
import subprocess
import sys

from benchmarks.canned import GENERATIONS, Agent
from benchmarks.clients import ours
from benchmarks.figures import Figure, Section
from benchmarks.measuring import sync, taken_by

_IMPORTS = {
    "langchain-core's chat models": "langchain_core.language_models.chat_models",
    "ours": "langchain_foundry_agents",
    "litellm": "litellm",
}


async def imports(rounds: int) -> Section:
    """Imports in new interpreters."""
    section = Section("Import", "In a new interpreter each time.")
    ways = {name: sync(_import, module) for name, module in _IMPORTS.items()}
    taken = await taken_by(ways, rounds)
    base = "langchain-core's chat models"
    ratio = taken["ours"].best / taken[base].best
    section.figures.append(Figure(f"of {base}", ratio, 1.05))
    section.add_times(taken, base)
    return section


def _import(module: str) -> None:
    # pip compiles what it installs: our sources, too, are compiled once and not each time.
    compiled = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}
    command = [sys.executable, "-c", f"import {module}"]
    subprocess.run(command, check=True, capture_output=True, env=compiled)  # noqa: S603 - ours


async def constructing(url: str, rounds: int) -> Section:
    """A model."""
    section = Section("Constructing a model")
    ways = {
        generation: sync(ours, url, Agent("1", "events", is_new))
        for generation, is_new in GENERATIONS.items()
    }
    for name, taken in (await taken_by(ways, rounds)).items():
        section.figures.append(Figure(name, taken.best * 1e3, 1, "ms"))
    return section
