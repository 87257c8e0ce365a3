"""Responses: a turn of an agent, in a conversation, in a chain, or alone."""

from __future__ import annotations

import pytest

from langchain_foundry_agents.emulator import (
    CallTools,
    CutShort,
    Fail,
    Refuse,
    Reply,
    ScriptedBrain,
    Think,
)
from langchain_foundry_agents.emulator.responses.bodies import response_json

from ..room import Room
from .scene import CONVERSATIONS, error_of, new_conversation, new_version, texts, user
from .speaking import OWN_ENDPOINT, RESPONSES, ask, heard, respond, scripted, text_of

FORMAT = {"type": "json_schema", "name": "city", "schema": {"type": "object"}}


def test_an_agent_answers(room: Room) -> None:
    new_version(room, instructions="Be brief.")

    response = respond(room, "Hi")

    (message,) = response["output"]
    assert text_of(response) == 'You said: "Hi".'
    assert (response["status"], response["model"]) == ("completed", "gpt-4.1")
    assert response["instructions"] == "Be brief."
    assert message["response_id"] == response["id"]
    reference = {"type": "agent_reference", "name": "support", "version": "1"}
    assert message["agent_reference"] == response["agent_reference"] == reference
    assert response["usage"] == {
        "input_tokens": 4,
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": 5,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": 9,
    }


def test_the_input_may_be_text_or_items_with_or_without_a_type(room: Room) -> None:
    new_version(room)
    untyped = {"role": "user", "content": [{"type": "input_text", "text": "Hi"}]}

    said = [text_of(respond(room, given)) for given in ("Hi", [user("Hi")], [untyped])]

    assert said == ['You said: "Hi".'] * 3


def test_a_version_can_be_named(room: Room) -> None:
    new_version(room, instructions="One.")
    new_version(room, instructions="Two.")
    first = {"type": "agent_reference", "name": "support", "version": "1", "id": "support:1"}

    assert respond(room, "Hi", agent_reference=first)["instructions"] == "One."
    assert respond(room, "Hi")["agent_reference"]["version"] == "2"


def test_the_agents_own_endpoint_needs_no_reference(room: Room) -> None:
    new_version(room)

    response = respond(room, "Hi", path=OWN_ENDPOINT)

    assert response["agent_reference"]["name"] == "support"
    assert room.call("GET", f"{OWN_ENDPOINT}/{response['id']}").body == response


def test_a_model_answers_without_an_agent(room: Room) -> None:
    answer = room.call("POST", RESPONSES, {"model": "gpt-4.1", "input": "Hi", "temperature": 0.5})
    room.work()

    assert answer.begin is not None
    response = response_json(answer.begin)
    assert text_of(response) == 'You said: "Hi".'
    assert (response["agent_reference"], response["temperature"]) == (None, 0.5)


def test_a_conversation_is_read_and_written(room: Room) -> None:
    new_version(room)
    conversation = new_conversation(room)

    first = respond(room, "One?", conversation=conversation)
    second = respond(room, "Two?", conversation={"id": conversation})

    assert first["conversation"] == {"id": conversation}
    assert (
        text_of(second)
        == 'You said: "Two?". Before that you asked 1 question, the last was: "One?".'
    )
    listed = room.get(f"{CONVERSATIONS}/{conversation}/items", order="asc")
    assert texts(listed) == ["One?", 'You said: "One?".', "Two?", text_of(second)]
    assert listed["data"][1]["created_by"]["response_id"] == first["id"]


def test_no_input_is_needed_where_the_conversation_ends_with_a_question(room: Room) -> None:
    new_version(room)

    assert text_of(respond(room, conversation=new_conversation(room, "Hi"))) == 'You said: "Hi".'


def test_a_chain_is_read_and_may_be_forked_anywhere(room: Room) -> None:
    new_version(room)
    first = respond(room, "One?")

    left = respond(room, "Two?", previous_response_id=first["id"])
    right = respond(room, "Three?", previous_response_id=first["id"])
    third = respond(room, "Four?", previous_response_id=left["id"])

    assert left["previous_response_id"] == first["id"]
    assert 'the last was: "One?"' in text_of(right)
    assert 'asked 2 questions, the last was: "Two?"' in text_of(third)
    assert "conversation" not in left


def test_a_chain_goes_on_from_a_response_of_a_conversation(room: Room) -> None:
    new_version(room)
    first = respond(room, "One?", conversation=new_conversation(room))

    second = respond(room, "Two?", previous_response_id=first["id"])

    assert 'the last was: "One?"' in text_of(second)
    assert "conversation" not in second


