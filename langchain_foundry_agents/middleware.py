"""Middleware for `create_agent` that asks a person what a Foundry agent asks. It needs langchain.

An agent may ask whether it may call a tool of an MCP server, or that the user signs in somewhere.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, ToolCall, ToolMessage
from langchain_core.tools import tool

from langchain_foundry_agents._messages import APPROVAL_REQUEST

try:
    from langchain.agents.middleware import AgentMiddleware, AgentState, hook_config
    from langchain.tools import ToolRuntime
    from langgraph.runtime import Runtime
    from langgraph.types import interrupt
except ImportError as error:
    raise ImportError(
        "langchain_foundry_agents.middleware needs langchain 1: pip install 'langchain>=1.2,<2'"
    ) from error

__all__ = ["FoundryApprovalMiddleware", "mcp_approval_request"]

JSON = dict[str, Any]

CONSENT_REQUEST = "oauth_consent_request"
_OTHER_ARGUMENTS = "The user does not allow this call. Call it with these arguments instead: "


class FoundryApprovalMiddleware(AgentMiddleware[Any, Any, Any]):
    """Asks, by an interrupt, whether the agent may call its MCP servers, and for OAuth consents.

    The interrupt has the form of LangChain's `HumanInTheLoopMiddleware`: an action
    `mcp_approval_request` or `oauth_consent_request` for each request, and `{"decisions": […]}` in
    the same order resumes it. Nothing is approved but by `{"type": "approve"}`. After an answer of
    another form the same interrupt comes again, and its descriptions say why.

    - `approve`: the server is called. For a consent: the user has signed in, and the question is
      asked again.
    - `reject`: the call is denied; the agent reads `message` as the reason. (Classic agents are
      not told a reason: their API has no field for it.) A consent that is rejected ends the turn.
    - `edit`: the service takes no other arguments, so the call is denied, and the agent reads which
      ones the user wants.

    Example:
        ```python
        from langchain.agents import create_agent
        from langchain_foundry_agents.middleware import FoundryApprovalMiddleware
        from langgraph.checkpoint.memory import InMemorySaver

        agent = create_agent(
            llm, middleware=[FoundryApprovalMiddleware()], checkpointer=InMemorySaver()
        )
        ```
    """

    def __init__(self, *, description_prefix: str = "The agent asks for an approval") -> None:
        """Ask about every request.

        Args:
            description_prefix: What the description of each action begins with.
        """
        super().__init__()
        self.tools = []
        self.description_prefix = description_prefix

    @hook_config(can_jump_to=["model"])
    def after_model(self, state: AgentState[Any], runtime: Runtime[Any]) -> JSON | None:
        """Ask about what the last answer asks, and answer it.

        Args:
            state: The agent's state.
            runtime: LangGraph's.
        """
        asked = _read(state["messages"])
        if asked is None or not (requests := asked.requests()):
            return None
        problem = ""
        # LangGraph keeps an answer with the checkpoint: an error here would come again for ever.
        while (
            decisions := _decisions(interrupt(self._shown(requests, problem)), requests)
        ) is None:
            problem = _PROBLEM.format(len(requests))
        return asked.answered(decisions)

    @hook_config(can_jump_to=["model"])
    async def aafter_model(self, state: AgentState[Any], runtime: Runtime[Any]) -> JSON | None:
        """Ask about what the last answer asks, and answer it.

        Args:
            state: The agent's state.
            runtime: LangGraph's.
        """
        return self.after_model(state, runtime)

    def _shown(self, requests: Sequence[JSON], problem: str) -> JSON:
        """The requests as `HumanInTheLoopMiddleware` shows tool calls."""
        actions = []
        for one in requests:
            said = "\n".join(f"{name}: {value}" for name, value in one["args"].items())
            parts = (problem, self.description_prefix, said)
            actions.append({**one, "description": "\n\n".join(filter(None, parts))})
        names = dict.fromkeys(one["name"] for one in requests)
        configs = [{"action_name": name, "allowed_decisions": _ALLOWED[name]} for name in names]
        return {"action_requests": actions, "review_configs": configs}


@tool
def mcp_approval_request(
    server_label: str,
    name: str,
    arguments: Any,
    runtime: ToolRuntime[Any, Any],
) -> str:
    """Approve a call of an MCP server.

    For agents with `HumanInTheLoopMiddleware(interrupt_on={"mcp_approval_request": True})`, which
    asks before it runs tools; without it, this tool approves every call. A call that the person
    edited is denied, as the service takes no other arguments: the agent reads which ones are
    wanted. The tool itself is not sent to the agent.
    """
    calls = (
        call
        for message in reversed(runtime.state["messages"])
        if isinstance(message, AIMessage)
        for call in message.tool_calls
    )
    wanted = {"server_label": server_label, "name": name, "arguments": arguments}
    own = next((call["args"] for call in calls if call["id"] == runtime.tool_call_id), wanted)
    return "true" if own == wanted else _OTHER_ARGUMENTS + _compact(wanted)


_ALLOWED = {APPROVAL_REQUEST: ["approve", "edit", "reject"], CONSENT_REQUEST: ["approve", "reject"]}

_PROBLEM = (
    'The answer was not understood. Resume with Command(resume={{"decisions": '
    '[{{"type": "approve"}}, …]}}): {} decisions of the allowed types, in this order.'
)


class _Asked(NamedTuple):
    """What an answer asks a person."""

    approvals: list[ToolCall]
    consents: list[JSON]
    others: bool
    """Whether tools have to run before the agent goes on."""
    question: HumanMessage | None

    def requests(self) -> list[JSON]:
        """Each request as an action: approvals first."""
        return [
            *({"name": APPROVAL_REQUEST, "args": call["args"]} for call in self.approvals),
            *({"name": CONSENT_REQUEST, "args": consent} for consent in self.consents),
        ]

    def answered(self, decisions: Sequence[JSON]) -> JSON | None:
        """The state's update: answers to approvals; after a consent the question again."""
        pairs = zip(self.approvals, decisions, strict=False)
        messages: list[AnyMessage] = [_answer(call, decision) for call, decision in pairs]
        consents = decisions[len(self.approvals) :]
        signed_in = bool(consents) and all(one["type"] == "approve" for one in consents)
        if signed_in and not messages and not self.others and self.question:
            # The response that asked is over: the service goes by what is asked next.
            messages.append(HumanMessage(self.question.content))
        if not messages:
            return None
        return {"messages": messages, **({} if self.others else {"jump_to": "model"})}


