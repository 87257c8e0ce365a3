"""Turns of a script: what an agent is to say and do, for tests and demonstrations.

Each turn is one answer of the brain: from a question, or from tool outputs, to the next question,
tool call or approval.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from langchain_core.messages import AIMessage, AIMessageChunk, ToolCall, ToolCallChunk
from langchain_core.messages.tool import tool_call_chunk

from langchain_foundry_agents.emulator.brains.failures import BrainFailure
from langchain_foundry_agents.emulator.events import compact

if TYPE_CHECKING:
    from collections.abc import Iterator

    from langchain_foundry_agents.emulator.records import JsonObject


@dataclass(frozen=True, slots=True)
class Reply:
    """The agent says something."""

    text: str


@dataclass(frozen=True, slots=True, init=False)
class CallTools:
    """The agent asks the caller to call functions, all at once.

    Args:
        calls: names with their arguments, or LangChain's tool calls. Arguments that are a string
            go out as they are, also where they are no JSON.

    Examples:
        >>> CallTools(("get_weather", {"city": "Paris"}), ("get_time", "{broken"))
        CallTools(calls=(('get_weather', {'city': 'Paris'}), ('get_time', '{broken')))
    """

    calls: tuple[tuple[str, Mapping[str, Any] | str] | ToolCall, ...]

    def __init__(self, *calls: tuple[str, Mapping[str, Any] | str] | ToolCall) -> None:
        object.__setattr__(self, "calls", calls)


@dataclass(frozen=True, slots=True, init=False)
class Cite:
    """The agent says something with sources.

    Args:
        text: the text; markers that citations name are found in it, others are put behind it.
        citations: LangChain's citations, or annotations as the service has them.
    """

    text: str
    citations: tuple[Mapping[str, Any], ...]

    def __init__(self, text: str, *citations: Mapping[str, Any]) -> None:
        object.__setattr__(self, "text", text)
        object.__setattr__(self, "citations", citations)


@dataclass(frozen=True, slots=True, init=False)
class RunCode:
    """The agent runs code (nothing is run here).

    Args:
        code: the code.
        logs: what it prints.
        pictures: PNG files that it draws; the next message shows them, too.
    """

    code: str
    logs: str
    pictures: tuple[bytes, ...]

    def __init__(self, code: str, logs: str = "", *pictures: bytes) -> None:
        object.__setattr__(self, "code", code)
        object.__setattr__(self, "logs", logs)
        object.__setattr__(self, "pictures", pictures)


@dataclass(frozen=True, slots=True)
class AskApproval:
    """The agent calls a tool of an MCP server, which asks first unless the run says `never`.

    `output` is what the tool gives once it is allowed.
    """

    server_label: str
    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    output: str | None = None


@dataclass(frozen=True, slots=True)
class Think:
    """The agent reasons; responses show it, runs do not."""

    text: str


@dataclass(frozen=True, slots=True)
class Draw:
    """The agent generates a picture, a PNG file."""

    picture: bytes


@dataclass(frozen=True, slots=True)
class AskConsent:
    """A server wants the user to log in at this link (responses only)."""

    server_label: str
    link: str


@dataclass(frozen=True, slots=True, init=False)
class ShowItem:
    """A response shows this item, whatever it is.

    Args:
        item: its type and members; the service adds an id and who made it.
        events: events between its beginning and its end, with their `type` and members.
    """

    item: Mapping[str, Any]
    events: tuple[Mapping[str, Any], ...]

    def __init__(self, item: Mapping[str, Any], *events: Mapping[str, Any]) -> None:
        object.__setattr__(self, "item", item)
        object.__setattr__(self, "events", events)


@dataclass(frozen=True, slots=True)
class ShowEvent:
    """A response's stream has this event, such as `{"type": "keepalive"}`."""

    event: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Fail:
    """The run or response fails with this error."""

    code: str = "server_error"
    message: str = "Sorry, something went wrong."


@dataclass(frozen=True, slots=True)
class Refuse:
    """The agent refuses, in a refusal block."""

    text: str


@dataclass(frozen=True, slots=True)
class CutShort:
    """The run or response ends as incomplete after this text.

    `reason`: `max_completion_tokens`, `max_prompt_tokens` or `content_filter`.
    """

    text: str
    reason: str = "max_completion_tokens"


