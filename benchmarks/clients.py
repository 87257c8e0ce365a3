"""The clients that are measured, each used as its own documentation does."""

from __future__ import annotations

import os
from functools import cache
from importlib import import_module
from typing import Any

from langchain_core.language_models import BaseChatModel

from benchmarks.canned import Agent
from benchmarks.measuring import Way, sync
from langchain_foundry_agents import ChatFoundryAgent

# Else litellm's import asks the network for prices.
os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")

PEERS = {
    "litellm": "litellm",
    "azure-ai-agents": "azure.ai.agents",
    "langchain-azure-ai": "langchain_azure_ai",
}
TOKEN = "bench"  # noqa: S105 - the service takes any


def ours(url: str, agent: Agent, **fields: Any) -> ChatFoundryAgent:
    """Our model of an agent; of a new one without a conversation, as one request is asked for."""
    named = {"agent_name": agent.id, "conversation": "response"} if agent.is_new else {}
    named = named or {"agent_id": agent.id}
    return ChatFoundryAgent(**{"project_endpoint": url, "credential": TOKEN, **named, **fields})


def methods(model: BaseChatModel, said: Any = "Hello") -> dict[str, Way]:
    """LangChain's four methods."""

    async def ainvoke() -> object:
        return await model.ainvoke(said)

    async def astream() -> object:
        return [chunk async for chunk in model.astream(said)]

    invoke = sync(model.invoke, said)
    return {
        "invoke": invoke,
        "ainvoke": ainvoke,
        "stream": sync(lambda: list(model.stream(said))),
        "astream": astream,
    }


def peers(url: str, agent: Agent) -> dict[str, Way]:
    """A whole turn by each of the others, as far as they are installed."""
    found: dict[str, Way] = {}
    if _is_there("litellm"):
        found["litellm"] = sync(_completion, url, agent)
    if _is_there("azure-ai-agents"):
        found["azure-ai-agents"] = sync(_processed_run, url, agent)
    if _is_there("langchain-azure-ai"):
        found["langchain-azure-ai"] = sync(_graph(url, agent).ask, "Hello")
    return found


def _is_there(name: str) -> bool:
    try:
        import_module(PEERS[name])
    except ImportError:
        return False
    return True


def _fields(url: str, agent: Agent) -> dict[str, Any]:
    messages = [{"role": "user", "content": "Hello"}]
    model = f"azure_ai/agents/{agent.id}"
    return {"model": model, "api_base": url, "api_key": TOKEN, "messages": messages}


def _completion(url: str, agent: Agent) -> object:
    said: str = (
        import_module("litellm").completion(**_fields(url, agent)).choices[0].message.content
    )
    assert said.count("word") == int(agent.deltas)  # noqa: S101 - else it is not measured
    return said


@cache
def _agents_client(url: str) -> Any:
    graphs = import_module("benchmarks.peers.azure_graph")
    return import_module("azure.ai.agents").AgentsClient(
        endpoint=url, credential=graphs.Credential(), authentication_policy=graphs.Token(TOKEN)
    )


def _processed_run(url: str, agent: Agent) -> object:
    client = _agents_client(url)
    thread = {"messages": [{"role": "user", "content": "Hello"}]}
    run = client.create_thread_and_process_run(agent_id=agent.id, thread=thread)
    text: str = client.messages.get_last_message_text_by_role(run.thread_id, "assistant").text.value
    assert text.count("word") == int(agent.deltas)  # noqa: S101 - else it is not measured
    return text


@cache
def _graph(url: str, agent: Agent) -> Any:
    graphs = import_module("benchmarks.peers.azure_graph")
    graph = graphs.make_graph(url, TOKEN, f"{agent.deltas}_{agent.framing}")
    return graphs.Talk(graph)
