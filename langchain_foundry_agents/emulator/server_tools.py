"""Calls of tools that the service runs itself: from LangChain's blocks to the service's shapes.

A brain says `server_tool_call` (name, args, perhaps extras) and `server_tool_result` (output). The
name is the service's kind. Kinds with `arguments` take them from `args`, and their other members
(name, server label) from `extras`; a brain may also put all members into `args`, as the service
has them. Kinds that nobody here knows are shown as they are.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from langchain_foundry_agents.emulator.events import compact

if TYPE_CHECKING:
    from collections.abc import Iterator

    from langchain_foundry_agents.emulator.records import JsonObject, ServerCall

LIST_TOOLS = "mcp_list_tools"
RANKING = {"ranker": "default_2024_08_21", "score_threshold": 0.0}
_TOKENS = re.compile(r"\s*\S+|\s+$")


@dataclass(frozen=True, slots=True)
class Kind:
    """How the service shows one kind of call.

    `opening` holds the members in their order, as the first delta has them; those named in `early`
    already have their values there. `late` members never come by delta. All stand below `key`, by
    default the kind's own name, or beside it where the kind is `flat`.
    """

    opening: JsonObject
    result: str = "output"
    early: tuple[str, ...] = ()
    late: tuple[str, ...] = ()
    together: bool = False
    flat: bool = False
    key: str = ""

    def placed(self, kind: str, members: JsonObject) -> JsonObject:
        """Members where the service has them."""
        return members if self.flat else {self.key or kind: members}


_SEARCH = {"input": None, "output": None}
_ARGUMENTS = {"name": None, "arguments": "", "output": None}
KINDS: dict[str, Kind] = {
    "code_interpreter": Kind({"input": "", "outputs": []}, "outputs"),
    "file_search": Kind({"ranking_options": RANKING, "results": []}, "results", late=("results",)),
    "bing_grounding": Kind({"requesturl": "", "response_metadata": None}, "response_metadata"),
    "bing_custom_search": Kind({"requesturl": "", "response_metadata": None}, "response_metadata"),
    "azure_ai_search": Kind(_SEARCH),
    "fabric_dataagent": Kind(_SEARCH),
    "sharepoint_grounding": Kind(_SEARCH, early=("output",)),
    "azure_function": Kind(_ARGUMENTS, early=("name",)),
    # Recorded so; Microsoft's models say `openapi` where the service says `function`.
    "openapi": Kind({"name": "", "arguments": "", "output": ""}, early=("name",), key="function"),
    "connected_agent": Kind(_ARGUMENTS, early=("name", "arguments"), together=True),
    "mcp": Kind(
        {"arguments": "", "name": "", "server_label": "", "output": None},
        early=("arguments", "name", "server_label"),
        flat=True,
    ),
}
_UNKNOWN = Kind({})


def members(kind: str, args: Any, extras: JsonObject | None, output: Any) -> JsonObject:
    """What the service tells of a call, in its order.

    Args:
        kind: the service's kind of call, such as `mcp`.
        args: what the tool was called with.
        extras: the call's other members.
        output: what it gave; None for nothing.
    """
    shape = KINDS.get(kind, _UNKNOWN)
    given = _given(shape, args, extras or {})
    if kind == "code_interpreter":
        given = {"input": given.get("code", given.get("input", ""))}
        output = _code_outputs(output)
    if output is not None:
        given |= output if _is_members(shape, output) else {shape.result: output}
    return {name: given.get(name, value) for name, value in shape.opening.items()} | {
        name: value for name, value in given.items() if name not in shape.opening
    }


def opening(index: int, call: ServerCall) -> JsonObject:
    """The first delta of a call: which, and what is known at once."""
    kind = KINDS.get(call.kind, _UNKNOWN)
    first = {
        name: call.members[name] if name in kind.early else value
        for name, value in kind.opening.items()
    }
    head = {"index": index, "id": call.id, "type": call.kind}
    return head | kind.placed(call.kind, first)


def later(index: int, call: ServerCall) -> Iterator[JsonObject]:
    """The deltas after the first: each brings one member, or a piece of it."""
    kind = KINDS.get(call.kind, _UNKNOWN)
    changed = {
        name: value
        for name, value in call.members.items()
        if name not in kind.late + kind.early and value != kind.opening.get(name)
    }
    if kind.together:
        yield from [piece(index, call.kind, changed)] if changed else []
        return
    for name, value in changed.items():
        for part in _parts(name, value):
            yield piece(index, call.kind, {name: part})


def piece(index: int, kind: str, changed: JsonObject) -> JsonObject:
    """A later delta of a call."""
    known = KINDS.get(kind, _UNKNOWN)
    return {"index": index, "type": kind} | known.placed(kind, changed)


def shown(call: ServerCall, *, with_content: bool) -> JsonObject:
    """A call as it stands in a step; texts that a file search found only on request."""
    inner = call.members
    if call.kind == "file_search" and not with_content:
        inner = inner | {"results": [_without_content(one) for one in inner["results"]]}
    kind = KINDS.get(call.kind, _UNKNOWN)
    return {"id": call.id, "type": call.kind} | kind.placed(call.kind, inner)


def _given(shape: Kind, args: Any, extras: JsonObject) -> JsonObject:
    if "arguments" not in shape.opening and not extras:
        return dict(args) if isinstance(args, dict) else {"input": args}
    if isinstance(args, dict) and not extras and set(args) & {"name", "server_label"}:
        extras, args = args, args.get("arguments", {})
    text = args if isinstance(args, str) else compact(args)
    return extras | {"arguments": text}


def _is_members(shape: Kind, output: Any) -> bool:
    """Whether an output brings further members, such as those of the child's run."""
    return isinstance(output, dict) and shape.result in output


def _code_outputs(output: Any) -> list[Any] | JsonObject | None:
    match output:
        case str():
            return [{"type": "logs", "logs": output}] if output else []
        case {"type": _}:
            return [output]
        case None | list() | {"outputs": _}:
            return output
        case _:
            return [{"type": "logs", "logs": json.dumps(output, ensure_ascii=False)}]


def _parts(name: str, value: Any) -> list[Any]:
    match name, value:
        case "input" | "arguments", str():
            return _TOKENS.findall(value)
        case "outputs", list():
            return [[{"index": place, **output}] for place, output in enumerate(value)]
        case _:
            return [value]


def _without_content(result: Any) -> Any:
    if not isinstance(result, dict):
        return result
    return {name: value for name, value in result.items() if name != "content"}
