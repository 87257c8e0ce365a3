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


@dataclass(frozen=True, slots=True)
class ContainerFile:
    """A file that a code interpreter made."""

    id: str
    container_id: str
    created_at: int
    filename: str
    data: bytes = field(repr=False)
