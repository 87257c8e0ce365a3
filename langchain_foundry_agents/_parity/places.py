"""What a path tells: whether it is versioned, and where what is made there is deleted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_VERSION = {"api-version": "v1"}
_UNVERSIONED = "/openai/v1/"
_COLLECTIONS = re.compile(
    r"/(threads|assistants|files|vector_stores|openai/v1/files)|.*/(conversations|responses)"
)
_AGENTS = re.compile(r"/agents(/(?P<name>[^/:]+)(/versions)?)?")
_THREAD_AND_RUN = "/threads/runs"


def query_of(path: str, given: Mapping[str, str | None]) -> tuple[tuple[str, str], ...]:
    """The parameters of a request, the API's version among them where it belongs.

    Args:
        path: below the project.
        given: what else is asked; `None` takes a parameter away.
    """
    default: dict[str, str | None] = {} if path.startswith(_UNVERSIONED) else {**_VERSION}
    return tuple((key, text) for key, text in (default | dict(given)).items() if text is not None)


def agent_of(path: str, body: Any) -> str | None:
    """Where the agent is deleted that a POST would make; it is known before the answer."""
    found = _AGENTS.fullmatch(path)
    named = body.get("name") if isinstance(body, dict) else None
    name = (found["name"] or named) if found else None
    return f"/agents/{name}" if name else None


def made_by(path: str, answer: Mapping[str, Any]) -> str | None:
    """Where that is deleted which the answer to a POST tells of; what it is part of counts."""
    if path == _THREAD_AND_RUN:
        own = answer.get("id") if answer.get("object") == "thread" else None
        thread = own or answer.get("thread_id")
        return f"/threads/{thread}" if thread else None
    identifier = answer.get("id")
    return f"{path}/{identifier}" if identifier and _COLLECTIONS.fullmatch(path) else None
