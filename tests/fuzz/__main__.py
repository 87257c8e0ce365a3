"""`python -m fuzz SECONDS`, in the folder `tests`: each target, guided by the code it reaches.

`python -m fuzz TARGET FILE` tries one target with a file's bytes, such as one that fuzzing left.
"""

from __future__ import annotations

import subprocess
import sys
from contextlib import redirect_stderr
from io import StringIO
from pathlib import Path
from random import Random

import atheris

# It tells of every module.
with redirect_stderr(StringIO()), atheris.instrument_imports(include=["langchain_foundry_agents"]):
    from .seeds import seeds
    from .spoiling import spoil
    from .targets import TARGETS

LEFT_IN = Path(__file__).parents[2] / ".fuzz"
"""Where the bytes of a crash are left, and what was learnt for the next time."""
_LONGEST = {"sse": 1 << 10, "body": 1 << 13, "turn": 1 << 15}
_SLOWEST, _SPOILS = 10, 0.7


def fuzz(target: str, seconds: int) -> None:
    """Try a target for so long; never returns."""
    corpus = LEFT_IN / target
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(seeds(target)):
        (corpus / f"seed-{number}").write_bytes(seed)
    options = {
        "max_total_time": seconds,
        "max_len": _LONGEST[target],
        "timeout": _SLOWEST,
        "verbosity": 0,
        "print_final_stats": 1,
        "artifact_prefix": f"{LEFT_IN}/{target}-",
    }
    told = [f"-{name}={value}" for name, value in options.items()]
    atheris.Setup([sys.argv[0], *told, str(corpus)], TARGETS[target], custom_mutator=_changed)
    atheris.Fuzz()


def _changed(data: bytes, most: int, seed: int) -> bytes:
    chance = Random(seed)
    spoilt = spoil(data, chance) if chance.random() < _SPOILS else None
    if spoilt is not None and len(spoilt) <= most:
        return spoilt
    changed: bytes = atheris.Mutate(data, most)
    return changed


def _in_a_process(target: str, seconds: int) -> bool:
    """Whether something was raised. libFuzzer ends the process that it is in."""
    print(f"Fuzzing {target} for {seconds} s; crashes are left in {LEFT_IN}.", flush=True)  # noqa: T201
    command = [sys.executable, "-m", "fuzz", target, str(seconds)]
    return subprocess.run(command, check=False).returncode != 0


def main(first: str, *rest: str) -> int:
    """1 if something was raised that should not be."""
    if first not in TARGETS:
        return max(_in_a_process(target, int(first) // len(TARGETS)) for target in TARGETS)
    if rest[0].isdecimal():
        fuzz(first, int(rest[0]))
    TARGETS[first](Path(rest[0]).read_bytes())
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