def test_what_belongs_together_shares_its_partition(room: Room) -> None:
    new_version(room)
    conversation = new_conversation(room)
    first = respond(room, "One?", conversation=conversation)
    second = respond(room, "Two?", previous_response_id=first["id"])

    ids = [conversation, first["id"], first["output"][0]["id"], second["id"]]

    assert len({one.partition("_")[2][:18] for one in ids}) == 1


def test_a_conversation_is_locked_while_a_response_is_made(room: Room) -> None:
    new_version(room)
    conversation = new_conversation(room)
    ask(room, "One?", conversation=conversation)

    refused = ask(room, "Two?", conversation=conversation)
    room.work()

    assert error_of(refused) == (400, "conversation_locked", "conversation")
    assert 'the last was: "One?"' in text_of(respond(room, "Three?", conversation=conversation))


def test_nothing_of_a_failed_response_is_kept() -> None:
    room = scripted(Fail("rate_limit_exceeded", "Slow down."), Reply("Fine."))
    conversation = new_conversation(room)

    failed = respond(room, "One?", conversation=conversation)
    respond(room, "Two?", conversation=conversation)

    assert failed["status"] == "failed"
    assert failed["error"] == {"code": "rate_limit_exceeded", "message": "Slow down."}
    assert (failed["completed_at"], failed["usage"]) == (None, None)
    assert texts(room.get(f"{CONVERSATIONS}/{conversation}/items", order="asc")) == [
        "Two?",
        "Fine.",
    ]


def test_an_answer_ends_at_its_most_tokens() -> None:
    room = scripted(Reply("word " * 100))
    conversation = new_conversation(room)

    response = respond(room, "Hi", conversation=conversation, max_output_tokens=16)

    assert response["status"] == "incomplete"
    assert response["incomplete_details"] == {"reason": "max_output_tokens"}
    assert (response["max_output_tokens"], response["usage"]["output_tokens"]) == (16, 16)
    assert text_of(response) == "word " * 15 + "word"
    assert response["output"][0]["status"] == "incomplete"
    assert len(room.get(f"{CONVERSATIONS}/{conversation}/items")["data"]) == 2


def test_an_answer_ends_where_the_model_stops_at_its_length() -> None:
    response = respond(scripted(CutShort("Once upon")), "Hi")

    assert response["incomplete_details"] == {"reason": "max_output_tokens"}
    assert response["output"][0]["status"] == "incomplete"


def test_the_content_filter_leaves_a_message_open_and_apologises() -> None:
    response = respond(scripted(CutShort("Once upon", "content_filter")), "Hi")

    assert response["incomplete_details"] == {"reason": "content_filter"}
    assert response["completed_at"] is None
    assert [(one["status"], one["content"][0]["text"]) for one in response["output"]] == [
        ("in_progress", "Once upon"),
        ("incomplete", "I'm sorry, but I cannot assist with that request."),
    ]
    prompt, completion = response["content_filters"]
    assert (prompt["blocked"], completion["blocked"]) == (False, True)


def test_structured_inputs_fill_the_definition(room: Room) -> None:
    declared = {"user": {"required": True}, "tone": {"default_value": "kind"}}
    new_version(room, instructions="Serve {{user}}, be {{tone}}.", structured_inputs=declared)

    refused = ask(room, "Hi")
    response = respond(room, "Hi, I am {{user}}.", structured_inputs={"user": "Ann"})

    assert error_of(refused) == (400, "invalid_payload", "structured_inputs.user")
    assert response["instructions"] == "Serve Ann, be kind."
    assert response["structured_inputs"] == {"user": "Ann"}
    assert text_of(response) == 'You said: "Hi, I am {{user}}.".'


def test_structured_inputs_fill_no_words_of_users_and_functions() -> None:
    """Source: Learn, "Use structured inputs with agents"."""
    room = scripted(CallTools(("f", {})), Reply("Fine."), structured_inputs={"x": {}})
    developer = {"role": "developer", "content": "Serve {{x}}."}
    call = respond(room, [developer, user("{{x}}?")], structured_inputs={"x": "Ann"})
    output = {"type": "function_call_output", "output": "{{x}}"}

    respond(
        room,
        [output | {"call_id": call["output"][0]["call_id"]}],
        previous_response_id=call["id"],
        structured_inputs={"x": "Ann"},
    )

    assert isinstance(room.brain, ScriptedBrain)
    heard = [str(message.content) for message in room.brain.heard[1]]
    assert heard == ["Serve Ann.", "{{x}}?", "", "{{x}}"]


