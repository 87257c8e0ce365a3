"""What is tried: each scenario asks a peer, and judges by what came back and what the desk saw."""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

from langchain_core.messages import AIMessage

from benchmarks.peers.answers import Answer, Peer
from benchmarks.peers.desk import Desk
from langchain_foundry_agents.emulator import (
    AskApproval,
    CallTools,
    Cite,
    CutShort,
    Fail,
    Reply,
    RunCode,
    Steps,
)

MakePeer = Callable[..., Peer]
Verdict = tuple[bool | None, str]
"""Kept or lost (None: a figure only), and a few words."""

_PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)
_URL = "https://example.com/paris"
_MARKER = "【3:0†source】"
_CITED = f"Paris has two million people{_MARKER}."
_CITATION = {
    "type": "url_citation",
    "text": _MARKER,
    "start_index": _CITED.index(_MARKER),
    "end_index": _CITED.index(_MARKER) + len(_MARKER),
    "url_citation": {"url": _URL, "title": "Paris"},
}
_PLOT = AIMessage(
    [
        {"type": "text", "text": "Here is the plot."},
        {"type": "image", "base64": base64.b64encode(_PNG).decode(), "mime_type": "image/png"},
        {"type": "text", "text": "As you see, it rises."},
    ]
)
_FAILURE = Fail("invalid_engine_error", "No connection matching model: gpt-4")
_LONG = "Count to 150"
_ID = re.compile(r"\b(asst|call|msg|run|thread)_\w{8,}")


@dataclass(frozen=True)
class Scenario:
    """A row of the table. Without a script, the emulator's own brain answers."""

    title: str
    act: Callable[[MakePeer, Desk], Verdict]
    script: tuple[Any, ...] = ()
    chunk_delay: float = 0.0
    queue_delay: float = 0.0


def explain(error: BaseException) -> str:
    """An error in one line, without ids."""
    line = _ID.sub(r"\1_…", " ".join(str(error).split()))
    return f"{type(error).__name__}: {line[:110]}{'…' if len(line) > 110 else ''}"


def plain(make: MakePeer, desk: Desk) -> Verdict:
    """The text as the agent said it."""
    text = make(desk).talk().ask("What is 17 * 23?").text
    return text == "17 * 23 = 391.", f"“{text}”"


def second_turn(make: MakePeer, desk: Desk) -> Verdict:
    """One thread that holds each message once, and an agent that remembers."""
    talk = make(desk).talk()
    talk.ask("What is 17 * 23?")
    answer = talk.ask("And what did I ask before?")
    threads, messages = len(desk.threads()), len(desk.messages())
    remembers = "17 * 23" in answer.text
    words = f"{_count(threads, 'thread')}, {_count(messages, 'message')} on the service"
    return (threads, messages, remembers) == (1, 4, True), words + (
        "" if remembers else "; the agent knows nothing of the first turn"
    )


def thread_id(make: MakePeer, desk: Desk) -> Verdict:
    """The thread's id is somewhere in what the caller got."""
    answer = make(desk).talk().ask("What is 17 * 23?")
    there = desk.threads()[0] in answer.carried
    return there, "comes with the answer" if there else "nowhere in the answer"


def system_message(make: MakePeer, desk: Desk) -> Verdict:
    """The run has it as an instruction, and the thread holds the question only."""
    answer = make(desk).talk().ask("What are your instructions?", system="Speak like a pirate.")
    # The emulator's brain first tells its instructions, then what was asked before.
    told = "pirate" in answer.text.partition("Before that")[0]
    users = sum(message["role"] == "user" for message in desk.messages())
    words = f"{'an' if told else 'no'} instruction; {_count(users, 'user message')} in the thread"
    return told and users == 1, words


def usage(make: MakePeer, desk: Desk) -> Verdict:
    """The service's own figures, not others."""
    said = make(desk).talk().ask("What is 17 * 23?").usage
    run = desk.runs()[-1]["usage"]
    names = {"input_tokens": "prompt", "output_tokens": "completion", "total_tokens": "total"}
    real = {name: run[f"{wire}_tokens"] for name, wire in names.items()}
    told = {name: said[name] for name in names if name in said}
    if told == real:
        return True, "input, output and total as the service says"
    if told.items() <= real.items():
        return False, f"only {', '.join(told)}" if told else "none"
    return False, f"{_figures(told)}; the service says {_figures(real)}"


