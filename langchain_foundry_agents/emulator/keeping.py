"""How much the service remembers: what is over a limit goes, the longest unused first.

What something is being done with stays, and so does what was used last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields
from functools import partial
from itertools import islice
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from langchain_foundry_agents.emulator.records import File, Message, Run, Thread
from langchain_foundry_agents.emulator.responses.records import (
    ContainerFile,
    Conversation,
    StoredResponse,
)

if TYPE_CHECKING:
    from langchain_foundry_agents.emulator.shelf import Shelf
    from langchain_foundry_agents.emulator.state import State

_OF_A_RECORD = 1000
"""Bytes of a message, a run, a step, a response beside its texts, about."""
_NEWEST = 10_000
"""Ids of which the order is known though they may be of nothing that is left."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much an emulator keeps. What goes is as if it had been deleted.

    Args:
        threads: how many threads, with their messages and runs.
        conversations: how many conversations, with their items and responses.
        responses: how many responses.
        files: how many files, and how many of containers.
        requests: how many requests, in the journal.
        bytes: how large all of it may be, about.
        idle: for how many seconds something is kept that nobody uses.
    """

    threads: int = 10_000
    conversations: int = 10_000
    responses: int = 20_000
    files: int = 10_000
    requests: int = 1_000
    bytes: int = 1024**3
    idle: float = 7 * 86_400

    @classmethod
    def parse(cls, texts: Iterable[str]) -> Limits:
        """Reads `NAME=NUMBER`, such as `threads=500`, one limit a text.

        Raises:
            ValueError: another form, a name that there is not, or a number below 0.
        """
        known = [one.name for one in fields(cls)]
        given: dict[str, Any] = {}
        for text in texts:
            name, _, number = text.partition("=")
            if name not in known or not number.isdecimal():
                message = f"{text!r} is no limit: give {'=…, '.join(known)}=…, whole numbers."
                raise ValueError(message)
            given[name] = int(number)
        return cls(**given)


GENEROUS = Limits()


def sweep(state: State, limits: Limits) -> None:
    """Forgets what is over the limits."""
    kinds = _kinds(state, limits)
    moment = state.clock() - limits.idle
    for kind in kinds:
        while (key := kind.oldest(state)) is not None and (
            len(kind.shelf) > kind.most or kind.shelf.used_at(key) < moment
        ):
            kind.drop(key)
        kind.shelf.weigh(size_of, lambda record: _is_busy(state, record))
    while sum(kind.shelf.size for kind in kinds) > limits.bytes:
        newest = max(kinds, key=lambda kind: kind.shelf.used_last)
        found = [
            (kind.shelf.used_at(key), kind.drop, key)
            for kind in kinds
            if (key := kind.oldest(state, spared=kind is newest)) is not None
        ]
        if not found:
            break
        _, drop, key = min(found, key=itemgetter(0))
        drop(key)
    state.ids.compact(lambda: alive_ids(state), _NEWEST)


def drop_file(state: State, identifier: str) -> None:
    """A file goes, also from the vector stores that it is in."""
    del state.files[identifier]
    for store in state.vector_stores.values():
        store.drop(identifier)


def size_of(record: Thread | Conversation | StoredResponse | File | ContainerFile) -> int:
    """How large a record is, about: the texts that it holds, and something for all else."""
    match record:
        case Thread(messages=messages, runs=runs):
            texts = sum(map(_size_of_message, messages)) + sum(map(_size_of_run, runs))
            return _OF_A_RECORD + texts
        case Conversation(items=items, sizes=sizes):
            for item in items[len(sizes) :]:
                sizes.append(_OF_A_RECORD + _size(item))
            return _OF_A_RECORD + sum(sizes)
        case StoredResponse(input=asked, output=output, history=history, events=events):
            told = [event.data for event in events or ()]
            return _OF_A_RECORD + _size(asked) + _size(output) + _size(told) + 8 * len(history)
        case _:
            return len(record.data)


def _size_of_message(message: Message) -> int:
    # Content never changes, and each turn asks for the sizes of all messages of its thread.
    if message.size is None:
        message.size = _OF_A_RECORD + _size(message.content)
    return message.size


def _size_of_run(run: Run) -> int:
    if run.size is not None:
        return run.size
    texts = [call.members for step in run.steps for call in step.server_calls]
    size = _OF_A_RECORD * (1 + len(run.steps)) + _size(texts)
    if run.over:
        run.size = size
    return size


def alive_ids(state: State) -> Iterator[str]:
    """The ids of all that can stand in a list."""
    yield from (*state.agents, *state.threads, *state.files, *state.vector_stores)
    yield from (*state.containers, *state.sessions, *(id_ for _, id_ in state.container_files))
    for thread in state.threads.values():
        yield from (message.id for message in thread.messages)
        for run in thread.runs:
            yield run.id
            yield from (step.id for step in run.steps)
    for agent in state.named_agents.values():
        yield from (agent.id, *(version.id for version in agent.versions))
    for conversation in state.conversations.values():
        yield from (conversation.id, *(item["id"] for item in conversation.items))
    for response in state.responses.values():
        yield from (response.id, *(item["id"] for item in response.input if "id" in item))


@dataclass(frozen=True, slots=True)
class _Kind:
    """Records of a kind: where they stand, how many may, and how one goes."""

    shelf: Shelf[Any, Any]
    most: int
    drop: Callable[[Any], None]

    def oldest(self, state: State, *, spared: bool = True) -> Any:
        """The key of the record that may go, the longest unused; None if there is none.

        Args:
            state: says what is in use.
            spared: whether the one that was used last stays in any case.
        """
        keys = islice(self.shelf.by_use(), max(0, len(self.shelf) - spared))
        return next((key for key in keys if not _is_busy(state, self.shelf[key])), None)


def _kinds(state: State, limits: Limits) -> tuple[_Kind, ...]:
    return (
        _Kind(state.threads, limits.threads, state.threads.__delitem__),
        _Kind(state.conversations, limits.conversations, partial(_drop_conversation, state)),
        _Kind(state.responses, limits.responses, state.responses.__delitem__),
        _Kind(state.files, limits.files, partial(drop_file, state)),
        _Kind(state.container_files, limits.files, state.container_files.__delitem__),
    )


def _drop_conversation(state: State, identifier: str) -> None:
    conversation = state.conversations[identifier]
    del state.conversations[identifier]
    of_it = [one.id for one in state.responses.values() if one.conversation is conversation]
    for response_id in of_it:
        del state.responses[response_id]


def _is_busy(state: State, record: object) -> bool:
    match record:
        case Thread(id=identifier):
            return identifier in state.active_runs
        case Conversation(busy_with=response_id):
            return response_id is not None
        case StoredResponse():
            return not record.over
        case _:
            return False


def _size(value: Any) -> int:
    """How long the texts of some JSON are, together."""
    match value:
        case str():
            return len(value)
        case dict():
            return sum(map(_size, value.values()))
        case list():
            return sum(map(_size, value))
        case _:
            return 0
