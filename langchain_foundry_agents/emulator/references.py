"""What bodies say of files: attachments must be there, resources of a run add up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from langchain_foundry_agents.emulator.refusals import invalid

if TYPE_CHECKING:
    from collections.abc import Iterator

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
        if file_id not in state.files:
            message = f"Invalid '{param}': no file found with id '{file_id}'."
            raise invalid(message, param=param, code="invalid_value")


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


def _attached(fields: JsonObject, prefix: str) -> Iterator[tuple[str, str]]:
    for place, attachment in enumerate(fields.get("attachments", [])):
        if "file_id" in attachment:
            yield f"{prefix}attachments[{place}].file_id", attachment["file_id"]
    for name in ("messages", "additional_messages"):
        for place, message in enumerate(fields.get(name, [])):
            yield from _attached(message, f"{prefix}{name}[{place}].")
    if "thread" in fields:
        yield from _attached(fields["thread"], f"{prefix}thread.")
