"""Scripts as data: the turns of a `ScriptedBrain` in YAML or JSON.

A turn is a text, or one key that names its kind:

    - What is the weather?  (a text is a reply)
    - call_tools: [{name: get_weather, args: {city: Paris}}]
    - run_code: {code: "print(1)", logs: "1"}
    - fail: {code: rate_limit_exceeded, message: Slow down.}
    - steps: [think: Hm., reply: It is sunny.]
"""

from __future__ import annotations

import base64
import binascii
import dataclasses
import difflib
import inspect
from collections.abc import Callable, Mapping
from typing import Any

from langchain_foundry_agents.emulator.brains.script import (
    AskApproval,
    AskConsent,
    CallTools,
    Cite,
    CutShort,
    Draw,
    Fail,
    Part,
    Refuse,
    Reply,
    RunCode,
    ShowEvent,
    ShowItem,
    Steps,
    Think,
)


class DataError(ValueError):
    """Something in a file or body that cannot be.

    Args:
        problem: what is wrong.
        place: keys and indexes that lead to it.
    """

    def __init__(self, problem: str, place: tuple[str | int, ...] = ()) -> None:
        super().__init__(problem, place)
        self.problem = problem
        self.place = place

    def __str__(self) -> str:
        """The problem, with where it is."""
        return f"{path_of(self.place)}: {self.problem}" if self.place else self.problem


def path_of(place: tuple[str | int, ...]) -> str:
    """A place as people write it, such as `turns[2].fail`."""
    steps = [f"[{step}]" if isinstance(step, int) else f".{step}" for step in place]
    return "".join(steps).removeprefix(".")


def read_turns(value: Any) -> list[Part]:
    """The turns of a script.

    Args:
        value: a list of them, or an object with `turns`.

    Raises:
        DataError: with its place.
    """
    place: tuple[str | int, ...] = ()
    if isinstance(value, Mapping):
        _check_keys(value, ["turns"], place, required=["turns"])
        value, place = value["turns"], ("turns",)
    if not isinstance(value, list):
        raise DataError("A script is a list of turns.", place)
    return [_read_part(turn, (*place, index)) for index, turn in enumerate(value)]


def _read_part(value: Any, place: tuple[str | int, ...]) -> Part:
    if isinstance(value, str):
        return value
    if not isinstance(value, Mapping) or not value:
        raise DataError("A turn is a text, or an object with one key.", place)
    if "type" in value:
        # A block of LangChain's, as a model would stream it.
        return dict(value)
    if len(value) != 1:
        raise DataError(f"A turn has one key, this has {', '.join(map(str, value))}.", place)
    ((kind, content),) = value.items()
    _check_keys(value, [*_KINDS], place)
    return _KINDS[kind](content, (*place, kind))


def _check_keys(
    value: Mapping[Any, Any],
    known: list[str],
    place: tuple[str | int, ...],
    required: list[str] | None = None,
) -> None:
    for key in value:
        if key not in known:
            near = difflib.get_close_matches(str(key), known, n=1)
            hint = f"Did you mean {near[0]!r}?" if near else f"There are: {', '.join(known)}."
            raise DataError(f"There is no {key!r} here. {hint}", (*place, str(key)))
    for key in required or []:
        if key not in value:
            raise DataError(f"{key!r} is missing.", place)


def _text(make: Callable[[str], Part]) -> Callable[[Any, tuple[str | int, ...]], Part]:
    def read(content: Any, place: tuple[str | int, ...]) -> Part:
        if not isinstance(content, str):
            raise DataError(f"A text is expected, not {content!r}.", place)
        return make(content)

    return read


def _fields(make: Any, **other: str) -> Callable[[Any, tuple[str | int, ...]], Part]:
    """Reads an object whose keys are the fields of a part; `other` gives plurals their field."""
    fields = dataclasses.fields(make)
    signature = inspect.signature(make).parameters
    needed = [
        name
        for name, one in signature.items()
        if one.default is one.empty and one.kind is not one.VAR_POSITIONAL
    ]

    def read(content: Any, place: tuple[str | int, ...]) -> Part:
        if isinstance(content, str) and needed == [fields[0].name]:
            content = {needed[0]: content}
        if not isinstance(content, Mapping):
            raise DataError(f"An object with {', '.join(needed)} is expected.", place)
        _check_keys(content, [one.name for one in fields], place, needed)
        given = dict(content)
        several = given.pop(other["several"], []) if other else []
        if not isinstance(several, list):
            raise DataError("A list is expected.", (*place, other["several"]))
        texts = {one.name for one in fields if str(one.type) in ("str", "str | None")}
        for name in texts & given.keys():
            if not isinstance(given[name], str | None):
                raise DataError(f"A text is expected, not {given[name]!r}.", (*place, name))
        positional = [given.pop(name) for name in needed]
        part: Part = make(*positional, *several) if several else make(*positional, **given)
        return part

    return read


def _calls(content: Any, place: tuple[str | int, ...]) -> Part:
    calls = content if isinstance(content, list) else [content]
    read = []
    for index, call in enumerate(calls):
        at = (*place, index)
        if not isinstance(call, Mapping):
            raise DataError("A call is an object with name and args.", at)
        _check_keys(call, ["name", "args"], at, ["name"])
        arguments = call.get("args", {})
        if not isinstance(arguments, Mapping | str):
            raise DataError("args are an object, or a text that is none.", (*at, "args"))
        read.append((str(call["name"]), arguments))
    return CallTools(*read)


def _steps(content: Any, place: tuple[str | int, ...]) -> Part:
    if not isinstance(content, list):
        raise DataError("Steps are a list of turns.", place)
    return Steps(*(_read_part(one, (*place, index)) for index, one in enumerate(content)))


def _draw(content: Any, place: tuple[str | int, ...]) -> Part:
    return Draw(_png(content, place))


def _run_code(content: Any, place: tuple[str | int, ...]) -> Part:
    if not isinstance(content, Mapping):
        raise DataError("An object with code is expected.", place)
    _check_keys(content, ["code", "logs", "pictures"], place, ["code"])
    pictures = [_png(one, (*place, "pictures")) for one in content.get("pictures", [])]
    return RunCode(str(content["code"]), str(content.get("logs", "")), *pictures)


def _png(content: Any, place: tuple[str | int, ...]) -> bytes:
    try:
        return base64.b64decode(content, validate=True)
    except (TypeError, ValueError, binascii.Error):
        raise DataError("A picture is a PNG file in base64.", place) from None


def _object(make: Callable[[Mapping[str, Any]], Part]) -> Callable[..., Part]:
    def read(content: Any, place: tuple[str | int, ...]) -> Part:
        if not isinstance(content, Mapping) or "type" not in content:
            raise DataError("An object with a type is expected.", place)
        return make(content)

    return read


_KINDS: dict[str, Callable[[Any, tuple[str | int, ...]], Part]] = {
    "reply": _text(Reply),
    "think": _text(Think),
    "refuse": _text(Refuse),
    "call_tools": _calls,
    "run_code": _run_code,
    "steps": _steps,
    "draw": _draw,
    "fail": _fields(Fail),
    "cut_short": _fields(CutShort),
    "ask_approval": _fields(AskApproval),
    "ask_consent": _fields(AskConsent),
    "cite": _fields(Cite, several="citations"),
    "show_item": _object(ShowItem),
    "show_event": _object(ShowEvent),
}
