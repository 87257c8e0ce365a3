"""`foundry-agents emulator`: the service on this machine, by itself."""

from __future__ import annotations

import argparse
import json
import os
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from langchain_foundry_agents.cli.printing import note, say
from langchain_foundry_agents.cli.recording import record, replay
from langchain_foundry_agents.cli.serving import serving
from langchain_foundry_agents.cli.sources import CannotStartError, named_model, new_emulator

if TYPE_CHECKING:
    from collections.abc import Callable

    from langchain_foundry_agents.emulator import FoundryEmulator, RecordedRequest

_READY = """\
The emulator is ready. Answers come from {brain}; Ctrl-C stops it.

  endpoint  {endpoint}
  token     {token}
  agents    {agents}
{authority}
In a shell:

{exports}  export AZURE_AI_PROJECT_ENDPOINT={endpoint}
  export {variable}={agent}{other}
  foundry-agents ask "What is 17 * 23?"

In Python:

  from langchain_foundry_agents import ChatFoundryAgent

  llm = ChatFoundryAgent({field}="{agent}", project_endpoint="{endpoint}")
  print(llm.invoke("What is 17 * 23?").text)
"""
_AUTHORITY = "  trust     {authority}\n"
_EXPORTS = """\
  export SSL_CERT_FILE={authority}          # Python, curl
  export NODE_EXTRA_CA_CERTS={authority}    # JavaScript
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
    with ExitStack() as files:
        service = new_emulator(
            brain,
            port=args.port,
            host=args.host,
            tls=args.tls if isinstance(args.tls, bool) else Path(args.tls),
            token=args.token,
            log=_logger(args, files),
            chunk_delay=args.chunk_delay,
            seed=args.seed,
            **_parsed(args),
        )
        _set_up(service, args)
        with serving(service, args.port):
            _tell(service, args)


def _set_up(service: FoundryEmulator, args: argparse.Namespace) -> None:
    """Makes the agents of a file, or one of each generation, and hands in the script of a file."""
    from langchain_foundry_agents.emulator.setup_files import create_agents, read_script

    try:
        if args.agents:
            create_agents(service, args.agents)
        else:
            fields = {"name": args.agent, "instructions": args.instructions}
            service.create_agent(**fields)
            service.create_agent(**fields, generation="new")
        if args.script:
            service.script(*read_script(args.script))
    except OSError as error:
        what = f"{error.filename} cannot be read ({error.strerror})."
        raise CannotStartError(what) from error
    except ValueError as error:
        raise CannotStartError(error) from error


def _tell(service: FoundryEmulator, args: argparse.Namespace) -> None:
    """Says where the emulator is, for people or for programs."""
    found = service.description
    if args.ready_file:
        _write_whole(Path(args.ready_file), json.dumps(found, indent=2) + "\n")
    if args.json:
        say(json.dumps(found))
        return
    names, ids, authority = (
        found["agent_names"],
        found["agent_ids"],
        found["certificate_authority"] or "",
    )
    agents = [*(f"{one} (new)" for one in names), *(f"{one} (classic)" for one in ids)]
    say(
        _READY.format(
            brain=args.model or "a small model of its own",
            endpoint=found["endpoint"],
            token=found["token"] if args.token else f"{found['token']} (any is taken)",
            agents=", ".join(agents),
            authority=_AUTHORITY.format(authority=authority) if authority else "",
            exports=_EXPORTS.format(authority=authority) if authority else "",
            variable="AZURE_AI_AGENT_NAME" if names else "AZURE_AI_AGENT_ID",
            other=f"    # or AZURE_AI_AGENT_ID={ids[0]}" if names and ids else "",
            field="agent_name" if names else "agent_id",
            agent=[*names, *ids, "?"][0],
        ),
        end="",
    )


def _write_whole(path: Path, text: str) -> None:
    """Writes a file that whoever waits for it finds whole or not at all."""
    beside = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        beside.write_text(text, encoding="utf-8")
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise CannotStartError(f"{path} cannot be written ({error.strerror}).") from error


def _logger(args: argparse.Namespace, files: ExitStack) -> Callable[[RecordedRequest], None] | None:
    if args.log is None:
        return None
    to: TextIO = sys.stderr
    if args.log != "-":
        try:
            to = files.enter_context(Path(args.log).open("a", encoding="utf-8"))  # noqa: SIM115
        except OSError as error:
            what = f"{args.log} cannot be written ({error.strerror})."
            raise CannotStartError(what) from error

    def log(request: RecordedRequest) -> None:
        fault = f" fault={request.fault}" if request.fault else ""
        try:
            to.write(f"{request.method} {request.path} {request.status}{fault}\n")
            to.flush()
        except OSError as error:
            # A full disk costs the log, never an answer.
            note(f"The log cannot be written ({error.strerror}).")

    return log


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
