"""A call, as the flow takes it: what is asked, and how it is done."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from langchain_foundry_agents import _flow
from langchain_foundry_agents._flow.actions import Pending
from langchain_foundry_agents._flow.progress import Ask, Policy
from langchain_foundry_agents._messages import SHARED
from langchain_foundry_agents._messages.history import Prompt
from langchain_foundry_agents._messages.past import Seal
from langchain_foundry_agents._options import CallOptions
from langchain_foundry_agents._run_options import differing
from langchain_foundry_agents._warnings import warn_caller
from langchain_foundry_agents.errors import BadRequestError


def make_ask(
    prompt: Prompt, options: CallOptions, agent: str = "", run: Mapping[str, str] | None = None
) -> Ask:
    """What a turn brings to the service. All of it is read here, before any request.

    Args:
        prompt: The history.
        options: The call's.
        agent: The agent that is asked.
        run: What its run is asked with, in short.
    """
    told, head = instructions_of(prompt, options), prompt.head
    edited = None if options.thread_id or _ignores_edits(options) else prompt.difference
    seal = seal_of(prompt, options)
    return _flow.progress.Ask(
        new=prompt.new(),
        whole=prompt.whole,
        losses=prompt.losses,
        thread_id=prompt.thread_id,
        from_history=options.thread_id is None,
        edited=edited,
        question=_question(seal, agent, run),
        instructions=told,
        instructed=told is not None and prompt.was_told(digest(told)),
        after=_flow.heads.turn_key(*head) if head and options.thread_id is None else None,
        alone=prompt.storage in SHARED,
        temporary=prompt.is_temporary and not options.keep_thread,
        pending=_pending(prompt, agent, run or {}, is_left=edited is not None),
        late=prompt.late,
    )


def seal_of(prompt: Prompt, options: CallOptions) -> Seal:
    """What makes the mark of the call's answer."""
    stays = options.thread_id is not None or _ignores_edits(options)
    return prompt.seal(stays=stays or options.on_divergence == "append")


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
        edited_history=options.edited_history,
        check_thread=options.check_thread,
        keep_thread=options.keep_thread,
        mcp_approval=options.mcp_approval,
        file_names=options.citation_file_names,
        # The call is the answer then, and nobody will answer it.
        cancel_calls=bool(keywords.get("ls_call_is_answer")),
        patience=_flow.retry.Patience(options.max_retries, options.max_retry_wait),
    )


def _ignores_edits(options: CallOptions) -> bool:
    return options.edited_history == "ignore"


def _question(seal: Seal, agent: str, run: Mapping[str, str] | None) -> str | None:
    """Tells what a turn asks, and how, from all else; `None` where its place holds more."""
    if run is None or seal.question is None:
        return None
    asked = json.dumps([seal.question, agent, run], sort_keys=True)
    return hashlib.blake2b(asked.encode(), digest_size=8).hexdigest()


def _pending(
    prompt: Prompt, agent: str, run: Mapping[str, str], *, is_left: bool
) -> Pending | None:
    calls = prompt.calls
    if calls is None:
        return None
    actions, asked = _flow.actions, calls.asked
    gives_up = False
    if asked and prompt.storage == "thread" and not is_left:
        gives_up = isinstance(asked.agent_id, str) and bool(agent) and asked.agent_id != agent
        gives_up = gives_up or _wants_another_run(prompt, asked.options, run)
    approvals = (
        actions.approval(one.call_id, one.server_label, approve=one.approve, reason=one.reason)
        for one in calls.approvals
    )
    return actions.Pending(
        calls.ids,
        calls.outputs,
        tuple(approvals),
        asked.run_id if asked else None,
        calls.approval_ids,
        gives_up,
    )


def _wants_another_run(prompt: Prompt, before: object, now: Mapping[str, str]) -> bool:
    """Whether a call wants what the run that waits for its outputs cannot do any more."""
    calls = prompt.calls
    deciding, others = differing(before, now)
    # Only the run that asked for an approval can act on it.
    approves = bool(calls and calls.approvals)
    if deciding and not approves:
        return True
    if calls and (calls.outputs or approves) and (deciding or others):
        warn_caller(
            f"The run that waits for these outputs goes on with what it was asked with: "
            f"{', '.join(sorted([*deciding, *others]))} of this call have no effect."
        )
    return False
