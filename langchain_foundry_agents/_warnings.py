"""Warnings that name the caller's own line, however many layers of LangChain lie between."""

from __future__ import annotations

import inspect
import warnings
from itertools import takewhile

_BETWEEN = (
    "langchain_foundry_agents",
    "langchain",
    "langchain_core",
    "langgraph",
    "langsmith",
    "pydantic",
    "asyncio",
    "concurrent",
    "contextvars",
    "contextlib",
    "functools",
    "threading",
)
"""Packages that call a model for somebody else."""


def warn_caller(message: str) -> None:
    """Warn about the call that a program of the user's made: its line is the one that is shown.

    In a worker thread, which no such line leads to, it is about the call here.
    """
    frame, level = inspect.currentframe(), 1
    while frame and frame.f_back and _package(frame.f_globals) in _BETWEEN:
        frame, level = frame.f_back, level + 1
    outside = frame and _package(frame.f_globals) not in _BETWEEN
    warnings.warn(message, stacklevel=level if outside else 2)


def _package(names: dict[str, object]) -> str:
    return "".join(takewhile(lambda sign: sign != ".", str(names.get("__name__", ""))))
