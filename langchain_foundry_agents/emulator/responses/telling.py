"""What the brain says, block by block, becomes the response's items.

Text and refusals go into messages, reasoning into items of its own. A call of a server tool closes
what is open. An MCP call that needs approval ends the turn: what the brain says after it is not
heard, it will be asked again.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from langchain_foundry_agents.emulator.hearing import Hearing, Use
from langchain_foundry_agents.emulator.mcp import asks
from langchain_foundry_agents.emulator.responses.conversation_items import new_item
from langchain_foundry_agents.emulator.responses.filters import APOLOGY
from langchain_foundry_agents.emulator.responses.ids import partition_of
from langchain_foundry_agents.emulator.responses.server_items import ServerItems
from langchain_foundry_agents.emulator.responses.sources import spoken
from langchain_foundry_agents.emulator.responses.speech import Speech, Thought
from langchain_foundry_agents.emulator.tokens import pieces

if TYPE_CHECKING:
    from langchain_foundry_agents.emulator.records import JsonObject
    from langchain_foundry_agents.emulator.responses.lifecycle import ResponseLife
    from langchain_foundry_agents.emulator.state import State


class ResponseTelling(Hearing):
    """One response's turn of the brain.

    Args:
        state: keeps the files that code makes.
        life: the response.
        question: what the user asked last.

    Attributes:
        full: whether the agent has written all that it may.
    """

    def __init__(self, state: State, life: ResponseLife, question: str = "") -> None:
        super().__init__(
            {
                "text": self._text,
                "image": self._image,
                "refusal": self._refusal,
                "reasoning": self._reasoning,
                "response_item": self._item,
                "response_event": self._event,
            }
        )
        self._state = state
        self._life = life
        self._speech = Speech(life)
        self._thought = Thought(life)
        self.server_items = ServerItems(life, self._container_id, question)
        self.full = False
        self._said = ""
        self._container = ""
        self._drawn: set[str] = set()
        self._uncited: list[JsonObject] = []

    @property
    def deaf(self) -> bool:
        """Whether the response is over, or has no room for more."""
        return self.full or self._life.response.over

    def finish(self) -> None:
        """The brain has said everything; a message may still be open."""
        super().finish()
        self._thought.close()

    def close(self, status: str = "completed", *, empty: bool = True) -> None:
        """Ends the open message.

        Args:
            status: what becomes of it.
            empty: whether a turn that has made nothing is an empty message.
        """
        self._cite_pictures()
        if empty and not self._life.response.output:
            self._speech.say("")
        self._speech.close(status)

    def break_off(self) -> None:
        """The content filter stops the agent: its message stays open, another one apologises."""
        self._speech.close("in_progress")
        self._speech.begin_message("incomplete")
        self._speech.say(APOLOGY)
        self._speech.close("incomplete")

    def _text(self, block: JsonObject) -> None:
        annotations = block.get("annotations") or []
        if not annotations and not block.get("text"):
            return
        self.use_tools()
        self._thought.close()
        self._cite_pictures()
        for one in spoken(block.get("text", ""), annotations, self._speech.length, self._name_of):
            self._speak(one.text)
            if self.full:
                return
            if one.annotation:
                self._speech.cite(one.annotation)

    def _cite_pictures(self) -> None:
        while self._uncited:
            self._speech.cite(self._uncited.pop(0))

    def _speak(self, text: str) -> None:
        room = self._life.response.asked.get("max_output_tokens")
        if room is not None and len(cut := pieces(self._said + text)) > room:
            text, self.full = "".join(cut[:room])[len(self._said) :], True
        self._said += text
        if text:
            self._speech.say(text)

    def _refusal(self, block: JsonObject) -> None:
        self.use_tools()
        self._thought.close()
        self._speech.refuse(block["refusal"])

    def _reasoning(self, block: JsonObject) -> None:
        text = block.get("reasoning") or ""
        if text:
            self.use_tools()
            self._speech.close()
            self._thought.think(text)

    def _image(self, block: JsonObject) -> None:
        data = block.get("base64")
        # What code has drawn is a file that the next message cites, no picture of its own.
        self.use_tools()
        if data and data not in self._drawn:
            self._leave_text()
            self.server_items.picture(data)

    def _item(self, block: JsonObject) -> None:
        """An item that a script gives as the service would show it."""
        self.use_tools()
        self._leave_text()
        partition = partition_of(self._life.response.id)
        item = new_item(self._state, block["item"], partition)
        place = self._life.add(item)
        for event in block.get("events", ()):
            self._event({"event": {"item_id": item["id"], "output_index": place, **event}})
        self._life.done(place)

    def _event(self, block: JsonObject) -> None:
        """An event that a script gives as the service would tell it."""
        told = dict(block["event"])
        self._life.tell_event(told.pop("type"), told)

    def needs_approval(self, use: Use) -> bool:
        """Whether the server's rule asks the caller first; what is not known is asked for."""
        for server in self._life.response.settings.get("tools", []):
            if server["type"] == "mcp" and server.get("server_label") == use.server_label:
                return asks(server.get("require_approval", "always"), use.tool)
        return True

    def use_tools(self) -> None:
        """The calls so far become items."""
        if not self.uses or self.deaf:
            return
        self._leave_text()
        for use in self.uses:
            if use.waits:
                self._withhold(use)
            else:
                self._store_pictures(use)
                self.server_items.write(use)
        # Calls that wait stay, so that nothing that follows them is heard.
        self.uses = [use for use in self.uses if use.waits]

    def _leave_text(self) -> None:
        self._thought.close()
        self._speech.close()

    def _withhold(self, use: Use) -> None:
        request_id = self.server_items.ask_approval(use)
        if use.output is not None:
            self._life.response.withheld[request_id] = str(use.output)

    def _store_pictures(self, use: Use) -> None:
        """Pictures that code draws become files of its container."""
        for output in use.output if isinstance(use.output, list) else ():
            if isinstance(output, dict) and output.get("type") == "image" and "base64" in output:
                self._draw(output["base64"], output.get("mime_type", "image/png"))

    def _draw(self, data: str, kind: str) -> None:
        if data in self._drawn:
            return
        raw, ending = base64.b64decode(data), kind.rpartition("/")[2]
        file = self._state.add_container_file(self._container_id(), raw, f"picture.{ending}")
        annotation: JsonObject = {
            "type": "container_file_citation",
            "container_id": file.container_id,
            "file_id": file.id,
            "start_index": 0,
            "end_index": 0,
            "filename": file.filename,
        }
        self._drawn.add(data)
        self._uncited.append(annotation)

    def _container_id(self) -> str:
        if not self._container:
            self._container = self._named_container() or self._state.add_container("auto").id
        return self._container

    def _named_container(self) -> str | None:
        """The container that the definition names, if it is there."""
        tools = self._life.response.settings.get("tools", [])
        named = [tool.get("container") for tool in tools if tool["type"] == "code_interpreter"]
        known = (one for one in named if isinstance(one, str) and one in self._state.containers)
        return next(known, None)

    def _name_of(self, file_id: str) -> str:
        file: Any = self._state.files.get(file_id)
        return file.filename if file else file_id
