"""What the brain says, block by block, becomes the run's messages and steps.

Text and pictures go into a message. A call of a server tool closes the message; calls that follow
one another without a result between them are one step. An MCP call that needs approval ends the
turn: what the brain says after it is not heard, it will be asked again.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from langchain_foundry_agents.emulator.hearing import Hearing, Use
from langchain_foundry_agents.emulator.markers import cited_pieces
from langchain_foundry_agents.emulator.mcp import mcp_output, needs_approval
from langchain_foundry_agents.emulator.records import ServerCall, Usage
from langchain_foundry_agents.emulator.server_tools import LIST_TOOLS, members
from langchain_foundry_agents.emulator.tokens import pieces

if TYPE_CHECKING:
    from langchain_foundry_agents.emulator.classic.lifecycle import RunLife
    from langchain_foundry_agents.emulator.records import JsonObject
    from langchain_foundry_agents.emulator.state import State


class Telling(Hearing):
    """One turn of the brain.

    Args:
        state: keeps the pictures that the brain draws.
        life: the run.
        prompt_tokens: what the turn's prompt costs.
    """

    def __init__(self, state: State, life: RunLife, prompt_tokens: int) -> None:
        super().__init__({"text": self._text, "image": self._image, "refusal": self._refusal})
        self._state = state
        self._life = life
        self._prompt_tokens = prompt_tokens
        self._room = _room(life)
        self._said = ""
        self._pictures: dict[str, str] = {}

    @property
    def deaf(self) -> bool:
        """Whether the run is over."""
        return self._life.run.over

    def needs_approval(self, use: Use) -> bool:
        """Whether the run's rules ask the caller first."""
        return needs_approval(self._life.run, use.server_label, use.tool)

    def _text(self, block: JsonObject) -> None:
        annotations = block.get("annotations") or []
        if annotations or block.get("text"):
            self.use_tools()
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
        self.use_tools()
        self._life.show({"type": "refusal", "refusal": block["refusal"]})

    def _image(self, block: JsonObject) -> None:
        if file_id := self._picture(block):
            self.use_tools()
            self._life.show({"type": "image_file", "image_file": {"file_id": file_id}})

    def use_tools(self) -> None:
        """The calls so far become steps: lists of tools one, all others another."""
        if not self.uses or self._life.run.over:
            return
        listed = [use for use in self.uses if use.kind == LIST_TOOLS]
        called = [use for use in self.uses if use not in listed]
        if listed:
            self._life.list_tools([_listing(use) for use in listed])
        if called:
            self._life.use([self._server_call(use) for use in called])
        # Calls that wait stay, so that nothing that follows them is heard.
        self.uses = [use for use in called if use.waits]

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


def _room(life: RunLife) -> int | None:
    """How many tokens the run may still write."""
    limit = life.run.max_completion_tokens
    return None if limit is None else max(0, limit - life.run.usage.completion_tokens)


def _listing(use: Use) -> JsonObject:
    return {"server_label": use.server_label, "tools": use.output or {}}