def _read(messages: Sequence[AnyMessage]) -> _Asked | None:
    """What the last answer asks and nobody has answered."""
    places = [i for i, message in enumerate(messages) if isinstance(message, AIMessage)]
    if not places:
        return None
    last = messages[places[-1]]
    assert isinstance(last, AIMessage)  # noqa: S101 - so it was found
    done = {one.tool_call_id for one in messages[places[-1] :] if isinstance(one, ToolMessage)}
    open_calls = [call for call in last.tool_calls if call["id"] not in done]
    approvals = [call for call in open_calls if call["name"] == APPROVAL_REQUEST]
    questions = [one for one in messages if isinstance(one, HumanMessage)]
    return _Asked(
        approvals,
        list(last.response_metadata.get("oauth_consent_requests") or ()),
        len(open_calls) > len(approvals),
        questions[-1] if questions else None,
    )


def _decisions(answer: Any, requests: Sequence[JSON]) -> list[JSON] | None:
    """The decisions of an answer; `None` if it is not one known decision for each request."""
    match answer:
        case {"decisions": list(decisions)} if len(decisions) == len(requests):
            kinds = [one.get("type") if isinstance(one, dict) else None for one in decisions]
            pairs = zip(kinds, requests, strict=True)
            known = all(kind in _ALLOWED[request["name"]] for kind, request in pairs)
            return decisions if known else None
    return None


def _answer(call: ToolCall, decision: JSON) -> ToolMessage:
    said: JSON = {"approve": decision["type"] == "approve"}
    if decision["type"] == "edit":
        edited = (decision.get("edited_action") or {}).get("args")
        said["reason"] = _OTHER_ARGUMENTS + _compact(edited)
    elif not said["approve"] and decision.get("message"):
        said["reason"] = str(decision["message"])
    return ToolMessage(_compact(said), tool_call_id=str(call["id"]), name=APPROVAL_REQUEST)


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
