"""Texts that nobody may read: tokens, headers of gateways and of MCP servers.

They stand in no repr, no dump and no trace, and a pickle holds a note that they were left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Self

from pydantic import SecretStr

from langchain_foundry_agents.errors import AuthenticationError

if TYPE_CHECKING:
    # Given as texts, and kept as secrets.
    Headers = Mapping[str, Any]
else:
    Headers = Mapping[str, SecretStr]

_RESOURCES = ("tool_resources", "thread_tool_resources")


class Secret(SecretStr):
    """A text that is never written out."""

    def __reduce__(self) -> tuple[type[LeftOut], tuple[()]]:
        return LeftOut, ()

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: Any) -> Self:
        return self

    def __eq__(self, other: object) -> bool:
        # A `SecretStr` with the same text is the same secret.
        return isinstance(other, SecretStr) and self._secret_value == other._secret_value

    __hash__ = SecretStr.__hash__


class LeftOut(Secret):
    """Stands where a secret was when its model was pickled."""

    def __init__(self) -> None:
        super().__init__("")

    def get_secret_value(self) -> str:
        """No secret.

        Raises:
            AuthenticationError: Always.
        """
        raise AuthenticationError(
            "This model was pickled, and a secret of it was left out: its credential, a header of "
            "default_headers or extra_headers, or one of an MCP server.",
            remedy="Give it again: model.model_copy(update={…}), or make the model anew.",
        )


def hidden(value: Any) -> Any:
    """A text or `SecretStr` as a secret; anything else as it is."""
    if isinstance(value, Secret):
        return value
    if isinstance(value, SecretStr):
        return Secret(value.get_secret_value())
    return Secret(value) if isinstance(value, str) else value


def revealed(value: Any) -> Any:
    """A secret's text; anything else as it is."""
    return value.get_secret_value() if isinstance(value, SecretStr) else value


def in_resources(resources: Any, change: Callable[[Any], Any]) -> Any:
    """Resources of tools with the secrets of MCP servers changed; another form stays."""
    if not isinstance(resources, dict) or not isinstance(resources.get("mcp"), list):
        return resources
    return {**resources, "mcp": in_tools(resources["mcp"], change)}


def in_tools(tools: Any, change: Callable[[Any], Any]) -> Any:
    """Definitions of tools, likewise."""
    if not isinstance(tools, list | tuple):
        return tools
    return [_in_server(tool, change) for tool in tools]


def hide_in(keywords: dict[str, Any]) -> dict[str, Any]:
    """A call's keywords, in which no header, and no secret of an MCP server, can be read."""
    changed = {
        name: in_resources(keywords[name], hidden) for name in _RESOURCES if name in keywords
    }
    if "tools" in keywords:
        changed["tools"] = in_tools(keywords["tools"], hidden)
    if isinstance(headers := keywords.get("extra_headers"), Mapping):
        changed["extra_headers"] = {name: hidden(value) for name, value in headers.items()}
    return {**keywords, **changed}


def _in_server(server: Any, change: Callable[[Any], Any]) -> Any:
    if not isinstance(server, dict):
        return server
    changed = dict(server)
    if isinstance(headers := server.get("headers"), dict):
        changed["headers"] = {name: change(value) for name, value in headers.items()}
    if "authorization" in server:
        changed["authorization"] = change(server["authorization"])
    return changed
