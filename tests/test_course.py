"""A flow on its way: also one that Ctrl-C interrupts while it works is left in order."""

from __future__ import annotations

from typing import Any

import pytest

from langchain_foundry_agents._course import Course
from langchain_foundry_agents._drive import drive
from langchain_foundry_agents._flow.effects import Advance, Emit, Flow, Heard, Hold, Pause
from langchain_foundry_agents._transport import Transport
from langchain_foundry_agents.errors import ProtocolError
from langchain_foundry_agents.thread_records import LocalThreadRecord

WAY: Any = Transport("http://127.0.0.1:9/api/projects/p", tokens=None)  # type: ignore[arg-type]


class Words:
    """A fold that gives what it is told."""

    something = True
    enough = False

    def add(self, events: Any) -> list[str]:
        return [name for name, _ in events]

    def finish(self, outcome: str) -> list[str]:
        return [outcome]


def interrupted(record: LocalThreadRecord) -> Flow[str]:
    """A flow into whose work a Ctrl-C comes."""
    yield Hold("thread_1")
    yield Emit((("one", {}),))
    raise KeyboardInterrupt


def leaving() -> Flow[None]:
    yield Advance("thread_1", "left")


def test_what_interrupts_a_flow_while_it_works_has_it_left_by_another_one() -> None:
    record, chunks = LocalThreadRecord(), []

    with pytest.raises(KeyboardInterrupt):
        chunks += list(drive(interrupted(record), WAY, Words(), 10, record, leaving))

    # The thread ends in what the second flow said, and nobody has it.
    assert record.claim("thread_1", "left") is True
    record.advance("thread_1", "later")
    assert record.claim("thread_1", "left") is False
    assert record.lock("thread_1") is True


def test_a_flow_that_has_no_other_one_just_ends() -> None:
    record = LocalThreadRecord()

    with pytest.raises(KeyboardInterrupt):
        list(drive(interrupted(record), WAY, Words(), 10, record))

    assert record.lock("thread_1") is True


def test_a_flow_that_ended_in_an_error_has_tidied_up() -> None:
    def failing() -> Flow[str]:
        yield Pause(0, 0)
        raise ProtocolError("It broke.")

    course = Course(failing(), leaving)
    course.next_effect()
    course.give(None)
    with pytest.raises(ProtocolError):
        course.next_effect()

    assert course.leave(begun=True) is False


def test_a_flow_that_was_never_begun_has_nothing_to_tidy_up() -> None:
    assert Course(interrupted(LocalThreadRecord()), leaving).leave(begun=True) is False


def test_the_last_chunks_are_given_when_other_turns_have_the_thread_again() -> None:
    def short() -> Flow[str]:
        yield Hold("thread_1")
        heard = yield Emit((("one", {}),))
        assert heard == Heard(something=True)
        return "last"

    record = LocalThreadRecord()
    chunks = drive(short(), WAY, Words(), 10, record)

    assert next(chunks) == "one"
    assert record.lock("thread_1") is False
    assert next(chunks) == "last"
    assert record.lock("thread_1") is True
