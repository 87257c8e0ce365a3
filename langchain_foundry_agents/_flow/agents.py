"""Agents from code, of both generations: made, found again, changed, read and deleted.

The service is told a digest of what the code wants. So the same code finds its agent again, and
other code changes it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Any

from langchain_foundry_agents._flow.definitions import (
    AGENTS_API,
    function_form,
    look_at,
    version_in,
)
from langchain_foundry_agents._flow.effects import JSON, Flow, Query, Send
from langchain_foundry_agents._flow.lists import list_page
from langchain_foundry_agents._flow.retry import Patience, attempt, not_taken
from langchain_foundry_agents._flow.wire import read_object
from langchain_foundry_agents.errors import (
    BadRequestError,
    FoundryAgentError,
    NotFoundError,
    ProtocolError,
)

DIGEST = "langchain_foundry_agents_digest"
"""The pair of an agent's metadata that says which code made it."""

_GONE = {"failed", "deleting", "deleted"}
_UNSET: JSON = {
    "instructions": "",
    "description": "",
    "tools": [],
    "tool_resources": {},
    "response_format": "auto",
    "temperature": 1.0,
    "top_p": 1.0,
}
"""What makes a field of a classic agent as if it had never been set."""
_MADE_FROM = {"metadata", "tool_resources"}
"""What the service shows otherwise than it was told: `vector_stores` become ids."""


def bind_version(name: str, wanted: JSON, patience: Patience) -> Flow[str]:
    """The version of a new agent that is as wanted: the latest, or one that is made.

    Args:
        name: The agent's name.
        wanted: `definition`, and perhaps `description` and `metadata`.
        patience: How requests are repeated.
    """
    body = _signed(wanted)
    make = Send("POST", f"/agents/{name}/versions", body, AGENTS_API)
    once, failures = replace(patience, max_retries=0), 0
    while True:
        latest = yield from _latest(name, patience)
        if _is(latest, body, ("definition", "description")):
            return _named(latest, "version")
        try:
            return _named((yield from _request(make, once)), "version")
        except FoundryAgentError as error:
            # Where two deployments are at it at once, the other one may have made this version.
            failures += 1
            passing = error.is_retryable and not_taken(error)
            pause = patience.pause(error, failures) if passing else None
            if pause is None or (yield pause) is False:
                raise


def bind_assistant(wanted: JSON, query: Query, patience: Patience) -> Flow[str]:
    """The id of a classic agent that is as wanted: one that this code made, or a new one.

    An agent of the same name that was made elsewhere is another agent.

    Args:
        wanted: The agent's fields, with its `name`.
        query: The API's version.
        patience: How requests are repeated.
    """
    body = _signed(wanted)
    ours = yield from _find(body, query, patience)
    if ours is None:
        ours = yield from _request(Send("POST", "/assistants", body, query), patience)
    elif not _is(ours, body, body.keys() - _MADE_FROM):
        change = Send(
            "POST",
            f"/assistants/{_named(ours, 'id')}",
            {**dict(_to_unset(ours, body)), **body},
            query,
            repeatable=True,
        )
        ours = yield from _request(change, patience)
    return _named(ours, "id")


def extend_version(
    name: str, version: str | None, tools: Sequence[JSON], patience: Patience
) -> Flow[str]:
    """A version of a new agent with these tools beside what it has: it, or one that is made.

    Args:
        name: The agent's name.
        version: The version to go by; `None` for the latest.
        tools: Definitions. One that has the name of a function there takes its place.
        patience: How requests are repeated.

    Raises:
        BadRequestError: The agent is of a kind that has no tools of its own.
    """
    found = yield from read_version(name, version, patience)
    definition: JSON = found.get("definition") or {}
    if "model" not in definition:
        raise BadRequestError(
            f"The agent {name!r} is of the kind {definition.get('kind')!r}: its definition has no "
            "tools.",
            remedy="Add them to the program that it runs.",
        )
    own, more = definition.get("tools") or [], [function_form(tool) for tool in tools]
    names = {tool["name"] for tool in more if tool.get("name")}
    kept = [tool for tool in own if tool.get("name") not in names]
    new = [tool for tool in more if tool not in kept]
    if all(tool in own for tool in new):
        return _named(found, "version")
    told = {key: found[key] for key in ("description", "metadata") if found.get(key)}
    # What code made it said less than this.
    metadata = {key: one for key, one in (told.get("metadata") or {}).items() if key != DIGEST}
    body = {**told, "metadata": metadata, "definition": {**definition, "tools": [*kept, *new]}}
    make = Send("POST", f"/agents/{name}/versions", body, AGENTS_API)
    return _named((yield from _request(make, patience)), "version")


