"""A request to every endpoint of azure-ai-agents 1.1.0, each with every field that its body has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .room import CLOCK_TOOL, FORM, Room, filled

NOTES = b"Cats sleep.\nThe fox lives in Norway.\n"
QUESTION = "Where does the fox live?"
METADATA = {"k": "v"}
SEARCH = {
    "type": "file_search",
    "file_search": {
        "max_num_results": 5,
        "ranking_options": {"ranker": "default_2024_08_21", "score_threshold": 0.1},
    },
}
CLOCK = {"type": "function", "function": {"name": "fetch_datetime"}}
SIZES = {"max_chunk_size_tokens": 100, "chunk_overlap_tokens": 50}
CHUNKING = {"type": "static", "static": SIZES}
SOURCE = {"uri": "azureml://notes.txt", "type": "uri_asset"}
POLICY = {"anchor": "last_active_at", "days": 7}
SCHEMA_FORMAT = {
    "type": "json_schema",
    "json_schema": {"name": "place", "description": "d", "schema": {"type": "object"}},
}


@dataclass(frozen=True)
class Row:
    """A request to an endpoint, and the model of its answer; `{…}` is an id of the scene."""

    model: str
    body: Any = None
    query: str = ""


def messages() -> list[Any]:
    attachment = {"file_id": "{fileId}", "tools": [{"type": "file_search"}]}
    blocks = [
        {"type": "text", "text": "Hi"},
        {"type": "image_file", "image_file": {"file_id": "{fileId}", "detail": "low"}},
        {"type": "image_url", "image_url": {"url": "https://a.example/b.png"}},
    ]
    return [
        {"role": "user", "content": "Hi", "attachments": [attachment], "metadata": METADATA},
        {"role": "assistant", "content": blocks[:2]},
    ]


RESOURCES = {
    "code_interpreter": {"file_ids": ["{fileId}"]},
    "file_search": {"vector_store_ids": ["{vectorStoreId}"]},
}
AGENT = {
    "model": "gpt-4o",
    "name": "a",
    "description": "b",
    "instructions": "c",
    "tools": [CLOCK_TOOL, SEARCH, {"type": "code_interpreter"}],
    "tool_resources": RESOURCES,
    "temperature": 0.5,
    "top_p": 0.9,
    "response_format": SCHEMA_FORMAT,
    "metadata": METADATA,
}
THREAD = {"messages": messages(), "metadata": METADATA, "tool_resources": RESOURCES}
RUN = {
    "assistant_id": "{assistantId}",
    "model": "gpt-4o",
    "instructions": "c",
    "tools": [CLOCK_TOOL, SEARCH],
    "tool_resources": RESOURCES,
    "temperature": 0.5,
    "top_p": 0.9,
    "max_prompt_tokens": 5000,
    "max_completion_tokens": 5000,
    "truncation_strategy": {"type": "last_messages", "last_messages": 5},
    "tool_choice": CLOCK,
    "response_format": {"type": "text"},
    "parallel_tool_calls": False,
    "metadata": METADATA,
    "stream": False,
}
MORE = {"additional_instructions": "d", "additional_messages": messages()}
STORE = {
    "name": "docs",
    "file_ids": ["{fileId}"],
    "configuration": {"data_sources": [SOURCE]},
    "chunking_strategy": CHUNKING,
    "expires_after": POLICY,
    "metadata": METADATA,
}
OUTPUTS = {"tool_outputs": [{"tool_call_id": "{callId}", "output": "noon"}], "stream": False}
STORE_UPDATE = {"name": "new", "expires_after": POLICY, "metadata": METADATA}
BATCH = {"file_ids": ["{fileId}"], "data_sources": [SOURCE], "chunking_strategy": CHUNKING}
FILE_OR_ASSET = {
    "file_id": "{fileId}",
    "data_source": SOURCE,
    "chunking_strategy": {"type": "auto"},
}
ROWS: dict[str, Row] = {
    "threads_create": Row("AgentThread", THREAD),
    "threads_list": Row("Page[AgentThread]"),
    "threads_get": Row("AgentThread"),
    "threads_update": Row("AgentThread", {"metadata": {}, "tool_resources": RESOURCES}),
    "threads_delete_thread": Row("ThreadDeletionStatus"),
    "messages_create": Row("ThreadMessage", messages()[0]),
    "messages_list": Row("Page[ThreadMessage]", query="run_id={runId}"),
    "messages_get": Row("ThreadMessage"),
    "messages_update": Row("ThreadMessage", {"metadata": METADATA}),
    "runs_create": Row("ThreadRun", RUN | MORE),
    "runs_list": Row("Page[ThreadRun]"),
    "runs_get": Row("ThreadRun"),
    "runs_update": Row("ThreadRun", {"metadata": METADATA}),
    "runs_submit_tool_outputs": Row("ThreadRun", OUTPUTS),
    "runs_cancel": Row("ThreadRun"),
    "run_steps_get": Row("RunStep"),
    "run_steps_list": Row(
        "Page[RunStep]",
        query="include[]=step_details.tool_calls[*].file_search.results[*].content",
    ),
    "files_list": Row("FileListResponse", query="purpose=assistants"),
    "files_upload_file": Row("FileInfo", FORM),
    "files_delete_file": Row("FileDeletionStatus"),
    "files_get": Row("FileInfo"),
    "files_get_file_content": Row("bytes"),
    "vector_stores_list": Row("Page[VectorStore]"),
    "vector_stores_create": Row("VectorStore", STORE),
    "vector_stores_get": Row("VectorStore"),
    "vector_stores_modify": Row("VectorStore", STORE_UPDATE),
    "vector_stores_delete_vector_store": Row("VectorStoreDeletionStatus"),
    "vector_store_files_list": Row("Page[VectorStoreFile]", query="filter=completed"),
    "vector_store_files_create": Row("VectorStoreFile", FILE_OR_ASSET),
    "vector_store_files_get": Row("VectorStoreFile"),
    "vector_store_files_delete_vector_store_file": Row("VectorStoreFileDeletionStatus"),
    "vector_store_file_batches_create": Row("VectorStoreFileBatch", BATCH),
    "vector_store_file_batches_get": Row("VectorStoreFileBatch"),
    "vector_store_file_batches_cancel": Row("VectorStoreFileBatch"),
    "vector_store_file_batches_list_files": Row("Page[VectorStoreFile]", query="filter=completed"),
    "agents_create_agent": Row("Agent", AGENT),
    "agents_list_agents": Row("Page[Agent]"),
    "agents_get_agent": Row("Agent"),
    "agents_update_agent": Row("Agent", AGENT),
    "agents_delete_agent": Row("AgentDeletionStatus"),
    "agents_create_thread_and_run": Row("ThreadRun", RUN | {"thread": THREAD}),
}
# These want a run that waits for its caller.
WAITING = ("runs_submit_tool_outputs", "runs_cancel")


class Scene:
    """One of everything, and its ids by the names that the schema's paths have."""

    def __init__(self, *, waiting: bool = False) -> None:
        self.room = room = Room()
        self.ids = {"fileId": room.state.add_file(NOTES, "notes.txt", "assistants").id}
        self._take("vectorStoreId", "/vector_stores", {"name": "docs"})
        files = {"file_ids": [self.ids["fileId"]]}
        self._take("batchId", "/vector_stores/{vectorStoreId}/file_batches", files)
        body = {"model": "m", "tools": [CLOCK_TOOL, SEARCH], "tool_resources": RESOURCES}
        self._take("assistantId", "/assistants", body)
        asked = [{"role": "user", "content": QUESTION}]
        self._take("threadId", "/threads", {"messages": asked})
        run = {"assistant_id": "{assistantId}", "tool_choice": CLOCK if waiting else "auto"}
        self._take("runId", "/threads/{threadId}/runs", run)
        room.work()
        self.run = room.get(filled("/threads/{threadId}/runs/{runId}", self.ids))
        steps = room.get(filled("/threads/{threadId}/runs/{runId}/steps", self.ids))["data"]
        self.ids["stepId"] = steps[-1]["id"]
        messages = room.get(filled("/threads/{threadId}/messages", self.ids))["data"]
        self.ids["messageId"] = messages[0]["id"]
        if action := self.run["required_action"]:
            self.ids["callId"] = action["submit_tool_outputs"]["tool_calls"][0]["id"]

    def _take(self, name: str, path: str, body: Any) -> None:
        self.ids[name] = self.room.post(filled(path, self.ids), filled(body, self.ids))["id"]
