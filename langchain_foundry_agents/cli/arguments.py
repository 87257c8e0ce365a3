"""The arguments of `foundry-agents`, and their help."""

from __future__ import annotations

import argparse
import re
from typing import TYPE_CHECKING

from langchain_foundry_agents._version import __version__
from langchain_foundry_agents.cli.ask import ask
from langchain_foundry_agents.cli.chat import chat
from langchain_foundry_agents.cli.doctor import doctor
from langchain_foundry_agents.cli.emulator import emulator
from langchain_foundry_agents.cli.migrate import migrate
from langchain_foundry_agents.cli.probe import add_probe_flags
from langchain_foundry_agents.cli.threads import list_threads, prune_threads

if TYPE_CHECKING:
    from collections.abc import Callable

    Commands = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - no public name

_LAST_PORT = 65_535
_ENDPOINT = "the project endpoint"
_AGE = re.compile(r"([0-9]+)([smhdw])")
_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
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
_DOCTOR = f"""\
Find out whether the agent can be asked, and if not, why: the endpoint's form, its name in DNS, TLS,
the credential, its token, the role, the agent, and a question of one word, which the agent answers
(its thread is deleted again). Each check is a line, with a remedy where it failed; then the exit
code is 1. No token is shown.

With --probe the emulator and the service are asked the same questions, those whose answers are only
inferred, and what differs is shown. All that is made for it is scratch, and deleted at the end.

{_WHERE}"""
_DOCTOR_EXAMPLE = """\
examples:
  foundry-agents doctor --agent-name support
  foundry-agents doctor --json | jq '.checks[] | select(.status == "failed")'
  foundry-agents doctor --emulator
  foundry-agents doctor --probe --model gpt-4o"""
_MIGRATE = """\
Turn a classic agent into a new one. Its new definition goes to stdout, as JSON, and what has no
counterpart to stderr. Nothing is changed without --apply, and the classic agent never is.
Conversations need no copying: histories that programs keep are replayed."""
_MIGRATE_EXAMPLE = """\
examples:
  foundry-agents migrate asst_abc123
  foundry-agents migrate asst_abc123 --name support --apply"""
_THREADS = """\
The service keeps all threads and conversations, with their messages, until they are deleted. List
them, and delete those that are no longer needed."""
_THREADS_EXAMPLE = """\
examples:
  foundry-agents threads list --generation new
  foundry-agents threads prune --older-than 30d --dry-run"""
_OF_WHICH = """\
Without --agent-name, --agent-id and --generation the environment says which agent is meant, by
AZURE_AI_AGENT_NAME or AZURE_AI_AGENT_ID. Ages count from the beginning of a thread: the service
does not tell when it was last used."""
_LIST = f"""\
List threads or conversations, newest first: id, age and metadata.

{_OF_WHICH}"""
_LIST_EXAMPLE = """\
examples:
  foundry-agents threads list --limit 20
  foundry-agents threads list --generation classic --older-than 4w --metadata user=ana"""
_PRUNE = f"""\
Delete threads or conversations for good, with all that was said in them, and say which. Nothing is
asked: see what --dry-run says first.

{_OF_WHICH}"""
_PRUNE_EXAMPLE = """\
examples:
  foundry-agents threads prune --older-than 30d --dry-run
  foundry-agents threads prune --older-than 30d --metadata env=test --metadata team=a"""
_EMULATOR = """\
Run the service on this machine until Ctrl-C, for any client. It keeps everything in memory and
listens on loopback unless --host says otherwise. What answers is a small deterministic model, or
the one of --model. Tests control it over HTTP below /_emulator: health, reset, script, faults,
requests, agents.

Faults: rate-limit, run-rate-limit, permission-denied, expired-token, server-error, html-page,
drop-before, drop-during, drop-after, cut-stream, stall, split-utf8, crlf, comments,
duplicate-events, stuck-queue, expired-run, incomplete-run, active-run, slow-first-token. Each takes
on, times, chance and what is its own (a key that there is not names those that there are).

Recordings: a session with a real service, as JSON lines, without tokens, hosts and principals, and
with numbers for ids."""
_EMULATOR_EXAMPLE = """\
examples:
  foundry-agents emulator --port 8765
  foundry-agents emulator --model openai:gpt-4o-mini --instructions "Be brief."
  foundry-agents emulator --fault rate-limit:times=3,retry_after=2 --fault stall:chance=0.1
  foundry-agents emulator --tls --agents agents.yaml --script turns.yaml --log
  foundry-agents emulator --record session.jsonl --upstream https://…/api/projects/…
  foundry-agents emulator --replay session.jsonl"""


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
    _add_doctor(commands)
    _add_threads(commands)
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


