"""Calls of server tools as items: each kind with its members and its events."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from langchain_foundry_agents.emulator.events import compact
from langchain_foundry_agents.emulator.mcp import mcp_output
from langchain_foundry_agents.emulator.server_tools import LIST_TOOLS
from langchain_foundry_agents.emulator.tokens import count, pieces

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from langchain_foundry_agents.emulator.hearing import Use
    from langchain_foundry_agents.emulator.records import JsonObject
    from langchain_foundry_agents.emulator.responses.lifecycle import ResponseLife

CODE_OUTPUTS = "code_interpreter_call.outputs"
SEARCH_RESULTS = "file_search_call.results"
# The service keeps these results to itself.
_WITHHELD = ("bing_grounding", "bing_custom_search_preview")


class ServerItems:
    """Writes what the service's own tools do into a response.

    Args:
        life: the response.
        container_id: gives the id of the container where code runs.
        question: what searches are about where the brain does not say it.
    """

    def __init__(
        self, life: ResponseLife, container_id: Callable[[], str], question: str = ""
    ) -> None:
        self._life = life
        self._container_id = container_id
        self._question = question
        self._late: list[Use] = []
        self._kinds: dict[str, Callable[[Use], None]] = {
            "code_interpreter": self._code,
            "file_search": self._file_search,
            "web_search": self._web_search,
            "web_search_preview": self._web_search,
            "image_generation": self._image,
            "mcp": self._mcp,
            "memory_search": self._late.append,
            "memory_search_preview": self._late.append,
            LIST_TOOLS: self._listing,
        }

    def write(self, use: Use) -> None:
        """A call, from its beginning to its end; kinds unknown here are a pair of items."""
        self._kinds.get(use.kind, self._pair)(use)

    def finish(self) -> None:
        """What comes after the message: searches of memories, which are also updates of them."""
        while self._late:
            self._memory_search(self._late.pop(0))

    def list_tools(self, label: str, tools: list[JsonObject]) -> None:
        """What an MCP server offers."""
        item = self._item("mcp_list_tools", "mcpl", {"server_label": label, "tools": []})
        self._run(item, "in_progress", "completed", {"tools": tools})

    def ask_approval(self, use: Use) -> str:
        """A call of an MCP server that waits for approval; gives the request's id."""
        named = {"server_label": use.server_label, "name": use.tool}
        asked = {**named, "arguments": arguments_of(use)}
        item = self._item("mcp_approval_request", "mcpr", asked)
        self._life.done(self._life.add(item))
        return str(item["id"])

    def call_mcp(
        self, named: JsonObject, arguments: str, output: str, request_id: str | None = None
    ) -> None:
        """A call of an MCP server.

        Args:
            named: the server's label and the tool's name.
            arguments: what it is called with.
            output: what it gives.
            request_id: the request for approval, where there was one.
        """
        approved = {"approval_request_id": request_id} if request_id else {}
        opening = {**named, "arguments": "", "status": "calling", **approved}
        item = self._item("mcp_call", "mcp", opening)
        place = self._life.add(item)
        self._tell("mcp_call.in_progress", item, place)
        self._grow("mcp_call_arguments", "arguments", arguments, item, place)
        self._tell("mcp_call.completed", item, place)
        ending = {"output": output, "status": "completed", **approved}
        for name in ending:
            # What comes late stands before what was there early.
            item.pop(name, None)
        item |= {"arguments": arguments, **ending}
        self._life.done(place)

    def picture(self, data: str) -> None:
        """A picture that the agent generated, base64."""
        item = self._item("image_generation_call", "ig", {"status": "in_progress", "result": None})
        ending = {"status": "completed", "result": data}
        self._run(item, "in_progress", "generating", "completed", ending)

    def _code(self, use: Use) -> None:
        given = use.args if isinstance(use.args, dict) else {"code": str(use.args)}
        code = str(given.get("code", given.get("input", "")))
        opening = {
            "status": "in_progress",
            "container_id": self._container_id(),
            "code": "",
            "outputs": None,
        }
        item = self._item("code_interpreter_call", "ci", opening)
        place = self._life.add(item)
        self._tell("code_interpreter_call.in_progress", item, place)
        self._grow("code_interpreter_call_code", "code", code, item, place)
        self._tell("code_interpreter_call.interpreting", item, place)
        self._tell("code_interpreter_call.completed", item, place)
        shown = self._includes(CODE_OUTPUTS)
        item |= {"status": "completed", "code": code}
        item["outputs"] = _code_outputs(use.output) if shown else None
        self._life.done(place)

    def _file_search(self, use: Use) -> None:
        item = self._item("file_search_call", "fs", {"status": "in_progress", "queries": []})
        ending: JsonObject = {"status": "completed", "queries": self._queries(use)}
        if self._includes(SEARCH_RESULTS):
            ending["results"] = [_result(one) for one in _found(use.output)]
        self._run(item, "in_progress", "searching", "completed", ending)

    def _web_search(self, use: Use) -> None:
        queries = self._queries(use)
        action = {"type": "search", "queries": queries, "query": queries[0] if queries else ""}
        given = use.args if isinstance(use.args, dict) else {}
        item = self._item("web_search_call", "ws", {"status": "in_progress"})
        ending = {"status": "completed", "action": given.get("action", action)}
        self._run(item, "in_progress", "searching", "completed", ending)

    def _memory_search(self, use: Use) -> None:
        """One item, which is still in progress in a completed response.

        Recorded: sample_agent_memory_search in Azure/azure-sdk-assets, commit 0d520241.
        """
        memories = [_memory(one) for one in _found(use.output)]
        members = {
            "error": None,
            "memories": memories,
            "search_id": self._life.guid().replace("-", ""),
            "superseded_by": None,
            "update_id": self._life.guid(),
            "usage": _usage(count(compact(memories)) if memories else 0),
            "status": "in_progress",
        }
        item = self._item("memory_search_call", "memupdateo", members)
        self._life.done(self._life.add(item))

    def _image(self, use: Use) -> None:
        output = use.output if isinstance(use.output, list) else [use.output]
        for one in output:
            self.picture(str(one.get("base64") if isinstance(one, dict) else one or ""))

    def _mcp(self, use: Use) -> None:
        named = {"server_label": use.server_label, "name": use.tool}
        arguments = arguments_of(use)
        given = mcp_output(named | {"arguments": arguments}) if use.output is None else use.output
        self.call_mcp(named, arguments, str(given))

    def _listing(self, use: Use) -> None:
        tools = use.output or []
        if isinstance(tools, dict):
            tools = [listed(name, tool) for name, tool in tools.items()]
        self.list_tools(use.server_label, tools)

    def _pair(self, use: Use) -> None:
        call_id = self._life.call_id()
        opening = {"call_id": call_id, **use.extras, "arguments": "", "status": "in_progress"}
        item = self._item(f"{use.kind}_call", "fc", opening)
        place = self._life.add(item)
        item |= {"arguments": arguments_of(use), "status": "completed"}
        self._life.done(place)
        if not use.answered:
            return
        opening = {"call_id": call_id, **use.extras, "output": "[]", "status": "in_progress"}
        item = self._item(f"{use.kind}_call_output", "fco", opening)
        place = self._life.add(item)
        output = "" if use.kind in _WITHHELD else _text(use.output)
        item |= {"output": output, "status": "completed"}
        self._life.done(place)

    def _queries(self, use: Use) -> list[str]:
        given = use.args if isinstance(use.args, dict) else {}
        found = given.get("queries") or [given.get("query") or self._question]
        return [one for one in found if one]

    def _includes(self, name: str) -> bool:
        return name in self._life.response.asked.get("include", [])

    def _item(self, kind: str, prefix: str, members: JsonObject) -> JsonObject:
        return {"type": kind, "id": self._life.new_id(prefix), **members}

    def _run(self, item: JsonObject, *changes: Any) -> None:
        """An item whose work is told by events without content; the last argument ends it."""
        *told, ending = changes
        place = self._life.add(item)
        for change in told:
            self._tell(f"{item['type']}.{change}", item, place)
        item |= ending
        self._life.done(place)

    def _grow(self, kind: str, member: str, text: str, item: JsonObject, place: int) -> None:
        for piece in pieces(text):
            padding = self._life.padding(piece)
            self._tell(f"{kind}.delta", item, place, delta=piece, obfuscation=padding)
        self._tell(f"{kind}.done", item, place, **{member: text})

    def _tell(self, kind: str, item: JsonObject, place: int, **data: Any) -> None:
        self._life.tell(kind, item_id=item["id"], output_index=place, **data)


