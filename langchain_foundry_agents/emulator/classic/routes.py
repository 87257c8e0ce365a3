"""The classic generation's endpoints: which method and path lead where."""

from __future__ import annotations

from typing import TYPE_CHECKING

from langchain_foundry_agents.emulator import files
from langchain_foundry_agents.emulator.classic import agents, messages, runs, steps, threads
from langchain_foundry_agents.emulator.vector_stores.routes import VECTOR_STORE_ROUTES

if TYPE_CHECKING:
    from langchain_foundry_agents.emulator.routing import Endpoint, Route

# The literal `/threads/runs` stands before `/threads/{thread}`: the first match wins.
ROUTES: tuple[Route, ...] = (
    ("POST", "/assistants", agents.create_agent),
    ("GET", "/assistants", agents.list_agents),
    ("GET", "/assistants/{agent}", agents.get_agent),
    ("POST", "/assistants/{agent}", agents.update_agent),
    ("DELETE", "/assistants/{agent}", agents.delete_agent),
    ("POST", "/threads", threads.create_thread),
    ("GET", "/threads", threads.list_threads),
    ("POST", "/threads/runs", runs.create_thread_and_run),
    ("GET", "/threads/{thread}", threads.get_thread),
    ("POST", "/threads/{thread}", threads.update_thread),
    ("DELETE", "/threads/{thread}", threads.delete_thread),
    ("POST", "/threads/{thread}/messages", messages.create_message),
    ("GET", "/threads/{thread}/messages", messages.list_messages),
    ("GET", "/threads/{thread}/messages/{message}", messages.get_message),
    ("POST", "/threads/{thread}/messages/{message}", messages.update_message),
    ("DELETE", "/threads/{thread}/messages/{message}", messages.delete_message),
    ("POST", "/threads/{thread}/runs", runs.create_run),
    ("GET", "/threads/{thread}/runs", runs.list_runs),
    ("GET", "/threads/{thread}/runs/{run}", runs.get_run),
    ("POST", "/threads/{thread}/runs/{run}", runs.update_run),
    ("POST", "/threads/{thread}/runs/{run}/cancel", runs.cancel_run),
    ("POST", "/threads/{thread}/runs/{run}/submit_tool_outputs", runs.submit_tool_outputs),
    ("GET", "/threads/{thread}/runs/{run}/steps", steps.list_steps),
    ("GET", "/threads/{thread}/runs/{run}/steps/{step}", steps.get_step),
    ("POST", "/files", files.upload_file),
    ("GET", "/files", files.list_files),
    ("GET", "/files/{file}", files.get_file),
    ("DELETE", "/files/{file}", files.delete_file),
    ("GET", "/files/{file}/content", files.get_content),
    *VECTOR_STORE_ROUTES,
)
PREVIEW_ONLY: frozenset[Endpoint] = frozenset({messages.delete_message})
