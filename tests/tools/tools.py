"""Tools that tests give to agents, and how their calls are answered."""

from __future__ import annotations

from langchain_core.messages import AIMessage, ToolMessage

PARIS = ("get_weather", {"city": "Paris"})
UTC = ("get_time", {"zone": "UTC"})


def get_weather(city: str) -> str:
    """Tell the weather of a city."""
    return f"sunny in {city}"


def get_time(zone: str) -> str:
    """Tell the time of a zone."""
    return f"noon in {zone}"


def answers(asked: AIMessage, *outputs: str) -> list[ToolMessage]:
    """Outputs of a message's calls, in their order."""
    calls = zip(asked.tool_calls, outputs, strict=True)
    return [ToolMessage(output, tool_call_id=str(call["id"])) for call, output in calls]
