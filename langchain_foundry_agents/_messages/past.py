"""What an answer says of the history that it ends, so that a later history can be compared with it.

An answer's metadata carry a mark of the history up to it: how many messages, and a digest of what
they say. Whoever edits, redacts, trims or summarises that history later has one with another
digest, and what the answer's place holds is not what the agent is meant to know.

The digest has to survive every way that a history goes through LangChain: JSON, msgpack, pickle,
checkpointers, standard content blocks. So it covers roles, texts, calls, outputs, steps, files and
pictures, and leaves out what such ways change: ids and names of messages, metadata, citations, the
cut of a text into blocks.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import groupby
from typing import Any, cast

from langchain_core.messages import (
    AIMessage,
    AIMessageChunk,
    BaseMessage,
    ChatMessage,
    FunctionMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
    merge_content,
)

from langchain_foundry_agents._messages.ours import HISTORY_DIGEST, JSON, Storage, place_of

_VERSION = 1
_MARK = re.compile(rf"{_VERSION}:(\+?)([0-9]{{1,9}}):([0-9a-f]{{32}})")

_SYSTEM, _USER, _ANSWER, _OUTPUT = "", "u", "a", "o"
_ROLES: dict[type[BaseMessage], str] = {
    HumanMessage: _USER,
    AIMessage: _ANSWER,
    AIMessageChunk: _ANSWER,
    ToolMessage: _OUTPUT,
    SystemMessage: _SYSTEM,
}
_CHAT_ROLES = {
    "system": _SYSTEM,
    "developer": _SYSTEM,
    "user": _USER,
    "human": _USER,
    "assistant": _ANSWER,
    "ai": _ANSWER,
}
_TEXT, _BLOCK, _CALL, _BROKEN_CALL, _CALL_ID, _NAME = "t", "b", "c", "x", "i", "n"
_CALLS = {
    "tool_call",
    "tool_call_chunk",
    "invalid_tool_call",
    "tool_use",
    "input_json_delta",
    "function_call",
}
"""Blocks of calls, which a message has in `tool_calls`, too."""
_DATA = {"image", "file", "audio", "video", "text-plain"}
_CONTENT = ("file_id", "url", "base64", "text")
"""What a block of data holds, in the order of what tells most."""
_AS_THEY_ARE = {
    "text",
    "reasoning",
    "refusal",
    "server_tool_call",
    "server_tool_result",
    "non_standard",
    *_CALLS,
}
_BESIDE = {"id", "index", "annotations", "extras"}
_FLOAT = re.compile(r"[0-9](?:\.[0-9]|e[+-]?[0-9])")


@dataclass(frozen=True, slots=True)
class Mark:
    """Names a history that ends in an answer."""

    count: int
    """How many messages it has; instructions do not count."""
    digest: str
    is_whole: bool = True
    """The answer's place holds just this; else something else before it."""

    def __str__(self) -> str:
        return f"{_VERSION}:{'' if self.is_whole else '+'}{self.count}:{self.digest}"


def read_mark(value: object) -> Mark | None:
    """The mark that an answer's metadata hold; `None` if it has a form that is not known."""
    found = _MARK.fullmatch(value) if isinstance(value, str) else None
    return Mark(int(found[2]), found[3], not found[1]) if found else None


