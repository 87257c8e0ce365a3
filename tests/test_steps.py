"""What the service's own tools did: blocks for each call and its result, where they belong."""

from __future__ import annotations

from typing import Any

import pytest
from folding import (
    JSON,
    Event,
    answer,
    content,
    image,
    step,
    step_delta,
    summed,
    text,
    whole,
    whole_text,
)


def told(call_id: str, name: str, args: JSON, **more: Any) -> JSON:
    return {"type": "server_tool_call", "id": call_id, "name": name, "args": args, **more}


def result(call_id: str, output: Any, status: str = "success", **more: Any) -> JSON:
    block = {"type": "server_tool_result", "tool_call_id": call_id, "status": status}
    return {**block, "output": output, **more}


@pytest.mark.parametrize(
    ("call", "args", "output"),
    [
        (
            {"type": "code_interpreter", "code_interpreter": {"input": "1+1", "outputs": []}},
            {"args": {"code": "1+1"}},
            [],
        ),
        (
            {
                "type": "code_interpreter",
                "code_interpreter": {
                    "input": "1+1",
                    "outputs": [{"type": "logs", "logs": "2"}],
                },
            },
            {"args": {"code": "1+1"}},
            [{"type": "logs", "logs": "2"}],
        ),
        (
            {"type": "code_interpreter", "code_interpreter": {"outputs": []}},
            {"args": {"code": ""}},
            [],
        ),
        (
            {"type": "file_search", "file_search": {"ranking_options": None, "results": []}},
            {"args": {}},
            [],
        ),
        (
            {
                "type": "azure_ai_search",
                "azure_ai_search": {"input": "tents", "output": "[{…}]"},
            },
            {"args": {"input": "tents"}},
            "[{…}]",
        ),
        # As recorded: test_open_api_tool_streaming, Azure/azure-sdk-assets, commit 3785bd7a.
        (
            {
                "type": "openapi",
                "function": {"name": "weather", "arguments": '{"city": "Oslo"}', "output": "cold"},
            },
            {"args": {"city": "Oslo"}, "extras": {"name": "weather"}},
            "cold",
        ),
        # As `RunStepOpenAPIToolCall` of azure-ai-agents 1.1.0 has it.
        (
            {
                "type": "openapi",
                "openapi": {"name": "weather", "arguments": '{"city": "Oslo"}', "output": "cold"},
            },
            {"args": {"city": "Oslo"}, "extras": {"name": "weather"}},
            "cold",
        ),
        (
            {
                "type": "connected_agent",
                "connected_agent": {"name": "Ann", "arguments": "Hello", "output": "Hi"},
            },
            {"args": {"arguments": "Hello"}, "extras": {"name": "Ann"}},
            "Hi",
        ),
        (
            {"type": "mcp", "arguments": "[1]", "name": "a", "server_label": "b", "output": ""},
            {"args": {"arguments": [1]}, "extras": {"name": "a", "server_label": "b"}},
            "",
        ),
        ({"type": "hologram", "depth": 3, "output": "x"}, {"args": {"depth": 3}}, "x"),
        ({"type": "hologram", "hologram": {"depth": 3}}, {"args": {"depth": 3}}, None),
        ({"type": "hologram"}, {"args": {}}, None),
    ],
    ids=lambda value: str(value.get("type", "")) if isinstance(value, dict) else "",
)
def test_a_call_of_this_kind_is_these_blocks(call: JSON, args: JSON, output: Any) -> None:
    assert content(step({"id": "call_1", **call})) == [
        {"type": "server_tool_call", "id": "call_1", "name": call["type"], **args, "index": 0},
        result("call_1", output, index=1),
    ]


def code(call_id: str, *outputs: JSON) -> JSON:
    inner = {"input": "1+1", "outputs": list(outputs)}
    return {"id": call_id, "type": "code_interpreter", "code_interpreter": inner}


def mcp(output: str | None = None, call_id: str = "call_1") -> JSON:
    named = {"id": call_id, "type": "mcp", "name": "a", "server_label": "b"}
    return {**named, "arguments": "{}", "output": output}


def late(output: str, index: int = 0) -> Event:
    return step_delta({"index": index, "type": "mcp", "output": output})


def outputs_of(*events: Event) -> list[Any]:
    """The results' outputs, and the texts, in their order."""
    blocks = summed(*events).content_blocks
    return [
        block.get("output", block.get("text"))
        for block in blocks
        if block["type"] in {"server_tool_result", "text"}
    ]


def drawn(file_id: str) -> JSON:
    return {"type": "image", "image": {"file_id": file_id}}


def test_blocks_stand_between_the_texts_around_them() -> None:
    assert content(text("I count."), step(code("call_1")), text("Two.", message="msg_2")) == [
        "I count.",
        {**told("call_1", "code_interpreter", {"code": "1+1"}), "index": 1},
        {**result("call_1", []), "index": 2},
        {"type": "text", "text": "Two.", "index": 3},
    ]


def test_a_step_that_is_told_again_stands_once() -> None:
    twice = step(code("call_1")), step(code("call_1"), code("call_2"))

    assert [block.get("id") or block["tool_call_id"] for block in content(*twice)] == [
        "call_1",
        "call_1",
        "call_2",
        "call_2",
    ]


