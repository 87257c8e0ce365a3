"""`foundry-agents ask`: one question."""

from __future__ import annotations

import argparse
import sys

from langchain_foundry_agents.cli.answers import hear
from langchain_foundry_agents.cli.printing import Tally, dim, note, say_json
from langchain_foundry_agents.cli.sources import open_model


def ask(args: argparse.Namespace) -> None:
    """Ask one question; the answer to stdout, ids and usage to stderr."""
    question = args.question
    if question == "-" or (question is None and not sys.stdin.isatty()):
        question = sys.stdin.read().strip()
    if not question or not question.strip():
        args.refuse("there is no question")
    with open_model(args) as model:
        answer = hear(model, question, args.thread_id, None if args.json else "")
    if args.json:
        say_json(answer)
    else:
        note(dim(Tally().add(answer).line(), sys.stderr))
