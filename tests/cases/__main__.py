"""`python tests/cases [AREA …]`: runs what people met, one script each, and prints what fails.

A script exits 0 where the package is right, and prints what it saw. Those that show what is not
repaired yet stand in `open.toml`, with the reason; one of them that passes has to leave the list.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
OPEN: dict[str, str] = tomllib.loads((FOLDER / "open.toml").read_text())["open"]
STATES = {
    (True, False): "ok",
    (False, False): "FAILED",
    (False, True): "open",
    (True, True): "NO LONGER OPEN",
}
"""By whether a script passes, and whether it is known to be open."""
LONGEST = 200
"""Seconds that one script may take."""


def main(areas: list[str]) -> int:
    """Run the scripts of these areas, or all; 1 if one is not as expected."""
    scripts = [
        path for path in sorted(FOLDER.glob("*/*.py")) if path.parent.name in areas or not areas
    ]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        states = [*pool.map(check, scripts)]
    wrong = sum(map(str.isupper, states))
    print(f"{len(states) - wrong} passed, {wrong} failed")
    return min(wrong, 1)


def check(path: Path) -> str:
    """Run one script; what is to be said of it, with what it saw if it is not as expected."""
    name = f"{path.parent.name}/{path.stem}"
    began = time.monotonic()
    passed, output = run(path)
    state = STATES[passed, name in OPEN]
    seen = f"\n{output[-4000:]}" if state.isupper() else ""
    print(f"{state:6} {name} ({time.monotonic() - began:.0f} s){seen}", flush=True)
    return state


def run(path: Path) -> tuple[bool, str]:
    """Whether a script passes, and what it prints."""
    environment = {**os.environ, "PYTHONPATH": f"{FOLDER}{os.pathsep}{FOLDER.parent.parent}"}
    try:
        done = subprocess.run(
            [sys.executable, str(path)],
            cwd=path.parent,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=LONGEST,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return False, f"It did not end within {LONGEST} seconds."
    return done.returncode == 0, done.stdout.decode(errors="replace")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
