"""`foundry-agents emulator --record` and `--replay`: sessions with a real service, kept."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from langchain_foundry_agents.cli.printing import say
from langchain_foundry_agents.cli.serving import serving
from langchain_foundry_agents.cli.sources import CannotStartError

if TYPE_CHECKING:
    from langchain_foundry_agents.emulator.recording import FoundryRecorder, FoundryReplay

_OTHERS = ("model", "instructions", "fault", "keep", "seed")
_RECORDING = """\
What is asked here goes to {upstream} and is written to {path}, {how}.
Ctrl-C ends it.

  export AZURE_AI_PROJECT_ENDPOINT={endpoint}
"""
_REPLAYING = """\
{path} is served: {count} exchanges, {how}. Ctrl-C ends it.

  export AZURE_AI_PROJECT_ENDPOINT={endpoint}
"""


def record(args: argparse.Namespace) -> None:
    """Pass everything on to a real service, and write it down."""
    if not (args.record and args.upstream) or args.replay:
        args.refuse("a recording needs both: --record FILE --upstream URL")
    _refuse_others(args)
    recorder = _recorder(args)
    with serving(recorder, args.port):
        told = {"upstream": args.upstream, "path": args.record, "how": _how(texts=args.texts)}
        say(_RECORDING.format(endpoint=recorder.project_endpoint, **told), end="")


def replay(args: argparse.Namespace) -> None:
    """Serve what was recorded."""
    _refuse_others(args)
    service = _replay(args)
    with serving(service, args.port):
        told = {"path": args.replay, "count": service.left, "how": _how(texts=service.texts)}
        say(_REPLAYING.format(endpoint=service.project_endpoint, **told), end="")


def _recorder(args: argparse.Namespace) -> FoundryRecorder:
    from langchain_foundry_agents._credentials import token_source
    from langchain_foundry_agents._endpoint import read_endpoint

    try:
        from langchain_foundry_agents.emulator.recording import FoundryRecorder
    except ImportError as error:
        raise CannotStartError(error) from error
    upstream = read_endpoint(args.upstream)
    own = upstream.is_loopback and upstream.is_plain_http
    tokens = token_source(None, upstream.scope, loopback=own)
    options = {"authorize": tokens.headers, "texts": args.texts, "port": args.port}
    try:
        return FoundryRecorder(upstream.url, Path(args.record), **options)
    except OSError as error:
        raise CannotStartError(
            f"{args.record} cannot be written ({error.strerror}). A recording is never "
            "overwritten: name a new file."
        ) from error


def _replay(args: argparse.Namespace) -> FoundryReplay:
    try:
        from langchain_foundry_agents.emulator.recording import FoundryReplay
    except ImportError as error:
        raise CannotStartError(error) from error
    try:
        return FoundryReplay(Path(args.replay), port=args.port)
    except OSError as error:
        raise CannotStartError(f"{args.replay} cannot be read ({error.strerror}).") from error
    except ValueError as error:
        raise CannotStartError(error) from error


def _refuse_others(args: argparse.Namespace) -> None:
    """No brain answers here, and nothing goes wrong but what does."""
    if given := [f"--{name}" for name in _OTHERS if getattr(args, name) not in (None, [])]:
        args.refuse(f"{', '.join(given)}: not for --record and --replay")


def _how(*, texts: bool) -> str:
    return "texts included" if texts else "with all letters of texts as x"
