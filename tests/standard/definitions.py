"""Definitions of new agents that have what LangChain's standard tests bind."""

from __future__ import annotations

from typing import Any

from langchain_core.tools import tool
from langchain_tests.integration_tests.chat_models import (
    magic_function,
    magic_function_no_args,
    unicode_customer,
)

HELPER = "helper"


@tool
def my_adder_tool(a: int, b: int) -> int:
    """Tool that adds two integers."""
    return a + b


@tool
def get_weather(location: str) -> str:
    """Get the weather at a location."""
    return "It's sunny."


@tool
def greeting_generator(answer_style: str) -> str:
    """Generate a greeting in a particular style of speaking."""
    return f"Hello in the style of {answer_style}."


@tool
def color_picker(fav_color: str) -> str:
    """Input your fav color and get a random fact about it."""
    return f"{fav_color} is a color."


_JOKE = {
    "type": "object",
    "properties": {"setup": {"type": "string"}, "punchline": {"type": "string"}},
    "required": ["setup", "punchline"],
}
_TOOLS = [magic_function, magic_function_no_args, my_adder_tool, get_weather, color_picker]

AGENTS: dict[str, dict[str, Any]] = {
    HELPER: {"instructions": "You are helpful.", "tools": _TOOLS},
    # A definition has one form of answers, and one choice among its tools.
    "joker": {
        "response_format": {"type": "json_schema", "json_schema": {"name": "Joke", "schema": _JOKE}}
    },
    "greeter": {"tools": [greeting_generator], "tool_choice": "required"},
    "clerk": {"tools": [unicode_customer], "tool_choice": "required"},
}
_OTHERS = {
    "structured_output": "joker",
    "json_mode": "joker",
    "bind_runnables_as_tools": "greeter",
    "unicode_tool_call": "clerk",
}
"""By a part of the test's name."""


def agent_for(test: str) -> str:
    """The agent that a test asks."""
    return next((agent for part, agent in _OTHERS.items() if part in test), HELPER)
