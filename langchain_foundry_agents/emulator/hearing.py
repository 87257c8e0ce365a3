"""Hears a brain, block by block: pieces of calls put together, results matched to their calls.

Rule of the room: neither runs nor responses. What becomes of a block is said by who hears.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from langchain_core.messages import AIMessage

    from langchain_foundry_agents.emulator.records import JsonObject

_PIECE = "server_tool_call_chunk"
_HEARD_WHILE_WAITING = ("server_tool_call", _PIECE, "server_tool_result")


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


class Hearing(ABC):
    """Takes the blocks of one turn.

    A call that waits for approval ends the turn: what the brain says after it is not heard, it will
    be asked again.

    Args:
        handlers: what to do with each type of block, but for calls of server tools.
    """

    def __init__(self, handlers: dict[str, Callable[[JsonObject], None]]) -> None:
        self._handlers = handlers | {
            "server_tool_call": self._call,
            "server_tool_result": self._result,
        }
        self._growing: JsonObject | None = None
        self.uses: list[Use] = []

    @property
    @abstractmethod
    def deaf(self) -> bool:
        """Whether the turn is over, whatever else the brain says."""

    @abstractmethod
    def use_tools(self) -> None:
        """Tells of the calls so far, and keeps those that wait."""

    @abstractmethod
    def needs_approval(self, use: Use) -> bool:
        """Whether the caller is asked before an MCP server is."""

    @property
    def waits(self) -> bool:
        """Whether the turn has ended with calls that need approval."""
        return any(use.waits for use in self.uses)

    def take(self, block: JsonObject) -> None:
        """Takes the next block; kinds that the service has no place for are left out."""
        if block["type"] == "non_standard":
            block = block["value"]
        kind = block.get("type", "")
        if self.deaf or (self.waits and kind not in _HEARD_WHILE_WAITING):
            return
        if kind == _PIECE:
            self._grow(block)
            return
        self._finish_growing()
        if handler := self._handlers.get(kind):
            handler(block)

    def finish(self) -> None:
        """The brain has said everything."""
        self._finish_growing()
        self.use_tools()

    def _grow(self, chunk: JsonObject) -> None:
        growing = self._growing
        if growing and chunk.get("index") == growing.get("index"):
            growing["args"] += chunk.get("args") or ""
            return
        self._finish_growing()
        self._growing = {**chunk, "args": chunk.get("args") or ""}

    def _finish_growing(self) -> None:
        growing, self._growing = self._growing, None
        if growing:
            self._call({**growing, "args": _parsed(growing["args"])})

    def _call(self, block: JsonObject) -> None:
        use = Use(block)
        use.waits = use.kind == "mcp" and self.needs_approval(use)
        if self.waits and not use.waits:
            return
        if any(one.answered for one in self.uses) and not self.waits:
            self.use_tools()
        self.uses.append(use)

    def _result(self, block: JsonObject) -> None:
        for use in self.uses:
            if use.block.get("id") == block["tool_call_id"]:
                use.output, use.answered = block.get("output"), True


def blocks_of(message: AIMessage) -> Iterator[JsonObject]:
    """The blocks of a message or a chunk, in LangChain's v1 form."""
    if isinstance(message.content, str):
        if message.content:
            yield {"type": "text", "text": message.content}
        return
    for block in message.content_blocks:
        yield dict(block)


def _parsed(arguments: str) -> Any:
    try:
        return json.loads(arguments) if arguments else {}
    except ValueError:
        return arguments
