"""What the service keeps: agents, threads, messages, runs, steps and files, as plain data.

Rule of the room: no behaviour beyond small sums and selections. Who changes a record's status is
`lifecycle`, who shows it is `wire`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from langchain_foundry_agents.emulator.events import Feed

JsonObject: TypeAlias = dict[str, Any]

TERMINAL = frozenset({"completed", "failed", "cancelled", "expired", "incomplete"})


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one model call, or of several added up."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0
    reasoning_tokens: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
            self.cached_tokens + other.cached_tokens,
            self.reasoning_tokens + other.reasoning_tokens,
        )


@dataclass(slots=True, eq=False)
class Agent:
    """An agent ("assistant" on the wire)."""

    id: str
    created_at: int
    model: str
    name: str | None = None
    description: str | None = None
    instructions: str | None = None
    tools: list[JsonObject] = field(default_factory=list)
    top_p: float = 1.0
    temperature: float = 1.0
    tool_resources: JsonObject = field(default_factory=dict)
    metadata: JsonObject = field(default_factory=dict)
    response_format: str | JsonObject = "auto"


@dataclass(slots=True, eq=False)
class Message:
    """A message of a thread; `agent_id` and `run_id` only where a run wrote it."""

    id: str
    created_at: int
    thread_id: str
    role: str
    content: list[JsonObject]
    attachments: list[JsonObject] = field(default_factory=list)
    metadata: JsonObject = field(default_factory=dict)
    agent_id: str | None = None
    run_id: str | None = None
    status: str = "completed"
    incomplete_reason: str | None = None
    incomplete_at: int | None = None
    completed_at: int | None = None
    size: int | None = None
    """Of its texts, once they are measured."""


@dataclass(slots=True, eq=False)
class ToolCall:
    """A function that the agent wants called; `output` comes from the caller."""

    id: str
    name: str
    arguments: str
    output: str | None = None


@dataclass(slots=True, eq=False)
class ServerCall:
    """A call of a tool that the service runs itself.

    `members` are what the service tells of it. `withheld` is the output of an MCP tool that waits
    for approval, `approved` what was decided.
    """

    id: str
    kind: str
    members: JsonObject
    withheld: str | None = None
    approved: bool = False


@dataclass(slots=True, eq=False)
class RunStep:
    """One step of a run.

    By `type`: a message it wrote (`message_id`); functions it asked for (`tool_calls`) or tools of
    the service (`server_calls`); listings of MCP tools (`activities`).
    """

    id: str
    created_at: int
    type: str
    message_id: str | None = None
    tool_calls: list[ToolCall] = field(default_factory=list)
    server_calls: list[ServerCall] = field(default_factory=list)
    activities: list[JsonObject] = field(default_factory=list)
    status: str = "in_progress"
    ended_at: int | None = None
    last_error: JsonObject | None = None
    usage: Usage = Usage()


@dataclass(slots=True, eq=False)
class Run:
    """One turn of an agent on a thread.

    `created` and `deadline` are exact seconds of the injected clock, `created_at` is what shows.
    `tool_resources` are its own, `resources` all that its tools work with: also the agent's and the
    thread's. `with_content`: whether its steps show the texts that file searches found.
    """

    id: str
    created: float
    deadline: float
    agent_id: str
    thread: Thread = field(repr=False)
    model: str
    instructions: str | None
    tools: list[JsonObject]
    temperature: float
    top_p: float
    response_format: str | JsonObject
    additional_instructions: str | None = None
    tool_resources: JsonObject = field(default_factory=dict)
    resources: JsonObject = field(default_factory=dict)
    with_content: bool = False
    metadata: JsonObject = field(default_factory=dict)
    max_completion_tokens: int | None = None
    max_prompt_tokens: int | None = None
    truncation_strategy: JsonObject = field(
        default_factory=lambda: {"type": "auto", "last_messages": None}
    )
    tool_choice: str | JsonObject = "auto"
    parallel_tool_calls: bool = True
    status: str = "queued"
    started_at: int | None = None
    ended_at: int | None = None
    last_error: JsonObject | None = None
    incomplete_reason: str | None = None
    steps: list[RunStep] = field(default_factory=list)
    feed: Feed | None = None
    size: int | None = None
    """Of its steps' texts, once they are measured."""

    @property
    def created_at(self) -> int:
        """The second of creation."""
        return int(self.created)

    @property
    def thread_id(self) -> str:
        """Where it runs."""
        return self.thread.id

    @property
    def over(self) -> bool:
        """Whether the run has reached a terminal status."""
        return self.status in TERMINAL

    @property
    def usage(self) -> Usage:
        """The sum of its steps."""
        return sum((step.usage for step in self.steps), Usage())

    @property
    def pending_calls(self) -> list[ToolCall]:
        """The function calls that wait for the caller's outputs."""
        return self.steps[-1].tool_calls if self.status == "requires_action" else []

    @property
    def pending_approvals(self) -> list[ServerCall]:
        """The MCP calls that wait for the caller's word."""
        waiting = self.steps[-1].server_calls if self.status == "requires_action" else []
        return [call for call in waiting if call.withheld is not None]


@dataclass(slots=True, eq=False)
class File:
    """A file that was uploaded, or that an agent made."""

    id: str
    created_at: int
    filename: str
    purpose: str
    data: bytes = field(repr=False)

    @property
    def text(self) -> str:
        """What it says, as far as it is text."""
        return self.data.decode(errors="replace")


@dataclass(slots=True, eq=False)
class Thread:
    """A conversation: its messages and runs in the order in which they came."""

    id: str
    created_at: int
    metadata: JsonObject = field(default_factory=dict)
    tool_resources: JsonObject = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
