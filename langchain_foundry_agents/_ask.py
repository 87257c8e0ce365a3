"""A call, as the flow takes it: what is asked, and how it is done."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from langchain_foundry_agents import _flow
from langchain_foundry_agents._messages import SHARED
from langchain_foundry_agents._options import CallOptions
from langchain_foundry_agents.errors import BadRequestError

if TYPE_CHECKING:
    from langchain_foundry_agents._flow.actions import Pending
    from langchain_foundry_agents._flow.progress import Ask, Policy
    from langchain_foundry_agents._messages.history import Prompt


def make_ask(prompt: Prompt, options: CallOptions) -> Ask:
    """What a turn brings to the service. All of it is read here, before any request."""
    told, head = instructions_of(prompt, options), prompt.head
    return _flow.progress.Ask(
        new=prompt.new(),
        whole=prompt.whole,
        losses=prompt.losses,
        thread_id=prompt.thread_id,
        from_history=options.thread_id is None,
        instructions=told,
        instructed=told is not None and prompt.was_told(digest(told)),
        after=_flow.heads.turn_key(*head) if head and options.thread_id is None else None,
        alone=prompt.storage in SHARED,
        temporary=prompt.is_temporary and not options.keep_thread,
        pending=_pending(prompt),
        late=prompt.late,
    )


def instructions_of(prompt: Prompt, options: CallOptions) -> str | None:
    """The instructions that a call brings: its own, and the history's system messages.

    Raises:
        BadRequestError: There are system messages, and they are not wanted.
    """
    system = prompt.system
    if system and options.system_messages == "raise":
        raise BadRequestError(
            "The history has system messages, and system_messages='raise' wants none.",
            remedy="Put them into the agent's own instructions.",
        )
    told = (options.additional_instructions, system if options.system_messages == "send" else "")
    return "\n\n".join(filter(None, told)) or None


def digest(instructions: str) -> str:
    """Tells instructions from others, in an answer's metadata."""
    return hashlib.sha256(instructions.encode()).hexdigest()[:16]


def make_policy(options: CallOptions, keywords: Mapping[str, Any]) -> Policy:
    """How the turn is done."""
    return _flow.progress.Policy(
        stream=options.run_mode == "stream",
        on_active_run=options.on_active_run,
        on_divergence=options.on_divergence,
        check_thread=options.check_thread,
        keep_thread=options.keep_thread,
        mcp_approval=options.mcp_approval,
        file_names=options.citation_file_names,
        # The call is the answer then, and nobody will answer it.
        cancel_calls=bool(keywords.get("ls_call_is_answer")),
        patience=_flow.retry.Patience(options.max_retries, options.max_retry_wait),
    )


def _pending(prompt: Prompt) -> Pending | None:
    calls = prompt.calls
    if calls is None:
        return None
    actions = _flow.actions
    approvals = (actions.approval(id_, label, approve=yes) for id_, label, yes in calls.approvals)
    run_id = calls.asked.run_id if calls.asked else None
    return actions.Pending(calls.ids, calls.outputs, tuple(approvals), run_id, calls.approval_ids)