def parallel_tools(make: MakePeer, desk: Desk) -> Verdict:
    """Both functions run, and one request brings both outputs."""
    ran: list[str] = []

    def get_weather(city: str) -> str:
        """The weather of a city."""
        ran.append("get_weather")
        return f"Sunny in {city}."

    def get_time(city: str) -> str:
        """The time in a city."""
        ran.append("get_time")
        return f"Noon in {city}."

    peer = make(desk, [get_weather, get_time])
    answer, error = _attempt(lambda: peer.work("Weather and time in Paris?"))
    submitted = desk.submitted("tool_outputs")
    words = f"{len(ran)} of 2 calls ran; {_count(len(submitted), 'request')} with outputs" + (
        f" ({submitted[0]})" if submitted else ""
    )
    good = sorted(ran) == ["get_time", "get_weather"] and submitted == [2]
    done = bool(answer and answer.text == "Sunny at noon.")
    return good and done, words + (f"; {explain(error)}" if error else "")


def approval(make: MakePeer, desk: Desk) -> Verdict:
    """The caller sees what is to be allowed, allows it, and gets the answer."""
    asked = make(desk, mcp=True).ask_approval("Look it up")
    sees = "fetch_docs" in asked.asked
    answer = asked.approve()
    good = sees and desk.submitted("tool_approvals") == [1] and answer.text == "Done."
    return good, "asked with the arguments, approved, answered" if good else "never asked"


def failed(make: MakePeer, desk: Desk) -> Verdict:
    """An error of a class of its own, with code and ids."""
    talk = make(desk).talk()
    return _judge_failure(desk, *_attempt(lambda: talk.ask("What is 17 * 23?")))


def failed_stream(make: MakePeer, desk: Desk) -> Verdict:
    """The same in a stream."""
    peer = make(desk)
    return _judge_failure(desk, *_attempt(lambda: _pieces(peer.astream("What is 17 * 23?"))))


def cut_short(make: MakePeer, desk: Desk) -> Verdict:
    """What was said so far, and that it was cut, and by what."""
    talk = make(desk).talk()
    answer, error = _attempt(lambda: talk.ask("Tell a story"))
    if error or not answer:
        return False, f"text lost; {explain(error)}" if error else "nothing"
    told = any(word in answer.carried for word in ("length", "max_completion_tokens"))
    kept = answer.text == "Once upon a time"
    words = f"text {'kept' if kept else 'lost'}, {'told why' if told else 'not told'}"
    return kept and told, words


def citations(make: MakePeer, desk: Desk) -> Verdict:
    """The URL behind the marker."""
    found = make(desk).talk().ask("How big is Paris?").citations
    return list(found) == [_URL], "URL kept" if _URL in found else "lost"


def streamed_citations(make: MakePeer, desk: Desk) -> Verdict:
    """The same in a stream."""
    pieces = _pieces(make(desk).astream("How big is Paris?"))
    found = [url for piece in pieces for url in piece.citations]
    return found == [_URL], "URL kept" if _URL in found else "lost"


def contents(make: MakePeer, desk: Desk) -> Verdict:
    """Every text and image of the run, in the service's order."""
    parts = [tuple(part) for part in make(desk).talk().ask("Plot it").parts]
    kinds = ", ".join(kind for kind, _ in parts)
    return parts == desk.contents(), kinds or "nothing"


def stream(make: MakePeer, desk: Desk) -> Verdict:
    """Pieces while the agent speaks."""
    return _judge_pieces(list(make(desk).stream("Count to 20")))


def astream(make: MakePeer, desk: Desk) -> Verdict:
    """Pieces while the agent speaks, async."""
    return _judge_pieces(_pieces(make(desk).astream("Count to 20")))


def requests(make: MakePeer, desk: Desk) -> Verdict:
    """How often the service is called for two turns."""
    talk = make(desk).talk()
    counts = []
    for question in ("What is 17 * 23?", "What is 2 + 3?"):
        desk.forget()
        talk.ask(question)
        counts.append(str(len(desk.requests())))
    return None, " + ".join(counts)


def two_users(make: MakePeer, desk: Desk) -> Verdict:
    """What one user says is no part of another's conversation."""
    peer = make(desk)
    alice, bob = peer.talk(), peer.talk()
    alice.ask("My code is 4711.")
    answer = bob.ask("What was asked before?")
    leaked = "4711" in answer.text
    words = _count(len(desk.threads()), "thread")
    return not leaked, words + (": Bob is told what Alice said" if leaked else "")


def leave_stream(make: MakePeer, desk: Desk) -> Verdict:
    """A stream that is closed after its first piece."""

    async def leave() -> Verdict:
        await _leave_early(make(desk))
        return await asyncio.to_thread(_judge_leaving, desk)

    return asyncio.run(leave())


def leave_loop(make: MakePeer, desk: Desk) -> Verdict:
    """The same where nothing else is left to do: the event loop ends at once."""
    asyncio.run(_leave_early(make(desk)))
    return _judge_leaving(desk)


