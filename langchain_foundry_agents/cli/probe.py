"""`foundry-agents doctor --probe`: the emulator and a service side by side, case by case."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from langchain_foundry_agents.cli.printing import note, say
from langchain_foundry_agents.cli.sources import CannotStartError, new_emulator

if TYPE_CHECKING:
    from langchain_foundry_agents._parity.case import Case
    from langchain_foundry_agents._parity.compare import Difference
    from langchain_foundry_agents._parity.probe import Compared
    from langchain_foundry_agents._parity.target import Target

_ISSUES = "https://github.com/langchain-foundry-agents/langchain-foundry-agents/issues"
_SEND, _PLACE, _WIDEST = 66, 40, 36
_SHOWN = 300
# So many cases without an answer are enough to give up.
_ENOUGH = 3


# The service refuses tokens that are not its own: so does the emulator that stands beside it.
PROBE_TOKEN = "foundry-emulator"  # noqa: S105 - public by design


def add_probe_flags(command: argparse._ActionsContainer) -> None:
    """What a probe needs to be told."""
    add = command.add_argument
    add("--probe", action="store_true", help="ask both what is not known for sure")
    add("--model", metavar="DEPLOYMENT", help="the model deployment that scratch agents use")
    add("--all", action="store_true", help="ask everything, not only what is open")
    add("--area", help="ask only this: runs, messages, responses … (the transcript has the names)")
    add("--yes", action="store_true", help="go on without asking")
    file_help = "where the transcript goes (default: %(default)s)"
    add("--transcript", type=Path, metavar="FILE", default=Path("probe.json"), help=file_help)


def probe(args: argparse.Namespace) -> int:
    """Ask the emulator and the service, and print what differs; 1 if anything does.

    Raises:
        CannotStartError: Nobody agreed to it, or the service does not answer.
    """
    if not args.model:
        args.refuse("say which model deployment scratch agents are to use: --model")
    from langchain_foundry_agents._parity.probe import questions

    cases = questions(everything=args.all, area=args.area)
    if not cases:
        args.refuse(f"no question is open in the area {args.area!r}: give another --area, or --all")
    _agree(cases, args)
    done: list[Compared] = []
    with _service(args) as service:
        try:
            _ask(service, cases, done)
        finally:
            if done:
                _write(done, args.transcript)
    return int(any(one.differences() for one in done))


@contextmanager
def _service(args: argparse.Namespace) -> Iterator[Target]:
    """The service that is asked: an emulator, if that is wanted, to see the command at work."""
    from langchain_foundry_agents._parity.target import PACE, Target, emulated

    if not args.emulator:
        where = {"project_endpoint": args.endpoint} if args.endpoint else {}
        yield Target(model=args.model, **where)
        return
    with new_emulator(chunk_delay=PACE, token=PROBE_TOKEN) as started:
        yield emulated(started.project_endpoint, started.credential, args.model)


def _ask(service: Target, cases: tuple[Case, ...], done: list[Compared]) -> None:
    from langchain_foundry_agents._parity.probe import compare
    from langchain_foundry_agents._parity.target import PACE, emulated

    known: set[Difference] = set()
    with new_emulator(chunk_delay=PACE, token=PROBE_TOKEN) as started:
        emulator = emulated(started.project_endpoint, started.credential, service.model)
        for one in compare(emulator, service, cases):
            done.append(one)
            for line in lines(one, known):
                say(line)
            if len(done) == _ENOUGH and not any(one.theirs.seen for one in done):
                raise CannotStartError(f"The service answers nothing ({one.theirs.problem}).")


def lines(compared: Compared, known: set[Difference]) -> Iterator[str]:
    """A case for a reader; what differed in the same way before is only counted.

    Args:
        compared: the case.
        known: the differences so far; those of this case are added.
    """
    found = compared.differences()
    if not found:
        yield f"{_title(compared.case):<{_SEND}}   same"
        return
    yield f"{_title(compared.case):<{_SEND}}   emulator  service"
    for row in compared.exchanges():
        ours, theirs = (str(seen.status) if seen else "–" for seen in (row.ours, row.theirs))
        differing = row.differences()
        verdict = "differs" if differing else "same"
        yield f"  {row.exchange.send:<{_SEND}} {ours:<9} {theirs:<8} {verdict}"
        yield from _marked(differing, known)
    ends = [one for one in found if one.place == "end"]
    yield from _marked(ends, known)


def _marked(found: Iterable[Difference], known: set[Difference]) -> Iterator[str]:
    repeated = 0
    for one in found:
        shown = one._replace(ours=_text(one.ours), theirs=_text(one.theirs))
        if shown in known:
            repeated += 1
            continue
        known.add(shown)
        if max(len(shown.ours), len(shown.theirs)) <= _WIDEST:
            yield f"  ! {one.place:<{_PLACE}} {shown.ours:<{_WIDEST}} {shown.theirs}"
        else:
            yield from (f"  ! {one.place}", f"      emulator  {shown.ours}")
            yield f"      service   {shown.theirs}"
    if repeated:
        yield f"  ! and {repeated} more as above"


def _agree(cases: tuple[Case, ...], args: argparse.Namespace) -> None:
    """Tell what it will cost, and let the user say no."""
    runs = sum(case.runs for case in cases)
    note(
        f"This asks the emulator and the service {len(cases)} questions. Scratch agents with the "
        f"model {args.model} answer in it (runs and responses: {runs}), which the service bills. "
        "Agents, threads, conversations, files and stores that are made for it are deleted."
    )
    if args.yes:
        return
    if not sys.stdin.isatty():
        raise CannotStartError("Nobody is there to agree to that: add --yes.")
    note("Go on? [y/N]")
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise CannotStartError("Nothing was asked.")


def _write(done: list[Compared], file: Path) -> None:
    from langchain_foundry_agents._parity.probe import transcript

    text = json.dumps(transcript(done), indent=1, ensure_ascii=False)
    file.write_text(text + "\n", encoding="utf-8")
    differing = sum(bool(one.differences()) for one in done)
    say(f"{len(done)} questions: {len(done) - differing} answered the same, {differing} otherwise.")
    for path in [path for one in done for path in one.theirs.left]:
        note(f"Could not be deleted: {path}")
    note(f"The transcript is in {file}, without ids, addresses and texts of the model's. To report")
    note(f"what differs, look it through and attach it at {_ISSUES}")


def _title(case: Case) -> str:
    return f"{case.area}: {case.name}"


def _text(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + " …"
