"""langchain-azure-ai's classic agents: a LangGraph graph from `AgentServiceFactory`."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Iterator, Sequence
from importlib import import_module
from typing import Any

from azure.core.pipeline.policies import SansIOHTTPPolicy
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage
from langchain_core.outputs import LLMResult
from langgraph.checkpoint.memory import InMemorySaver

from benchmarks.peers.answers import MCP_SERVER, Answer, Approval, Tools, read_message
from benchmarks.peers.desk import Desk


class Token(SansIOHTTPPolicy[Any, Any]):
    """azure-core sends no bearer token over plain http by itself."""

    def __init__(self, token: str) -> None:
        self._token = token

    def on_request(self, request: Any) -> None:
        """Adds the token."""
        request.http_request.headers["Authorization"] = f"Bearer {self._token}"


class Credential:
    """Never asked: the policy has the token."""

    def get_token(self, *_: str, **__: Any) -> Any:
        """Is not called."""
        raise NotImplementedError


class AzureGraph:
    """The factory makes the agent and its graph; a checkpointer keeps users' states apart."""

    packages = ("langchain-azure-ai", "azure-ai-agents", "azure-ai-projects", "langgraph")

    def __init__(self, desk: Desk, tools: Tools = (), *, mcp: bool = False) -> None:
        service = desk.emulator.project_endpoint, desk.emulator.credential
        self._graph = make_graph(*service, "helper", [*tools, *([_mcp_tool()] if mcp else [])])

    def talk(self) -> Talk:
        """A checkpoint key of its own."""
        return Talk(self._graph)

    async def aask(self, text: str) -> Answer:
        """`ainvoke` of the graph."""
        state = await self._graph.ainvoke(_question(text), _config())
        return _last(state)

    def stream(self, text: str) -> Iterator[Answer]:
        """LangGraph's `stream_mode="messages"`."""
        for message, _ in self._graph.stream(_question(text), _config(), stream_mode="messages"):
            if isinstance(message, AIMessage):
                yield read_message(message)

    async def astream(self, text: str) -> AsyncIterator[Answer]:
        """As `stream`."""
        pieces = self._graph.astream(_question(text), _config(), stream_mode="messages")
        try:
            async for message, _ in pieces:
                if isinstance(message, AIMessage):
                    yield read_message(message)
        finally:
            await pieces.aclose()

    def work(self, text: str) -> Answer:
        """The graph has a node of the tools."""
        return _last(self._graph.invoke(_question(text), _config()))

    def ask_approval(self, text: str) -> Approval:
        """As any turn: there is no other way to ask."""
        answer = _last(self._graph.invoke(_question(text), _config()))
        return Approval(answer.carried, lambda: answer)


class Talk:
    """One conversation."""

    def __init__(self, graph: Any) -> None:
        self._graph = graph
        self._config = _config()

    def ask(self, text: str, *, system: str | None = None) -> Answer:
        """The checkpointer keeps the history."""
        totals = _Totals()
        config = {**self._config, "callbacks": [totals]}
        return _last(self._graph.invoke(_question(text, system), config), totals.usage)


class _Totals(BaseCallbackHandler):
    """The one place where this peer tells tokens."""

    def __init__(self) -> None:
        self.usage: dict[str, int] = {}

    def on_llm_end(self, response: LLMResult, **_: Any) -> None:
        """Keeps the total."""
        if total := (response.llm_output or {}).get("token_usage"):
            self.usage["total_tokens"] = total


def make_graph(endpoint: str, token: str, name: str, tools: Sequence[Any] = ()) -> Any:
    """The graph of an agent that is made for it."""
    factory = import_module("langchain_azure_ai.agents.v1").AgentServiceFactory(
        project_endpoint=endpoint,
        credential=Credential(),
        client_kwargs={"authentication_policy": Token(token)},
    )
    return factory.create_prompt_agent(
        name=name,
        model="gpt-4o",
        instructions="You are helpful.",
        tools=list(tools) or None,
        checkpointer=InMemorySaver(),
    )


def _question(text: str, system: str | None = None) -> dict[str, list[BaseMessage]]:
    before = [SystemMessage(system)] if system else []
    return {"messages": [*before, HumanMessage(text)]}


def _config() -> dict[str, Any]:
    return {"configurable": {"thread_id": uuid.uuid4().hex}}


def _last(state: dict[str, Any], usage: dict[str, int] | None = None) -> Answer:
    message = state["messages"][-1]
    if not isinstance(message, AIMessage):
        return Answer(carried=str(message))
    return read_message(message, usage)


def _mcp_tool() -> Any:
    # Its public module, agents.v1.prebuilt.tools, is empty.
    wrapper = import_module("langchain_azure_ai.agents._v1.prebuilt.tools").AgentServiceBaseTool
    tool = import_module("azure.ai.agents.models").McpTool
    return wrapper(
        tool=tool(server_label=MCP_SERVER["server_label"], server_url=MCP_SERVER["server_url"])
    )
