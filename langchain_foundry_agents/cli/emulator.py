"""`foundry-agents emulator`: the service on this machine, by itself."""

from __future__ import annotations

import argparse
from typing import Any

from langchain_foundry_agents.cli.printing import say
from langchain_foundry_agents.cli.recording import record, replay
from langchain_foundry_agents.cli.serving import serving
from langchain_foundry_agents.cli.sources import CannotStartError, named_model, new_emulator

_READY = """\
The emulator is ready. Answers come from {brain}; Ctrl-C stops it.

  endpoint  {endpoint}
  token     {token}
  agent     {agent_name} (new), {agent_id} (classic)

In a shell:

  export AZURE_AI_PROJECT_ENDPOINT={endpoint}
  export AZURE_AI_AGENT_NAME={agent_name}    # or AZURE_AI_AGENT_ID={agent_id}
  foundry-agents ask "What is 17 * 23?"

In Python:

  from langchain_foundry_agents import ChatFoundryAgent

  llm = ChatFoundryAgent(
      agent_name="{agent_name}",  # or agent_id="{agent_id}"
      project_endpoint="{endpoint}",
  )
  print(llm.invoke("What is 17 * 23?").text)
"""


def emulator(args: argparse.Namespace) -> None:
    """Serve until Ctrl-C: the service, a proxy that records, or what was recorded."""
    if args.upstream or args.record:
        record(args)
    elif args.replay:
        replay(args)
    else:
        _emulate(args)


def _emulate(args: argparse.Namespace) -> None:
    brain = named_model(args.model) if args.model else None
    options = {"port": args.port, "chunk_delay": args.chunk_delay, "seed": args.seed}
    service = new_emulator(brain, **options, **_parsed(args))
    told = {"name": args.agent, "instructions": args.instructions}
    agent_id = service.create_agent(**told)
    agent_name = service.create_agent(**told, generation="new")
    with serving(service, args.port):
        ready = _READY.format(
            brain=args.model or "a small model of its own",
            endpoint=service.project_endpoint,
            token=service.credential,
            agent_id=agent_id,
            agent_name=agent_name,
        )
        say(ready, end="")


def _parsed(args: argparse.Namespace) -> dict[str, Any]:
    """The faults and limits that are told in words."""
    try:
        from langchain_foundry_agents.emulator import Fault, Limits
    except ImportError as error:
        raise CannotStartError(error) from error
    try:
        faults = [Fault.parse(text) for text in args.fault]
        return {"faults": faults, "limits": Limits.parse(args.keep)}
    except ValueError as error:
        return dict(args.refuse(str(error)))
