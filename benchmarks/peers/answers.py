"""What reached the caller, in one shape for all peers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from langchain_core.messages import AIMessage

from benchmarks.peers.desk import Desk

MCP_SERVER = {"type": "mcp", "server_label": "github", "server_url": "https://mcp.example"}

Tools = Sequence[Callable[..., str]]


@dataclass(frozen=True)
class Answer:
    """An answer, or a piece of a streamed one.

    `carried` is everything that came with it as text, to look for ids in.
    """

    text: str = ""
    parts: Sequence[tuple[str, str]] = ()
    citations: Sequence[str] = ()
    usage: Mapping[str, int] = field(default_factory=dict)
    carried: str = ""


@dataclass(frozen=True)
class Approval:
    """What the caller is asked to approve, and how it goes on once approved."""

    asked: str
    approve: Callable[[], Answer]


class Talk(Protocol):
    """One user's conversation on a peer's object."""

    def ask(self, text: str, *, system: str | None = None) -> Answer:
        """One turn."""
        ...


class Peer(Protocol):
    """A client's object for one agent, used as its documentation does."""

    packages: tuple[str, ...]

    def __init__(self, desk: Desk, tools: Tools = (), *, mcp: bool = False) -> None: ...

    def talk(self) -> Talk:
        """A new conversation on this same object."""
        ...

    async def aask(self, text: str) -> Answer:
        """One turn, async."""
        ...

    def stream(self, text: str) -> Iterator[Answer]:
        """One turn in pieces."""
        ...

    def astream(self, text: str) -> AsyncIterator[Answer]:
        """One turn in pieces, async."""
        ...

    def work(self, text: str) -> Answer:
        """One turn with the peer's own loop over the tools."""
        ...

    def ask_approval(self, text: str) -> Approval:
        """One turn up to the question whether a tool may be used."""
        ...


def read_message(message: AIMessage, usage: Mapping[str, int] | None = None) -> Answer:
    """A LangChain message as an answer."""
    blocks: list[Any] = [
        block for block in message.content_blocks if block["type"] in ("text", "image")
    ]
    notes = [note for block in blocks for note in block.get("annotations", ())]
    return Answer(
        text=message.text,
        parts=[(block["type"], block.get("text", "")) for block in blocks],
        citations=[str(note.get("url")) for note in notes],
        usage=message.usage_metadata or usage or {},  # type: ignore[arg-type]
        carried=message.model_dump_json(),
    )
