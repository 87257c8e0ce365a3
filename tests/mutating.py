"""`python tests/mutating.py _flow.retry`, after mutmut made the mutants: tries those of a module.

mutmut starts pytest anew for each mutant. Here the tests are collected once, and each mutant has a
fork of that session, which keeps no tracebacks and begins with the tests that noticed most so far:
some twenty times as many a second.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import signal
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

_PACKAGE = "langchain_foundry_agents"
_LIVES, _DIES, _UNREACHED, _TIMES_OUT = 0, 1, 33, 36
"""What mutmut notes of a mutant."""
_MEMORY = 4 << 30

Mutant = tuple[Path, str]
"""The notes of its file, and its name."""
_NONE = Path(), ""


@dataclass(eq=False)
class Trials:
    """A plugin of pytest that runs the tests once for each mutant, not for themselves."""

    module: str
    notes: dict[Path, dict[str, dict[str, int | None]]] = field(init=False)
    reach: dict[str, list[str]] = field(init=False)
    takes: dict[str, float] = field(init=False)
    kills: Counter[str] = field(default_factory=Counter)
    _running: dict[int, tuple[Mutant, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Read what mutmut keeps: the mutants of each file, and which tests reach a function."""
        self.notes = {path: json.loads(path.read_text()) for path in Path().rglob("*.py.meta")}
        stats = json.loads(Path("mutmut-stats.json").read_text())
        self.reach = stats["tests_by_mangled_function_name"]
        self.takes = stats["duration_by_test"]

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Try all mutants, as many at once as there are cores."""
        items = {item.nodeid: item for item in session.items}
        gc.freeze()  # else the first collection of each fork copies all
        self._start(_NONE, session.items)
        if self._hear() != _LIVES:
            raise pytest.UsageError(f"A test fails without any mutant: {[*self.kills]}")
        told = Counter[int]()
        for path, mutant in self._mutants():
            tests = [items[id_] for id_ in self._tests(mutant) if id_ in items]
            if not tests:
                self._note(path, mutant, _UNREACHED)
                continue
            if len(self._running) == os.cpu_count():
                told[self._hear()] += 1
            self._start((path, mutant), tests)
        while self._running:
            told[self._hear()] += 1
        print(f"{told.total()} mutants tried, {told[_LIVES]} live", file=sys.__stdout__)
        return True

    def _mutants(self) -> Iterator[Mutant]:
        for path, note in self.notes.items():
            for mutant in note["exit_code_by_key"]:
                if mutant.startswith(f"{_PACKAGE}.{self.module}"):
                    yield path, mutant

    def _tests(self, mutant: str) -> list[str]:
        """Those that reach its function: first what noticed most, then the fastest."""
        reach = self.reach.get(mutant.rpartition("__mutmut_")[0], [])
        return sorted(reach, key=lambda id_: (-self.kills[id_], self.takes.get(id_, 0)))

    def _start(self, mutant: Mutant, tests: list[pytest.Item]) -> None:
        heard, told = os.pipe()
        if not (pid := os.fork()):
            self._try(mutant[1], tests, told)
        os.close(told)
        self._running[pid] = mutant, heard

    def _hear(self) -> int:
        pid, status = os.wait()
        code = os.waitstatus_to_exitcode(status)
        (path, mutant), heard = self._running.pop(pid)
        with os.fdopen(heard) as told:
            self.kills.update(told.read().splitlines())
        code = code if code >= 0 else _TIMES_OUT
        if mutant:
            self._note(path, mutant, code)
        return code

    def _note(self, path: Path, mutant: str, code: int) -> None:
        self.notes[path]["exit_code_by_key"][mutant] = code
        path.write_text(json.dumps(self.notes[path]))

    def _try(self, mutant: str, tests: list[pytest.Item], told: int) -> None:
        """Run the tests on a mutant, in a process of its own, up to the first that fails."""
        os.environ["MUTANT_UNDER_TEST"] = mutant
        seconds = 10 + 5 * sum(self.takes.get(item.nodeid, 0) for item in tests)
        signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
        signal.setitimer(signal.ITIMER_REAL, 6 * seconds)
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, 1)
        os.dup2(nothing, 2)
        code = _DIES
        try:
            session = tests[0].session
            for item, after in zip(tests, [*tests[1:], None], strict=True):
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
                if session.testsfailed:
                    os.write(told, item.nodeid.encode())
                    break
            else:
                code = _LIVES
        finally:
            os._exit(code)


def main(module: str) -> None:
    """Try the mutants of a module, or of all whose names begin so."""
    told = tomllib.loads(Path("pyproject.toml").read_text())["tool"]["mutmut"]
    os.chdir("mutants")
    os.environ["MUTANT_UNDER_TEST"] = ""
    sys.path[:0] = [str(Path.cwd())]
    args = [*told["pytest_add_cli_args"], *told["pytest_add_cli_args_test_selection"]]
    pytest.main(["--rootdir=.", "-q", "-s", "--tb=no", *args], plugins=[Trials(module)])


if __name__ == "__main__":
    main(sys.argv[1])
