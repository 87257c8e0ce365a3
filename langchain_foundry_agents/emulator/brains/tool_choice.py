"""Which of its tools the default brain calls."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from langchain_foundry_agents.emulator.records import JsonObject

_VERBS = frozenset({"get", "fetch", "find", "lookup", "look", "up", "search", "the", "a", "for"})


def chosen_tools(
    tools: Sequence[JsonObject], text: str, tool_choice: str | JsonObject | None
) -> list[JsonObject]:
    """The tools that are forced, or else those that the text asks for, in the text's order."""
    asked = _named(tools, text) or _described(tools, text)
    match tool_choice:
        case None | "auto":
            return asked
        case "none":
            return []
        case "any" | "required":
            return asked or list(tools[:1])
        case dict():
            forced = tool_choice.get("function", tool_choice).get("name")
        case _:
            forced = tool_choice
    return [tool for tool in tools if _name(tool) == forced]


def _name(tool: JsonObject) -> str:
    return str(tool["function"]["name"])


def _named(tools: Sequence[JsonObject], text: str) -> list[JsonObject]:
    """Tools whose very name stands in the text."""
    places = {}
    for place, tool in enumerate(tools):
        spoken = re.escape(_name(tool)).replace("_", "[ _]")
        if found := re.search(rf"(?<!\w){spoken}(?!\w)", text, re.IGNORECASE):
            places[place] = found.start()
    return [tools[place] for place in sorted(places, key=places.__getitem__)]


def _described(tools: Sequence[JsonObject], text: str) -> list[JsonObject]:
    """Tools whose name says, verbs like "get" apart, only words that stand in the text."""
    said = _words(text)
    wanted = [(_words(_name(tool)) - _VERBS, tool) for tool in tools]
    return [tool for words, tool in wanted if words and words <= said]


def _words(text: str) -> set[str]:
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)
    return set(re.findall(r"[a-z0-9]+", spaced.lower()))
