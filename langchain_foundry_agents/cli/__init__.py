"""`foundry-agents`: talk to an agent from the shell, on Azure or on the local emulator.

An answer goes to stdout and what is to say about it to stderr; a chat goes to stdout as a whole.
What is heavy to import is imported by the command that needs it.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from typing import NoReturn

from langchain_foundry_agents.cli.arguments import new_parser
from langchain_foundry_agents.cli.printing import never_fail_to_print, note
from langchain_foundry_agents.cli.sources import CannotStartError
from langchain_foundry_agents.errors import FoundryAgentError

__all__ = ["main"]

_READER_GONE = 141
"""What a shell reports of a program that SIGPIPE ended."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run `foundry-agents`.

    Args:
        argv: The arguments; those of the process if not given.

    Returns:
        The exit code: 0, 1 after an error or a check that failed, 130 after Ctrl-C. Bad usage exits
        with 2 at once.
    """
    never_fail_to_print()
    args = new_parser().parse_args(argv)
    signal.signal(signal.SIGTERM, _stop)
    try:
        code: int | None = args.run(args)
    except (FoundryAgentError, CannotStartError) as error:
        note(f"foundry-agents: {error}")
        return 1
    except KeyboardInterrupt as stopped:
        if sys.stderr.isatty():
            note()
        return 128 + (stopped.args[0] if stopped.args else signal.SIGINT)
    except BrokenPipeError:
        # Python would complain at exit about what it cannot flush.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _READER_GONE
    return code or 0


def _stop(number: int, _frame: object) -> NoReturn:
    """SIGTERM leaves no run behind either."""
    raise KeyboardInterrupt(number)
