"""Tables of the documentation that tell of all there is, and of nothing else."""

from __future__ import annotations

import re

import pytest
from langchain_core.language_models import BaseChatModel
from pages import DOCS

import langchain_foundry_agents
from langchain_foundry_agents import ChatFoundryAgent, FoundryAgentError
from langchain_foundry_agents._options import CallOptions
from langchain_foundry_agents.emulator.faults.table import FAULTS


def named(page: str, heading: str | None = None, end: str = "## ") -> set[str]:
    """What stands in code in the first cells of the tables below a heading."""
    text = (DOCS / page).read_text(encoding="utf-8")
    if heading:
        text = text.partition(f"{heading}\n")[2].partition(f"\n{end}")[0]
    cells = re.findall(r"^\| (`.*?) \|", text, re.MULTILINE)
    return {name for cell in cells for name in re.findall(r"`([^`]+)`", cell)}


def test_every_field_of_the_model_is_told() -> None:
    own = ChatFoundryAgent.model_fields.keys() - BaseChatModel.model_fields.keys()
    aliases = {"api_key", "model_name", "max_completion_tokens", "request_timeout"}

    assert named("fields.md") == own | aliases


def test_fields_of_calls_and_of_the_model_stand_apart() -> None:
    of_calls = named("fields.md", "## Of a call") | named(
        "fields.md", "## Of a call to a new agent"
    )
    aliases = {"model_name", "max_completion_tokens"}

    assert of_calls == CallOptions.model_fields.keys() | aliases


def test_every_error_is_told() -> None:
    errors = {
        name
        for name in langchain_foundry_agents.__all__
        if name.endswith("Error") and name != FoundryAgentError.__name__
    }

    assert named("errors.md") == errors


def test_every_fault_is_told() -> None:
    assert named("emulator.md", "## Faults by name") == set(FAULTS)


@pytest.mark.parametrize("page", ["troubleshooting.md", "errors.md"])
def test_remedies_name_only_fields_that_there_are(page: str) -> None:
    text = (DOCS / page).read_text(encoding="utf-8")
    given = {name for name in re.findall(r"`([a-z_]+)=", text) if name != "timeout"}

    assert given <= {*ChatFoundryAgent.model_fields}
