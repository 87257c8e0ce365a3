"""Agents and scripts in files, YAML or JSON: mistakes are told with their line and key."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import yaml  # type: ignore[import-untyped]

from langchain_foundry_agents.emulator.brains.script_files import DataError, path_of, read_turns

if TYPE_CHECKING:
    from collections.abc import Callable

    from langchain_foundry_agents.emulator.brains.script import Part
    from langchain_foundry_agents.emulator.emulator import FoundryEmulator

Read = TypeVar("Read")


def read_script(path: Path | str) -> list[Part]:
    """The turns of a script in a file.

    Raises:
        OSError: the file cannot be read.
        ValueError: a mistake in it, with line and key.
    """
    return _read(Path(path), read_turns)


def create_agents(emulator: FoundryEmulator, path: Path | str) -> list[str]:
    """Makes the agents of a file: a list of what `create_agent` takes, or an object with `agents`.

    Returns:
        Their ids and names.

    Raises:
        OSError: the file cannot be read.
        ValueError: a mistake in it, with line and key.
    """
    return _read(Path(path), lambda value: made_agents(emulator, value))


def made_agents(emulator: FoundryEmulator, value: Any) -> list[str]:
    """Makes agents from data.

    Raises:
        DataError: with its place.
    """
    place: tuple[str | int, ...] = ()
    if isinstance(value, dict) and "agents" in value:
        value, place = value["agents"], ("agents",)
    made = []
    for index, fields in enumerate(value if isinstance(value, list) else [value]):
        if not isinstance(fields, dict):
            raise DataError("An agent is an object, such as {name: helper}.", (*place, index))
        try:
            made.append(emulator.create_agent(**fields))
        except (TypeError, ValueError) as error:
            raise DataError(str(error), (*place, index)) from error
    return made


def _read(path: Path, read: Callable[[Any], Read]) -> Read:
    try:
        # JSON is YAML, too, and YAML knows the lines.
        text = path.read_text(encoding="utf-8")
        tree = yaml.compose(text, Loader=yaml.SafeLoader)
        value = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        at = f", line {mark.line + 1}" if mark else ""
        message = f"{path}{at}: {getattr(error, 'problem', None) or error}"
        raise ValueError(message) from None
    except UnicodeDecodeError as error:
        message = f"{path}: it is not UTF-8 (byte {error.start})."
        raise ValueError(message) from None
    try:
        return read(value)
    except DataError as error:
        line = _line_of(tree, error.place)
        where = f", {path_of(error.place)}" if error.place else ""
        message = f"{path}, line {line}{where}: {error.problem}"
        raise ValueError(message) from error


def _line_of(node: Any, place: tuple[str | int, ...]) -> int:
    """The line of what a place leads to, or of the last that there is on the way."""
    line = node.start_mark.line if node else 0
    for step in place:
        inner = None
        if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            inner, line = node.value[step], node.value[step].start_mark.line
        elif isinstance(node, yaml.MappingNode):
            for key, one in node.value:
                if key.value == step:
                    inner, line = one, key.start_mark.line
        if inner is None:
            break
        node = inner
    return line + 1
