"""Tools of the service, and all that is neither text nor a call, as items of responses."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from langchain_core.messages import AIMessageChunk

from langchain_foundry_agents.emulator import (
    AskConsent,
    Cite,
    Draw,
    Refuse,
    Reply,
    RunCode,
    ShowItem,
    Steps,
    Think,
)
from langchain_foundry_agents.emulator.brains.script import server_use

from ..room import Room
from .scene import CONVERSATIONS, new_conversation, new_version
from .speaking import RESPONSES, heard, kinds, respond, scripted, text_of

PNG = b"\x89PNG\r\n\x1a\n"
FILES = {"a.txt": b"hello", "b.txt": b"hi"}


def test_code_shows_its_outputs_only_on_request(room: Room) -> None:
    new_version(room, tools=[{"type": "code_interpreter", "container": {"type": "auto"}}])

    plain = respond(room, "What is 17 * 23?")
    included = respond(room, "What is 17 * 23?", include=["code_interpreter_call.outputs"])

    assert kinds(plain) == ["code_interpreter_call", "message"]
    call = plain["output"][0]
    assert (call["code"], call["outputs"]) == ("print(17 * 23)", None)
    assert call["container_id"].startswith("cntr_")
    assert included["output"][0]["outputs"] == [{"type": "logs", "logs": "391\n"}]


def test_code_reads_the_files_of_its_container_and_of_messages(room: Room) -> None:
    first, second = (room.state.add_file(data, name, "assistants") for name, data in FILES.items())
    tool = {"type": "code_interpreter", "container": {"type": "auto", "file_ids": [first.id]}}
    new_version(room, tools=[tool])
    part = {"type": "input_file", "file_id": second.id}
    asked = {"type": "input_text", "text": "How large are the files?"}

    response = respond(room, [{"role": "user", "content": [asked, part]}])

    assert "a.txt has 5 bytes" in text_of(response)
    assert "b.txt has 2 bytes" in text_of(response)


def test_code_reads_files_that_stand_in_messages_of_any_turn(room: Room) -> None:
    new_version(room, tools=[{"type": "code_interpreter", "container": {"type": "auto"}}])
    data = "data:text/csv;base64,MSwyCjMsNA=="
    part = {"type": "input_file", "filename": "table.csv", "file_data": data}
    asked = {"type": "input_text", "text": "How large is the file?"}

    first = respond(room, [{"role": "user", "content": [asked, part]}])
    later = respond(room, "How many lines has it?", previous_response_id=first["id"])

    code, _ = first["output"]
    assert "/mnt/data/table.csv" in code["code"]
    told = "table.csv has 7 bytes and 2 lines."
    assert text_of(first) == told
    assert text_of(later).startswith(told)


def test_pictures_of_code_are_files_that_the_message_cites() -> None:
    room = scripted(Steps(RunCode("draw()", "", PNG), "Here it is."))

    response = respond(room, "Draw!")

    code, message = response["output"]
    (source,) = message["content"][0]["annotations"]
    assert source["container_id"] == code["container_id"]
    assert (source["type"], source["start_index"], source["end_index"]) == (
        "container_file_citation",
        0,
        0,
    )
    path = f"/openai/v1/containers/{source['container_id']}/files/{source['file_id']}/content"
    assert room.call("GET", path).content == PNG


def test_files_are_searched_and_cited_without_markers(room: Room) -> None:
    file = room.state.add_file(b"The return period is 30 days.", "policy.md", "assistants")
    store = room.post("/vector_stores", {"file_ids": [file.id]})["id"]
    new_version(room, tools=[{"type": "file_search", "vector_store_ids": [store]}])
    question = "How long is the return period?"

    plain = respond(room, question)
    included = respond(room, question, include=["file_search_call.results"])

    search, message = plain["output"]
    assert (search["queries"], "results" in search) == ([question], False)
    said = 'policy.md says: "The return period is 30 days.".'
    source = {"type": "file_citation", "file_id": file.id, "index": 47, "filename": "policy.md"}
    assert (message["content"][0]["text"], message["content"][0]["annotations"]) == (said, [source])
    (result,) = included["output"][0]["results"]
    assert (result["filename"], result["text"]) == ("policy.md", "The return period is 30 days.")


def test_web_sources_cover_their_text() -> None:
    site = {"type": "citation", "url": "https://a.example", "title": "A"}
    use = server_use("1", "web_search", {"query": "a"}, "")
    said = [Cite("Yes, it is.", site | {"start_index": 0, "end_index": 3}), Cite(" Sure.", site)]

    search, message = respond(scripted(Steps(*use, *said)), "Is it?")["output"]

    assert search["action"] == {"type": "search", "queries": ["a"], "query": "a"}
    places = [
        (one["start_index"], one["end_index"]) for one in message["content"][0]["annotations"]
    ]
    assert places == [(0, 3), (17, 17)]


def test_each_marker_of_a_file_is_taken_out() -> None:
    marker = "【4:0†source】"
    source = {"type": "file_citation", "text": marker, "file_citation": {"file_id": "f"}}

    (message,) = respond(scripted(Cite(f"One{marker}, two{marker}.", source, source)), "Hi")[
        "output"
    ]

    (part,) = message["content"]
    assert part["text"] == "One, two."
    assert [(one["filename"], one["index"]) for one in part["annotations"]] == [("f", 3), ("f", 8)]


def test_files_and_links_of_langchain_citations_stand_where_their_text_ends() -> None:
    file = {"type": "citation", "end_index": 3, "extras": {"file_id": "f", "filename": "a.md"}}
    link = {"type": "file_path", "text": "sandbox:/a.csv", "file_path": {"file_id": "g"}}

    (message,) = respond(scripted(Cite("Yes, sandbox:/a.csv", file, link)), "Hi")["output"]

    (part,) = message["content"]
    assert part["text"] == "Yes, sandbox:/a.csv"
    assert [(one["filename"], one["index"]) for one in part["annotations"]] == [
        ("a.md", 3),
        ("g", 19),
    ]


def test_a_picture_of_code_is_cited_also_where_nothing_is_said() -> None:
    _, message = respond(scripted(RunCode("draw()", "", PNG)), "Draw!")["output"]

    (part,) = message["content"]
    assert (part["text"], len(part["annotations"])) == ("", 1)


@pytest.mark.parametrize(
    ("kind", "shown"), [("bing_grounding", ""), ("azure_ai_search", '{"get_urls": ["u"]}')]
)
def test_other_tools_are_pairs_of_items(kind: str, shown: str) -> None:
    use = server_use("1", kind, {"query": "a"}, {"get_urls": ["u"]})

    call, output, _ = respond(scripted(Steps(*use, "Done.")), "Hi")["output"]

    assert (call["type"], call["arguments"]) == (f"{kind}_call", '{"query":"a"}')
    assert (output["type"], output["output"]) == (f"{kind}_call_output", shown)
    assert (call["id"][:3], output["id"][:4]) == ("fc_", "fco_")
    assert output["call_id"] == call["call_id"]


def test_generated_pictures_are_items() -> None:
    (picture,) = respond(scripted(Draw(PNG)), "Draw!")["output"]

    assert (picture["type"], picture["status"]) == ("image_generation_call", "completed")
    assert base64.b64decode(picture["result"]) == PNG


def test_a_tool_that_generates_pictures_is_such_an_item() -> None:
    use = server_use("1", "image_generation", {"prompt": "a cat"}, [{"base64": "AA=="}])

    (picture,) = respond(scripted(Steps(*use)), "Draw!")["output"]

    assert (picture["type"], picture["result"]) == ("image_generation_call", "AA==")


@pytest.mark.parametrize(
    "tools",
    [
        {"look": {"description": "Looks.", "parameters": {"type": "object"}}},
        [{"name": "look", "description": "Looks.", "input_schema": {"type": "object"}}],
    ],
    ids=["classic", "new"],
)
def test_a_brain_may_list_the_tools_of_a_server(tools: Any) -> None:
    use = server_use("1", "mcp_list_tools", {"server_label": "docs"}, tools)

    listing, _ = respond(scripted(Steps(*use, "Fine.")), "Hi")["output"]

    assert (listing["type"], listing["server_label"]) == ("mcp_list_tools", "docs")
    (tool,) = listing["tools"]
    assert (tool["name"], tool["input_schema"]) == ("look", {"type": "object"})


def test_a_refusal_is_a_part_of_a_message() -> None:
    (message,) = respond(scripted(Refuse("I cannot.")), "Hi")["output"]

    assert message["content"] == [{"type": "refusal", "refusal": "I cannot."}]


def test_consent_is_asked_with_a_link() -> None:
    (asked,) = respond(scripted(AskConsent("mail", "https://login.example")), "Mail?")["output"]

    assert asked["type"] == "oauth_consent_request"
    assert (asked["consent_link"], asked["server_label"]) == ("https://login.example", "mail")


def test_items_that_nobody_knows_are_shown_as_they_are() -> None:
    room = scripted(Steps(ShowItem({"type": "moon_phase_call", "phase": "full"}), "Full."))
    conversation = new_conversation(room)

    response = respond(room, "Moon?", conversation=conversation)

    moon = response["output"][0]
    assert (moon["type"], moon["phase"], moon["response_id"]) == (
        "moon_phase_call",
        "full",
        response["id"],
    )
    kept = room.get(f"{CONVERSATIONS}/{conversation}/items", order="asc")["data"]
    assert [item["type"] for item in kept] == ["message", "moon_phase_call", "message"]


def test_thoughts_stand_between_what_is_done() -> None:
    turn = Steps(Think("Hm."), RunCode("1"), Think("So."), "One.")

    assert kinds(respond(scripted(turn), "Hi")) == [
        "reasoning",
        "code_interpreter_call",
        "reasoning",
        "message",
    ]


def test_streamed_pieces_of_a_call_are_put_together() -> None:
    def chunk(**block: Any) -> AIMessageChunk:
        return AIMessageChunk(content=[{"type": "server_tool_call_chunk", "index": 0, **block}])

    pieces = [
        chunk(name="code_interpreter", id="1", args='{"code": "pri'),
        chunk(args='nt(2)"}'),
    ]

    response = respond(scripted(Steps(*pieces, "Two.")), "Hi")

    assert response["output"][0]["code"] == "print(2)"


def test_the_definitions_tools_are_filled_with_structured_inputs() -> None:
    tool = {"type": "file_search", "vector_store_ids": ["{{store}}", "{{other}}"]}
    room = scripted(Reply("Hi."), tools=[tool])

    response = respond(room, "Hi", structured_inputs={"store": "vs_1", "other": ""})

    assert response["tools"] == [{"type": "file_search", "vector_store_ids": ["vs_1"]}]


def test_only_what_a_tool_works_with_is_filled_and_only_ids_may_be_left_empty() -> None:
    """Source: Learn, "Use structured inputs with agents"."""
    schema = {"type": "object", "properties": {"x": {"enum": ["", "{{store}}"]}}}
    function = {"type": "function", "name": "f", "description": "{{store}}", "parameters": schema}
    server = {"type": "mcp", "server_label": "a", "server_url": "https://{{store}}.example"}
    room = scripted(Reply("Hi."), tools=[function, server | {"headers": {"x-a": "{{other}}"}}])

    response = respond(room, "Hi", structured_inputs={"store": "vs-1", "other": ""})

    assert response["tools"][0]["description"] == "{{store}}"
    assert response["tools"][0]["parameters"] == schema
    assert response["tools"][1]["server_url"] == "https://vs-1.example"


def test_a_memory_search_is_one_item_after_the_message() -> None:
    """Recorded: sample_agent_memory_search in Azure/azure-sdk-assets, commit 0d520241."""
    memories = [{"content": "Likes tea.", "kind": "user_profile", "memory_id": "m", "scope": "u"}]
    call = {"type": "server_tool_call", "id": "1", "name": "memory_search", "args": {}}
    result = {"type": "server_tool_result", "tool_call_id": "1", "output": memories}
    room = scripted(Steps(call, result, "Tea, then."))

    message, item = respond(room, "The usual")["output"]

    assert message["type"] == "message"
    assert [*item] == [
        *("type", "id", "agent_reference", "response_id", "error", "memories", "search_id"),
        *("superseded_by", "update_id", "usage", "status"),
    ]
    assert item["memories"] == [memories[0] | {"updated_at": 0}]
    assert (item["type"], item["status"]) == ("memory_search_call", "in_progress")
    assert item["id"].startswith("memupdateo_")


def test_server_tools_of_a_chain_are_heard_as_calls() -> None:
    room = scripted(Steps(RunCode("1 + 1", "2"), "Two."), Reply("Three."))
    first = respond(room, "1 + 1?", include=["code_interpreter_call.outputs"])

    respond(room, "And one more?", previous_response_id=first["id"])

    assert [kind for kind, _ in heard(room, 1)] == ["human", "ai", "tool", "ai", "human"]
    assert json.loads(heard(room, 1)[2][1]) == [{"type": "logs", "logs": "2"}]


def test_a_stored_response_shows_the_same_when_it_is_read() -> None:
    room = scripted(Steps(RunCode("1"), "One."))
    response = respond(room, "Hi")

    assert room.get(f"{RESPONSES}/{response['id']}") == response
