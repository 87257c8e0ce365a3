"""Turns of the new generation as data: each request as it must go out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from langchain_foundry_agents._flow.effects import (
    JSON,
    Open,
    Read,
    Send,
)
from langchain_foundry_agents._flow.progress import Ask, Progress
from langchain_foundry_agents._flow.turn import run_turn
from langchain_foundry_agents.errors import (
    BadRequestError,
    ProtocolError,
    Response,
)

from .player import OK, POLL, STREAM, V1, answered, heard, play, refused
from .responses import (
    AFTER,
    AGAIN,
    ALONE,
    ANSWERED,
    API,
    CHAIN,
    CREATE,
    CREATED,
    DISCARD,
    FIRST,
    HELLO,
    HELPER,
    IN_CONVERSATION,
    KEY,
    NEXT,
    OPEN_FIRST,
    OPEN_NEXT,
    heard_whole,
    opened,
    response,
    told,
)


def test_a_first_turn_creates_a_conversation_and_a_response_in_it() -> None:
    outcome = play(run_turn(API, FIRST, STREAM), (CREATE, CREATED), (OPEN_FIRST, OK), *ANSWERED)

    assert outcome.run == response("completed")


def test_a_turn_tells_the_request_that_brought_its_answer() -> None:
    named = Response(200, {"apim-request-id": "req-1"})

    outcome = play(run_turn(API, NEXT, STREAM), (OPEN_NEXT, named), *ANSWERED)

    assert outcome.request_id == "req-1"


def test_the_metadata_of_the_caller_come_back_without_the_turn_s_key() -> None:
    pairs = {"ticket": "42", **KEY["metadata"]}
    whole = response("completed", metadata=pairs)
    steps = [*heard(told(whole), something=True), (Read(), None)]

    outcome = play(run_turn(API, NEXT, STREAM), (OPEN_NEXT, OK), *steps)

    assert outcome.run["metadata"] == {"ticket": "42"}


def test_a_conversation_is_created_with_its_metadata() -> None:
    api = replace(API, conversation_options={"metadata": {"user": "7"}})
    creating = replace(CREATE, body={"metadata": {"user": "7"}})

    play(run_turn(api, FIRST, STREAM), (creating, CREATED), (OPEN_FIRST, OK), *ANSWERED)


def test_a_later_turn_is_one_request() -> None:
    play(run_turn(API, NEXT, STREAM), (OPEN_NEXT, OK), *ANSWERED)


def test_in_a_chain_of_responses_each_turn_is_one_request() -> None:
    first = opened(HELLO, **HELPER, **KEY)
    later = opened(AGAIN, **HELPER, **KEY, previous_response_id="resp_0")

    play(run_turn(CHAIN, FIRST, STREAM), (first, OK), *ANSWERED)
    play(run_turn(CHAIN, AFTER, STREAM), (later, OK), *ANSWERED)


def test_where_nothing_is_kept_the_response_is_not_stored() -> None:
    asking = opened(HELLO, **HELPER, store=False)

    play(run_turn(ALONE, FIRST, STREAM), (asking, OK), *ANSWERED)


def pinned(version: str) -> JSON:
    named = {"type": "agent_reference", "name": "helper", "version": version}
    return {**IN_CONVERSATION, "agent_reference": named}


def test_a_version_can_be_pinned() -> None:
    asking = opened(AGAIN, **pinned("3"))

    play(run_turn(replace(API, version="3"), NEXT, STREAM), (asking, OK), *ANSWERED)


OWN = "/agents/helper/endpoint/protocols/openai"
AT_ITS_OWN = replace(API, own_endpoint=True)


def test_an_agents_own_endpoint_is_asked_without_naming_the_agent() -> None:
    body = {"input": [HELLO], **KEY, "conversation": "conv_1", "stream": True}

    play(
        run_turn(AT_ITS_OWN, FIRST, STREAM),
        (Send("POST", f"{OWN}/conversations", {}, V1, repeatable=True), CREATED),
        (Open(f"{OWN}/responses", body, V1), OK),
        *ANSWERED,
    )


def test_a_polled_response_is_asked_of_the_agents_own_endpoint_too() -> None:
    body = {"input": [HELLO], **KEY, "conversation": "conv_1", "background": True}

    play(
        run_turn(replace(AT_ITS_OWN, background=True), FIRST, POLL),
        (Send("POST", f"{OWN}/conversations", {}, V1, repeatable=True), CREATED),
        (Send("POST", f"{OWN}/responses", body, V1), answered(response("completed"))),
        *heard_whole(response("completed")),
    )


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (AT_ITS_OWN.look, Send("GET", f"{OWN}/responses/resp_1", None, V1)),
        (
            AT_ITS_OWN.cancel,
            Send("POST", f"{OWN}/responses/resp_1/cancel", None, V1, repeatable=True),
        ),
        (
            AT_ITS_OWN.discard,
            Send("DELETE", f"{OWN}/conversations/conv_1", None, V1, repeatable=True),
        ),
    ],
    ids=["look", "cancel", "discard"],
)
def test_what_follows_goes_to_the_agents_own_endpoint_with_its_version(
    request_: Callable[[Progress], Send | None], expected: Send
) -> None:
    progress = Progress(STREAM, "conv_1", response("in_progress", background=True))

    assert request_(progress) == expected


def test_options_are_fields_of_the_response_and_metadata_keep_the_callers_own() -> None:
    api = replace(API, options={"max_output_tokens": 90, "metadata": {"a": "b"}})
    both = {"a": "b", "langchain_foundry_agents_turn": "key_1"}
    asking = opened(AGAIN, **{**IN_CONVERSATION, "metadata": both, "max_output_tokens": 90})

    play(run_turn(api, NEXT, STREAM), (asking, OK), *ANSWERED)


BRIEF = {"type": "message", "role": "developer", "content": "Be brief."}


@pytest.mark.parametrize(
    ("ask", "items"),
    [
        (replace(NEXT, instructions="Be brief."), [BRIEF, AGAIN]),
        (replace(NEXT, instructions="Be brief.", instructed=True), [AGAIN]),
    ],
    ids=["new", "known"],
)
def test_instructions_are_a_developer_message_where_the_conversation_lacks_them(
    ask: Ask, items: list[JSON]
) -> None:
    play(run_turn(API, ask, STREAM), (opened(*items, **IN_CONVERSATION), OK), *ANSWERED)


def test_a_fork_is_told_the_instructions_again() -> None:
    ask = replace(NEXT, instructions="Be brief.", instructed=True)

    outcome = play(
        run_turn(API, ask, STREAM),
        (OPEN_NEXT, refused(404, "Conversation 'conv_1' not found.")),
        (CREATE, answered({"id": "conv_2"})),
        (opened(BRIEF, HELLO, AGAIN, **{**IN_CONVERSATION, "conversation": "conv_2"}), OK),
        *ANSWERED,
    )

    assert outcome.forked_from == "conv_1"


def test_a_conversation_without_an_id_is_no_conversation() -> None:
    with pytest.raises(ProtocolError, match=r"^The service created a conversation without an id\."):
        play(run_turn(API, FIRST, STREAM), (CREATE, answered({})))


def test_a_conversation_that_got_no_response_is_deleted() -> None:
    with pytest.raises(BadRequestError):
        play(
            run_turn(API, FIRST, STREAM),
            (CREATE, CREATED),
            (OPEN_FIRST, refused(400, "Bad item.")),
            (DISCARD, OK),
        )


ADD: JSON = {"type": "function", "function": {"name": "add", "parameters": {}}}
READ_LATEST = Send("GET", "/agents/helper", None, (("api-version", "v1"),), fresh_for=300.0)


READ_AGAIN = replace(READ_LATEST, fresh_for=0.0)


def latest(**definition: object) -> JSON:
    return {"versions": {"latest": {"definition": {"kind": "prompt", **definition}}}}


def test_bound_tools_are_looked_for_in_the_definition() -> None:
    there = latest(tools=[{"type": "function", "name": "add", "parameters": {}}])

    play(
        run_turn(replace(API, tools=(ADD,)), NEXT, STREAM),
        (READ_LATEST, answered(there)),
        (OPEN_NEXT, OK),
        *ANSWERED,
    )


def test_a_tool_that_the_definition_lacks_is_an_error_before_anything_is_created() -> None:
    with pytest.raises(BadRequestError, match="add"):
        play(
            run_turn(replace(API, tools=(ADD,)), FIRST, STREAM),
            (READ_LATEST, answered(latest(tools=[]))),
            (READ_AGAIN, answered(latest(tools=[]))),
        )


def test_a_form_that_the_definition_lacks_is_an_error_before_anything_is_created() -> None:
    city = {"name": "City", "schema": {}, "strict": True}
    wanted = {"type": "json_schema", "json_schema": city}

    with pytest.raises(BadRequestError, match="response_format"):
        play(
            run_turn(replace(API, response_format=wanted), FIRST, STREAM),
            (READ_LATEST, answered(latest())),
            (READ_AGAIN, answered(latest())),
        )


def test_a_form_that_the_definition_leaves_open_is_told_after_the_question() -> None:
    told = {
        "type": "message",
        "role": "developer",
        "content": "Answer this, and only this, with a JSON object and nothing else.",
    }
    play(
        run_turn(replace(API, response_format={"type": "json_object"}), NEXT, STREAM),
        (READ_LATEST, answered(latest())),
        (opened(AGAIN, told, **IN_CONVERSATION), OK),
        *ANSWERED,
    )


def test_a_definition_that_may_not_be_read_is_not_checked() -> None:
    play(
        run_turn(replace(API, tools=(ADD,)), NEXT, STREAM),
        (READ_LATEST, refused(403)),
        (OPEN_NEXT, OK),
        *ANSWERED,
    )


def test_a_pinned_version_is_the_one_whose_definition_is_looked_at() -> None:
    asking = opened(AGAIN, **pinned("3"))
    found = {"version": "3", **latest(tools=[{"type": "function", "name": "add"}])}

    play(
        run_turn(replace(API, version="3", tools=(ADD,)), NEXT, STREAM),
        (replace(READ_LATEST, path="/agents/helper/versions/3"), answered(found)),
        (asking, OK),
        *ANSWERED,
    )


def test_an_error_in_a_chain_of_responses_names_no_thread() -> None:
    api = replace(CHAIN, tools=(ADD,))
    lacks = answered(latest(tools=[]))

    with pytest.raises(BadRequestError) as lacking:
        play(run_turn(api, AFTER, STREAM), (READ_LATEST, lacks), (READ_AGAIN, lacks))
    with pytest.raises(BadRequestError) as refusing:
        play(
            run_turn(CHAIN, AFTER, STREAM),
            (
                opened(AGAIN, **HELPER, **KEY, previous_response_id="resp_0"),
                refused(400, "Bad item."),
            ),
        )

    assert (lacking.value.thread_id, refusing.value.thread_id) == (None, None)


def test_a_file_is_asked_for_where_the_agent_is() -> None:
    assert API.look_up("assistant-1") == Send("GET", "/openai/v1/files/assistant-1")
    assert AT_ITS_OWN.look_up("assistant-1") == Send("GET", f"{OWN}/files/assistant-1", None, V1)