@pytest.mark.parametrize("status", ["in_progress", "unheard"])
def test_a_step_that_is_not_over_tells_nothing(status: str) -> None:
    assert content(step(code("call_1"), status=status)) == ""


def test_a_step_that_calls_the_callers_functions_tells_nothing() -> None:
    own = {"id": "call_1", "type": "function", "function": {"name": "add", "arguments": "{}"}}

    assert content(step(own)) == ""


@pytest.mark.parametrize("details", [None, {}, {"type": "message_creation"}, {"tool_calls": None}])
def test_a_step_without_calls_tells_nothing(details: JSON | None) -> None:
    name, data = step()

    assert content((name, {**data, "step_details": details})) == ""


@pytest.mark.parametrize("status", ["failed", "cancelled", "expired"])
def test_a_call_of_a_step_that_failed_has_the_steps_error_for_its_result(status: str) -> None:
    error = {"code": "server_error", "message": "It broke."}

    assert content(step(mcp(), status=status, last_error=error))[1] == {
        **result("call_1", error, status="error"),
        "index": 1,
    }


def test_a_call_of_a_step_that_failed_keeps_what_it_gave() -> None:
    assert content(step(mcp("half"), status="failed"))[1]["output"] == "half"


def test_a_picture_that_code_drew_and_the_message_shows_stands_once() -> None:
    blocks = content(
        step(code("call_1", {"type": "logs", "logs": "ok"}, drawn("file_1"), drawn("file_2"))),
        image(0, file_id="file_1"),
        text("See.", 1),
    )

    assert [(block["type"], block.get("file_id")) for block in blocks] == [
        ("server_tool_call", None),
        ("server_tool_result", None),
        ("image", "file_1"),
        ("image", "file_2"),
        ("text", None),
    ]


def test_a_result_that_comes_after_its_step_stands_where_it_came() -> None:
    assert outputs_of(step(mcp()), late("42"), text("So.")) == ["42", "So."]


def test_a_result_that_never_comes_is_an_empty_one_at_the_end() -> None:
    assert outputs_of(step(mcp()), text("So.")) == ["So.", None]


def test_a_result_that_comes_in_pieces_is_all_of_them() -> None:
    assert outputs_of(step(mcp()), late("4"), late("2"), text("So.")) == ["42", "So."]


def test_a_piece_without_an_index_belongs_to_the_call_at_its_place() -> None:
    pieces = step_delta({"type": "mcp", "output": "a"}, {"type": "mcp", "output": "b"})

    assert outputs_of(step(mcp(), mcp(call_id="call_2")), pieces, text("So.")) == ["a", "b", "So."]


def test_a_result_that_came_in_pieces_gives_way_to_the_whole() -> None:
    assert outputs_of(step(mcp()), late("4"), step(mcp("42")), text("So.")) == ["42", "So."]


@pytest.mark.parametrize(
    ("again", "outputs"),
    [
        (step(mcp()), ["42", "So."]),
        (step(mcp(), step_id="step_2"), ["42", "So."]),
        (step(code("call_2"), step_id="step_2"), [[], "42", "So."]),
        (step(mcp("7", "call_2"), step_id="step_2"), ["7", "42", "So."]),
        (("thread.run.step.completed", {**step()[1], "step_details": None}), ["42", "So."]),
    ],
    ids=["without it", "of the same call", "of other calls", "with its own", "empty"],
)
def test_a_step_that_lacks_a_late_result_does_not_end_the_wait(
    again: Event, outputs: list[Any]
) -> None:
    assert outputs_of(step(mcp()), again, late("42"), text("So.")) == outputs


def test_late_results_go_to_their_own_calls() -> None:
    both = step(mcp(call_id="call_1"), mcp(call_id="call_2"))

    blocks = summed(both, late("b", 1), late("a", 0)).content_blocks

    assert {block["tool_call_id"]: block["output"] for block in blocks if "output" in block} == {
        "call_1": "a",
        "call_2": "b",
    }


@pytest.mark.parametrize(
    "event",
    [
        late("x", 7),
        step_delta({"index": 0, "type": "mcp", "output": "x"}, step_id="step_7"),
        step_delta({"index": 0, "type": "mcp", "output": None}),
        step_delta(),
        ("thread.run.step.delta", {"object": "thread.run.step.delta", "id": "step_1", "delta": {}}),
    ],
)
def test_a_piece_that_belongs_to_no_call_tells_nothing(event: Event) -> None:
    assert outputs_of(step(mcp()), event, late("42")) == ["42"]


def test_what_the_history_holds_already_is_not_told_again() -> None:
    told_before = frozenset({"call_1", "msg_1"})
    events = (
        step(code("call_1")),
        whole(whole_text("Old.")),
        text("Old.", message="msg_1"),
        step(code("call_2"), step_id="step_2"),
        text("New.", message="msg_2"),
    )

    message = summed(*events, known=told_before)

    assert [block.get("id", block.get("text")) for block in message.content] == [
        "call_2",
        None,
        "New.",
    ]
    assert message.response_metadata["message_ids"] == ["msg_2"]


def test_an_answer_that_begins_with_a_step_names_its_thread_and_its_run() -> None:
    fold = answer()
    chunk, *_ = fold.add([step(code("call_1"))])

    assert chunk.message.response_metadata["thread_id"] == "thread_1"
    assert chunk.message.response_metadata["run_id"] == "run_1"
