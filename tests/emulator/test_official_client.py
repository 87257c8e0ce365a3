"""Microsoft's own client, azure-ai-agents, drives the emulator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from azure.ai.agents import AgentsClient
from azure.ai.agents.models import (
    AgentEventHandler,
    AgentThreadCreationOptions,
    FunctionTool,
    ListSortOrder,
    MessageRole,
    RequiredFunctionToolCall,
    RunStatus,
    SubmitToolOutputsAction,
    ThreadMessageOptions,
    ToolOutput,
    ToolSet,
)
from azure.core.exceptions import (
    ClientAuthenticationError,
    HttpResponseError,
    ResourceNotFoundError,
)
from clients.credentials import FixedCredential, FixedToken

from langchain_foundry_agents.emulator import FoundryEmulator

from .brains import PatientBrain

if TYPE_CHECKING:
    from collections.abc import Iterator


def official_client(emulator: FoundryEmulator, token: str) -> AgentsClient:
    return AgentsClient(
        emulator.project_endpoint, FixedCredential(token), authentication_policy=FixedToken(token)
    )


@pytest.fixture
def client(emulator: FoundryEmulator) -> Iterator[AgentsClient]:
    with official_client(emulator, emulator.credential) as connected:
        yield connected


def get_weather(city: str) -> str:
    """Tells the weather.

    :param city: where.
    """
    return f"Sunny in {city}"


def user(text: str) -> ThreadMessageOptions:
    return ThreadMessageOptions(role=MessageRole.USER, content=text)


def last_text(client: AgentsClient, thread_id: str) -> str:
    found = client.messages.get_last_message_text_by_role(thread_id, MessageRole.AGENT)
    assert found is not None
    return str(found.text.value)


def test_agents_are_made_changed_listed_and_deleted(client: AgentsClient) -> None:
    agent = client.create_agent(model="gpt-4o", name="a", instructions="b", metadata={"k": "v"})
    other = client.create_agent(model="gpt-4o")

    changed = client.update_agent(agent.id, name="c")
    listed = [one.id for one in client.list_agents(limit=1)]
    client.delete_agent(other.id)

    assert (changed.name, changed.instructions, changed.metadata) == ("c", "b", {"k": "v"})
    assert client.get_agent(agent.id) == changed
    assert listed == [other.id, agent.id]
    assert [one.id for one in client.list_agents()] == [agent.id]


def test_deleting_while_listing_deletes_all(client: AgentsClient) -> None:
    for _ in range(5):
        client.create_agent(model="gpt-4o")

    for agent in client.list_agents(limit=2):
        client.delete_agent(agent.id)

    assert list(client.list_agents()) == []


def test_threads_and_messages(client: AgentsClient) -> None:
    thread = client.threads.create(messages=[user("first")], metadata={"k": "v"})

    message = client.messages.create(thread.id, role="user", content="second")
    client.messages.update(thread.id, message.id, metadata={"m": "n"})

    texts = [
        one.text_messages[0].text.value
        for one in client.messages.list(thread.id, order=ListSortOrder.ASCENDING, limit=1)
    ]
    assert texts == ["first", "second"]
    assert client.messages.get(thread.id, message.id).metadata == {"m": "n"}
    assert [one.id for one in client.threads.list()] == [thread.id]
    client.threads.delete(thread.id)
    with pytest.raises(ResourceNotFoundError, match="No thread found"):
        client.threads.get(thread.id)


def test_a_run_is_created_and_processed(client: AgentsClient) -> None:
    agent = client.create_agent(model="gpt-4o", instructions="Be kind.")
    thread = client.threads.create(messages=[user("What is 17 * 23?")])

    run = client.runs.create_and_process(
        thread_id=thread.id, agent_id=agent.id, polling_interval=0, temperature=0.5
    )

    assert (run.status, run.temperature) == (RunStatus.COMPLETED, 0.5)
    assert run.usage is not None
    assert run.usage.total_tokens == run.usage.prompt_tokens + run.usage.completion_tokens
    assert last_text(client, thread.id) == "17 * 23 = 391."


def test_functions_are_called_for_a_run(client: AgentsClient) -> None:
    tools = ToolSet()
    tools.add(FunctionTool({get_weather}))
    client.enable_auto_function_calls(tools)
    agent = client.create_agent(model="gpt-4o", toolset=tools)
    thread = client.threads.create(messages=[user("What is the weather in Paris?")])

    run = client.runs.create_and_process(thread_id=thread.id, agent_id=agent.id, polling_interval=0)

    assert run.status == RunStatus.COMPLETED
    assert last_text(client, thread.id) == 'get_weather gave: "Sunny in Paris".'
    steps = list(client.run_steps.list(thread.id, run.id))
    assert [step.type for step in steps] == ["message_creation", "tool_calls"]
    assert client.run_steps.get(thread.id, run.id, steps[1].id).status == "completed"


def test_outputs_are_submitted_by_hand(client: AgentsClient) -> None:
    agent = client.create_agent(model="gpt-4o", tools=FunctionTool({get_weather}).definitions)
    run = client.create_thread_and_run(
        agent_id=agent.id,
        thread=AgentThreadCreationOptions(messages=[user("get_weather for Rome")]),
    )
    while run.status in (RunStatus.QUEUED, RunStatus.IN_PROGRESS):
        run = client.runs.get(run.thread_id, run.id)
    assert isinstance(run.required_action, SubmitToolOutputsAction)
    call = run.required_action.submit_tool_outputs.tool_calls[0]
    assert isinstance(call, RequiredFunctionToolCall)
    assert call.function.arguments == '{"city":"Rome"}'

    with pytest.raises(HttpResponseError, match="Expected tool outputs"):
        client.runs.submit_tool_outputs(run.thread_id, run.id, tool_outputs=[])
    run = client.runs.submit_tool_outputs(
        run.thread_id, run.id, tool_outputs=[ToolOutput(tool_call_id=call.id, output="Rain")]
    )

    assert run.status == RunStatus.QUEUED
    while run.status != RunStatus.COMPLETED:
        run = client.runs.get(run.thread_id, run.id)
    assert last_text(client, run.thread_id) == 'get_weather gave: "Rain".'


def test_a_run_is_streamed(client: AgentsClient) -> None:
    agent = client.create_agent(model="gpt-4o")
    thread = client.threads.create(messages=[user("count to 3")])

    with client.runs.stream(thread_id=thread.id, agent_id=agent.id) as stream:
        events = [(kind, data) for kind, data, _ in stream]

    assert events[0][0] == "thread.run.created"
    assert [str(kind) for kind, _ in events][-2:] == ["thread.run.completed", "done"]
    deltas = [data.text for kind, data in events if kind == "thread.message.delta"]
    assert deltas == ["1,", " 2,", " 3."]


def test_functions_are_called_in_a_stream(client: AgentsClient) -> None:
    tools = ToolSet()
    tools.add(FunctionTool({get_weather}))
    client.enable_auto_function_calls(tools)
    agent = client.create_agent(model="gpt-4o", toolset=tools)
    thread = client.threads.create(messages=[user("What is the weather in Oslo?")])

    class Texts(AgentEventHandler[None]):
        """Keeps what the agent says."""

        said = ""

        def on_message_delta(self, delta: Any) -> None:
            Texts.said += delta.text

    with client.runs.stream(
        thread_id=thread.id, agent_id=agent.id, event_handler=Texts()
    ) as stream:
        stream.until_done()

    assert Texts.said == 'get_weather gave: "Sunny in Oslo".'
    assert [run.status for run in client.runs.list(thread.id)] == [RunStatus.COMPLETED]


def test_a_run_is_cancelled() -> None:
    with FoundryEmulator(PatientBrain()) as emulator:
        agent = emulator.create_agent()
        with official_client(emulator, emulator.credential) as client:
            thread = client.threads.create(messages=[user("Hi")])
            run = client.runs.create(thread_id=thread.id, agent_id=agent)
            with pytest.raises(HttpResponseError, match=f"already has an active run {run.id}"):
                client.runs.create(thread_id=thread.id, agent_id=agent)

            cancelling = client.runs.cancel(thread.id, run.id)
            while run.status != RunStatus.CANCELLED:
                run = client.runs.get(thread.id, run.id)

            assert cancelling.status == RunStatus.CANCELLING
            with pytest.raises(HttpResponseError, match="status 'cancelled'"):
                client.runs.cancel(thread.id, run.id)


def test_a_wrong_token_is_an_authentication_error() -> None:
    with (
        FoundryEmulator(token="mine") as emulator,
        official_client(emulator, "other") as client,
        pytest.raises(ClientAuthenticationError),
    ):
        client.threads.create()
