"""What an answer costs grows with its size, and not with the square: counted in steps of Python."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from types import FrameType
from typing import Any

import pytest
from folding import (
    JSON,
    Event,
    added,
    answer,
    done,
    ended,
    event,
    message_item,
    new_answer,
    output_text,
    reasoning_item,
    text,
    text_delta,
    whole,
    whole_response,
    whole_text,
)

from langchain_foundry_agents._answers.fold import Answer
from langchain_foundry_agents._sse import SSEDecoder


class Counted(str):
    """A text that counts how often it is compared, and measured."""

    __slots__ = ()
    touched = 0
    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        Counted.touched += 1
        return str.__eq__(self, other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __len__(self) -> int:
        Counted.touched += 1
        return str.__len__(self)


class Note(dict[str, Any]):
    """An annotation that counts how often it is compared."""

    def __eq__(self, other: object) -> bool:
        Counted.touched += 1
        return dict.__eq__(self, other)

    __hash__ = None


def steps(work: Callable[[], object]) -> int:
    """The lines of Python that some work takes, and how often it looked at what it was given."""
    lines = 0

    def trace(frame: FrameType, kind: str, _: object) -> Any:
        nonlocal lines
        if "langchain_foundry_agents" not in frame.f_code.co_filename:
            return None
        lines += kind == "line"
        return trace

    before, tracing = Counted.touched, sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(tracing)
    return lines + Counted.touched - before


def notes(count: int) -> list[JSON]:
    fields = ({"url": f"https://a/{n}", "start_index": n, "end_index": n + 1} for n in range(count))
    return [Note(type="url_citation", **one) for one in fields]


def annotated(count: int) -> Iterable[Event]:
    where = {"output_index": 0, "item_id": "msg_1", "content_index": 0}
    item = message_item(output_text("x" * count, *notes(count)))
    yield text_delta("x" * count)
    for one in notes(count):
        yield event("output_text.annotation.added", **where, annotation=one)
    yield from (done(0, item), whole_response(item))


def cited_markers(count: int) -> Iterable[Event]:
    marker = "【4:0†a】"
    spans = [(n * 8, n * 8 + 7) for n in range(count)]
    cited = [
        {"type": "file_path", "text": marker, "start_index": a, "end_index": b} for a, b in spans
    ]
    told = [{**one, "file_path": {"file_id": f"file_{n}"}} for n, one in enumerate(cited)]
    yield whole(whole_text(f"{marker} " * count, *told))


def classic_messages(count: int) -> Iterable[Event]:
    for n in range(count):
        yield text(Counted("a"), 0, Counted(f"msg_{n}"))


def unstable_messages(count: int) -> Iterable[Event]:
    for n in range(count):
        yield text("a", 0, f"msg_{n}")
        yield whole(whole_text("ab"), message=f"other_{n}")


def messages(count: int) -> Iterable[Event]:
    items = [message_item("ab", item_id=f"msg_{n}") for n in range(count)]
    yield from (text_delta("a", n, f"msg_{n}") for n in range(count))
    yield whole_response(*({**item, "id": f"other_{item['id']}"} for item in items))


def side_by_side(count: int) -> Iterable[Event]:
    yield from (added(n, reasoning_item("Hm.", item_id=f"rs_{n}")) for n in range(count))
    yield from (done(n, reasoning_item("Hm.", item_id=f"rs_{n}")) for n in reversed(range(count)))


def shifted(count: int) -> Iterable[Event]:
    items = [message_item(f"{n}.", item_id=f"msg_{n}") for n in range(count)]
    yield from (text_delta(f"{n}", count + n, f"x_{n}") for n in range(count))
    yield whole_response(*items)


def kinds(count: int) -> Iterable[Event]:
    items = [{"type": f"kind_{n}", "id": f"x_{n}"} for n in range(count)]
    yield from (done(count - n, item) for n, item in enumerate(items))
    yield whole_response(*({**item, "id": None} for item in items))


WORK: dict[str, tuple[Callable[[int], Iterable[Event]], Callable[..., Answer]]] = {
    "annotations": (annotated, new_answer),
    "citation markers": (cited_markers, lambda **more: answer(citations="strip", **more)),
    "footnotes": (cited_markers, lambda **more: answer(citations="markdown", **more)),
    "classic messages": (classic_messages, answer),
    "classic messages whose ids change": (unstable_messages, answer),
    "messages": (messages, new_answer),
    "items side by side": (side_by_side, new_answer),
    "items whose places are others at last": (shifted, new_answer),
    "items of many kinds": (kinds, new_answer),
}


@pytest.mark.parametrize("whole", [False, True], ids=["stream", "invoke"])
@pytest.mark.parametrize("name", WORK)
def test_four_times_as_much_takes_four_times_as_many_steps(name: str, *, whole: bool) -> None:
    make, fold = WORK[name]

    def fold_all(events: Sequence[Event]) -> None:
        one = fold(whole=whole)
        for single in events:
            one.add([single])
        one.finish(ended())

    small, large = ([*make(count)] for count in (50, 200))

    assert steps(lambda: fold_all(large)) < 5 * steps(lambda: fold_all(small))


@pytest.mark.parametrize("lines", ["data: a\n", "event: e\ndata: a\n\n", "event: e\n\ndata: a\n\n"])
def test_four_times_as_many_lines_take_four_times_as_many_steps(lines: str) -> None:
    def feed(count: int) -> None:
        decoder = SSEDecoder()
        for _ in range(count):
            decoder.feed(lines.encode())

    assert steps(lambda: feed(200)) < 5 * steps(lambda: feed(50))
