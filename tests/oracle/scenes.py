"""What the agent behind Microsoft's library does: the question's first word says which of these."""

from __future__ import annotations

import asyncio

from .steps import STEPS, go_on_approved
from .telling import USAGE, Events, Scene, Turn, message, text_of

_GATES: dict[str, asyncio.Event] = {}
_TRIED: set[str] = set()


async def perform(turn: Turn) -> Events:
    """All events of a response."""
    if turn.words[:1] == ["crash"]:
        raise RuntimeError("The agent's own code broke.")
    yield turn.stream.emit_created()
    yield turn.stream.emit_in_progress()
    scene = AFTER.get(turn.items[-1]["type"]) or SCENES[turn.words[0]]
    async for event in scene(turn):
        yield event


async def say(turn: Turn) -> Events:
    """Say the rest of the question, word by word."""
    first, *others = turn.words[1:]
    for event in message(turn, first, *(f" {word}" for word in others)):
        yield event
    yield turn.stream.emit_completed(usage=USAGE)


async def recall(turn: Turn) -> Events:
    """Say every message that the agent was given, from the first on."""
    known = [*turn.history, *turn.items]
    texts = [f"{one['role']}: {text_of(one)}" for one in known if one["type"] == "message"]
    for event in message(turn, " | ".join(texts)):
        yield event
    yield turn.stream.emit_completed(usage=USAGE)


async def cite(turn: Turn) -> Events:
    """Cite a page, in an event that the finished message does not repeat."""
    page = {"url": "https://example.com/tides", "title": "Tides"}
    cited = {"type": "url_citation", **page, "start_index": 11, "end_index": 17}
    for event in message(turn, "High tide: [page].", annotations=(cited,)):
        yield event
    yield turn.stream.emit_completed()


async def weather(turn: Turn) -> Events:
    """Ask for the weather in each place that is named, all at once."""
    for place in turn.words[1:]:
        arguments = f'{{"place": "{place}"}}'
        for event in turn.stream.output_item_function_call(
            "get_weather", f"call_{place}", arguments
        ):
            yield event
    yield turn.stream.emit_completed(usage=USAGE)


async def garble(turn: Turn) -> Events:
    """Ask for the weather with arguments that are no JSON."""
    for event in turn.stream.output_item_function_call("get_weather", "call_1", '{"place": '):
        yield event
    yield turn.stream.emit_completed(usage=USAGE)


async def announce(turn: Turn) -> Events:
    """Say something, and then ask for the weather."""
    for event in message(turn, "Let me look."):
        yield event
    async for event in weather(turn):
        yield event


async def tell_outputs(turn: Turn) -> Events:
    """Say what the calls gave."""
    given = [item for item in turn.items if item["type"] == "function_call_output"]
    told = [f"{item['call_id']} = {item['output']}" for item in given]
    for event in message(turn, "; ".join(told)):
        yield event
    yield turn.stream.emit_completed(usage=USAGE)


async def fail(turn: Turn) -> Events:
    """Fail with the code that is named."""
    yield turn.stream.emit_failed(code=turn.words[1], message="The tide was out.")


async def flake(turn: Turn) -> Events:
    """Fail the first time that this is asked."""
    asked = text_of(turn.items[-1])
    if asked not in _TRIED:
        _TRIED.add(asked)
        yield turn.stream.emit_failed(code="server_error", message="Once more.")
        return
    for event in message(turn, "This time."):
        yield event
    yield turn.stream.emit_completed(usage=USAGE)


async def break_off(turn: Turn) -> Events:
    """Fail in the middle of a sentence."""
    item = turn.stream.add_output_item_message()
    yield item.emit_added()
    text = item.add_text_content()
    yield text.emit_added()
    yield text.emit_delta("It is ")
    raise RuntimeError("The agent's own code broke.")


async def end_early(turn: Turn) -> Events:
    """End for the reason that is named, after the words that follow it."""
    _, reason, *words = turn.words
    if words:
        for event in message(turn, " ".join(words)):
            yield event
    yield turn.stream.emit_incomplete(reason=reason, usage=USAGE)


async def wait(turn: Turn) -> Events:
    """Say one word, and the next when its gate is opened, unless the turn is cancelled first."""
    item = turn.stream.add_output_item_message()
    yield item.emit_added()
    text = item.add_text_content()
    yield text.emit_added()
    yield text.emit_delta("Now")
    opened = _GATES.setdefault(turn.words[1], asyncio.Event())
    waiting = [asyncio.create_task(one.wait()) for one in (opened, turn.cancelled)]
    await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    for task in waiting:
        task.cancel()
    if turn.cancelled.is_set():
        return
    yield text.emit_delta(" then.")
    yield text.emit_text_done("Now then.")
    yield text.emit_done()
    yield item.emit_done()
    yield turn.stream.emit_completed(usage=USAGE)


async def linger(turn: Turn) -> Events:
    """Say one word, and once the turn is cancelled take until the gate is opened to end it."""
    item = turn.stream.add_output_item_message()
    yield item.emit_added()
    text = item.add_text_content()
    yield text.emit_added()
    yield text.emit_delta("Now")
    await turn.cancelled.wait()
    await _GATES.setdefault(turn.words[1], asyncio.Event()).wait()


async def let(turn: Turn) -> Events:
    """Open a gate."""
    _GATES.setdefault(turn.words[1], asyncio.Event()).set()
    for event in message(turn, "Open."):
        yield event
    yield turn.stream.emit_completed(usage=USAGE)


AFTER: dict[str, Scene] = {
    "function_call_output": tell_outputs,
    "mcp_approval_response": go_on_approved,
}
"""What is done after what is no message."""

SCENES: dict[str, Scene] = {
    **STEPS,
    "announce": announce,
    "break": break_off,
    "cite": cite,
    "end": end_early,
    "fail": fail,
    "flake": flake,
    "garble": garble,
    "let": let,
    "linger": linger,
    "recall": recall,
    "say": say,
    "wait": wait,
    "weather": weather,
}
