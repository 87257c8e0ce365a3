"""`foundry-agents chat`: one question after another, in one thread."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import suppress

from langchain_foundry_agents.cli.answers import hear
from langchain_foundry_agents.cli.printing import Tally, dim, label, note, prompt, say, say_json
from langchain_foundry_agents.cli.sources import open_model
from langchain_foundry_agents.errors import FoundryAgentError


def chat(args: argparse.Namespace) -> None:
    """Ask the questions of the command line, or those that are typed or piped in."""
    tally = Tally(thread_id=args.thread_id)
    typed = not args.questions and sys.stdin.isatty()
    with open_model(args) as model:
        try:
            for question in _typed(args) if typed else _given(args):
                try:
                    answer = hear(
                        model, question, tally.thread_id, None if args.json else label("agent")
                    )
                except FoundryAgentError as error:
                    if not typed:
                        raise
                    note(f"foundry-agents: {error}")
                    continue
                tally.add(answer)
                if args.json:
                    say_json(answer)
                else:
                    say()
        finally:
            if tally.answers and not args.json:
                say(dim(tally.line(), sys.stdout))


def _given(args: argparse.Namespace) -> Iterator[str]:
    for line in args.questions or sys.stdin:
        if not (question := line.strip()):
            return
        if not args.json:
            say(label("you") + question)
        yield question


def _typed(args: argparse.Namespace) -> Iterator[str]:
    with suppress(ImportError):
        import readline  # noqa: F401 - gives `input` line editing and a history
    while True:
        try:
            question = input("" if args.json else prompt("you")).strip()
        except (EOFError, KeyboardInterrupt):
            note()
            return
        if not question:
            return
        yield question
