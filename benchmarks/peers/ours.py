"""`ChatFoundryAgent`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

from langchain.agents import create_agent
from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage, ToolMessage

from benchmarks.peers.answers import MCP_SERVER, Answer, Approval, Tools, read_message
from benchmarks.peers.desk import Desk
from langchain_foundry_agents import ChatFoundryAgent


class Ours:
    """An agent that is there; LangChain's own `create_agent` runs the tools."""

    packages = ("langchain-foundry-agents",)

    def __init__(self, desk: Desk, tools: Tools = (), *, mcp: bool = False) -> None:
        self._tools = list(tools)
        self._model = ChatFoundryAgent(
            agent_id=desk.create_agent([MCP_SERVER] if mcp else []),
            project_endpoint=desk.emulator.project_endpoint,
            credential=desk.emulator.credential,
        )

    def talk(self) -> _Talk:
        """A history of its own."""
        return _Talk(self._model)

    async def aask(self, text: str) -> Answer:
        """`ainvoke`."""
        return read_message(await self._model.ainvoke(text))

    def stream(self, text: str) -> Iterator[Answer]:
        """`stream`."""
        for chunk in self._model.stream(text):
            yield read_message(chunk)

    async def astream(self, text: str) -> AsyncIterator[Answer]:
        """`astream`."""
        chunks = self._model.astream(text)
        try:
            async for chunk in chunks:
                yield read_message(chunk)
        finally:
            await chunks.aclose()  # type: ignore[attr-defined]

    def work(self, text: str) -> Answer:
        """`create_agent`."""
        agent = create_agent(self._model, self._tools)
        state = agent.invoke({"messages": [HumanMessage(text)]})
        return read_message(state["messages"][-1])

    def ask_approval(self, text: str) -> Approval:
        """A tool call, which a ToolMessage answers."""
        history: list[BaseMessage] = [HumanMessage(text)]
        question = self._model.invoke(history)
        call = question.tool_calls[0]
        said = ToolMessage("true", tool_call_id=call["id"])
        return Approval(
            f"{call['name']}: {call['args']}",
            lambda: read_message(self._model.invoke([*history, question, said])),
        )


class _Talk:
    def __init__(self, model: ChatFoundryAgent) -> None:
        self._model = model
        self._history: list[BaseMessage] = []

    def ask(self, text: str, *, system: str | None = None) -> Answer:
        """The history goes with every turn."""
        self._history += [SystemMessage(system)] if system else []
        self._history.append(HumanMessage(text))
        answer = self._model.invoke(self._history)
        self._history.append(answer)
        return read_message(answer)
