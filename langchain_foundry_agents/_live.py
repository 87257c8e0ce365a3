"""The line that shows what a turn does while it works: in terminals on stderr, and in notebooks.

Terminals are drawn on by rich, one line a turn, which its own thread keeps moving. A notebook's
display changes with each step. Nothing here is imported before a turn wants it.
"""

from __future__ import annotations

import sys
import time
import warnings
from functools import cache
from html import escape
from importlib.util import find_spec
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

from langchain_foundry_agents._flow.effects import Flow
from langchain_foundry_agents._flow.watch import Line, watch
from langchain_foundry_agents._notebook import in_notebook

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

Result = TypeVar("Result")


def shown(flow: Flow[Result], *, whole: bool) -> Flow[Result]:
    """A turn's flow that shows what it does, where there is anything to show it on."""
    line = _line()
    return watch(flow, line, whole=whole) if line else flow


def _line() -> Line | None:
    if in_notebook():
        return _InNotebook()
    if not sys.stderr.isatty():
        return None
    if find_spec("rich") is None:
        warnings.warn(
            "progress=True draws with rich, which is not installed: "
            "pip install 'langchain-foundry-agents[display]'.",
            stacklevel=2,
        )
        return None
    from rich.console import Console

    return _InTerminal(_board()) if Console(stderr=True).is_interactive else None


class _Board:
    """The lines of all turns that work at the same time."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._progress: Progress | None = None

    def say(self, task: TaskID | None, step: str) -> TaskID:
        """Put a step on a line, which is a new one without a task."""
        with self._lock:
            if self._progress is None:
                self._progress = _new_progress()
                self._progress.start()
            if task is None:
                return self._progress.add_task(step, total=None)
            self._progress.update(task, description=step)
            return task

    def remove(self, task: TaskID) -> None:
        """Take a line away; the last one takes the board with it."""
        with self._lock:
            if self._progress is None:
                return
            self._progress.remove_task(task)
            if not self._progress.tasks:
                self._progress.stop()
                self._progress = None


def _new_progress() -> Progress:
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn()
    # What others write is theirs: rich would take it through this console, and hold lines back.
    own = {"transient": True, "redirect_stdout": False, "redirect_stderr": False}
    return Progress(*columns, console=Console(stderr=True), **own)  # type: ignore[arg-type]


@cache
def _board() -> _Board:
    return _Board()


class _InTerminal:
    """A line on stderr."""

    def __init__(self, board: _Board) -> None:
        self._board = board
        self._task: TaskID | None = None
        self._step = ""

    def say(self, step: str) -> None:
        """As `Line.say`."""
        if step != self._step:
            self._task, self._step = self._board.say(self._task, step), step

    def clear(self) -> None:
        """As `Line.clear`."""
        if self._task is not None:
            self._board.remove(self._task)
        self._task, self._step = None, ""


class _InNotebook:
    """A display that is updated, and empty in the end."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._step = ""
        self._handle: Any = None

    def say(self, step: str) -> None:
        """As `Line.say`."""
        if step != self._step:
            self._show(f"{step} · {time.monotonic() - self._began:.0f} s")
            self._step = step

    def clear(self) -> None:
        """As `Line.clear`."""
        if self._step:
            self._show("")
            self._step = ""

    def _show(self, text: str) -> None:
        html = f'<span style="opacity: .7">⏳ {escape(text)}</span>' if text else ""
        bundle = {"text/plain": text, "text/html": html}
        if self._handle is None:
            from IPython.display import display

            self._handle = display(bundle, raw=True, display_id=True)
        else:
            self._handle.update(bundle, raw=True)
