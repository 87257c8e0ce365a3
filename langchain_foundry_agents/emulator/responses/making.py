"""One turn of the brain makes one response."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from langchain_core.messages import AIMessage, HumanMessage

from langchain_foundry_agents.emulator.binding import equipped
from langchain_foundry_agents.emulator.listening import called_functions, cut_reason, listen
from langchain_foundry_agents.emulator.mcp import listings, mcp_output
from langchain_foundry_agents.emulator.responses.equipment import kit_of_response
from langchain_foundry_agents.emulator.responses.filters import content_filters
from langchain_foundry_agents.emulator.responses.prompts import prompt
from langchain_foundry_agents.emulator.responses.server_items import function_call, listed
from langchain_foundry_agents.emulator.responses.telling import ResponseTelling
from langchain_foundry_agents.emulator.tokens import usage_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Sequence

    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import BaseMessage

    from langchain_foundry_agents.emulator.records import JsonObject
    from langchain_foundry_agents.emulator.responses.lifecycle import ResponseLife
    from langchain_foundry_agents.emulator.responses.records import StoredResponse
    from langchain_foundry_agents.emulator.state import State


async def make(
    state: State,
    life: ResponseLife,
    brain: BaseChatModel,
    pause: Callable[[], Awaitable[None]],
) -> None:
    """Leads a response from its beginning to its end.

    Args:
        state: the service's state.
        life: the response.
        brain: the model that answers.
        pause: waits between two pieces of the answer.
    """
    response = life.response
    if response.over:
        return
    life.begin()
    messages = prompt(response)
    telling = ResponseTelling(state, life, _question(messages))
    _prepare(state, life, telling)
    if response.output:
        # What was prepared is heard, too.
        messages = prompt(response)
    equipment = equipped(brain, kit_of_response(state, response))
    answer = await listen(equipment, messages, telling, pause)
    if not response.over:
        _conclude(life, telling, answer, messages)


def _conclude(
    life: ResponseLife,
    telling: ResponseTelling,
    answer: AIMessage,
    messages: Sequence[BaseMessage],
) -> None:
    usage = usage_of(messages, answer)
    reason = cut_reason(answer)
    if telling.full:
        room = life.response.asked["max_output_tokens"]
        usage, reason = replace(usage, completion_tokens=room), "max_completion_tokens"
    length = sum(len(str(message.text)) for message in messages)
    life.response.filters = content_filters(
        None if _outputs_only(life.response) else length,
        len(str(answer.text)),
        blocked=reason == "content_filter",
    )
    if reason == "content_filter":
        telling.break_off()
        life.leave_incomplete(reason, usage)
    elif reason:
        telling.close("incomplete")
        telling.server_items.finish()
        life.leave_incomplete("max_output_tokens", usage)
    else:
        calls = [] if telling.waits else list(called_functions(answer))
        telling.close(empty=not calls)
        telling.server_items.finish()
        for name, arguments in calls:
            function_call(life, name, arguments)
        life.complete(usage)


def _outputs_only(response: StoredResponse) -> bool:
    """Whether functions, and nobody else, have said something: that is no prompt to the filter."""
    given = [item["type"] for item in response.input]
    return bool(given) and set(given) == {"function_call_output"}


def _prepare(state: State, life: ResponseLife, telling: ResponseTelling) -> None:
    """What the service does before it asks the brain: lists MCP tools, makes allowed calls."""
    for offer in listings(life.response.settings.get("tools", [])):
        if not _was_listed(life.response, offer["server_label"]):
            tools = [listed(name, tool) for name, tool in offer["tools"].items()]
            telling.server_items.list_tools(offer["server_label"], tools)
    for asked in _allowed(life.response):
        named = {name: asked[name] for name in ("server_label", "name")}
        arguments = asked["arguments"]
        withheld = _withheld(state, asked["id"])
        output = mcp_output({**named, "arguments": arguments}) if withheld is None else withheld
        telling.server_items.call_mcp(named, arguments, output, asked["id"])


def _was_listed(response: StoredResponse, label: str) -> bool:
    return any(
        item["type"] == "mcp_list_tools" and item.get("server_label") == label
        for item in response.history
    )


def _allowed(response: StoredResponse) -> Iterator[JsonObject]:
    requests = {item["id"]: item for item in response.history + response.input}
    for item in response.input:
        if item["type"] == "mcp_approval_response" and item["approve"]:
            yield requests[item["approval_request_id"]]


def _withheld(state: State, request_id: str) -> str | None:
    for response in state.responses.values():
        if request_id in response.withheld:
            return response.withheld[request_id]
    return None


def _question(messages: Sequence[BaseMessage]) -> str:
    asked = [message for message in messages if isinstance(message, HumanMessage)]
    return str(asked[-1].text) if asked else ""
