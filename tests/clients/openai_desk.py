"""openai: its clients, and what their operations need."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from openai import AsyncOpenAI, OpenAI

from .seats import AsyncSeat, Blocking, Seat, everything

if TYPE_CHECKING:
    pass

NOTES = ("notes.txt", b"Cats sleep.\nThe fox lives in Norway.\n")
QUESTION = "Where does the fox live?"
MESSAGE: Any = {"type": "message", "role": "user", "content": QUESTION}


class Desk(Seat):
    """A client, and what its operations need, made as they ask for it."""

    path = "/openai/v1"
    query: dict[str, object] | None = None

    def connect(self) -> Any:
        return OpenAI(**self._settings())

    def _settings(self) -> dict[str, Any]:
        return {
            "base_url": self.emulator.project_endpoint + self.path,
            "api_key": self.emulator.credential,
            "default_query": self.query,
            "max_retries": 0,
        }

    @cached_property
    def file(self) -> Any:
        return self.client.files.create(file=NOTES, purpose="assistants")

    @cached_property
    def store(self) -> Any:
        return self.client.vector_stores.create(file_ids=[self.file.id], name="docs")

    @cached_property
    def batch(self) -> Any:
        return self.client.vector_stores.file_batches.create(self.store.id, file_ids=[self.file.id])

    @cached_property
    def container(self) -> Any:
        return self.client.containers.create(name="work")

    @cached_property
    def inner(self) -> Any:
        """A file in the container."""
        return self.client.containers.files.create(self.container.id, file=NOTES)

    @cached_property
    def conversation(self) -> Any:
        return self.client.conversations.create(items=[MESSAGE])

    @cached_property
    def item(self) -> Any:
        return everything(self.client.conversations.items.list(self.conversation.id))[0]

    @cached_property
    def agent(self) -> Any:
        """The body that has an agent answer."""
        search = {"type": "file_search", "vector_store_ids": [self.store.id]}
        self.emulator.create_agent(name="helper", generation="new", tools=[search])
        return {"agent_reference": {"type": "agent_reference", "name": "helper"}}

    @cached_property
    def response(self) -> Any:
        return self.client.responses.create(input=QUESTION, extra_body=self.agent)

    @cached_property
    def running(self) -> Any:
        """A response that waits for its turn."""
        self.emulator.inject("stuck-queue")
        return self.client.responses.create(input="Hi", background=True, extra_body=self.agent)


class AsyncDesk(AsyncSeat, Desk):
    """The same with the async client."""

    def connect(self) -> Any:
        return Blocking(AsyncOpenAI(**self._settings()), self.loop)


def ids(listed: Any) -> list[str]:
    return [one.id for one in everything(listed)]
