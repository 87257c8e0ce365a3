"""The default brain uses the server tools that its run has."""

from __future__ import annotations

import struct
import zlib
from typing import Any

import pytest

from langchain_foundry_agents.emulator.brains.bar_chart import bar_chart

from .room import Room

CODE, SEARCH = {"type": "code_interpreter"}, {"type": "file_search"}
CONTENT = "step_details.tool_calls[*].file_search.results[*].content"
NOTES = b"Cats sleep all day.\n\nThe red fox lives in Norway.\nDogs bark at the fox.\n"


def finished(
    room: Room, question: str, *, attachments: Any = (), **agent: Any
) -> tuple[Any, list[Any], list[Any]]:
    """The run, its steps, and the contents of its messages, in their order."""
    message = {"role": "user", "content": question, "attachments": list(attachments)}
    thread = room.post("/threads", {"messages": [message]})["id"]
    run = room.run(f"/threads/{thread}/runs", {"assistant_id": room.agent(**agent)})
    path = f"/threads/{thread}/runs/{run['id']}"
    steps = room.get(f"{path}/steps", order="asc")["data"]
    messages = room.get(f"/threads/{thread}/messages", order="asc", run_id=run["id"])["data"]
    return run, steps, [message["content"] for message in messages]


def call_of(step: Any) -> Any:
    return step["step_details"]["tool_calls"][0]


def text_of(content: list[Any]) -> Any:
    return content[-1]["text"]


def test_sums_are_computed_by_code() -> None:
    _, steps, (content,) = finished(Room(), "What is 17 * 23?", tools=[CODE])

    call = call_of(steps[0])["code_interpreter"]
    assert call == {"input": "print(17 * 23)", "outputs": [{"type": "logs", "logs": "391\n"}]}
    assert text_of(content)["value"] == "17 * 23 = 391."


@pytest.mark.parametrize(
    "sum_",
    ["17 * 23", "0.1 + 0.2", "6 / 2", "7 // 2", "2 ** -1", "10 ** 20", "(1 + 2) * 3.5", "7 % 4"],
)
def test_the_code_prints_what_the_step_says(sum_: str, capsys: pytest.CaptureFixture[str]) -> None:
    _, steps, _ = finished(Room(), f"What is {sum_}?", tools=[CODE])

    call = call_of(steps[0])["code_interpreter"]
    exec(call["input"])

    assert call["outputs"] == [{"type": "logs", "logs": capsys.readouterr().out}]


def test_a_division_by_zero_is_what_python_says() -> None:
    _, steps, (content,) = finished(Room(), "What is 5 / 0?", tools=[CODE])

    call = call_of(steps[0])["code_interpreter"]
    assert call["input"] == 'print(f"{5 / 0:.10g}")'
    assert call["outputs"][0]["logs"] == "ZeroDivisionError: division by zero\n"
    assert text_of(content)["value"] == "5 / 0 has no result: it divides by zero."


@pytest.mark.parametrize("tools", [[], [SEARCH]])
def test_no_code_runs_without_the_tool(tools: Any) -> None:
    _, steps, (content,) = finished(Room(), "What is 17 * 23", tools=tools)

    assert [step["type"] for step in steps] == ["message_creation"]
    assert text_of(content)["value"] == "17 * 23 = 391."


def test_no_tool_is_used_where_the_run_forbids_it() -> None:
    room = Room()
    body = {"assistant_id": room.agent(tools=[CODE]), "tool_choice": "none"}
    thread = room.thread("What is 17 * 23?")

    run = room.run(f"/threads/{thread}/runs", body)

    steps = room.get(f"/threads/{thread}/runs/{run['id']}/steps")["data"]
    assert [step["type"] for step in steps] == ["message_creation"]


def test_numbers_are_drawn() -> None:
    room = Room()
    _, steps, (content,) = finished(room, "Please plot 3, 1 and 2.5", tools=[CODE])

    picture, text = content
    file_id = picture["image_file"]["file_id"]
    assert text["text"]["value"] == "Here is a chart of 3, 1, 2.5."
    outputs = call_of(steps[0])["code_interpreter"]["outputs"]
    assert outputs == [{"type": "image", "image": {"file_id": file_id}}]
    assert room.call("GET", f"/files/{file_id}/content").content == bar_chart([3, 1, 2.5])
    file = room.get(f"/files/{file_id}")
    assert (file["purpose"], file["filename"]) == ("assistants_output", "picture.png")