def read_version(name: str, version: str | None, patience: Patience) -> Flow[JSON]:
    """A version of a new agent as the service shows it; without one the latest."""
    return version_in((yield from _request(look_at(name, version), patience)))


def read_assistant(agent_id: str, query: Query, patience: Patience) -> Flow[JSON]:
    """A classic agent as the service shows it."""
    return (yield from _request(Send("GET", f"/assistants/{agent_id}", None, query), patience))


def delete_agent(name: str, patience: Patience, *, force: bool = False) -> Flow[None]:
    """Delete a new agent with all its versions; with `force` even if it has sessions."""
    query = (*AGENTS_API, ("force", "true")) if force else AGENTS_API
    yield from attempt(Send("DELETE", f"/agents/{name}", None, query), patience)


def delete_assistant(agent_id: str, query: Query, patience: Patience) -> Flow[None]:
    """Delete a classic agent."""
    yield from attempt(Send("DELETE", f"/assistants/{agent_id}", None, query), patience)


def _latest(name: str, patience: Patience) -> Flow[JSON]:
    """The latest version of a new agent; empty if there is no such agent."""
    try:
        return (yield from read_version(name, None, patience))
    except NotFoundError:
        return {}


def _find(body: JSON, query: Query, patience: Patience) -> Flow[JSON | None]:
    """The agent of that name that carries our digest: the same one, else the newest."""
    newest: JSON | None = None
    asking = Send("GET", "/assistants", None, query)
    after: str | None = None
    while True:
        page, after = yield from list_page(asking, after, patience)
        for agent in page:
            if agent.get("name") != body["name"] or not _digest_of(agent):
                continue
            if _digest_of(agent) == _digest_of(body):
                return agent
            newest = newest or agent
        if after is None:
            return newest


def _signed(wanted: JSON) -> JSON:
    """A body with the digest of what it says in its metadata."""
    canonical = json.dumps(wanted, sort_keys=True, separators=(",", ":"))
    digest = sha256(canonical.encode()).hexdigest()
    return {**wanted, "metadata": {**(wanted.get("metadata") or {}), DIGEST: digest}}


def _digest_of(agent: JSON) -> Any:
    return (agent.get("metadata") or {}).get(DIGEST)


def _is(found: JSON, body: JSON, names: Any) -> bool:
    """Whether an agent is what a body says, and was not changed elsewhere since."""
    if found.get("status") in _GONE:
        return False
    told = {name: body[name] for name in names if name in body}
    if _digest_of(found) is None:
        return bool(told) and all(_bare(found.get(name)) == _bare(told[name]) for name in told)
    return _digest_of(found) == _digest_of(body) and _holds(found, told)


def _bare(value: Any) -> Any:
    """A value without what says nothing."""
    if isinstance(value, list):
        return [_bare(one) for one in value]
    if not isinstance(value, dict):
        return value
    bare = {name: _bare(one) for name, one in value.items()}
    return {name: one for name, one in bare.items() if one is not None and one not in ("", [], {})}


def _holds(found: Any, told: Any) -> bool:
    """Whether a value holds all that was told; the service may have added defaults."""
    if isinstance(told, dict):
        return isinstance(found, dict) and all(
            _holds(found.get(name), one) for name, one in told.items()
        )
    if isinstance(told, list):
        alike = isinstance(found, list) and len(found) == len(told)
        return alike and all(map(_holds, found, told))
    return bool(found == told)


def _to_unset(found: JSON, body: JSON) -> Iterator[tuple[str, Any]]:
    """Fields of an agent that its code does not set any more."""
    for name, unset in _UNSET.items():
        if name not in body and found.get(name) not in (None, unset):
            yield name, unset


def _request(effect: Send, patience: Patience) -> Flow[JSON]:
    return read_object((yield from attempt(effect, patience)))


def _named(agent: JSON, key: str) -> str:
    if not isinstance(agent.get(key), str):
        raise ProtocolError(f"The service made an agent and gave it no {key}.")
    return str(agent[key])