def test_the_definitions_format_is_obeyed_and_shown(room: Room) -> None:
    schema = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
    new_version(room, text={"format": FORMAT | {"schema": schema}})

    response = respond(room, "I live in Paris.")

    assert text_of(response).startswith('{"city": ')
    assert response["text"]["format"] == {"strict": True, **FORMAT, "schema": schema}


def test_developer_items_are_instructions(room: Room) -> None:
    new_version(room, instructions="Be brief.")
    developer = {"type": "message", "role": "developer", "content": "Be kind."}

    response = respond(room, [developer, user("What are your instructions?")])

    assert text_of(response) == 'My instructions are: "Be brief.\nBe kind.".'


def test_metadata_and_truncation_come_back(room: Room) -> None:
    new_version(room)

    response = respond(room, "Hi", metadata={"k": "v"}, truncation="auto")

    assert (response["metadata"], response["truncation"]) == ({"k": "v"}, "auto")


def test_reasoning_is_counted_and_shown() -> None:
    room = scripted(Think("Well, let me see."))

    response = respond(room, "Hi")

    (reasoning,) = response["output"]
    assert reasoning["summary"] == [{"type": "summary_text", "text": "Well, let me see."}]
    assert "status" not in reasoning
    assert response["usage"]["output_tokens_details"] == {"reasoning_tokens": 5}


def test_an_empty_turn_is_an_empty_message() -> None:
    assert text_of(respond(scripted(Reply("")), "Hi")) == ""


def test_the_brain_hears_the_whole_history() -> None:
    room = scripted(Reply("One."), Reply("Two."), instructions="Be brief.")
    first = respond(room, "One?")

    respond(room, "Two?", previous_response_id=first["id"])

    assert isinstance(room.brain, ScriptedBrain)
    assert [(one.type, one.content) for one in room.brain.heard[1]] == [
        ("system", "Be brief."),
        ("human", "One?"),
        ("ai", "One."),
        ("human", "Two?"),
    ]


def test_pictures_and_files_are_heard() -> None:
    room = scripted(Reply("Nice."))
    parts = [
        {"type": "input_text", "text": "See?"},
        {"type": "input_image", "image_url": "data:image/png;base64,AA=="},
        {"type": "input_image", "file_id": "assistant-1"},
        {"type": "input_file", "file_id": "assistant-2", "detail": "low"},
    ]

    respond(room, [{"role": "user", "content": parts}])

    assert isinstance(room.brain, ScriptedBrain)
    assert room.brain.heard[0][0].content == [
        {"type": "text", "text": "See?"},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}},
        {"type": "image", "file_id": "assistant-1"},
        {"type": "file", "file_id": "assistant-2"},
    ]


def test_a_refusal_is_heard_again() -> None:
    room = scripted(Refuse("I cannot."), Reply("Fine."))
    first = respond(room, "Do it!")

    respond(room, "Please?", previous_response_id=first["id"])

    assert heard(room, 1) == [("human", "Do it!"), ("ai", "I cannot."), ("human", "Please?")]


@pytest.fixture
def hosted() -> Room:
    room = Room()
    definition = {"kind": "hosted", "image": "echo", "cpu": "1", "memory": "1Gi"}
    room.post("/agents/support/versions", {"definition": definition})
    return room


def test_a_container_has_its_own_ids_and_a_session(hosted: Room) -> None:
    answer = ask(hosted, "Hi", path=OWN_ENDPOINT)
    hosted.work()

    assert answer.begin is not None
    response = response_json(answer.begin)
    assert response["id"].startswith("caresp_")
    assert (response["model"], response["agent_reference"]) == ("", {"type": "agent_reference"})
    assert response["output"][0]["agent_reference"] is None
    assert "usage" not in response
    assert answer.headers == {
        "x-agent-response-id": response["id"],
        "x-agent-session-id": response["agent_session_id"],
        "x-agent-version-resolved": "1",
    }


def test_a_session_is_kept_by_the_chain_or_named(hosted: Room) -> None:
    first = respond(hosted, "One?")
    second = respond(hosted, "Two?", previous_response_id=first["id"])
    named = respond(hosted, "Three?", agent_session_id="mine")
    fourth = respond(hosted, "Four?")

    assert second["agent_session_id"] == first["agent_session_id"]
    assert named["agent_session_id"] == "mine"
    assert fourth["agent_session_id"] != first["agent_session_id"]
    assert 'the last was: "One?"' in text_of(second)
