"""Which schema the body of each operation has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from langchain_foundry_agents.emulator.classic import agents, messages, runs, threads
from langchain_foundry_agents.emulator.responses import agents as named_agents
from langchain_foundry_agents.emulator.responses import conversations
from langchain_foundry_agents.emulator.responses.endpoints import create_response
from langchain_foundry_agents.emulator.schemas.check import check_body
from langchain_foundry_agents.emulator.vector_stores import files as store_files
from langchain_foundry_agents.emulator.vector_stores import stores

if TYPE_CHECKING:
    from langchain_foundry_agents.emulator.routing import Endpoint

_SCHEMAS: dict[Endpoint, tuple[str, str]] = {
    agents.create_agent: ("classic", "agent"),
    agents.update_agent: ("classic", "agent"),
    threads.create_thread: ("classic", "thread"),
    threads.update_thread: ("classic", "thread_update"),
    messages.create_message: ("classic", "message"),
    messages.update_message: ("classic", "metadata"),
    runs.create_run: ("classic", "run"),
    runs.create_thread_and_run: ("classic", "thread_and_run"),
    runs.update_run: ("classic", "metadata"),
    runs.submit_tool_outputs: ("classic", "tool_outputs"),
    stores.create_vector_store: ("classic", "vector_store"),
    stores.update_vector_store: ("classic", "vector_store_update"),
    store_files.add_file: ("classic", "vector_store_file"),
    store_files.create_batch: ("classic", "vector_store_batch"),
    named_agents.create_agent: ("responses", "agent_version"),
    named_agents.update_agent: ("responses", "agent_version"),
    named_agents.create_version: ("responses", "agent_version"),
    conversations.create_conversation: ("responses", "conversation"),
    create_response: ("responses", "response"),
}


def check_members(endpoint: Endpoint, body: Any) -> None:
    """Refuses a body with members that the operation does not have.

    Raises:
        Refusal: a 400 that names the member.
    """
    if endpoint in _SCHEMAS:
        check_body(*_SCHEMAS[endpoint], body)