@dataclass(frozen=True, slots=True, init=False)
class Steps:
    """Several of these in one turn, and LangChain's v1 blocks for everything else.

    Examples:
        >>> search = {"type": "server_tool_call", "name": "bing_grounding", "id": "1", "args": {}}
        >>> len(Steps("Let me see.", search, Reply("Nothing.")).parts)
        3
    """

    parts: tuple[Part, ...]

    def __init__(self, *parts: Part) -> None:
        object.__setattr__(self, "parts", parts)


Part: TypeAlias = (
    Reply
    | CallTools
    | Cite
    | RunCode
    | AskApproval
    | AskConsent
    | Think
    | Draw
    | ShowItem
    | ShowEvent
    | Fail
    | Refuse
    | CutShort
    | Steps
    | AIMessage
    | Mapping[str, Any]
    | str
)
"""A turn, or a part of one."""


def messages_of(part: Part, name: str = "") -> Iterator[AIMessage]:
    """A turn as the messages that a brain streams.

    Args:
        part: the turn.
        name: makes the ids of its calls unique in the turn.

    Raises:
        BrainFailure: at its place, where the turn fails.
    """
    match part:
        case Steps(parts=parts):
            for place, inner in enumerate(parts):
                yield from messages_of(inner, f"{name}.{place}")
        case AIMessage():
            yield part
        case CallTools(calls=calls):
            made = [_call(call, f"{name}.{place}") for place, call in enumerate(calls)]
            yield AIMessageChunk(content="", tool_call_chunks=made)
        case Fail(code=code, message=message):
            raise BrainFailure(code, message)
        case CutShort(text=text, reason=reason):
            yield AIMessage(text, response_metadata={"finish_reason": reason})
        case Reply(text=text) | str(text):
            yield AIMessage(text)
        case _:
            yield AIMessage(_blocks(part, f"call{name}"))


def _blocks(part: Part, call_id: str) -> Any:
    match part:
        case Cite(text=text, citations=citations):
            return [{"type": "text", "text": text, "annotations": [dict(one) for one in citations]}]
        case RunCode(code=code, logs=logs, pictures=pictures):
            drawn = [_picture(data) for data in pictures]
            outputs = [*([{"type": "logs", "logs": logs}] if logs else []), *drawn]
            return [*server_use(call_id, "code_interpreter", {"code": code}, outputs), *drawn]
        case AskApproval(server_label=label, name=name, arguments=arguments, output=output):
            extras = {"name": name, "server_label": label}
            return server_use(call_id, "mcp", dict(arguments), output, extras)
        case Refuse(text=text):
            return [{"type": "refusal", "refusal": text}]
        case Think(text=text):
            return [{"type": "reasoning", "reasoning": text}]
        case Draw(picture=picture):
            return [_picture(picture)]
        case AskConsent(server_label=label, link=link):
            item = {"type": "oauth_consent_request", "consent_link": link, "server_label": label}
            told = {"type": "response.oauth_consent_requested", "consent_link": link}
            return [{"type": "response_item", "item": item, "events": [told]}]
        case ShowItem(item=item, events=events):
            return [{"type": "response_item", "item": dict(item), "events": list(events)}]
        case ShowEvent(event=event):
            return [{"type": "response_event", "event": dict(event)}]
        case _:
            return [part]


def server_use(
    call_id: str, kind: str, args: JsonObject, output: Any, extras: JsonObject | None = None
) -> list[JsonObject]:
    """The two blocks of a server tool's use."""
    call = {"type": "server_tool_call", "id": call_id, "name": kind, "args": args}
    result = {"type": "server_tool_result", "tool_call_id": call_id, "status": "success"}
    return [call | ({"extras": extras} if extras else {}), result | {"output": output}]


def _picture(data: bytes) -> JsonObject:
    text = base64.b64encode(data).decode()
    return {"type": "image", "base64": text, "mime_type": "image/png"}


def _call(call: tuple[str, Mapping[str, Any] | str] | ToolCall, call_id: str) -> ToolCallChunk:
    name, arguments = (call["name"], call["args"]) if isinstance(call, dict) else call
    text = arguments if isinstance(arguments, str) else compact(arguments)
    # Without an index, calls of several parts of a turn stay apart when chunks are merged.
    return tool_call_chunk(name=name, args=text, id=call_id)
