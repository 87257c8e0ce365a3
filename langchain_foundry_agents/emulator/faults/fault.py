"""Faults of the service by name: which requests they meet, how often, with which chance."""

from __future__ import annotations

import difflib
import inspect
import json
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from types import TracebackType
from typing import Any, Literal, Self, get_args, get_origin, get_type_hints

from langchain_foundry_agents.emulator.exchange import Request
from langchain_foundry_agents.emulator.faults.foreign import free_place
from langchain_foundry_agents.emulator.faults.mishaps import Mishap
from langchain_foundry_agents.emulator.faults.table import FAULTS
from langchain_foundry_agents.emulator.responses.surfaces import find_surface
from langchain_foundry_agents.emulator.routing import below_project
from langchain_foundry_agents.emulator.state import State

ASKING = ("POST /threads/runs", "POST /threads/*/runs", "POST /responses")
"""Requests that create a run or a response."""

_ROUTE = re.compile(r"(?:([A-Z]+) )?(\*\*|/\S+)")
_RUNS = re.compile(r"/threads(?:/[^/]+)?/runs|/threads/[^/]+/runs/[^/]+/submit_tool_outputs")
_OWN = ("on", "times", "chance")


@dataclass(frozen=True, slots=True, init=False)
class Fault:
    """A fault of the service.

    Args:
        name: one of `FAULTS`, such as `rate-limit` or `cut-stream`.
        on: the requests that it can meet, as `METHOD /path` or `/path`, or several of these. `*`
            stands for one part of a path, `**` for any rest. Paths of the new generation count from
            its surface: `POST /responses`. By default: what creates a run or response.
        times: how many requests meet it: one by default, any number if there is a chance.
        chance: with which probability a request meets it; 1 for every request.
        parameters: the fault's own, such as `retry_after`.

    Raises:
        ValueError: a name or parameter that there is not, or a value that cannot be.

    Examples:
        >>> Fault("rate-limit", times=2, retry_after=0.5).name
        'rate-limit'
    """

    name: str
    on: tuple[str, ...]
    times: int | None
    chance: float
    parameters: Mapping[str, Any]
    routes: tuple[tuple[str | None, re.Pattern[str]], ...] = field(repr=False, compare=False)
    mishap: Mishap = field(repr=False, compare=False)

    def __init__(
        self,
        name: str,
        *,
        on: str | tuple[str, ...] = ASKING,
        times: int | None = None,
        chance: float | None = None,
        **parameters: Any,
    ) -> None:
        _check_name(name)
        _check_parameters(name, parameters)
        for setting, value in (("times", times), ("chance", chance)):
            if value is not None:
                _check_number(name, setting, value)
        values: dict[str, Any] = {
            "name": name,
            "on": (on,) if isinstance(on, str) else tuple(on),
            "times": 1 if times is None and chance is None else times,
            "chance": 1.0 if chance is None else chance,
            "parameters": parameters,
            "mishap": FAULTS[name](**parameters),
        }
        values["routes"] = tuple(map(_read_route, values["on"]))
        for setting, value in values.items():
            object.__setattr__(self, setting, value)

    @classmethod
    def parse(cls, text: str) -> Fault:
        """Reads `NAME`, or `NAME:KEY=VALUE,KEY=VALUE`, such as `cut-stream:at=120,times=2`.

        Raises:
            ValueError: what `Fault` does not take, or another form.
        """
        name, _, rest = text.partition(":")
        settings: dict[str, Any] = {}
        for pair in filter(None, rest.split(",")):
            key, equals, value = pair.partition("=")
            if not equals:
                message = f"{pair!r} is no parameter of {name}: give KEY=VALUE."
                raise ValueError(message)
            settings[key.strip().replace("-", "_")] = _read_value(value.strip())
        return cls(name.strip(), **settings)

    def fits(self, request: Request, paths: set[str], state: State) -> bool:
        """Whether a request can meet it.

        Args:
            request: the request.
            paths: all that count as its path.
            state: the service's state.
        """
        if not any(
            method in (None, request.method) and any(pattern.fullmatch(path) for path in paths)
            for method, pattern in self.routes
        ):
            return False
        match self.mishap.befalls:
            case "streams":
                return _streams(request)
            case "work":
                return "/responses" in paths or _is_run(request, paths)
            case "runs":
                return _is_run(request, paths)
            case "turns":
                return free_place(state, request) is not None
            case _:
                return True


