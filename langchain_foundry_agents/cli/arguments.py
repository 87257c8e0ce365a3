"""The arguments of `foundry-agents`, and their help."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from langchain_foundry_agents._version import __version__
from langchain_foundry_agents.cli.ask import ask
from langchain_foundry_agents.cli.chat import chat
from langchain_foundry_agents.cli.emulator import emulator
from langchain_foundry_agents.cli.migrate import migrate

if TYPE_CHECKING:
    from collections.abc import Callable

    Commands = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - no public name

_LAST_PORT = 65_535
_ENDPOINT = "the project endpoint"
_WHERE = """\
The agent is named by --agent-name (a new one) or --agent-id (a classic one) and --endpoint, or by
the environment's AZURE_AI_AGENT_NAME or AZURE_AI_AGENT_ID and AZURE_AI_PROJECT_ENDPOINT; your
identity is the one that DefaultAzureCredential finds (run `az login`, for instance). With
--emulator no Azure is needed."""
_ASK = f"""\
Ask one question. The answer goes to stdout as it comes, its ids and usage to stderr.

{_WHERE}"""
_ASK_EXAMPLE = """\
examples:
  foundry-agents ask "What is 17 * 23?" --emulator
  git diff | foundry-agents ask --instructions "Review this change." --json"""
_CHAT = f"""\
Ask one question after another, all in one thread or conversation. Without questions there is a
prompt, which an empty line or Ctrl-D ends.

{_WHERE}"""
_CHAT_EXAMPLE = """\
examples:
  foundry-agents chat --emulator "What is 17 * 23?" "And what did I ask you before?"
  foundry-agents chat --emulator --generation new
  foundry-agents chat --thread-id thread_abc123"""
_MIGRATE = """\
Turn a classic agent into a new one. Its new definition goes to stdout, as JSON, and what has no
counterpart to stderr. Nothing is changed without --apply, and the classic agent never is.
Conversations need no copying: histories that programs keep are replayed."""
_MIGRATE_EXAMPLE = """\
examples:
  foundry-agents migrate asst_abc123
  foundry-agents migrate asst_abc123 --name support --apply"""
_EMULATOR = """\
Run the service on this machine until Ctrl-C, for any client. It keeps everything in memory and
listens on loopback only. What answers is a small deterministic model, or the one of --model."""
_EMULATOR_EXAMPLE = """\
examples:
  foundry-agents emulator --port 8765
  foundry-agents emulator --model openai:gpt-4o-mini --instructions "Be brief." """


def new_parser() -> argparse.ArgumentParser:
    """The parser; what it parses has `run`, the command, and `refuse`, which ends in bad usage."""
    parser = argparse.ArgumentParser(
        prog="foundry-agents",
        description="Talk to agents of Azure AI Foundry, on Azure or on a local emulator.",
        epilog='example:\n  foundry-agents ask "What is 17 * 23?" --emulator',
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"foundry-agents {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="<command>", required=True)
    _add_ask(commands)
    _add_chat(commands)
    _add_migrate(commands)
    _add_emulator(commands)
    return parser


def _add_ask(commands: Commands) -> None:
    command = _add(commands, ask, "ask one question", _ASK, _ASK_EXAMPLE)
    command.add_argument(
        "question", nargs="?", help="the question; '-', or none in a pipe, reads it from stdin"
    )
    _add_flags(command, "print one JSON object, and nothing else")


def _add_chat(commands: Commands) -> None:
    command = _add(commands, chat, "ask one question after another", _CHAT, _CHAT_EXAMPLE)
    command.add_argument("questions", nargs="*", metavar="question", help="a question")
    _add_flags(command, "print one JSON object a line for each answer, and nothing else")


def _add_flags(command: argparse.ArgumentParser, json_help: str) -> None:
    add = command.add_argument
    add("--emulator", action="store_true", help="ask on an emulator that is started for this")
    generations = ("classic", "new")
    add("--generation", choices=generations, help="of the emulator's agent (default: classic)")
    add("--agent-id", metavar="ID", help="a classic agent, asst_…")
    add("--agent-name", metavar="NAME", help="a new agent")
    add("--agent-version", metavar="VERSION", help="its version (default: the latest)")
    add("--endpoint", metavar="URL", help=_ENDPOINT)
    add(
        "--thread-id", metavar="ID", help="go on in this thread or conversation, thread_… or conv_…"
    )
    add("--instructions", metavar="TEXT", help="replace a classic agent's own instructions")
    add("--poll", action="store_true", help="poll, for networks that break streams")
    add("--json", action="store_true", help=json_help)


def _add_migrate(commands: Commands) -> None:
    summary = "turn a classic agent into a new one"
    add = _add(commands, migrate, summary, _MIGRATE, _MIGRATE_EXAMPLE).add_argument
    add("agent_id", metavar="asst_…", help="the classic agent")
    add("--name", help="the new agent's name (default: the classic one's, made to fit)")
    add("--apply", action="store_true", help="make the new agent, or a new version of it")
    add("--endpoint", metavar="URL", help=_ENDPOINT)


def _add_emulator(commands: Commands) -> None:
    summary = "run the service on this machine"
    add = _add(commands, emulator, summary, _EMULATOR, _EMULATOR_EXAMPLE).add_argument
    port_help = "port on loopback; 0 takes a free one (default: %(default)s)"
    add("--port", type=_port, default=8765, help=port_help)
    add("--model", metavar="PROVIDER:NAME", help="let this model answer (needs langchain)")
    add("--agent", default="helper", metavar="NAME", help="its agent's name (default: %(default)s)")
    add("--instructions", metavar="TEXT", help="its agent's instructions")
    add("--chunk-delay", type=float, default=0.0, metavar="SECONDS", help="pause between pieces")


def _add(
    commands: Commands,
    run: Callable[[argparse.Namespace], None],
    summary: str,
    description: str,
    example: str,
) -> argparse.ArgumentParser:
    command = commands.add_parser(
        run.__name__,
        help=summary,
        description=description,
        epilog=example,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.set_defaults(run=run, refuse=command.error)
    return command


def _port(text: str) -> int:
    if text.isdecimal() and (port := int(text)) <= _LAST_PORT:
        return port
    raise argparse.ArgumentTypeError(f"{text!r} is no port: give a number up to {_LAST_PORT}")
