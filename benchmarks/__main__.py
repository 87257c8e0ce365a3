"""Measure everything side by side in one run, and write RESULTS.md."""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
import warnings
from collections.abc import AsyncIterator
from contextlib import redirect_stdout
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import httpx

from benchmarks import crowds, starts, streams, turns
from benchmarks.clients import PEERS
from benchmarks.figures import Section
from benchmarks.floors import Bare
from benchmarks.measuring import run, service

_PAGE = Path(__file__).with_name("RESULTS.md")
_PACKAGES = "langchain-core", "httpx", "h11", "pydantic", *PEERS
_INTRODUCTION = """\
# Results

{met} of {all} goals are met. `make bench` writes this page anew; [README.md](README.md) says what
is measured and how, [PROFILE.md](PROFILE.md) where the time goes. Ratios are of one run, in which
all ways alternate.

{machine}, load {before} before and {after} after; {versions}; {rounds} rounds, {minutes:.0f}
minutes.

Bursts of thousands of deltas in one read are not measured: models write 20 to 100 tokens a second.

What was missed so far, and why:

- **1,000 streams, all at once, of bare httpx's throughput.** LangChain makes 50,000 chunks: its
  floor, without any reading, takes longer than bare httpx, and we take more than twice that
  floor. At the pace of real agents the goal is met.
- **Memory of 1,000 paced streams.** It is between 64 and 79 KiB a stream, from run to run.
  LangChain keeps a stream's chunks until its end, and 50 of them are 90 KiB; not all streams are at
  their ends together.
- **Paced deltas, `stream`.** Between 1.10 and 1.26 times the floor, from run to run: about 55 of
  the 203 calls for a delta are ours.
- **The import.** Ours takes 18 ms after core's, which is 1.04 times; where ours begins it, core
  itself takes 10 ms more, as CPython 3.11 imports it slower from deeper down.
"""


async def _sections(url: str, scale: int) -> AsyncIterator[Section]:
    with httpx.Client(trust_env=False) as client:
        async with httpx.AsyncClient(trust_env=False, timeout=120) as aclient:
            bare = Bare(url, client, aclient)
            yield await turns.requests(bare)
            yield await turns.instant(bare, 10 * scale)
            yield await turns.long_run(bare, scale)
            yield await turns.first_chunk(bare, 10 * scale)
            yield await streams.paced(bare, 4 * scale, 200)
            yield crowds.crowd(bare, max(1, scale // 2))
            yield crowds.threads(bare)
            yield await turns.long_history(bare, 2 * scale)
            yield await starts.imports(2 * scale)
            yield await starts.constructing(url, 10 * scale)


async def _measure(url: str, scale: int) -> list[Section]:
    sections = []
    async for section in _sections(url, scale):
        print(section.text(), file=sys.stderr, flush=True)
        sections.append(section)
    return sections


def main() -> None:
    """Measure, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=int, default=5, help="rounds; the page is of 5")
    parser.add_argument("--page", type=Path, default=_PAGE, help="where to write it")
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    before, began = os.getloadavg()[0], time.monotonic()
    # langchain-azure-ai prints each answer.
    with service() as url, Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere):
        sections = run(_measure(url, args.scale))
    figures = [figure for section in sections for figure in section.figures]
    introduction = _INTRODUCTION.format(
        met=sum(figure.is_met for figure in figures),
        all=len(figures),
        machine=f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.machine()}",
        before=f"{before:.1f}",
        after=f"{os.getloadavg()[0]:.1f}",
        versions=", ".join(f"{name} {_version(name)}" for name in _PACKAGES),
        rounds=args.scale,
        minutes=(time.monotonic() - began) / 60,
    )
    texts = [introduction, *(section.text() for section in sections)]
    args.page.write_text("\n".join(texts), encoding="utf-8")


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not there"


if __name__ == "__main__":
    main()