def test_a_chart_is_a_real_picture_with_bars_of_the_right_height() -> None:
    data = bar_chart([4, 2, -4])

    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", data[16:24])
    start = data.index(b"IDAT") + 4
    (size,) = struct.unpack(">I", data[start - 8 : start - 4])
    pixels = zlib.decompress(data[start : start + size])
    rows = [pixels[line * (1 + width * 3) :][1 : 1 + width * 3] for line in range(height)]
    heights = [
        sum(row[3 * middle : 3 * middle + 3] != b"\xff" * 3 for row in rows)
        for middle in (13, 33, 53)
    ]
    assert (width, height, len(pixels)) == (66, 100, 100 * (1 + 66 * 3))
    assert heights[1] < heights[0] <= height / 2 + 1
    assert abs(heights[0] - heights[2]) <= 1


def test_attached_files_are_measured() -> None:
    room = Room()
    file = room.state.add_file(b"a,b\n1,2\n", "table.csv", "assistants")
    attached = [{"file_id": file.id, "tools": [CODE]}]
    question = "How many lines has the file?"

    _, steps, (content,) = finished(room, question, attachments=attached, tools=[CODE])

    call = call_of(steps[0])["code_interpreter"]
    assert f"/mnt/data/{file.id}" in call["input"]
    assert call["outputs"] == [{"type": "logs", "logs": "8 2\n"}]
    assert text_of(content)["value"] == "table.csv has 8 bytes and 2 lines."


def test_files_of_the_agent_are_measured_too() -> None:
    room = Room()
    file = room.state.add_file(b"x", "x.txt", "assistants")
    resources = {"code_interpreter": {"file_ids": [file.id]}}

    _, _, (content,) = finished(room, "How long is x.txt?", tools=[CODE], tool_resources=resources)

    assert text_of(content)["value"] == "x.txt has 1 bytes and 1 lines."


def searched(room: Room, question: str) -> tuple[Any, list[Any], list[Any]]:
    file = room.state.add_file(NOTES, "notes.txt", "assistants")
    store = room.post("/vector_stores", {"file_ids": [file.id]})["id"]
    resources = {"file_search": {"vector_store_ids": [store]}}
    return finished(room, question, tools=[SEARCH], tool_resources=resources)


def test_files_are_searched_and_quoted_with_a_citation() -> None:
    room = Room()
    _, steps, (content,) = searched(room, "Where does the red fox live?")

    file_id = next(iter(room.state.files))
    text = text_of(content)
    assert text["value"] == 'notes.txt says: "The red fox lives in Norway."【4:0†source】.'
    (annotation,) = text["annotations"]
    assert annotation["file_citation"] == {"file_id": file_id}
    assert text["value"][annotation["start_index"] : annotation["end_index"]] == "【4:0†source】"
    call = call_of(steps[0])["file_search"]
    assert list(call) == ["ranking_options", "results"]
    assert list(call["results"][0]) == ["file_id", "file_name", "score", "attributes"]
    assert 0 < call["results"][0]["score"] <= 1


def test_what_a_search_found_is_shown_on_request() -> None:
    room = Room()
    run, steps, _ = searched(room, "Where does the red fox live?")

    path = f"/threads/{run['thread_id']}/runs/{run['id']}/steps/{steps[0]['id']}"
    shown = room.get(path, **{"include[]": CONTENT})

    content = call_of(shown)["file_search"]["results"][0]["content"]
    assert content == [{"type": "text", "text": NOTES.decode().strip()}]


