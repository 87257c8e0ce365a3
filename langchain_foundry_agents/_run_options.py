"""What a run was asked with, in short: a run that waits for outputs takes no other options.

The answer that holds its calls remembers a digest of each option, and the turn that brings the
outputs compares them with its own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any

from langchain_foundry_agents._options import CallOptions
from langchain_foundry_agents._secrets import hidden, in_tools

JSON = dict[str, Any]

_COMPARED = (
    "model",
    "instructions",
    "temperature",
    "top_p",
    "max_tokens",
    "max_prompt_tokens",
    "response_format",
    "parallel_tool_calls",
    "truncation_strategy",
    "run_metadata",
    "structured_inputs",
)
_DECIDE = {
    "model",
    "instructions",
    "additional_instructions",
    "response_format",
    "tool_choice",
    "tool_resources",
    "tools",
}
"""Options that make another answer: a run that has others is given up."""


def run_options(
    options: CallOptions, tools: Sequence[JSON], instructions: str | None
) -> dict[str, str]:
    """A digest of each option of a run that is set.

    Args:
        options: The call's.
        tools: The tools that are bound.
        instructions: What the call adds to the agent's instructions, system messages included.
    """
    resources = options.tool_resources or {}
    values = {
        **{name: getattr(options, name) for name in _COMPARED},
        "additional_instructions": instructions,
        # Headers of MCP servers are secrets, and come with an approval anew.
        "tool_resources": {name: value for name, value in resources.items() if name != "mcp"},
        "tools": [*in_tools(list(tools), hidden), options.include_agent_tools] if tools else None,
        # What the service does anyway.
        "tool_choice": None if options.tool_choice == "auto" else options.tool_choice,
    }
    return {name: _digest(value) for name, value in values.items() if value not in (None, {})}


def differing(before: object, now: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """Names of options that a run does not have as a call wants them.

    Args:
        before: What the run was asked with, as `run_options` gives it, or anything else where that
            is not known.
        now: What the call is asked with.

    Returns:
        Those that make another answer, and the others.
    """
    if not isinstance(before, Mapping):
        return [], []
    names = {*now, *before}
    if "tools" not in now:
        # A call that binds none says nothing of tools: the agent has its own, and the run has some.
        names.discard("tools")
    other = sorted(name for name in names if before.get(name) != now.get(name))
    return [name for name in other if name in _DECIDE], [
        name for name in other if name not in _DECIDE
    ]


def _digest(value: object) -> str:
    text = json.dumps(value, sort_keys=True, default=str)
    return blake2b(text.encode(), digest_size=4).hexdigest()