def leave_task(make: MakePeer, desk: Desk) -> Verdict:
    """An awaited call whose task is cancelled."""

    async def leave() -> Verdict:
        task = asyncio.create_task(_awaited(make(desk), _LONG))
        await asyncio.to_thread(desk.wait_for_a_run)
        task.cancel()
        await asyncio.wait([task])
        return await asyncio.to_thread(_judge_leaving, desk)

    return asyncio.run(leave())


async def _leave_early(peer: Peer) -> None:
    pieces = peer.astream(_LONG)
    async for piece in pieces:
        if piece.text:
            break
    await pieces.aclose()  # type: ignore[attr-defined]


async def _awaited(peer: Peer, text: str) -> Answer:
    return await peer.aask(text)


def _judge_leaving(desk: Desk) -> Verdict:
    status = desk.settled(1.0)
    return status == "cancelled", f"the run is {status}"


def _judge_failure(desk: Desk, got: Any, error: BaseException | None) -> Verdict:
    if error is None:
        text = got.text if isinstance(got, Answer) else "".join(piece.text for piece in got)
        return False, f"no error, the answer is “{text}”"
    run = desk.runs()[-1]
    held = f"{error} {vars(error)}"
    wanted = {"code": run["last_error"]["code"], "run id": run["id"], "thread id": run["thread_id"]}
    there = [name for name, value in wanted.items() if value in held]
    typed = type(error).__module__ != "builtins"
    missing = ", ".join(name for name in wanted if name not in there)
    words = f"{type(error).__name__} with {', '.join(there) or 'none of them'}"
    return typed and not missing, words + (f"; without {missing}" if there and missing else "")


def _judge_pieces(pieces: list[Answer]) -> Verdict:
    texts = [piece.text for piece in pieces if piece.text]
    whole = "".join(texts) == f"{', '.join(map(str, range(1, 21)))}."
    words = f"{_count(len(texts), 'piece')}{'' if whole else ', not the whole text'}"
    return whole and len(texts) > 1, words


def _pieces(pieces: AsyncIterator[Answer]) -> list[Answer]:
    async def collect() -> list[Answer]:
        return [piece async for piece in pieces]

    return asyncio.run(collect())


def _attempt(act: Callable[[], Any]) -> tuple[Any, Exception | None]:
    try:
        return act(), None
    except Exception as error:  # noqa: BLE001 - the error is the finding
        return None, error


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _figures(usage: dict[str, int]) -> str:
    return "/".join(str(one) for one in usage.values())


_TWO_CALLS = CallTools(("get_weather", {"city": "Paris"}), ("get_time", {"city": "Paris"}))
_ASK = AskApproval("github", "fetch_docs", {"topic": "runs"}, "The docs.")
_CODE = Steps("Here is the plot.", RunCode("plot()", "", _PNG), "As you see, it rises.")

SCENARIOS = (
    Scenario("plain answer", plain),
    Scenario("second turn goes on in the thread, nothing posted twice", second_turn),
    Scenario("the thread’s id reaches the caller", thread_id),
    Scenario("two users on one object do not meet", two_users),
    Scenario("a system message instructs, and is no user message", system_message),
    Scenario("real token usage", usage),
    Scenario("requests for a first and a second turn", requests, queue_delay=0.2),
    Scenario("streamed, sync", stream, chunk_delay=0.02),
    Scenario("streamed, async", astream, chunk_delay=0.02),
    Scenario("leaving a stream cancels the run", leave_stream, chunk_delay=0.02),
    Scenario("the same as the last act of `asyncio.run`", leave_loop, chunk_delay=0.02),
    Scenario("cancelling the task cancels the run", leave_task, chunk_delay=0.02),
    Scenario("two parallel tool calls, outputs in one request", parallel_tools,
             (_TWO_CALLS, Reply("Sunny at noon."))),
    Scenario("tool approval", approval, (_ASK, Reply("Done."))),
    Scenario("a failed run is a typed error with code and ids", failed, (_FAILURE,) * 3),
    Scenario("the same in a stream", failed_stream, (_FAILURE,) * 3),
    Scenario("a run cut short: text kept, reason told", cut_short, (CutShort("Once upon a time"),)),
    Scenario("citation kept", citations, (Cite(_CITED, _CITATION),)),
    Scenario("citation kept in a stream", streamed_citations, (Cite(_CITED, _CITATION),)),
    Scenario("text, image, text in one message", contents, (_PLOT,)),
    Scenario("text, code, image, text in one run", contents, (_CODE,)),
)  # fmt: skip
