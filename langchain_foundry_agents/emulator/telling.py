"""What the brain says, block by block, becomes the run's messages and steps.

Text and pictures go into a message. A call of a server tool closes the message; calls that follow
one another without a result between them are one step. An MCP call that needs approval ends the
turn: what the brain says after it is not heard, it will be asked again.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from langchain_foundry_agents.emulator.markers import cited_pieces
from langchain_foundry_agents.emulator.mcp import mcp_output, needs_approval
from langchain_foundry_agents.emulator.records import ServerCall, Usage
from langchain_foundry_agents.emulator.server_tools import LIST_TOOLS, members
from langchain_foundry_agents.emulator.tokens import pieces
from langchain_foundry_agents.emulator.uses import Growth, Use, give_result

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from langchain_core.messages import AIMessage

    from langchain_foundry_agents.emulator.lifecycle import RunLife
    from langchain_foundry_agents.emulator.records import JsonObject
    from langchain_foundry_agents.emulator.state import State

_PIECE = "server_tool_call_chunk"
_HEARD_WHILE_WAITING = ("server_tool_call", _PIECE, "server_tool_result")


class Telling:
    """One turn of the brain.

    Args:
        state: keeps the pictures that the brain draws.
        life: the run.
        prompt_tokens: what the turn's prompt costs.
    """

    def __init__(self, state: State, life: RunLife, prompt_tokens: int) -> None:
        self._state = state
        self._life = life
        self._prompt_tokens = prompt_tokens
        self._room = _room(life)
        self._said = ""
        self._uses: list[Use] = []
        self._growth = Growth()
        self._pictures: dict[str, str] = {}
        self._handlers: dict[str, Callable[[JsonObject], None]] = {
            "text": self._text,
            "image": self._image,
            "refusal": self._refusal,
            "server_tool_call": self._call,
            "server_tool_result": self._result,
        }

    @property
    def deaf(self) -> bool:
        """Whether the run is over."""
        return self._life.run.over

    @property
    def waits(self) -> bool:
        """Whether the turn has ended with calls that need approval."""
        return any(use.waits for use in self._uses)

    def take(self, block: JsonObject) -> None:
        """Takes the next block; kinds that the service has no place for are left out."""
        if block["type"] == "non_standard":
            block = block["value"]
        kind = block.get("type", "")
        if self._life.run.over or (self.waits and kind not in _HEARD_WHILE_WAITING):
            return
        grown = self._growth.take(block) if kind == _PIECE else self._growth.finish()
        if grown:
            self._call(grown)
        if handler := self._handlers.get(kind):
            handler(block)

    def finish(self) -> None:
        """The brain has said everything."""
        if grown := self._growth.finish():
            self._call(grown)
        self._use_tools()

    def _text(self, block: JsonObject) -> None:
        annotations = block.get("annotations") or []
        if annotations or block.get("text"):
            self._use_tools()
        for part in cited_pieces(block.get("text", ""), annotations, self._life.cited):
            self._speak(part.text, part.source)

    def _speak(self, text: str, source: JsonObject | None) -> None:
        if self._life.run.over:
            return
        room = self._room
        if room is not None and len(cut := pieces(self._said + text)) > room:
            self._life.say("".join(cut[:room])[len(self._said) :])
            usage = Usage(self._prompt_tokens, room)
            self._life.leave_incomplete("max_completion_tokens", usage)
            return
        self._said += text
        self._life.say(text, source)

    def _refusal(self, block: JsonObject) -> None:
        self._use_tools()
        self._life.show({"type": "refusal", "refusal": block["refusal"]})

    def _image(self, block: JsonObject) -> None:
        if file_id := self._picture(block):
            self._use_tools()
            self._life.show({"type": "image_file", "image_file": {"file_id": file_id}})

    def _call(self, block: JsonObject) -> None:
        use = Use(block)
        use.waits = use.kind == "mcp" and needs_approval(self._life.run, use.server_label, use.tool)
        if self.waits and not use.waits:
            return
        if any(one.answered for one in self._uses) and not self.waits:
            self._use_tools()
        self._uses.append(use)

    def _result(self, block: JsonObject) -> None:
        give_result(self._uses, block)

    def _use_tools(self) -> None:
        if not self._uses or self._life.run.over:
            return
        listed = [use for use in self._uses if use.kind == LIST_TOOLS]
        called = [use for use in self._uses if use not in listed]
        if listed:
            self._life.list_tools([_listing(use) for use in listed])
        if called:
            self._life.use([self._server_call(use) for use in called])
        # Calls that wait stay, so that nothing that follows them is heard.
        self._uses = [use for use in called if use.waits]

    def _server_call(self, use: Use) -> ServerCall:
        kind = use.kind
        output = self._stored(use.output)
        shown = members(kind, use.args, use.extras, None if use.waits else output)
        if kind == "mcp":
            output = mcp_output(shown) if output is None else str(output)
            shown["output"] = None if use.waits else output
        withheld = output if use.waits else None
        return ServerCall(self._state.ids.new("call"), kind, shown, withheld)

    def _stored(self, output: Any) -> Any:
        """Outputs of code, in which pictures have become files."""
        if not isinstance(output, list):
            return output
        return [self._stored_item(item) for item in output]

    def _stored_item(self, item: Any) -> Any:
        if not isinstance(item, dict) or item.get("type") != "image" or "image" in item:
            return item
        return {"type": "image", "image": {"file_id": self._picture(item)}}

    def _picture(self, block: JsonObject) -> str | None:
        """The file of a picture; the same picture twice in a turn is one file."""
        data: str | None = block.get("base64")
        if data is None:
            return block.get("file_id")
        if data not in self._pictures:
            ending = block.get("mime_type", "image/png").rpartition("/")[2]
            made = self._state.add_file(
                base64.b64decode(data), f"picture.{ending}", "assistants_output"
            )
            self._pictures[data] = made.id
        return self._pictures[data]


def blocks_of(message: AIMessage) -> Iterator[JsonObject]:
    """The blocks of a message or a chunk, in LangChain's v1 form."""
    if isinstance(message.content, str):
        if message.content:
            yield {"type": "text", "text": message.content}
        return
    for block in message.content_blocks:
        yield dict(block)


def _room(life: RunLife) -> int | None:
    """How many tokens the run may still write."""
    limit = life.run.max_completion_tokens
    return None if limit is None else max(0, limit - life.run.usage.completion_tokens)


def _listing(use: Use) -> JsonObject:
    return {"server_label": use.server_label, "tools": use.output or {}}
