"""Calls of server tools as a brain tells them: pieces put together, results matched to calls."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from langchain_foundry_agents.emulator.records import JsonObject


@dataclass(slots=True)
class Use:
    """A call of a server tool, and its result once it is there.

    `waits`: whether the caller is to approve of it first.
    """

    block: JsonObject
    waits: bool = False
    output: Any = None
    answered: bool = False

    @property
    def kind(self) -> str:
        """The service's name of the tool, such as `mcp`."""
        return str(self.block["name"])

    @property
    def args(self) -> Any:
        """What the tool is called with."""
        return self.block.get("args")

    @property
    def extras(self) -> JsonObject:
        """The call's other members."""
        return self.block.get("extras") or {}

    @property
    def server_label(self) -> str:
        """The MCP server that is asked."""
        return self.member("server_label")

    @property
    def tool(self) -> str:
        """The tool of the MCP server."""
        return self.member("name")

    def member(self, name: str) -> str:
        """A member that stands beside the arguments, or among them."""
        given = self.args if isinstance(self.args, dict) else {}
        return str(self.extras.get(name) or given.get(name, ""))


class Growth:
    """A call that comes in pieces (`server_tool_call_chunk`)."""

    def __init__(self) -> None:
        self._block: JsonObject | None = None

    def take(self, chunk: JsonObject) -> JsonObject | None:
        """Adds a piece; gives the call before it, if the piece is another's."""
        growing = self._block
        if growing and chunk.get("index") == growing.get("index"):
            growing["args"] += chunk.get("args") or ""
            return None
        done = self.finish()
        self._block = {**chunk, "args": chunk.get("args") or ""}
        return done

    def finish(self) -> JsonObject | None:
        """The call, with its arguments read, if there is one."""
        growing, self._block = self._block, None
        return {**growing, "args": _parsed(growing["args"])} if growing else None


def give_result(uses: list[Use], block: JsonObject) -> None:
    """Gives a `server_tool_result` to its call."""
    for use in uses:
        if use.block.get("id") == block["tool_call_id"]:
            use.output, use.answered = block.get("output"), True


def _parsed(arguments: str) -> Any:
    try:
        return json.loads(arguments) if arguments else {}
    except ValueError:
        return arguments
