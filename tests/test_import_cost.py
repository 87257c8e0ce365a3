"""What `import langchain_foundry_agents` loads, beside langchain-core's chat models."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

CHAT_MODELS = "import langchain_core.language_models.chat_models"
OURS = "import langchain_foundry_agents"
pytestmark = pytest.mark.slow  # a new interpreter takes its second
HEAVY = {"azure", "httpx", "msal", "starlette", "uvicorn"}
MODEL = (
    "from langchain_foundry_agents import ChatFoundryAgent as Chat\n"
    "endpoint = 'https://contoso.services.ai.azure.com/api/projects/demo'\n"
    "Chat(agent_id='asst_1', project_endpoint=endpoint).bind(stop=['a'])"
)


def loaded_by(statement: str) -> set[str]:
    """The modules that a new interpreter has after a statement."""
    script = f"{statement}\nimport json, sys\nsys.stdout.write(json.dumps(list(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    return set(json.loads(done.stdout))


def test_the_import_adds_nothing_but_ourselves() -> None:
    more = loaded_by(OURS) - loaded_by(CHAT_MODELS)

    assert {name.partition(".")[0] for name in more} == {"langchain_foundry_agents"}
    assert not any(name.startswith("langchain_foundry_agents.emulator") for name in more)


def test_the_import_loads_nothing_heavy() -> None:
    assert {name.partition(".")[0] for name in loaded_by(OURS)} & HEAVY == set()


def test_a_model_is_made_without_anything_heavy() -> None:
    assert {name.partition(".")[0] for name in loaded_by(MODEL)} & HEAVY == set()


@pytest.mark.timeout(300)  # twelve processes, perhaps on a busy machine
def test_the_import_time_is_measured(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    # Times are told (`pytest -rP`, JUnit), not judged: the goal is 1.15.
    compiled = {"PYTHONPYCACHEPREFIX": str(tmp_path), "PYTHONDONTWRITEBYTECODE": ""}
    best = {CHAT_MODELS: float("inf"), OURS: float("inf")}
    for _ in range(6):  # the first round compiles
        for statement, seconds in best.items():
            began = time.perf_counter()
            command = [sys.executable, "-c", statement]
            subprocess.run(command, check=True, env={**os.environ, **compiled})
            best[statement] = min(seconds, time.perf_counter() - began)
    ratio = best[OURS] / best[CHAT_MODELS]

    record_property("import_time_ratio", round(ratio, 3))
    sys.stdout.write(f"import: {best[OURS]:.3f} s, {ratio:.2f} × langchain-core's chat models\n")
    assert ratio < float("inf")
