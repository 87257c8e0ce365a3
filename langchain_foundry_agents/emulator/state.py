"""Everything the service remembers, and how an id leads to a record.

The clock and the source of chance are given from outside: a simulation can run on this room
with virtual time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from langchain_foundry_agents.emulator.pages import Identified
from langchain_foundry_agents.emulator.records import File
from langchain_foundry_agents.emulator.refusals import invalid, not_found
from langchain_foundry_agents.emulator.responses import refusals
from langchain_foundry_agents.emulator.responses.records import Container, ContainerFile
from langchain_foundry_agents.emulator.shelf import Shelf

if TYPE_CHECKING:
    from collections.abc import Callable

    from langchain_foundry_agents.emulator.ids import IdSource
    from langchain_foundry_agents.emulator.records import (
        Agent,
        Message,
        Run,
        RunStep,
        Thread,
    )
    from langchain_foundry_agents.emulator.responses.records import (
        AgentVersion,
        Conversation,
        NamedAgent,
        Session,
        StoredResponse,
    )
    from langchain_foundry_agents.emulator.vector_stores.records import VectorStore

Record = TypeVar("Record", bound=Identified)

_PREFIXES = {
    "assistant": ("assistant_id", "asst"),
    "thread": ("thread_id", "thread"),
    "message": ("message_id", "msg"),
    "run": ("run_id", "run"),
    "run step": ("step_id", "step"),
    "file": ("file_id", "assistant-"),
    "vector store": ("vector_store_id", "vs"),
}
MAX_FILE_BYTES = 512 * 1024 * 1024


@dataclass(slots=True)
class State:
    """Agents, threads, files and vector stores by id, and the active run of each thread.

    Of the new generation: agents by name, the number of each name's latest version (no number is
    given twice), conversations, responses, containers and their files, sessions of hosted agents.

    Args:
        clock: seconds since 1970, as the service sees them.
        ids: where new ids come from.
        run_expiry: seconds that a run may take.
        action_expiry: seconds, from its creation on, that a run waits for tool outputs.
        max_file_bytes: how large an uploaded file may be.
        index_delay: seconds until a file of a vector store can be searched.
    """

    clock: Callable[[], float]
    ids: IdSource
    run_expiry: float = 1800
    action_expiry: float = 36000
    max_file_bytes: int = MAX_FILE_BYTES
    index_delay: float = 0.0
    agents: dict[str, Agent] = field(default_factory=dict)
    threads: Shelf[str, Thread] = field(init=False)
    files: Shelf[str, File] = field(init=False)
    vector_stores: dict[str, VectorStore] = field(default_factory=dict)
    active_runs: dict[str, Run] = field(default_factory=dict)
    named_agents: dict[str, NamedAgent] = field(default_factory=dict)
    version_numbers: dict[str, int] = field(default_factory=dict)
    containers: dict[str, Container] = field(default_factory=dict)
    sessions: dict[str, Session] = field(default_factory=dict)
    conversations: Shelf[str, Conversation] = field(init=False)
    responses: Shelf[str, StoredResponse] = field(init=False)
    container_files: Shelf[tuple[str, str], ContainerFile] = field(init=False)

    def __post_init__(self) -> None:
        self.threads = Shelf(self.clock)
        self.files = Shelf(self.clock)
        self.conversations = Shelf(self.clock)
        self.responses = Shelf(self.clock)
        self.container_files = Shelf(self.clock)

    def clear(self) -> None:
        """Forgets everything; ids that were given stay given."""
        for records in (
            *(self.agents, self.threads, self.files, self.vector_stores, self.active_runs),
            *(self.named_agents, self.version_numbers, self.containers, self.sessions),
            *(self.conversations, self.responses, self.container_files),
        ):
            records.clear()

    def now(self) -> int:
        """The current second."""
        return int(self.clock())

    def agent(self, identifier: str) -> Agent:
        """The agent with that id."""
        return _found("assistant", identifier, self.agents.get(identifier))

    def thread(self, identifier: str) -> Thread:
        """The thread with that id."""
        self.threads.touch(identifier)
        return _found("thread", identifier, self.threads.get(identifier))

    def file(self, identifier: str) -> File:
        """The file with that id."""
        self.files.touch(identifier)
        return _found("file", identifier, self.files.get(identifier))

    def vector_store(self, identifier: str) -> VectorStore:
        """The vector store with that id."""
        return _found("vector store", identifier, self.vector_stores.get(identifier))

    def add_file(self, data: bytes, filename: str, purpose: str) -> File:
        """Keeps a file."""
        file = File(self.ids.new_file(), self.now(), filename, purpose, data)
        self.files[file.id] = file
        return file

    def named_agent(self, name: str) -> NamedAgent:
        """The agent of the new generation with that name."""
        if name not in self.named_agents:
            raise refusals.not_found("Agent", name)
        return self.named_agents[name]

    def agent_version(self, name: str, version: str | None = None) -> AgentVersion:
        """That version of an agent; without one, the version that answers for the agent."""
        agent = self.named_agent(name)
        wanted = version or agent.served
        found = next((one for one in agent.versions if one.version == wanted), None)
        if found is None:
            raise refusals.not_found("Agent version", f"{name}:{wanted}")
        return found

    def conversation(self, identifier: str, user: str) -> Conversation:
        """The conversation with that id, if it is the user's."""
        found = self.conversations.get(identifier)
        if found is None or found.owner != user:
            raise refusals.not_found("Conversation", identifier)
        self.conversations.touch(identifier)
        return found

    def container(self, identifier: str) -> Container:
        """The container with that id."""
        if identifier not in self.containers:
            raise refusals.not_found("Container", identifier)
        return self.containers[identifier]

    def add_container(self, name: str) -> Container:
        """Makes a container in which code can run."""
        container = Container(self.ids.new_container(), name, self.now(), self.now())
        self.containers[container.id] = container
        return container

    def container_file(self, container: str, identifier: str) -> ContainerFile:
        """The file with that id in a container."""
        if (container, identifier) not in self.container_files:
            raise refusals.not_found("Container file", identifier)
        self.container_files.touch((container, identifier))
        return self.container_files[container, identifier]

    def add_container_file(
        self, container: str, data: bytes, filename: str, *, source: str = "assistant"
    ) -> ContainerFile:
        """Keeps a file of a container, which a code interpreter has made by default."""
        identifier = self.ids.new_container_file()
        file = ContainerFile(identifier, container, self.now(), filename, data, source)
        self.container_files[container, file.id] = file
        return file


def find_message(thread: Thread, identifier: str) -> Message:
    """A message of a thread."""
    return _found("message", identifier, _search(thread.messages, identifier))


def find_run(thread: Thread, identifier: str) -> Run:
    """A run of a thread."""
    return _found("run", identifier, _search(thread.runs, identifier))


def find_step(run: Run, identifier: str) -> RunStep:
    """A step of a run."""
    return _found("run step", identifier, _search(run.steps, identifier))


def _search(records: list[Record], identifier: str) -> Record | None:
    return next((record for record in records if record.id == identifier), None)


def _found(kind: str, identifier: str, record: Record | None) -> Record:
    if record:
        return record
    param, prefix = _PREFIXES[kind]
    if not identifier.startswith(prefix):
        message = f"Invalid '{param}': '{identifier}'. Expected an ID that begins with '{prefix}'."
        raise invalid(message, param=param, code="invalid_value")
    raise not_found(kind, identifier)