def arguments_of(use: Use) -> str:
    """What a tool is called with, as JSON text."""
    return use.args if isinstance(use.args, str) else compact(use.args or {})


def listed(name: str, tool: JsonObject) -> JsonObject:
    """A tool of an MCP server as its listing shows it."""
    schema = tool.get("input_schema", tool.get("parameters", {}))
    described = {"name": name, "description": tool.get("description", "")}
    return {**described, "input_schema": schema, "annotations": tool.get("annotations", {})}


def function_call(life: ResponseLife, name: str, arguments: str) -> None:
    """A function that the agent wants the caller to call."""
    item: JsonObject = {
        "type": "function_call",
        "id": life.new_id("fc"),
        "call_id": life.call_id(),
        "name": name,
        "arguments": "",
        "status": "in_progress",
    }
    place = life.add(item)
    told = {"item_id": item["id"], "output_index": place}
    for piece in pieces(arguments):
        padding = life.padding(piece)
        life.tell("function_call_arguments.delta", **told, delta=piece, obfuscation=padding)
    life.tell("function_call_arguments.done", **told, arguments=arguments)
    item |= {"arguments": arguments, "status": "completed"}
    life.done(place)


def _memory(found: Any) -> JsonObject:
    """A memory, from the form that is recorded or the one of the specification."""
    if isinstance(found, str):
        found = {"content": found}
    known: JsonObject = found.get("memory_item", found)
    missing = {"content": "", "kind": "user_profile", "memory_id": "", "scope": "", "updated_at": 0}
    return {name: known.get(name, value) for name, value in missing.items()}


