"""Run every scenario through every peer, each peer in a process of its own; write PEERS.md."""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import sys
import threading
import time
import warnings
from contextlib import redirect_stdout
from importlib import import_module
from importlib.metadata import requires, version
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

from benchmarks.peers.desk import Desk
from benchmarks.peers.scenarios import SCENARIOS, Scenario, Verdict, explain
from langchain_foundry_agents.emulator import FoundryEmulator, ScriptedBrain

_PEERS = {
    "ChatFoundryAgent": ("benchmarks.peers.ours", "Ours"),
    "langchain-azure-ai agents.v1": ("benchmarks.peers.azure_graph", "AzureGraph"),
    "litellm azure_ai/agents": ("benchmarks.peers.litellm_handler", "LiteLlm"),
}
_PATIENCE = 20
_MARKS = {True: "✓", False: "✗", None: "–"}
_TABLE = Path(__file__).parents[1] / "PEERS.md"
_INTRODUCTION = """\
# What each client keeps, and what it loses

The same scenarios through {count} clients of classic Foundry agents, on the same emulator. Each is
used as its own documentation does. A verdict is computed from what reached the caller and from what
the service holds afterwards; an error is quoted as the client raised it. A scenario may take
{patience} seconds. `benchmarks/peers/scenarios.py` says what is tried; `make peers` writes this
file anew.
"""


def main() -> None:
    """Write the table, or with `--peer` run one peer and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer", choices=_PEERS, help="only this one, as JSON")
    peer = parser.parse_args().peer
    if peer:
        with redirect_stdout(sys.stderr):
            found = _run(peer)
        print(json.dumps(found))
        return
    began = time.monotonic()
    processes = {name: _start(name) for name in _PEERS}
    found = {name: _finish(process) for name, process in processes.items()}
    _TABLE.write_text(_table(found), encoding="utf-8")
    print(_table(found))
    for name, one in found.items():
        slow = ", ".join(f"{row['title']} {row['seconds']:.1f} s" for row in _slowest(one))
        print(f"{name}: {one['seconds']:.1f} s; the slowest: {slow}")
    print(f"All: {time.monotonic() - began:.1f} s. Written to {_TABLE.name}.")


def _start(peer: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "benchmarks.peers", "--peer", peer]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdout=pipe, stderr=subprocess.DEVNULL, text=True)  # noqa: S603 - ours


def _finish(process: subprocess.Popen[str]) -> Any:
    output, _ = process.communicate()
    if process.returncode:
        sys.exit(f"A peer failed; this shows why: {process.args!r}")
    return json.loads(output)


def _run(peer: str) -> dict[str, Any]:
    """Every scenario's verdict and seconds."""
    warnings.simplefilter("ignore")
    module, name = _PEERS[peer]
    kind = getattr(import_module(module), name)
    began = time.monotonic()
    rows = []
    for scenario in SCENARIOS:
        started = time.monotonic()
        mark, words = _try(scenario, kind)
        seconds = time.monotonic() - started
        rows.append({"title": scenario.title, "mark": mark, "words": words, "seconds": seconds})
    return {
        "rows": rows,
        "seconds": time.monotonic() - began,
        "versions": {package: version(package) for package in kind.packages},
        "broken": _broken(kind.packages[0]),
    }


def _try(scenario: Scenario, kind: type) -> Verdict:
    """The verdict; the peer's own error, or that it took too long."""
    brain = ScriptedBrain(scenario.script) if scenario.script else None
    found: list[Verdict] = []
    with FoundryEmulator(
        brain, chunk_delay=scenario.chunk_delay, queue_delay=scenario.queue_delay
    ) as emulator:
        desk = Desk(emulator)

        def act() -> None:
            try:
                found.append(scenario.act(kind, desk))
            except Exception as error:  # noqa: BLE001 - the error is the finding
                found.append((False, explain(error)))

        thread = threading.Thread(target=act, daemon=True)
        thread.start()
        thread.join(_PATIENCE)
        if found:
            return found[0]
        runs = desk.runs()
        status = f"; the run is {runs[-1]['status']}" if runs else ""
        return False, f"gave up after {_PATIENCE} s{status}"


def _broken(package: str) -> list[str]:
    """Requirements of the package that this environment had to break."""
    needed = [Requirement(line) for line in requires(package) or ()]
    plain = [one for one in needed if one.marker is None]
    return [
        f"{one.name}{one.specifier}"
        for one in plain
        if not one.specifier.contains(version(one.name), prereleases=True)
    ]


def _slowest(found: Any) -> list[Any]:
    return sorted(found["rows"], key=lambda row: -row["seconds"])[:3]


def _table(found: dict[str, Any]) -> str:
    lines = [_INTRODUCTION.format(count=len(found), patience=_PATIENCE)]
    shared = ", ".join(f"{name} {version(name)}" for name in ("langchain-core", "httpx"))
    lines.append(f"Python {platform.python_version()}, {shared}.\n")
    for name, one in found.items():
        packages = ", ".join(f"{package} {number}" for package, number in one["versions"].items())
        kept = [row["mark"] for row in one["rows"] if row["mark"] is not None]
        broken = "".join(
            f" It asks for {need}, with which this part of it refuses to be imported."
            for need in one["broken"]
        )
        lines.append(f"- **{name}** ({packages}): {sum(kept)} of {len(kept)}.{broken}")
    lines.append("")
    lines.append(_row(["", *found]))
    lines.append(_row(["---"] * (len(found) + 1)))
    for place, scenario in enumerate(SCENARIOS):
        rows = [one["rows"][place] for one in found.values()]
        cells = [f"{_MARKS[row['mark']]} {row['words']}" for row in rows]
        lines.append(_row([scenario.title, *cells]))
    return "\n".join(lines) + "\n"


def _row(cells: list[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


if __name__ == "__main__":
    main()
