"""A classic agent found by its name, which need not be the only one of that name."""

from __future__ import annotations

from difflib import get_close_matches

from langchain_foundry_agents._flow.effects import Flow, Query, Send
from langchain_foundry_agents._flow.lists import list_page
from langchain_foundry_agents._flow.retry import Patience
from langchain_foundry_agents.errors import InvalidAgentError, NotFoundError


def find_by_name(name: str, query: Query, patience: Patience) -> Flow[str]:
    """The id of the one classic agent that has this name.

    Raises:
        NotFoundError: None has it.
        InvalidAgentError: Several have it; their ids are named.
    """
    ids: list[str] = []
    others: set[str] = set()
    asking = Send("GET", "/assistants", None, query)
    after: str | None = None
    while True:
        agents, after = yield from list_page(asking, after, patience)
        ids += [agent["id"] for agent in agents if agent.get("name") == name]
        others |= {agent["name"] for agent in agents if isinstance(agent.get("name"), str)}
        if after is None:
            break
    if len(ids) == 1:
        return ids[0]
    if ids:
        raise InvalidAgentError(
            f"{len(ids)} classic agents have the name {name!r}: {', '.join(ids)}.",
            remedy="Name the one that you mean by its id, as agent_id=….",
        )
    near = get_close_matches(name, others)
    raise NotFoundError(
        f"No classic agent of this project has the name {name!r}.",
        remedy=(f"Did you mean {near[0]!r}? " if near else "")
        + "A new agent of that name is ChatFoundryAgent(agent_name=…).",
    )