def _add_doctor(commands: Commands) -> None:
    summary = "find out why an agent cannot be asked"
    command = _add(commands, doctor, summary, _DOCTOR, _DOCTOR_EXAMPLE)
    _add_agent(command)
    json_help = "print one JSON object, and nothing else"
    command.add_argument("--json", action="store_true", help=json_help)
    add_probe_flags(command.add_argument_group("the emulator beside the service"))


def _add_agent(command: argparse.ArgumentParser) -> None:
    """Which agent is meant."""
    add = command.add_argument
    add("--emulator", action="store_true", help="ask on an emulator that is started for this")
    generations = ("classic", "new")
    add("--generation", choices=generations, help="of the emulator's agent (default: classic)")
    add("--agent-id", metavar="ID", help="a classic agent, asst_…")
    add("--agent-name", metavar="NAME", help="a new agent")
    add("--agent-version", metavar="VERSION", help="its version (default: the latest)")
    add("--endpoint", metavar="URL", help=_ENDPOINT)


def _add_flags(command: argparse.ArgumentParser, json_help: str) -> None:
    _add_agent(command)
    add = command.add_argument
    add(
        "--thread-id", metavar="ID", help="go on in this thread or conversation, thread_… or conv_…"
    )
    add("--instructions", metavar="TEXT", help="replace a classic agent's own instructions")
    add("--poll", action="store_true", help="poll, for networks that break streams")
    add("--json", action="store_true", help=json_help)


def _add_threads(commands: Commands) -> None:
    summary = "list and delete what the service keeps"
    group = _add_parser(commands, "threads", summary, _THREADS, _THREADS_EXAMPLE)
    deeds = group.add_subparsers(title="commands", metavar="<command>", required=True)
    summary = "list threads, newest first"
    listing = _add(deeds, list_threads, summary, _LIST, _LIST_EXAMPLE, name="list")
    _add_choice(listing)
    listing.add_argument("--limit", type=_count, metavar="N", help="no more than these")
    json_help = "print one JSON object a line for each, and nothing else"
    listing.add_argument("--json", action="store_true", help=json_help)
    summary = "delete threads that are old, or have some metadata"
    pruning = _add(deeds, prune_threads, summary, _PRUNE, _PRUNE_EXAMPLE, name="prune")
    _add_choice(pruning)
    pruning.add_argument("--dry-run", action="store_true", help="say which, and delete nothing")


def _add_choice(command: argparse.ArgumentParser) -> None:
    """Which threads are meant."""
    add = command.add_argument
    age_help = "only what began longer ago: 90s, 15m, 12h, 30d, 4w"
    add("--older-than", type=_age, metavar="AGE", help=age_help)
    pair_help = "only what has this in its metadata; all of them, if given again"
    add("--metadata", type=_pair, action="append", default=[], metavar="KEY=VALUE", help=pair_help)
    whose = command.add_mutually_exclusive_group().add_argument
    whose("--agent-name", metavar="NAME", help="conversations that this new agent answered in")
    id_help = "threads of this classic agent's project: they belong to no agent"
    whose("--agent-id", metavar="ID", help=id_help)
    generation_help = "all threads (classic) or all conversations (new) of the project"
    whose("--generation", choices=("classic", "new"), help=generation_help)
    add("--endpoint", metavar="URL", help=_ENDPOINT)


def _add_migrate(commands: Commands) -> None:
    summary = "turn a classic agent into a new one"
    add = _add(commands, migrate, summary, _MIGRATE, _MIGRATE_EXAMPLE).add_argument
    add("agent_id", metavar="asst_…", help="the classic agent")
    add("--name", help="the new agent's name (default: the classic one's, made to fit)")
    add("--apply", action="store_true", help="make the new agent, or a new version of it")
    add("--endpoint", metavar="URL", help=_ENDPOINT)