class Injected:
    """A fault that an emulator has; at the end of a `with` it has it no more.

    Args:
        fault: the fault.
        faults: where it is.
    """

    def __init__(self, fault: Fault, faults: Faults) -> None:
        self.fault = fault
        self.met = 0
        """How many requests have met it."""
        self._faults = faults

    @property
    def over(self) -> bool:
        """Whether no request will meet it any more."""
        return self.met == self.fault.times

    def withdraw(self) -> None:
        """Takes the fault away."""
        self._faults.withdraw(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.withdraw()


class Faults:
    """The faults that an emulator has, in the order in which they came; a request meets one.

    Args:
        state: the service's state.
        random: the source of chance.
        perform: does something where requests are answered.
    """

    def __init__(
        self,
        state: State,
        random: Random,
        perform: Callable[[Callable[[], None]], None] = lambda work: work(),
    ) -> None:
        self._state = state
        self._random = random
        self._perform = perform
        self._injected: list[Injected] = []

    def add(self, fault: Fault) -> Injected:
        """Puts a fault behind those that are there."""
        injected = Injected(fault, self)
        self._injected.append(injected)
        return injected

    @property
    def injected(self) -> list[Injected]:
        """Them."""
        return [*self._injected]

    def clear(self) -> None:
        """Takes all of them away."""
        self._injected.clear()

    def withdraw(self, injected: Injected) -> None:
        """Takes a fault away, from any thread."""
        self._perform(lambda: self.remove(injected))

    def remove(self, injected: Injected) -> None:
        """Takes a fault away, if it is still there."""
        with suppress(ValueError):
            self._injected.remove(injected)

    def meet(self, request: Request) -> Fault | None:
        """The fault that a request meets; it is counted."""
        if not self._injected:
            return None
        paths = _paths(request)
        for injected in tuple(self._injected):
            fault = injected.fault
            if not fault.fits(request, paths, self._state):
                continue
            if fault.chance < 1 and self._random.random() >= fault.chance:
                continue
            injected.met += 1
            if injected.over:
                self.remove(injected)
            return fault
        return None


def _check_name(name: str) -> None:
    if name not in FAULTS:
        raise _unknown("fault", name, list(FAULTS), f"There are: {', '.join(FAULTS)}.")


def _check_parameters(name: str, given: Mapping[str, Any]) -> None:
    hints = get_type_hints(FAULTS[name])
    known = list(inspect.signature(FAULTS[name]).parameters)
    for parameter, value in given.items():
        if parameter not in known:
            rest = f"It has: {', '.join([*known, *_OWN])}."
            raise _unknown(f"parameter of {name}", parameter, [*known, *_OWN], rest)
        hint = hints[parameter]
        if get_origin(hint) is Literal:
            if value not in get_args(hint):
                choices = ", ".join(map(repr, get_args(hint)))
                message = f"{parameter} of {name} is one of {choices}, not {value!r}."
                raise ValueError(message)
        elif value is not None or type(None) not in get_args(hint):
            whole = int in (hint, *get_args(hint))
            _check_number(name, parameter, value, whole=whole)


def _check_number(name: str, parameter: str, value: Any, *, whole: bool = False) -> None:
    kinds = int if whole or parameter == "times" else (int, float)
    highest = 1 if parameter == "chance" else float("inf")
    if isinstance(value, bool) or not isinstance(value, kinds) or not 0 <= value <= highest:
        kind = "a whole number" if kinds is int else "a number"
        most = ", at most 1" if parameter == "chance" else ""
        message = f"{parameter} of {name} is {kind}, 0 or more{most}, not {value!r}."
        raise ValueError(message)


def _unknown(what: str, name: str, known: list[str], rest: str) -> ValueError:
    near = difflib.get_close_matches(name, known, n=1)
    return ValueError(
        f"There is no {what} {name!r}. {f'Did you mean {near[0]!r}?' if near else rest}"
    )


def _read_route(route: str) -> tuple[str | None, re.Pattern[str]]:
    found = _ROUTE.fullmatch(route)
    if not found:
        message = f"{route!r} is no route: give METHOD /path, such as 'POST /threads/*/runs'."
        raise ValueError(message)
    method, path = found.groups()
    parts = re.split(r"(\*\*|\*)", path)
    wild = {"*": "[^/]+", "**": ".*"}
    return method, re.compile("".join(wild.get(part) or re.escape(part) for part in parts))


def _paths(request: Request) -> set[str]:
    """The path below the project, and below the surface of the new generation."""
    route = below_project(request.path)
    surface = find_surface(route)
    return {route, surface.path if surface else route}


def _streams(request: Request) -> bool:
    if request.method == "GET":
        return request.query.get("stream", "").lower() == "true"
    with suppress(ValueError):
        body = json.loads(request.body)
        return isinstance(body, dict) and bool(body.get("stream"))
    return False


def _is_run(request: Request, paths: set[str]) -> bool:
    return request.method == "POST" and any(_RUNS.fullmatch(path) for path in paths)


def _read_value(text: str) -> int | float | str:
    for kind in (int, float):
        with suppress(ValueError):
            return kind(text)
    return text
