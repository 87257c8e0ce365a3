"""What bodies say of files: attachments must be there, assets become files, resources add up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from langchain_foundry_agents.emulator.vector_stores.indexing import asset, known_file
from langchain_foundry_agents.emulator.vector_stores.stores import add_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from langchain_foundry_agents.emulator.records import Agent, JsonObject, Thread
    from langchain_foundry_agents.emulator.state import State

_LISTS = (("code_interpreter", "file_ids"), ("file_search", "vector_store_ids"))


def check_references(state: State, fields: JsonObject) -> None:
    """Refuses a checked body whose messages bring files that are not there.

    Resources of tools may name what is not there (any more): a run does without it.

    Raises:
        Refusal: a 400 that names the place.
    """
    for param, file_id in _attached(fields, ""):
        known_file(state, file_id, param)


def with_ids(state: State, fields: JsonObject) -> JsonObject:
    """Checked fields whose `tool_resources` have ids in place of the assets that they name."""
    if "tool_resources" not in fields:
        return fields
    kept = dict(fields["tool_resources"])
    for kind, member in _LISTS:
        name, made = _ASSETS[kind]
        resource = dict(kept.get(kind) or {})
        if asked := resource.pop(name, None):
            found = [made(state, one) for one in asked]
            kept[kind] = resource | {member: [*(resource.get(member) or []), *found]}
    return fields | {"tool_resources": kept}


def resources(agent: Agent, thread: Thread, fields: JsonObject) -> JsonObject:
    """What a run's tools work with: the agent's resources, the thread's, and its own.

    For files they add up; the run's own list of MCP servers replaces the others.
    """
    levels = [agent.tool_resources, thread.tool_resources, fields.get("tool_resources", {})]
    merged: JsonObject = {}
    for level in levels:
        merged |= {name: value for name, value in level.items() if value is not None}
    for kind, member in _LISTS:
        found = [one for level in levels for one in (level.get(kind) or {}).get(member) or []]
        merged[kind] = {member: list(dict.fromkeys(found))}
    return merged


def _file_of(state: State, source: JsonObject) -> str:
    file, _ = asset(state, source["uri"])
    return file.id


def _store_of(state: State, described: JsonObject) -> str:
    return add_store(state, dict(described)).id


_ASSETS: dict[str, tuple[str, Callable[[State, JsonObject], str]]] = {
    "code_interpreter": ("data_sources", _file_of),
    "file_search": ("vector_stores", _store_of),
}


def _attached(fields: JsonObject, prefix: str) -> Iterator[tuple[str, str]]:
    for place, attachment in enumerate(fields.get("attachments", [])):
        if "file_id" in attachment:
            yield f"{prefix}attachments[{place}].file_id", attachment["file_id"]
    for name in ("messages", "additional_messages"):
        for place, message in enumerate(fields.get(name, [])):
            yield from _attached(message, f"{prefix}{name}[{place}].")
    if "thread" in fields:
        yield from _attached(fields["thread"], f"{prefix}thread.")
