"""Each row of the table of differences is as it is told: turns, and what becomes of them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from langchain_core.exceptions import ModelRateLimitError
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage
from sockets.brains import FailingBrain
from sockets.ways import listed as heard_out

from langchain_foundry_agents import InvalidFieldError, RunCancelledError
from langchain_foundry_agents.emulator import CutShort, Reply, Think

from . import test_differences_of_definitions, test_differences_of_tools
from .conftest import Pair, Scene
from .differences import DIFFERENCES
from .seen import at_rest, place_of, places, requests, run_statuses, sent, texts

HELLO = HumanMessage("Hello")
ASKED = HumanMessage("What are your instructions?")


def test_every_difference_is_shown() -> None:
    shown = globals() | vars(test_differences_of_definitions) | vars(test_differences_of_tools)

    assert [row.key for row in DIFFERENCES if f"test_{row.key}" not in shown] == []
    assert len({row.key for row in DIFFERENCES}) == len(DIFFERENCES)


def test_requests_of_a_first_turn(pair: Pair) -> None:
    classic, new = pair()
    for scene in (classic, new):
        scene.model.invoke("Hello")
    alone = [new.model.invoke("Hello", conversation=kept) for kept in ("response", "none")]

    assert requests(classic) == ["POST /threads/runs"]
    assert requests(new) == [
        "POST /openai/v1/conversations",
        "POST /openai/v1/responses",
        *["POST /openai/v1/responses"] * 2,
    ]
    assert [answer.content for answer in alone] == ['You said: "Hello".'] * 2


def test_requests_of_a_long_history(pair: Pair) -> None:
    kinds = (HumanMessage, AIMessage)
    history = [kinds[(69 - place) % 2](f"line {place}") for place in range(70)]

    classic, new = pair()
    for scene in (classic, new):
        scene.model.invoke(history)

    assert [len(scene.emulator.requests) for scene in (classic, new)] == [8, 2]


def test_what_keeps_the_history(pair: Pair) -> None:
    classic, new = pair()
    for scene in (classic, new):
        scene.model.invoke("Hello")
    for kept in ("response", "none"):
        first = new.model.invoke([HELLO], conversation=kept)
        second = new.model.invoke([HELLO, first, HumanMessage("And?")], conversation=kept)
        assert 'the last was: "Hello"' in second.text
        assert "thread_id" not in second.response_metadata

    assert [place.partition("_")[0] for place in places(classic.emulator)] == ["thread"]
    assert [place.partition("_")[0] for place in places(new.emulator)] == ["conv"]
    assert sent(new.emulator)[1:3] == [["Hello"], ["And?"]]
    assert sent(new.emulator)[3] == ["Hello"]
    assert len(sent(new.emulator)[4]) == 3


def test_ids_in_metadata(pair: Pair) -> None:
    classic, new = pair()
    old, answer = (scene.model.invoke("Hello").response_metadata for scene in (classic, new))

    assert old["agent_id"] == classic.model.agent_id
    assert [old["thread_id"]] == places(classic.emulator)
    assert old["run_id"].startswith("run_")
    assert (answer["agent_name"], answer["agent_version"]) == ("helper", "1")
    assert answer["thread_id"] == answer["conversation_id"] == places(new.emulator)[0]
    assert answer["run_id"] == answer["response_id"]
    assert answer["run_id"].startswith("resp_")
    for scene, other in ((classic, answer), (new, old)):
        with pytest.raises(InvalidFieldError, match="is not the id of a"):
            scene.model.invoke("Hello", thread_id=other["thread_id"])


def test_system_messages(pair: Pair) -> None:
    pirate, poet = SystemMessage("Be a pirate."), SystemMessage("Be a poet.")
    heard, told = [], []
    classic, new = pair()
    for scene in (classic, new):
        first = scene.model.invoke([pirate, ASKED])
        again = scene.model.invoke([pirate, ASKED, first, ASKED])
        last = scene.model.invoke([poet, ASKED, first, ASKED, again, ASKED])
        heard.append(last.text.partition(". Before")[0])
        told.append([instructions(one.body) for one in scene.emulator.requests])

    assert heard == [
        'My instructions are: "Be a poet."',
        'My instructions are: "Be a pirate.\nBe a poet."',
    ]
    assert told[0] == [None, "Be a pirate.", "Be a pirate.", "Be a poet."]
    assert told[1] == [None, "Be a pirate.", None, "Be a poet."]


def instructions(body: Any) -> str | None:
    """What a request tells of instructions, of the run or by a developer message."""
    items = [one["content"] for one in body.get("input", ()) if one.get("role") == "developer"]
    return body.get("additional_instructions") or (items[0] if items else None)


async def test_leaving(pair: Pair) -> None:
    classic, new = pair(service={"chunk_delay": 0.02})
    for scene in (classic, new):
        for _ in scene.model.stream("Count to 1000"):
            break
        await at_rest(scene.emulator)

    (kept,) = places(classic.emulator)
    assert texts(classic.emulator, kept)[0] == ("user", "Count to 1000")
    assert any(one.endswith("/cancel") for one in requests(classic))
    assert texts(new.emulator, places(new.emulator)[0]) == []
    assert not any(one.endswith("/cancel") for one in requests(new))


def test_failed_turns(pair: Pair) -> None:
    def failing() -> FailingBrain:
        return FailingBrain(error=ModelRateLimitError("Try again in 0 seconds."), times=1)

    asked = []
    for scene in (pair(brain=failing())[0], pair(brain=failing())[1]):
        answer = scene.model.invoke("Hello")
        asked.append(sent(scene.emulator))
        assert texts(scene.emulator, place_of(answer))[0] == ("user", "Hello")

    assert asked == [[["Hello"], []], [["Hello"], ["Hello"]]]


SILENT: dict[str, Any] = {"service": {"queue_delay": 0.4}, "timeout": 0.1}


@pytest.mark.slow
async def test_broken_streams(pair: Pair) -> None:
    classic, new = pair(**SILENT)

    assert classic.model.invoke("Hello").content == 'You said: "Hello".'
    assert new.model.invoke("Hello", background=True).content == 'You said: "Hello".'
    with pytest.raises(RunCancelledError):
        new.model.invoke("Hello")


def test_the_error_of_a_stream_that_fell_silent_says_so(pair: Pair) -> None:
    _, new = pair(**SILENT)
    with pytest.raises(RunCancelledError) as caught:
        new.model.invoke("Hello")

    assert "ReadTimeout" in f"{caught.value} {caught.value.__cause__}"


@pytest.mark.slow
async def test_cancelling_what_is_busy(pair: Pair) -> None:
    statuses = []
    for scene in pair(service={"chunk_delay": 0.01}, on_active_run="cancel"):
        first = await scene.model.ainvoke("Hello")
        chunks = scene.model.astream("Count to 20", thread_id=place_of(first))
        await anext(chunks)
        busy = asyncio.create_task(heard_out(chunks))
        answer = await scene.model.ainvoke("What is 1 + 1?", thread_id=place_of(first))
        assert answer.text.startswith("1 + 1 = 2.")
        await asyncio.wait([busy])
        assert busy.exception() is None or isinstance(busy.exception(), RunCancelledError)
        statuses.append(run_statuses(scene.emulator))

    assert statuses == [["completed", "cancelled", "completed"], ["completed"] * 3]


def test_polling(pair: Pair) -> None:
    classic, new = pair(run_mode="poll")
    for scene in (classic, new):
        scene.model.invoke("Hello")

    *_, looked, listed = requests(classic)
    assert looked.startswith("GET /threads/thread_")
    assert listed == f"{looked.partition('/runs/')[0]}/messages"
    assert new.emulator.requests[1].body["background"] is True
    assert requests(new)[-1].startswith("GET /openai/v1/responses/resp_")


def test_content_filters(pair: Pair) -> None:
    classic, new = pair(CutShort("Well, ", "content_filter"))

    assert classic.model.invoke("Hello").text == "Well, "
    answer = new.model.invoke("Hello")
    assert answer.text.startswith("Well, ")
    assert answer.text.endswith("I'm sorry, but I cannot assist with that request.")
    blocked = [one["blocked"] for one in answer.response_metadata["content_filters"]]
    assert blocked == [False, True]


def kinds(scene: Scene) -> list[str]:
    return [block["type"] for block in scene.model.invoke("Hello").content_blocks]


def test_reasoning(pair: Pair) -> None:
    assert [kinds(scene) for scene in pair(Think("Hm."))] == [[], ["reasoning"]]


def test_files(pair: Pair) -> None:
    file = {"type": "file", "base64": "MQ==", "mime_type": "text/plain", "filename": "a.txt"}
    question = HumanMessage([{"type": "text", "text": "?"}, file])
    classic, new = pair(Reply("One."), definition={"tools": [{"type": "code_interpreter"}]})
    for scene in (classic, new):
        scene.model.invoke([question])

    assert requests(classic)[1:] == ["POST /files", "POST /threads/runs"]
    assert sent(new.emulator)[0][0][1] == {
        "type": "input_file",
        "filename": "a.txt",
        "file_data": "data:text/plain;base64,MQ==",
    }


def test_names_of_messages(pair: Pair) -> None:
    classic, new = pair()
    for scene in (classic, new):
        scene.model.invoke([HumanMessage("Hello", name="ann")])

    assert classic.emulator.requests[-1].body["thread"]["messages"][0]["metadata"] == {
        "name": "ann"
    }
    assert "ann" not in str(new.emulator.requests[-1].body)
