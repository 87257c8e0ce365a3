"""What a run's server tools have to work with: handed to brains that ask for it.

A brain asks with a class attribute `uses_workbench = True`, and is then bound a `workbench`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from langchain_foundry_agents.emulator.mcp import server_tools
from langchain_foundry_agents.emulator.server_tools import RANKING
from langchain_foundry_agents.emulator.vector_stores.indexing import find_asset
from langchain_foundry_agents.emulator.vector_stores.records import AUTO, Chunking

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from langchain_foundry_agents.emulator.records import File, JsonObject, Run
    from langchain_foundry_agents.emulator.responses.records import ContainerFile
    from langchain_foundry_agents.emulator.state import State

MOST_RESULTS = 20


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file as a tool sees it."""

    file_id: str
    name: str
    size: int
    text: str
    lines: int = 0
    chunking: Chunking = AUTO
    attributes: JsonObject = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Search:
    """Files to be searched, and how: results at most, and what is told of their ranking."""

    sheets: tuple[Sheet, ...]
    most: int = MOST_RESULTS
    ranking: JsonObject = field(default_factory=lambda: dict(RANKING))

    @property
    def threshold(self) -> float:
        """The score that a result needs."""
        return float(self.ranking["score_threshold"])


@dataclass(frozen=True, slots=True)
class McpTool:
    """A tool of an MCP server."""

    server_label: str
    name: str


@dataclass(frozen=True, slots=True)
class Workbench:
    """The server tools of a run: None where it does not have the tool."""

    code: tuple[Sheet, ...] | None = None
    search: Search | None = None
    mcp: tuple[McpTool, ...] = ()


def workbench(state: State, run: Run) -> Workbench:
    """The server tools of a run and their files."""
    kinds = {tool["type"] for tool in run.tools} if run.tool_choice != "none" else set()
    return Workbench(
        code=sheets(state, _code_files(state, run)) if "code_interpreter" in kinds else None,
        search=_search(state, run) if "file_search" in kinds else None,
        mcp=tuple(
            McpTool(server["server_label"], name)
            for server in run.tools
            if server["type"] == "mcp" and kinds
            for name in server_tools(server)
        ),
    )


def _code_files(state: State, run: Run) -> Iterator[str]:
    yield from run.resources.get("code_interpreter", {}).get("file_ids", [])
    yield from _attached(state, run, "code_interpreter")


def _search(state: State, run: Run) -> Search | None:
    stores = run.resources.get("file_search", {}).get("vector_store_ids", [])
    return search(state, run.tools, stores, _attached(state, run, "file_search"))


def _attached(state: State, run: Run, kind: str) -> Iterator[str]:
    for message in run.thread.messages:
        for attachment in message.attachments:
            if kind not in _tools(attachment.get("tools", [])):
                continue
            if "file_id" in attachment:
                yield attachment["file_id"]
            elif file := find_asset(state, attachment["data_source"]["uri"]):
                yield file.id


def _tools(tools: list[dict[str, str]]) -> set[str]:
    return {tool["type"] for tool in tools}


def sheets(state: State, file_ids: Iterable[str]) -> tuple[Sheet, ...]:
    """The files with these ids, each once."""
    # A file may be gone, and may be named twice.
    found = {one: state.files[one] for one in file_ids if one in state.files}
    return tuple(map(sheet_of, found.values()))


def search(
    state: State, tools: Iterable[JsonObject], stores: Iterable[str], attached: Iterable[str]
) -> Search | None:
    """What a file search works with; None where no tool searches.

    Args:
        state: knows stores and files.
        tools: the turn's tools, in the form of either generation.
        stores: ids of the stores to be searched; to be searched keeps one active.
        attached: ids of files beside them.
    """
    tool = next((one for one in tools if one["type"] == "file_search"), None)
    if tool is None:
        return None
    now, found = state.clock(), dict[str, Sheet]()
    for store in (state.vector_stores[one] for one in stores if one in state.vector_stores):
        ready = store.ready(now)
        found |= {one.id: sheet_of(one.file, one.chunking, one.attributes) for one in ready}
        store.last_active_at = store.last_active_at if store.expired(now) else state.now()
    found |= {one.file_id: one for one in sheets(state, attached) if one.file_id not in found}
    options = tool.get("file_search") or tool
    return Search(
        tuple(found.values()),
        options.get("max_num_results") or MOST_RESULTS,
        RANKING | (options.get("ranking_options") or {}),
    )


def sheet_of(
    file: File | ContainerFile, chunking: Chunking = AUTO, attributes: JsonObject | None = None
) -> Sheet:
    """A file as a tool sees it."""
    lines = len(file.data.splitlines())
    return Sheet(
        file.id, file.filename, len(file.data), file.text, lines, chunking, attributes or {}
    )
