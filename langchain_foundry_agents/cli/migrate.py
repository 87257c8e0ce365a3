"""`foundry-agents migrate`: a classic agent as a new one."""

from __future__ import annotations

import argparse
import json
import re
import sys
from typing import Any

from langchain_foundry_agents._flow.agents import DIGEST
from langchain_foundry_agents._flow.migration import translate_agent
from langchain_foundry_agents.cli.printing import dim, note, say
from langchain_foundry_agents.cli.sources import CannotStartError

_LONGEST_NAME, _MOST_PAIRS = 63, 15


def migrate(args: argparse.Namespace) -> None:
    """Print the new definition to stdout and remarks to stderr; with `--apply` make the agent."""
    from langchain_foundry_agents.chat_models import ChatFoundryAgent

    where: dict[str, Any] = {"project_endpoint": args.endpoint} if args.endpoint else {}
    assistant = ChatFoundryAgent(agent_id=args.agent_id, **where).read_agent()
    definition, remarks = translate_agent(assistant)
    say(json.dumps(definition, indent=2, ensure_ascii=False))
    for remark in remarks:
        note(remark)
    name = args.name or fitting_name(assistant.get("name") or "")
    if not args.apply:
        note(dim(f"Nothing was changed: --apply makes the agent {name or '--name …'}.", sys.stderr))
        return
    if not name:
        raise CannotStartError(f"{args.agent_id} has no name to take over: give one by --name.")
    model = ChatFoundryAgent.create(
        name=name,
        model=definition.get("model", ""),
        definition=definition,
        description=assistant.get("description"),
        metadata=_kept(assistant.get("metadata") or {}),
        **where,
    )
    made = f"{model.agent_name}:{model.agent_version}"
    note(f"The new agent is {made}; {args.agent_id} stays as it was.")


def fitting_name(name: str) -> str:
    """A name as new agents have it; empty if nothing of it fits."""
    return re.sub(r"[^A-Za-z0-9]+", "-", name)[:_LONGEST_NAME].strip("-")


def _kept(metadata: dict[str, str]) -> dict[str, str]:
    """What goes into the new agent's metadata, where one pair is ours."""
    pairs = [(key, value) for key, value in metadata.items() if key != DIGEST]
    if len(pairs) > _MOST_PAIRS:
        note(f"Metadata: {_MOST_PAIRS} of {len(pairs)} pairs are kept.")
    return dict(pairs[:_MOST_PAIRS])
