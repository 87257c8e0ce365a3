"""azure-ai-agents: every public operation, by the name that it has on `AgentsClient`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from azure.ai.agents.models import (
    AgentThreadCreationOptions,
    VectorStoreExpirationPolicy,
    VectorStoreStaticChunkingStrategyOptions,
    VectorStoreStaticChunkingStrategyRequest,
)
from azure.ai.agents.operations import MessagesOperations

from .azure_desk import NOTES, AsyncDesk, Desk, user
from .seats import everything

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["OPERATIONS", "PACKAGES", "AsyncDesk", "Desk"]

PACKAGES = ("azure-ai-agents",)
METADATA = {"k": "v"}
CHUNKS = VectorStoreStaticChunkingStrategyRequest(
    static=VectorStoreStaticChunkingStrategyOptions(
        max_chunk_size_tokens=100, chunk_overlap_tokens=50
    )
)


def _ids(listed: Any) -> list[str]:
    return [one.id for one in everything(listed)]


OPERATIONS: dict[str, Callable[[Any], Any]] = {
    "create_agent": lambda desk: desk.client.create_agent(model="m", name="a").name == "a",
    "get_agent": lambda desk: desk.client.get_agent(desk.agent.id) == desk.agent,
    "update_agent": lambda desk: desk.client.update_agent(desk.agent.id, name="b").name == "b",
    "list_agents": lambda desk: [desk.agent.id] == _ids(desk.client.list_agents(limit=1)),
    "delete_agent": lambda desk: desk.gone(
        lambda: desk.client.delete_agent(desk.agent.id), desk.client.list_agents
    ),
    "create_thread_and_run": lambda desk: desk.client.create_thread_and_run(
        agent_id=desk.agent.id, thread=AgentThreadCreationOptions(messages=[user("Hi")])
    ).id.startswith("run_"),
    "create_thread_and_process_run": lambda desk: (
        desk.client.create_thread_and_process_run(agent_id=desk.agent.id, polling_interval=0).status
        == "completed"
    ),
    "enable_auto_function_calls": lambda desk: "Sunny in Oslo." in desk.automatic(),
    "send_request": lambda desk: desk.ping() == 200,
    "threads.create": lambda desk: (
        desk.client.threads.create(metadata=METADATA).metadata == METADATA
    ),
    "threads.get": lambda desk: desk.client.threads.get(desk.thread.id) == desk.thread,
    "threads.update": lambda desk: (
        desk.client.threads.update(desk.thread.id, metadata=METADATA).metadata == METADATA
    ),
    "threads.list": lambda desk: [desk.thread.id] == _ids(desk.client.threads.list(limit=1)),
    "threads.delete": lambda desk: desk.gone(
        lambda: desk.client.threads.delete(desk.thread.id), desk.client.threads.list
    ),
    "messages.create": lambda desk: desk.message.role == "user",
    "messages.get": lambda desk: (
        desk.client.messages.get(desk.thread.id, desk.message.id) == desk.message
    ),
    "messages.update": lambda desk: (
        desk.client.messages.update(desk.thread.id, desk.message.id, metadata=METADATA).metadata
        == METADATA
    ),
    "messages.list": lambda desk: (
        desk.message.id == _ids(desk.client.messages.list(desk.thread.id, limit=1))[0]
    ),
    "messages.get_last_message_by_role": lambda desk: (
        desk.run.status == "completed"
        and desk.client.messages.get_last_message_by_role(desk.thread.id, "assistant").run_id
        == desk.run.id
    ),
    "messages.get_last_message_text_by_role": lambda desk: (
        desk.run.status == "completed" and "Norway" in desk.answer()
    ),
    "runs.create": lambda desk: (
        desk.client.runs.create(desk.thread.id, agent_id=desk.agent.id).agent_id == desk.agent.id
    ),
    "runs.create_and_process": lambda desk: (
        (desk.run.status, desk.run.last_error) == ("completed", None)
    ),
    "runs.get": lambda desk: desk.client.runs.get(desk.thread.id, desk.run.id) == desk.run,
    "runs.list": lambda desk: [desk.run.id] == _ids(desk.client.runs.list(desk.thread.id, limit=1)),
    "runs.update": lambda desk: (
        desk.client.runs.update(desk.thread.id, desk.run.id, metadata=METADATA).metadata == METADATA
    ),
    "runs.cancel": lambda desk: (
        desk.client.runs.cancel(desk.thread.id, desk.waiting.id).status == "cancelling"
    ),
    "runs.submit_tool_outputs": lambda desk: (
        desk.client.runs.submit_tool_outputs(
            desk.thread.id, desk.waiting.id, tool_outputs=desk.outputs
        ).required_action
        is None
    ),
    "runs.stream": lambda desk: (
        [
            str(kind)
            for kind, *_ in everything(
                desk.client.runs.stream(desk.thread.id, agent_id=desk.agent.id)
            )
        ][-2:]
        == ["thread.run.completed", "done"]
    ),
    "runs.submit_tool_outputs_stream": lambda desk: (
        desk.submitted_stream()[-2:] == ["thread.run.completed", "done"]
    ),
    "run_steps.list": lambda desk: (
        [one.type for one in everything(desk.client.run_steps.list(desk.thread.id, desk.run.id))]
        == ["message_creation", "tool_calls"]
    ),
    "run_steps.get": lambda desk: (
        desk.client.run_steps.get(desk.thread.id, desk.run.id, desk.step.id) == desk.step
    ),
    "files.upload": lambda desk: (desk.file.filename, desk.file.bytes) == ("notes.txt", len(NOTES)),
    "files.upload_and_poll": lambda desk: (
        desk.client.files.upload_and_poll(
            file=("a.txt", b"a"), purpose="assistants", polling_interval=0
        ).status
        == "processed"
    ),
    "files.get": lambda desk: desk.client.files.get(desk.file.id) == desk.file,
    "files.list": lambda desk: [desk.file.id] == _ids(desk.client.files.list().data),
    "files.get_content": lambda desk: (
        b"".join(everything(desk.client.files.get_content(desk.file.id))) == NOTES.encode()
    ),
    "files.save": lambda desk: desk.saved() == NOTES,
    "files.delete": lambda desk: desk.gone(
        lambda: desk.client.files.delete(desk.file.id), lambda: desk.client.files.list().data
    ),
    "vector_stores.create": lambda desk: (
        desk.client.vector_stores.create(
            file_ids=[desk.file.id],
            expires_after=VectorStoreExpirationPolicy(anchor="last_active_at", days=2),
        ).expires_after.days
        == 2
    ),
    "vector_stores.create_and_poll": lambda desk: desk.store.file_counts.completed == 1,
    "vector_stores.get": lambda desk: desk.client.vector_stores.get(desk.store.id).name == "docs",
    "vector_stores.list": lambda desk: (
        [desk.store.id] == _ids(desk.client.vector_stores.list(limit=1))
    ),
    "vector_stores.modify": lambda desk: (
        desk.client.vector_stores.modify(desk.store.id, name="new").name == "new"
    ),
    "vector_stores.delete": lambda desk: desk.gone(
        lambda: desk.client.vector_stores.delete(desk.store.id), desk.client.vector_stores.list
    ),
    "vector_store_files.create": lambda desk: (
        desk.client.vector_store_files.create(desk.store.id, file_id=desk.file.id).vector_store_id
        == desk.store.id
    ),
    "vector_store_files.create_and_poll": lambda desk: (
        desk.client.vector_store_files.create_and_poll(
            desk.store.id,
            file_id=desk.other_file.id,
            chunking_strategy=CHUNKS,
            polling_interval=0,
        ).chunking_strategy.static.max_chunk_size_tokens
        == 100
    ),
    "vector_store_files.get": lambda desk: (
        desk.client.vector_store_files.get(desk.store.id, desk.file.id).status == "completed"
    ),
    "vector_store_files.list": lambda desk: (
        [desk.file.id]
        == _ids(desk.client.vector_store_files.list(desk.store.id, filter="completed"))
    ),
    "vector_store_files.delete": lambda desk: desk.gone(
        lambda: desk.client.vector_store_files.delete(desk.store.id, desk.file.id),
        lambda: desk.client.vector_store_files.list(desk.store.id),
    ),
    "vector_store_file_batches.create": lambda desk: desk.batch.file_counts.total == 1,
    "vector_store_file_batches.create_and_poll": lambda desk: (
        desk.client.vector_store_file_batches.create_and_poll(
            desk.store.id, file_ids=[desk.file.id], polling_interval=0
        ).status
        == "completed"
    ),
    "vector_store_file_batches.get": lambda desk: (
        desk.client.vector_store_file_batches.get(desk.store.id, desk.batch.id).id == desk.batch.id
    ),
    "vector_store_file_batches.list_files": lambda desk: (
        [desk.file.id]
        == _ids(desk.client.vector_store_file_batches.list_files(desk.store.id, desk.batch.id))
    ),
    "vector_store_file_batches.cancel": lambda desk: (
        desk.client.vector_store_file_batches.cancel(desk.store.id, desk.batch.id).vector_store_id
        == desk.store.id
    ),
}
if hasattr(MessagesOperations, "delete"):
    # Of the preview only.
    OPERATIONS["messages.delete"] = lambda desk: desk.gone(
        lambda: desk.client.messages.delete(desk.empty.id, desk.only_message.id),
        lambda: desk.client.messages.list(desk.empty.id),
    )
