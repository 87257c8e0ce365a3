"""What a waiting run asks of the caller: outputs of functions, or approvals of MCP calls.

The service names both in the run's `required_action`, and takes the answers to all calls in one
request.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from langchain_foundry_agents._flow.effects import JSON, Decide, Flow
from langchain_foundry_agents.errors import ProtocolError, ToolOutputError

APPROVAL = "submit_tool_approval"
OUTPUTS = "submit_tool_outputs"
_KINDS = {OUTPUTS, APPROVAL}


@dataclass(frozen=True, slots=True)
class Pending:
    """Calls of the history that a run waits for, and what the history answers."""

    call_ids: frozenset[str]
    outputs: tuple[JSON, ...] = ()
    """`{"tool_call_id", "output"}` each."""
    approvals: tuple[JSON, ...] = ()
    """As `approval` makes them."""
    run_id: str | None = None
    """The run that waits; `None` if it has to be looked for in the thread."""
    approval_ids: frozenset[str] = frozenset()
    """Which of the calls ask for an approval."""
    gives_up: bool = False
    """The run is another agent's, or has other options than the turn wants: it is not answered."""

    @property
    def answered(self) -> bool:
        """Whether the history answers the calls. It answers all or none."""
        return bool(self.outputs or self.approvals)


def required_calls(run: JSON) -> list[JSON]:
    """The calls that a waiting run asks about.

    Raises:
        ProtocolError: It asks for something that we do not know.
    """
    action = run.get("required_action") or {}
    kind = action.get("type")
    calls = (action.get(kind) or {}).get("tool_calls") if kind in _KINDS else None
    if not calls or not all(_is_known(call) for call in calls):
        raise ProtocolError(f"The run waits for something that is not known: {kind}.")
    return list(calls)


def _is_known(call: JSON) -> bool:
    name = (call.get("function") or {}).get("name")
    named = call.get("type") == "mcp" or isinstance(name, str)
    return named and isinstance(call.get("id"), str)


def asks_approval(run: JSON) -> bool:
    """Whether a waiting run asks for approvals."""
    return bool((run.get("required_action") or {}).get("type") == APPROVAL)


def approvals(run: JSON, policy: str | Callable[[JSON], Any]) -> Flow[Pending]:
    """The approvals that a policy gives: `"raise"`, or a function that is asked about each call.

    Raises:
        ToolOutputError: The policy is to raise.
    """
    calls = required_calls(run)
    if not callable(policy):
        asked = "; ".join(
            f"{call.get('name')} of {call.get('server_label')} with {call.get('arguments')}"
            for call in calls
        )
        raise ToolOutputError(
            f"The agent asks for approval: {asked}.",
            remedy="Use mcp_approval='surface' to answer it as a tool call, or give a function.",
        )
    given = []
    for call in calls:
        # Only a plain True approves.
        approve = (yield Decide(policy, call)) is True
        given.append(approval(call["id"], call.get("server_label"), approve=approve))
    ids = frozenset(call["id"] for call in calls)
    return Pending(ids, approvals=tuple(given), run_id=run.get("id"))


def approval(
    call_id: str, server_label: str | None, *, approve: bool, reason: str | None = None
) -> JSON:
    """One approval, or a denial and why; the label says which server's headers go with it."""
    decided = {"tool_call_id": call_id, "approve": approve, "server_label": server_label}
    return decided if reason is None else {**decided, "reason": reason}
