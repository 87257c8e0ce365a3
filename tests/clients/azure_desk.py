"""azure-ai-agents: its clients, and what their operations need."""

from __future__ import annotations

import tempfile
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from azure.ai.agents import AgentsClient, aio
from azure.ai.agents.models import (
    AgentEventHandler,
    AgentThreadCreationOptions,
    AsyncAgentEventHandler,
    AsyncFunctionTool,
    AsyncToolSet,
    CodeInterpreterTool,
    FileSearchTool,
    FunctionTool,
    ThreadMessageOptions,
    ToolOutput,
    ToolSet,
)
from azure.core.pipeline.transport import AsyncioRequestsTransport
from azure.core.rest import HttpRequest

from .credentials import AsyncCredential, FixedCredential, FixedToken
from .seats import AsyncSeat, Blocking, Seat, everything

if TYPE_CHECKING:
    pass

NOTES = "Cats sleep.\nThe fox lives in Norway.\n"
QUESTION = "Where does the fox live?"
BUSY = ("queued", "in_progress")


def fetch_weather(city: str) -> str:
    """Tells the weather.

    :param city: where.
    """
    return f"Sunny in {city}."


async def afetch_weather(city: str) -> str:
    """Tells the weather.

    :param city: where.
    """
    return fetch_weather(city)


# The agent knows one function, whoever calls it.
afetch_weather.__name__ = "fetch_weather"


class Desk(Seat):
    """A client, and what its operations need, made as they ask for it."""

    @cached_property
    def toolset(self) -> Any:
        tools = ToolSet()
        tools.add(FunctionTool({fetch_weather}))
        return tools

    def connect(self) -> Any:
        token = self.emulator.credential
        return AgentsClient(
            self.emulator.project_endpoint,
            FixedCredential(token),
            authentication_policy=FixedToken(token),
        )

    def handler(self) -> Any:
        return AgentEventHandler()

    @cached_property
    def agent(self) -> Any:
        search = FileSearchTool(vector_store_ids=[self.store.id])
        return self.client.create_agent(
            model="gpt-4o",
            tools=[*search.definitions, *CodeInterpreterTool().definitions],
            tool_resources=search.resources,
        )

    @cached_property
    def weather_agent(self) -> Any:
        return self.client.create_agent(model="gpt-4o", toolset=self.toolset)

    @cached_property
    def thread(self) -> Any:
        return self.client.threads.create(messages=[user(QUESTION)])

    @cached_property
    def message(self) -> Any:
        return self.client.messages.create(self.thread.id, role="user", content="Hi")

    @cached_property
    def empty(self) -> Any:
        return self.client.threads.create()

    @cached_property
    def only_message(self) -> Any:
        return self.client.messages.create(self.empty.id, role="user", content="Hi")

    @cached_property
    def run(self) -> Any:
        """A run that has come to its end."""
        return self.client.runs.create_and_process(
            self.thread.id, agent_id=self.agent.id, polling_interval=0
        )

    @cached_property
    def waiting(self) -> Any:
        """A run that waits for the output of a function."""
        choice = {"type": "function", "function": {"name": "fetch_weather"}}
        self.client.runs.create(self.thread.id, agent_id=self.weather_agent.id, tool_choice=choice)
        while (run := everything(self.client.runs.list(self.thread.id))[0]).status in BUSY:
            pass
        return run

    @cached_property
    def step(self) -> Any:
        return everything(self.client.run_steps.list(self.thread.id, self.run.id))[0]

    @cached_property
    def outputs(self) -> list[ToolOutput]:
        calls = self.waiting.required_action.submit_tool_outputs.tool_calls
        return [ToolOutput(tool_call_id=call.id, output="Sunny.") for call in calls]

    @cached_property
    def file(self) -> Any:
        return self.client.files.upload(file=("notes.txt", NOTES.encode()), purpose="assistants")

    @cached_property
    def other_file(self) -> Any:
        return self.client.files.upload(file=("other.txt", b"other"), purpose="assistants")

    @cached_property
    def store(self) -> Any:
        return self.client.vector_stores.create_and_poll(file_ids=[self.file.id], name="docs")

    @cached_property
    def batch(self) -> Any:
        return self.client.vector_store_file_batches.create(self.store.id, file_ids=[self.file.id])

    def answer(self) -> str:
        """What the agent said last."""
        said = self.client.messages.get_last_message_text_by_role(self.thread.id, "assistant")
        return str(said.text.value)

    def saved(self) -> str:
        """The file, as the client saves it."""
        with tempfile.TemporaryDirectory() as folder:
            self.client.files.save(self.file.id, "copy.txt", folder)
            return Path(folder, "copy.txt").read_text(encoding="utf-8")

    def submitted_stream(self) -> list[Any]:
        """The kinds of events after the outputs of a waiting run."""
        handler = self.handler()
        self.client.runs.submit_tool_outputs_stream(
            self.thread.id, self.waiting.id, tool_outputs=self.outputs, event_handler=handler
        )
        return self.read(handler)

    def read(self, handler: Any) -> list[Any]:
        return [str(event[0]) for event in handler]

    def automatic(self) -> str:
        """What an agent says whose functions the client calls by itself."""
        self.client.enable_auto_function_calls(self.toolset)
        run = self.client.create_thread_and_process_run(
            agent_id=self.weather_agent.id,
            thread=AgentThreadCreationOptions(messages=[user("fetch weather in 'Oslo'")]),
            polling_interval=0,
        )
        said = self.client.messages.get_last_message_text_by_role(run.thread_id, "assistant")
        return str(said.text.value)

    def ping(self) -> int:
        """The status of a request that the client only authenticates."""
        url = f"{self.emulator.project_endpoint}/assistants?api-version=v1"
        return int(self.client.send_request(HttpRequest("GET", url)).status_code)


class AsyncDesk(AsyncSeat, Desk):
    """The same with the async client."""

    @cached_property
    def toolset(self) -> Any:
        tools = AsyncToolSet()
        tools.add(AsyncFunctionTool({afetch_weather}))
        return tools

    def connect(self) -> Any:
        token = self.emulator.credential
        client = aio.AgentsClient(
            self.emulator.project_endpoint,
            AsyncCredential(token),
            authentication_policy=FixedToken(token),
            # The one that comes without a further package.
            transport=AsyncioRequestsTransport(),
        )
        return Blocking(client, self.loop)

    def handler(self) -> Any:
        return AsyncAgentEventHandler()

    def read(self, handler: Any) -> list[Any]:
        return super().read(self.loop.run_until_complete(_collected(handler)))


def user(text: str) -> ThreadMessageOptions:
    return ThreadMessageOptions(role="user", content=text)


async def _collected(events: Any) -> list[Any]:
    return [event async for event in events]