class Past:
    """A history in the form that digests are made of.

    Args:
        messages: The history.
    """

    def __init__(self, messages: Sequence[BaseMessage]) -> None:
        self._messages = messages
        # Texts with their lengths before them: no two histories give the same.
        self._pieces = [_piece(message) for message in messages]
        self._known: tuple[int, blake2b] = 0, blake2b(digest_size=16)

    def difference(self, end: int, place: str, storage: Storage, mark: object = None) -> str | None:
        """How the past differs from what the place of the last answer holds.

        Args:
            end: Where the past ends: after an answer that names its place.
            place: That place.
            storage: What keeps the history.
            mark: That answer's mark, if its metadata have none.

        Returns:
            What differs, in words; `None` if nothing does, as far as the answers tell.
        """
        while end > 0:
            value = self._messages[end - 1].response_metadata.get(HISTORY_DIGEST, mark)
            mark, start = None, end - 1
            if value is not None:
                known = read_mark(value)
                if known is None:
                    return "its last answer has a digest that cannot be read"
                start = 0 if known.is_whole else self._begin_of_last(known.count, end)
                if self._hash(start, end).hexdigest() != known.digest:
                    return _change(self._count(start, end), known.count)
                if known.is_whole:
                    return None
            # The place held something before that. What, an earlier answer may tell.
            end = self._last_of(place, start, storage)
        return None

    def seal(self, begin: int | None = None) -> Seal:
        """What makes the mark of the answer to this history.

        Args:
            begin: Where that begins which the answer's place surely holds, if it holds something
                else before that.
        """
        start, end = begin or 0, len(self._messages)
        return Seal(self._hash(start, end), self._count(start, end), is_whole=begin is None)

    def _hash(self, start: int, end: int) -> blake2b:
        if start:
            return blake2b(_encoded(self._pieces[start:end]), digest_size=16)
        # A history is compared up to its last answer, and sealed with what follows.
        at, known = self._known
        digest = known.copy() if at <= end else blake2b(digest_size=16)
        digest.update(_encoded(self._pieces[at if at <= end else 0 : end]))
        self._known = end, digest
        return digest

    def _count(self, start: int, end: int) -> int:
        return end - start - self._pieces[start:end].count(_SYSTEM)

    def _begin_of_last(self, count: int, end: int) -> int:
        start = end
        while start and count:
            start -= 1
            count -= bool(self._pieces[start])
        return start

    def _last_of(self, place: str, end: int, storage: Storage) -> int:
        """Where the last answer before `end` in the same place stands, plus one; 0 for none."""
        for at in range(end, 0, -1):
            found = place_of(self._messages[at - 1], storage)
            # Each response of a chain is a place of its own.
            if found is not None and (found == place or storage == "response"):
                return at
        return 0


class Seal:
    """Makes the mark of a turn's answer, of which the turn knows all that comes before it.

    Args:
        digest: Of the messages before the answer.
        count: How many they are.
        is_whole: Whether the answer's place holds just these.
    """

    def __init__(self, digest: blake2b, count: int, *, is_whole: bool) -> None:
        self._digest = digest
        self._count = count
        self._is_whole = is_whole

    @property
    def question(self) -> str | None:
        """A digest of all that the turn asks; `None` if its place holds more."""
        return self._digest.hexdigest() if self._is_whole else None

    def mark(self, contents: Sequence[str | list[Any]], last: AIMessageChunk) -> str:
        """The mark of the answer.

        Args:
            contents: The contents of its chunks.
            last: Its last chunk, which has its calls.
        """
        digest = self._digest.copy()
        digest.update(_encoded([_answer_piece(_sum(contents), last)]))
        return str(Mark(self._count + 1, digest.hexdigest(), self._is_whole))


def _change(now: int, then: int) -> str:
    if now == then:
        return "a message before the end of its last answer was changed"
    change = "removed, trimmed or summarised" if now < then else "added"
    return (
        f"it has {now} messages to the end of its last answer, and had {then} when that was "
        f"given: some were {change}"
    )


def _encoded(pieces: Iterable[str]) -> bytes:
    # Half of a surrogate pair is a text, too.
    return "".join(pieces).encode("utf-8", "surrogatepass")


def _piece(message: BaseMessage) -> str:
    role, content = _ROLES.get(type(message)), message.content
    if isinstance(content, str):
        # Most messages by far, so they are read without another call.
        if role == _USER:
            return f"ut{len(content)}:{content}"
        if role == _ANSWER:
            answer = cast("AIMessage", message)
            if not (answer.tool_calls or answer.invalid_tool_calls):
                return f"at{len(content)}:{content}"
    return _other_piece(message)