def test_a_run_that_asks_for_it_streams_what_a_search_found() -> None:
    room = Room()
    file = room.state.add_file(NOTES, "notes.txt", "assistants")
    attached = [{"file_id": file.id, "tools": [SEARCH]}]
    message = {"role": "user", "content": "Do dogs bark?", "attachments": attached}
    thread = room.post("/threads", {"messages": [message]})["id"]
    body = {"assistant_id": room.agent(tools=[SEARCH]), "stream": True}

    answer = room.call("POST", f"/threads/{thread}/runs", body, query={"include[]": CONTENT})
    room.work()

    assert answer.feed is not None
    events = [(event.name, event.data) for event in answer.feed.take()]
    step = next(data for name, data in events if name == "thread.run.step.completed")
    assert step is not None
    content = call_of(step)["file_search"]["results"][0]["content"]
    assert content == [{"type": "text", "text": NOTES.decode().strip()}]


def test_attached_files_are_searched_too() -> None:
    room = Room()
    file = room.state.add_file(NOTES, "notes.txt", "assistants")
    attached = [{"file_id": file.id, "tools": [SEARCH]}]

    _, _, (content,) = finished(room, "Do dogs bark?", attachments=attached, tools=[SEARCH])

    assert text_of(content)["value"].startswith('notes.txt says: "Dogs bark at the fox."')


def test_a_search_without_a_find_says_so() -> None:
    _, steps, (content,) = searched(Room(), "What is a quasar?")

    assert call_of(steps[0])["file_search"]["results"] == []
    assert text_of(content) == {"value": "The files say nothing about that.", "annotations": []}


MCP = {"type": "mcp", "server_label": "docs", "server_url": "https://mcp.example"}


@pytest.mark.parametrize(
    ("question", "allowed", "called"),
    [
        ("Ask docs about foxes", None, ["search_docs"]),
        ("Ask docs about foxes", ["look_up", "read"], ["look_up"]),
        ("Use read and look up foxes", ["look_up", "read"], ["look_up", "read"]),
        ("Tell me about foxes", ["look_up"], []),
        ("Tell me about docsets", None, []),
    ],
)
def test_mcp_tools_that_the_question_names_are_asked_for(
    question: str, allowed: list[str] | None, called: list[str]
) -> None:
    run, _, _ = finished(Room(), question, tools=[MCP | {"allowed_tools": allowed}])

    action = run["required_action"] or {"submit_tool_approval": {"tool_calls": []}}
    calls = action["submit_tool_approval"]["tool_calls"]
    assert [call["name"] for call in calls] == called
    assert all(call["server_label"] == "docs" for call in calls)


@pytest.mark.parametrize(
    ("approve", "said"),
    [
        (True, 'search_docs gave: "search_docs of docs was asked: "Ask docs".".'),
        (False, 'search_docs gave: "The call was denied by the user.".'),
    ],
)
def test_the_answer_says_what_became_of_an_approval(approve: bool, said: str) -> None:
    room = Room()
    run, _, _ = finished(room, "Ask docs", tools=[MCP])
    call = run["required_action"]["submit_tool_approval"]["tool_calls"][0]
    path = f"/threads/{run['thread_id']}/runs/{run['id']}"
    body = {"tool_approvals": [{"tool_call_id": call["id"], "approve": approve}]}

    done = room.run(f"{path}/submit_tool_outputs", body)

    assert done["status"] == "completed"
    message = room.get(f"/threads/{run['thread_id']}/messages")["data"][0]
    assert message["content"][0]["text"]["value"] == said


def test_a_server_that_needs_no_approval_is_asked_at_once() -> None:
    rule = {"mcp": [{"server_label": "docs", "require_approval": "never"}]}
    run, steps, (content,) = finished(Room(), "Ask docs", tools=[MCP], tool_resources=rule)

    assert run["status"] == "completed"
    kinds = ["activities", "tool_calls", "message_creation"]
    assert [step["type"] for step in steps] == kinds
    assert call_of(steps[1])["output"] == 'search_docs of docs was asked: "Ask docs".'
    assert text_of(content)["value"].startswith("search_docs gave: ")


def test_earlier_questions_are_still_counted() -> None:
    room = Room()
    agent = room.agent(tools=[CODE])
    thread = room.thread("Hi", "What is 1 + 1?")

    room.run(f"/threads/{thread}/runs", {"assistant_id": agent})

    text = room.get(f"/threads/{thread}/messages")["data"][0]["content"][0]["text"]["value"]
    assert text == '1 + 1 = 2. Before that you asked 1 question, the last was: "Hi".'
