"""Microsoft's own client with files, server tools and approvals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from azure.ai.agents.models import (
    CodeInterpreterTool,
    FilePurpose,
    FileSearchTool,
    MessageAttachment,
    MessageImageFileContent,
    MessageTextContent,
    RunStepCodeInterpreterToolCall,
    RunStepFileSearchToolCall,
    RunStepToolCallDetails,
)
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError

from .test_official_client import official_client, user

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from azure.ai.agents import AgentsClient

    from langchain_foundry_agents.emulator import FoundryEmulator


@pytest.fixture
def client(emulator: FoundryEmulator) -> Iterator[AgentsClient]:
    with official_client(emulator, emulator.credential) as connected:
        yield connected


@pytest.fixture
def notes(tmp_path: Path) -> str:
    path = tmp_path / "notes.txt"
    path.write_text("Cats sleep.\nThe fox lives in Norway.\n")
    return str(path)


def call_of(client: AgentsClient, thread_id: str, run_id: str) -> Any:
    for step in client.run_steps.list(thread_id, run_id):
        if isinstance(step.step_details, RunStepToolCallDetails):
            return step.step_details.tool_calls[0]
    raise AssertionError


def test_files_are_uploaded_read_and_deleted(
    client: AgentsClient, notes: str, tmp_path: Path
) -> None:
    file = client.files.upload_and_poll(
        file_path=notes, purpose=FilePurpose.AGENTS, polling_interval=0
    )

    client.files.save(file.id, "copy.txt", str(tmp_path))

    assert (tmp_path / "copy.txt").read_text().startswith("Cats sleep.")
    assert [one.id for one in client.files.list().data] == [file.id]
    assert client.files.get(file.id).filename == "notes.txt"
    client.files.delete(file.id)
    with pytest.raises(ResourceNotFoundError, match="No file found"):
        client.files.get(file.id)


def test_a_vector_store_is_searched(client: AgentsClient, notes: str) -> None:
    file = client.files.upload(file_path=notes, purpose=FilePurpose.AGENTS)
    store = client.vector_stores.create_and_poll(file_ids=[file.id], name="notes")
    tool = FileSearchTool(vector_store_ids=[store.id])
    agent = client.create_agent(
        model="gpt-4o", tools=tool.definitions, tool_resources=tool.resources
    )
    thread = client.threads.create(messages=[user("Where does the fox live?")])

    run = client.runs.create_and_process(thread_id=thread.id, agent_id=agent.id, polling_interval=0)

    message = next(iter(client.messages.list(thread.id, run_id=run.id)))
    citation = message.file_citation_annotations[0]
    assert citation.file_citation.file_id == file.id
    assert "The fox lives in Norway." in message.text_messages[0].text.value
    call = call_of(client, thread.id, run.id)
    assert isinstance(call, RunStepFileSearchToolCall)
    assert call.file_search.results[0].file_name == "notes.txt"
    client.vector_stores.delete(store.id)


def test_code_runs_in_a_stream_and_draws(client: AgentsClient) -> None:
    tools = CodeInterpreterTool().definitions
    agent = client.create_agent(model="gpt-4o", tools=tools)
    thread = client.threads.create(messages=[user("Please draw 1, 2, 3")])

    with client.runs.stream(thread_id=thread.id, agent_id=agent.id) as stream:
        kinds = [str(kind) for kind, _, _ in stream]

    assert kinds[-2:] == ["thread.run.completed", "done"]
    message = next(iter(client.messages.list(thread.id)))
    picture, text = message.content
    assert isinstance(picture, MessageImageFileContent)
    assert isinstance(text, MessageTextContent)
    content = b"".join(client.files.get_content(picture.image_file.file_id))
    assert content.startswith(b"\x89PNG")
    run = next(iter(client.runs.list(thread.id)))
    call = call_of(client, thread.id, run.id)
    assert isinstance(call, RunStepCodeInterpreterToolCall)
    assert "plt.bar" in call.code_interpreter.input


def test_a_file_is_attached_to_a_message(client: AgentsClient, notes: str) -> None:
    file = client.files.upload(file_path=notes, purpose=FilePurpose.AGENTS)
    tools = CodeInterpreterTool().definitions
    agent = client.create_agent(model="gpt-4o", tools=tools)
    thread = client.threads.create()
    attachment = MessageAttachment(file_id=file.id, tools=tools)
    client.messages.create(
        thread.id, role="user", content="How many lines?", attachments=[attachment]
    )

    client.runs.create_and_process(thread_id=thread.id, agent_id=agent.id, polling_interval=0)

    message = next(iter(client.messages.list(thread.id)))
    assert message.text_messages[0].text.value == "notes.txt has 37 bytes and 2 lines."
    unknown = MessageAttachment(file_id="assistant-x", tools=tools)
    with pytest.raises(HttpResponseError, match="no file found"):
        client.messages.create(thread.id, role="user", content="?", attachments=[unknown])