def _other_piece(message: BaseMessage) -> str:
    match message:
        case AIMessage(content=content):
            return _answer_piece([content] if isinstance(content, str) else content, message)
        case SystemMessage():
            return _SYSTEM
        case ToolMessage(tool_call_id=call_id):
            who = _OUTPUT + _part(_CALL_ID, str(call_id))
        case FunctionMessage(name=name):
            who = _OUTPUT + _part(_NAME, str(name))
        case ChatMessage(role=role):
            who = _CHAT_ROLES.get(role, f"r{len(role)}:{role}")
            if who is _SYSTEM:
                return _SYSTEM
        case _:
            who = _USER if isinstance(message, HumanMessage) else _part(_NAME, message.type)
    return who + _parts(_standard(message))


def _answer_piece(content: Iterable[Any], answer: AIMessage) -> str:
    calls = (
        _part(_CALL, _dumped([call["id"], call["name"], call["args"]]))
        for call in answer.tool_calls
    )
    broken = (
        _part(_BROKEN_CALL, _dumped([call["id"], call["name"], call["args"]]))
        for call in answer.invalid_tool_calls
    )
    return "".join([_ANSWER, _parts(content), *calls, *broken])


def _standard(message: BaseMessage) -> Iterable[Any]:
    """A message's content; its pictures and files as LangChain's own blocks, in any dialect."""
    content = message.content
    if isinstance(content, str):
        return [content]
    if all(isinstance(block, str) or _is_plain(block) for block in content):
        return content
    return message.content_blocks


def _is_plain(block: JSON) -> bool:
    kind = block.get("type")
    here = any(isinstance(block.get(name), str) for name in _CONTENT)
    return kind in _AS_THEY_ARE or (kind in _DATA and here and "source_type" not in block)


def _parts(content: Iterable[Any]) -> str:
    """The parts of a content; texts that follow each other are one."""
    found = []
    for kind, values in groupby(_read(content), lambda part: part[0]):
        said = [value for _, value in values]
        said = list(filter(None, ["".join(said)])) if kind == _TEXT else said
        found += [_part(kind, value) for value in said]
    # An empty text is written as no text is.
    return "".join(found) or _part(_TEXT, "")


def _read(content: Iterable[Any]) -> Iterator[tuple[str, str]]:
    for block in content:
        kind = block.get("type") if isinstance(block, dict) else None
        if isinstance(block, str):
            yield _TEXT, block
        elif kind == "text":
            yield _TEXT, str(block.get("text") or "")
        elif kind == "non_standard" and isinstance(block.get("value"), dict):
            yield from _read([block["value"]])
        elif kind not in _CALLS:
            yield _BLOCK, _dumped(_told_by(block) if isinstance(block, dict) else block)


def _told_by(block: JSON) -> JSON:
    """What counts of a block."""
    kind = block.get("type")
    if kind in _DATA:
        for name in _CONTENT:
            if isinstance(block.get(name), str):
                return {"type": kind, name: block[name]}
    return {name: value for name, value in block.items() if name not in _BESIDE}


def _sum(contents: Sequence[str | list[Any]]) -> list[Any]:
    """The content of an answer, of the contents of its chunks, as LangChain adds them up."""
    texts = [content for content in contents if isinstance(content, str)]
    if len(texts) == len(contents):
        return texts
    whole = merge_content(*contents)
    return [whole] if isinstance(whole, str) else whole


def _part(kind: str, value: str) -> str:
    return f"{kind}{len(value)}:{value}"


def _dumped(value: object) -> str:
    """A value as JSON has it, whatever the order of its keys."""
    try:
        text = json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
        if _FLOAT.search(text):
            # To a browser, 2.0 is 2.
            whole = _whole_numbers(value)
            text = json.dumps(whole, ensure_ascii=False, sort_keys=True, default=str)
    except (TypeError, ValueError, RecursionError):
        return repr(value)
    return text


def _whole_numbers(value: object) -> object:
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    if isinstance(value, dict):
        return {name: _whole_numbers(item) for name, item in value.items()}
    return [_whole_numbers(item) for item in value] if isinstance(value, list | tuple) else value
