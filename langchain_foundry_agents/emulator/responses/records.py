"""What the service remembers of the new generation. Items are kept in the form that it shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from langchain_foundry_agents.emulator.records import TERMINAL

if TYPE_CHECKING:
    from langchain_foundry_agents.emulator.events import Event, Feed
    from langchain_foundry_agents.emulator.records import JsonObject, Usage


@dataclass(slots=True)
class AgentVersion:
    """One version of an agent; it never changes."""

    name: str
    version: str
    created_at: int
    definition: JsonObject
    description: str = ""
    metadata: JsonObject = field(default_factory=dict)

    @property
    def id(self) -> str:
        """Its name and version."""
        return f"{self.name}:{self.version}"


@dataclass(slots=True)
class NamedAgent:
    """An agent of the new generation: its versions, oldest first. There is always one.

    `identity` is what it is known by to Entra, `endpoint` and `card` are what PATCH has set.
    """

    name: str
    versions: list[AgentVersion]
    guid: str = ""
    identity: JsonObject = field(default_factory=dict)
    endpoint: JsonObject = field(default_factory=dict)
    card: JsonObject = field(default_factory=dict)
    enabled: bool = True

    @property
    def id(self) -> str:
        """Its name."""
        return self.name

    @property
    def latest(self) -> AgentVersion:
        """The newest version."""
        return self.versions[-1]

    @property
    def served(self) -> str:
        """The version that answers: the one its endpoint gives most traffic, else the latest."""
        rules = self.endpoint.get("version_selector", {}).get("version_selection_rules", [])
        most = max(rules, key=lambda rule: rule.get("traffic_percentage", 0), default=None)
        return str(most["agent_version"]) if most else self.latest.version


@dataclass(slots=True)
class Conversation:
    """Items that responses read and write."""

    id: str
    created_at: int
    metadata: JsonObject = field(default_factory=dict)
    items: list[JsonObject] = field(default_factory=list)
    """Oldest first."""
    owner: str = ""
    """The user (`x-ms-user-identity`) whose it is."""
    busy_with: str | None = None
    """The response that is being made in it."""
    sizes: list[int] = field(default_factory=list)
    """Of its first items, as far as they are measured: each turn asks for the size of all."""


@dataclass(slots=True, eq=False)
class StoredResponse:
    """A response: what was asked, what is told so far, how it ends.

    `settings` are the definition's, or the request's where no agent is named, with structured
    inputs filled in. `agent_reference` and `item_reference` are what it and its items show.
    `history` is what was said before its `input`. `withheld` are outputs of MCP tools by the id of
    the request that waits for approval. `events` are kept where a stream may be taken up again.
    """

    id: str
    created_at: int
    settings: JsonObject
    agent: AgentVersion | None = None
    agent_reference: JsonObject | None = None
    item_reference: JsonObject | None = None
    owner: str = ""
    history: list[JsonObject] = field(default_factory=list)
    input: list[JsonObject] = field(default_factory=list)
    conversation: Conversation | None = None
    asked: JsonObject = field(default_factory=dict)
    """The request's own parameters, checked."""
    agent_session_id: str | None = None
    status: str = "in_progress"
    completed_at: int | None = None
    error: JsonObject | None = None
    incomplete_reason: str | None = None
    output: list[JsonObject] = field(default_factory=list)
    usage: Usage | None = None
    filters: list[JsonObject] = field(default_factory=list)
    withheld: dict[str, str] = field(default_factory=dict)
    feeds: list[Feed] = field(default_factory=list)
    events: list[Event] | None = None
    next_number: int = 0

    @property
    def over(self) -> bool:
        """Whether it has reached a terminal status."""
        return self.status in TERMINAL

    @property
    def background(self) -> bool:
        """Whether it goes on without a client."""
        return bool(self.asked.get("background"))

    @property
    def stored(self) -> bool:
        """Whether it can be read, and gone on with, later."""
        return bool(self.asked.get("store", True))

    @property
    def hosted(self) -> bool:
        """Whether it comes from an agent in a container."""
        return self.settings.get("kind") == "hosted"

    @property
    def items(self) -> list[JsonObject]:
        """All that was said up to its end: the history of a response that goes on from it."""
        return [*self.history, *self.input, *self.output]


@dataclass(slots=True, eq=False)
class Container:
    """Where a code interpreter works; it is gone after so many minutes without work."""

    id: str
    name: str
    created_at: int
    last_active_at: int
    minutes: int = 20
    memory_limit: str = "1g"

    def status(self, now: float) -> str:
        """Whether it is still there."""
        return "running" if now < self.last_active_at + self.minutes * 60 else "expired"


@dataclass(frozen=True, slots=True)
class ContainerFile:
    """A file in a container; `source` is who put it there, `assistant` or `user`."""

    id: str
    container_id: str
    created_at: int
    filename: str
    data: bytes = field(repr=False)
    source: str = "assistant"

    @property
    def text(self) -> str:
        """What it says, as far as it is text."""
        return self.data.decode(errors="replace")


@dataclass(slots=True, eq=False)
class Session:
    """A hosted agent's container, kept for those who come back to it."""

    id: str
    agent_name: str
    version: str
    created_at: int
    last_accessed_at: int
    owner: str = ""
    stopped: bool = False
    stopped_at: int | None = None

    @property
    def expires_at(self) -> int:
        """The second at which nobody has used it for 30 days."""
        return self.last_accessed_at + 30 * 24 * 60 * 60

    def status(self, now: float) -> str:
        """Whether it works."""
        if now >= self.expires_at:
            return "expired"
        return "idle" if self.stopped else "active"
