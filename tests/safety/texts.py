"""All texts in which a secret could be read."""

from __future__ import annotations

import json
import pickle
import traceback
from collections.abc import Iterator

from langchain_core.tracers import BaseTracer
from langchain_core.tracers.schemas import Run


class Notebook(BaseTracer):
    """Writes down all that a tracer is told."""

    def __init__(self) -> None:
        super().__init__()
        self.runs: list[Run] = []

    def _persist_run(self, run: Run) -> None:
        self.runs.append(run)

    def read(self) -> str:
        """All of it as text."""
        return "".join(json.dumps(run.model_dump(), default=repr) for run in self.runs)


def chain_of(error: BaseException) -> Iterator[BaseException]:
    """An error, and those behind it, also the hidden ones."""
    left, seen = [error], set[int]()
    while left:
        one = left.pop()
        if id(one) not in seen:
            seen.add(id(one))
            yield one
            left += [more for more in (one.__cause__, one.__context__) if more is not None]
            left += getattr(one, "exceptions", ())


def texts_of_error(error: BaseException) -> Iterator[str]:
    """What an error, and each one behind it, shows; what the first one writes to a pickle."""
    for one in chain_of(error):
        yield from (str(one), repr(one), repr(one.args), repr(vars(one)))
    yield "".join(traceback.format_exception(error))
    yield pickle.dumps(error).decode("latin-1")