def _usage(embedded: int) -> JsonObject:
    details = {"cached_tokens": None, "reasoning_tokens": None}
    return {
        "embedding_tokens": embedded,
        "input_tokens": 0,
        "input_tokens_details": details,
        "output_tokens": 0,
        "output_tokens_details": dict(details),
        "total_tokens": embedded,
    }


def _text(output: Any) -> str:
    return output if isinstance(output, str) else json.dumps(output, ensure_ascii=False)


def _found(output: Any) -> Sequence[Any]:
    if isinstance(output, dict):
        output = output.get("memories", output.get("results"))
    found: Sequence[Any] = [output] if isinstance(output, str) else output or []
    return found


def _result(result: Any) -> JsonObject:
    """A result of a file search, from the form of either generation."""
    parts = result.get("content", [])
    return {
        "file_id": result.get("file_id"),
        "filename": result.get("filename", result.get("file_name", "")),
        "score": result.get("score"),
        "attributes": result.get("attributes", {}),
        "text": result.get("text") or "\n".join(part.get("text", "") for part in parts),
    }


def _code_outputs(output: Any) -> list[Any]:
    if isinstance(output, str):
        return [{"type": "logs", "logs": output}] if output else []
    found = output if isinstance(output, list) else [output] if output else []
    return [one for one in found if isinstance(one, dict) and one.get("type") == "logs"]
