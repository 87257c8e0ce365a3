"""What is known of the agent so far: checks read it and add to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from langchain_foundry_agents._credentials import token_source
from langchain_foundry_agents._endpoint import Endpoint, read_endpoint
from langchain_foundry_agents._flow.failures import refusal
from langchain_foundry_agents._transport import Transport

if TYPE_CHECKING:
    from langchain_foundry_agents._credentials import TokenSource
    from langchain_foundry_agents.chat_models import ChatFoundryAgent

JSON = dict[str, Any]

_SECONDS = 30.0


@dataclass(slots=True)
class Case:
    """An agent that is looked at.

    Args:
        fields: those of its model that are given.
        url: the project endpoint, once it is known to have a form that can work.
        model: the agent's model, once the agent is known to be there.
    """

    fields: JSON
    url: str = ""
    model: ChatFoundryAgent | None = field(default=None, repr=False)

    @property
    def endpoint(self) -> Endpoint:
        """The endpoint, and what follows from its host."""
        return read_endpoint(self.url)

    @property
    def tokens(self) -> TokenSource:
        """What the model, too, gets its tokens from."""
        own = self.endpoint.is_loopback and self.endpoint.is_plain_http
        return token_source(self.fields.get("credential"), self.endpoint.scope, loopback=own)

    def read(self, path: str, *query: tuple[str, str]) -> JSON:
        """What the service has at a path: one request, which is not repeated.

        Raises:
            FoundryAgentError: The service could not be asked, or refuses.
        """
        versioned = ("api-version", "v1"), *query
        transport = Transport(self.url, self.tokens)
        answer = transport.send("GET", path, None, versioned, None, _SECONDS, 0.0)
        if answer.status_code != 200:
            raise refusal(answer)
        try:
            body = answer.json()
        except ValueError:
            raise refusal(answer) from None
        return body if isinstance(body, dict) else {}
