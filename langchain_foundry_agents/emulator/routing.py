"""How a method and a path lead to an endpoint."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, TypeAlias

from langchain_foundry_agents.emulator.exchange import Answer, Call

if TYPE_CHECKING:
    from langchain_foundry_agents.emulator.state import State

_PROJECT = re.compile(r"/api/projects/[^/]+(?=/|$)")
Endpoint: TypeAlias = "Callable[[State, Call], Answer]"
Route: TypeAlias = tuple[str, str, Endpoint]


def below_project(path: str) -> str:
    """The path below the project, whatever that is called; one that is below none as it is."""
    found = _PROJECT.match(path)
    return path[found.end() :] if found else path


def find_endpoint(
    routes: Iterable[Route], method: str, path: str
) -> tuple[Endpoint, dict[str, str]] | None:
    """The first route that fits, and the ids in its path; None if there is none.

    Args:
        routes: rows of method, pattern such as `/agents/{agent}:enable`, and endpoint.
        method: that of the request.
        path: below the base of the routes.
    """
    parts = path.split("/")
    for route_method, pattern, endpoint in routes:
        ids = _match(pattern.split("/"), parts) if method == route_method else None
        if ids is not None:
            return endpoint, ids
    return None


def _match(pattern: list[str], parts: list[str]) -> dict[str, str] | None:
    if len(pattern) != len(parts):
        return None
    ids = {}
    for expected, part in zip(pattern, parts, strict=True):
        name, _, suffix = expected.removeprefix("{").partition("}")
        value = part.removesuffix(suffix)
        if expected.startswith("{") and value and part.endswith(suffix):
            ids[name] = value
        elif expected != part:
            return None
    return ids