def _add_emulator(commands: Commands) -> None:
    summary = "run the service on this machine"
    command = _add(commands, emulator, summary, _EMULATOR, _EMULATOR_EXAMPLE)
    add = command.add_argument
    port_help = "port on loopback; 0 takes a free one (default: %(default)s)"
    add("--port", type=_port, default=8765, help=port_help)
    add("--model", metavar="PROVIDER:NAME", help="let this model answer (needs langchain)")
    add("--agent", default="helper", metavar="NAME", help="its agent's name (default: %(default)s)")
    add("--instructions", metavar="TEXT", help="its agent's instructions")
    add("--chunk-delay", type=float, default=0.0, metavar="SECONDS", help="pause between pieces")
    fault_help = "what is to go wrong, for one request unless more is said; again for more"
    add("--fault", action="append", default=[], metavar="NAME[:KEY=VALUE,…]", help=fault_help)
    keep_help = "how much is kept, of threads, conversations, responses, files, requests, bytes, "
    keep_help += "or for how many idle seconds; the longest unused goes first; again for more"
    add("--keep", action="append", default=[], metavar="NAME=NUMBER", help=keep_help)
    seed_help = "makes ids, times, and what faults meet by chance, reproducible"
    add("--seed", type=int, metavar="NUMBER", help=seed_help)
    _add_emulators_clients(command)
    recording = command.add_argument_group("recordings").add_argument
    record_help = "be a proxy to a real service, and write what is said to this new file"
    recording("--record", metavar="FILE", help=record_help)
    upstream_help = "the real service's project endpoint, asked with your identity"
    recording("--upstream", metavar="URL", help=upstream_help)
    texts_help = "write texts as they are; without it, each letter of them is an x"
    recording("--texts", action="store_true", help=texts_help)
    recording("--replay", metavar="FILE", help="serve what was recorded")


def _add_emulators_clients(command: argparse.ArgumentParser) -> None:
    """How clients of any language find the emulator, and what they find there."""
    add = command.add_argument_group("clients").add_argument
    tls_help = "speak TLS at https://localhost, as official clients demand; a folder keeps the "
    tls_help += "authority that they have to trust (default: a new one at each start)"
    add("--tls", nargs="?", const=True, default=False, metavar="FOLDER", help=tls_help)
    add("--token", metavar="TEXT", help="the only bearer token that is taken (default: any)")
    host_help = "address to listen at; 0.0.0.0 lets other machines in (default: %(default)s)"
    add("--host", default="127.0.0.1", metavar="ADDRESS", help=host_help)
    agents_help = "agents to begin with, a list of create_agent's fields, in YAML or JSON"
    add("--agents", metavar="FILE", help=agents_help)
    add("--script", metavar="FILE", help="what agents say, turn by turn, in YAML or JSON")
    add("--json", action="store_true", help="say where it is as one JSON object")
    ready_help = "write that JSON object to this file once it can be asked"
    add("--ready-file", metavar="FILE", help=ready_help)
    log_help = "a line for each request, to this file (default: stderr)"
    add("--log", nargs="?", const="-", metavar="FILE", help=log_help)


def _add(
    commands: Commands,
    run: Callable[[argparse.Namespace], int | None],
    summary: str,
    description: str,
    example: str,
    name: str | None = None,
) -> argparse.ArgumentParser:
    command = _add_parser(commands, name or run.__name__, summary, description, example)
    command.set_defaults(run=run, refuse=command.error)
    return command


def _add_parser(
    commands: Commands, name: str, summary: str, description: str, example: str
) -> argparse.ArgumentParser:
    return commands.add_parser(
        name,
        help=summary,
        description=description,
        epilog=example,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def _port(text: str) -> int:
    if text.isdecimal() and (port := int(text)) <= _LAST_PORT:
        return port
    raise argparse.ArgumentTypeError(f"{text!r} is no port: give a number up to {_LAST_PORT}")


def _count(text: str) -> int:
    if text.isdecimal() and (count := int(text)) > 0:
        return count
    raise argparse.ArgumentTypeError(f"{text!r} is no number of threads: give 1 or more")


def _age(text: str) -> int:
    """An age in seconds; none at all would mean everything."""
    form = _AGE.fullmatch(text)
    if form and (seconds := int(form[1]) * _SECONDS[form[2]]) > 0:
        return seconds
    raise argparse.ArgumentTypeError(f"{text!r} is no age: give 90s, 15m, 12h, 30d or 4w")


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if key and equals:
        return key, value
    raise argparse.ArgumentTypeError(f"{text!r} is no metadata: give KEY=VALUE")
