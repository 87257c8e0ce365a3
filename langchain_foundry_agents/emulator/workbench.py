"""What a run's server tools have to work with: handed to brains that ask for it.

A brain asks with a class attribute `uses_workbench = True`, and is then bound a `workbench`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from langchain_foundry_agents.emulator.mcp import server_tools

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from langchain_foundry_agents.emulator.records import File, Run
    from langchain_foundry_agents.emulator.state import State


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file as a tool sees it."""

    file_id: str
    name: str
    size: int
    text: str
    lines: int = 0


@dataclass(frozen=True, slots=True)
class McpTool:
    """A tool of an MCP server."""

    server_label: str
    name: str


@dataclass(frozen=True, slots=True)
class Workbench:
    """The server tools of a run: None where it does not have the tool."""

    code: tuple[Sheet, ...] | None = None
    search: tuple[Sheet, ...] | None = None
    mcp: tuple[McpTool, ...] = ()


def workbench(state: State, run: Run) -> Workbench:
    """The server tools of a run and their files."""
    kinds = {tool["type"] for tool in run.tools} if run.tool_choice != "none" else set()
    return Workbench(
        code=sheets(state, _code_files(run)) if "code_interpreter" in kinds else None,
        search=sheets(state, _search_files(state, run)) if "file_search" in kinds else None,
        mcp=tuple(
            McpTool(server["server_label"], name)
            for server in run.tools
            if server["type"] == "mcp" and kinds
            for name in server_tools(server)
        ),
    )


def _code_files(run: Run) -> Iterator[str]:
    yield from run.resources.get("code_interpreter", {}).get("file_ids", [])
    yield from _attached(run, "code_interpreter")


def _search_files(state: State, run: Run) -> Iterator[str]:
    for store_id in run.resources.get("file_search", {}).get("vector_store_ids", []):
        if store := state.vector_stores.get(store_id):
            yield from store.file_ids
    yield from _attached(run, "file_search")


def _attached(run: Run, kind: str) -> Iterator[str]:
    for message in run.thread.messages:
        for attachment in message.attachments:
            if "file_id" in attachment and kind in _tools(attachment.get("tools", [])):
                yield attachment["file_id"]


def _tools(tools: list[dict[str, str]]) -> set[str]:
    return {tool["type"] for tool in tools}


def sheets(state: State, file_ids: Iterable[str]) -> tuple[Sheet, ...]:
    """The files with these ids, each once."""
    # A file may be gone, and may be named twice.
    found = {one: state.files[one] for one in file_ids if one in state.files}
    return tuple(_sheet(file) for file in found.values())


def _sheet(file: File) -> Sheet:
    lines = len(file.data.splitlines())
    return Sheet(file.id, file.filename, len(file.data), file.text, lines)
