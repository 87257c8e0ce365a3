"""What a caller may say of a run, and how it arrives at the service."""

from __future__ import annotations

from typing import Any

import pytest
from canned import CannedService, plain_turn, run, stream_reply
from conftest import MakeModel
from langchain_core.messages import HumanMessage

from langchain_foundry_agents import ChatFoundryAgent
from langchain_foundry_agents.emulator import FoundryEmulator

from .seen import TURN_KEY, at_rest, routes, run_statuses, thread_texts, unmarked
from .ways import WAYS, ask

SCHEMA = {"type": "json_schema", "json_schema": {"name": "Joke", "schema": {"type": "object"}}}
RUN_PARAMETERS: list[tuple[str, Any, str]] = [
    ("instructions", "Be brief.", "instructions"),
    ("model", "gpt-4o-mini", "model"),
    ("model_name", "gpt-4o-mini", "model"),
    ("temperature", 0.5, "temperature"),
    ("top_p", 0.25, "top_p"),
    ("max_tokens", 300, "max_completion_tokens"),
    ("max_completion_tokens", 300, "max_completion_tokens"),
    ("max_prompt_tokens", 400, "max_prompt_tokens"),
    ("response_format", SCHEMA, "response_format"),
    ("response_format", "auto", "response_format"),
    ("tool_choice", "none", "tool_choice"),
    ("parallel_tool_calls", False, "parallel_tool_calls"),
    ("truncation_strategy", {"type": "last_messages", "last_messages": 2}, "truncation_strategy"),
    ("tool_resources", {"file_search": {"vector_store_ids": ["vs_1"]}}, "tool_resources"),
    ("run_metadata", {"ticket": "42"}, "metadata"),
]


@pytest.mark.parametrize(("name", "value", "field"), RUN_PARAMETERS)
@pytest.mark.parametrize("how", ["model", "call", "bind"])
def test_a_run_parameter_arrives_with_the_run(
    emulator: FoundryEmulator, make_model: MakeModel, how: str, name: str, value: Any, field: str
) -> None:
    given = {name: value}
    match how:
        case "model":
            make_model(**given).invoke("Hello")
        case "call":
            make_model().invoke("Hello", **given)
        case _:
            make_model().bind(**given).invoke("Hello")

    assert unmarked(emulator.requests[-1].body)[field] == value


def test_fields_of_the_thread_arrive_with_a_new_thread_only(
    emulator: FoundryEmulator, make_model: MakeModel
) -> None:
    model = make_model(
        thread_metadata={"customer": "7"},
        thread_tool_resources={"code_interpreter": {"file_ids": ["assistant-1"]}},
    )
    first = model.invoke("First")
    model.invoke([HumanMessage("First"), first, HumanMessage("Second")])

    assert unmarked(emulator.requests[0].body["thread"]) == {
        "metadata": {"customer": "7"},
        "tool_resources": {"code_interpreter": {"file_ids": ["assistant-1"]}},
        "messages": [{"role": "user", "content": "First"}],
    }
    assert "thread" not in emulator.requests[1].body


def test_15_pairs_are_kept_beside_a_key_that_each_turn_has_anew(
    emulator: FoundryEmulator, make_model: MakeModel
) -> None:
    pairs = {f"pair {number}": "kept" for number in range(15)}
    model = make_model(run_metadata=pairs, thread_metadata=pairs)
    first = model.invoke("First")
    model.invoke([HumanMessage("First"), first, HumanMessage("Second")])

    (thread,) = emulator.service.state.threads.values()
    kept = [thread.metadata, *(run.metadata for run in thread.runs)]
    keys = [told[TURN_KEY] for told in kept]
    assert kept == [{**pairs, TURN_KEY: key} for key in keys]
    assert keys[0] == keys[1] != keys[2]


def test_additional_instructions_stand_before_system_messages(
    emulator: FoundryEmulator, make_model: MakeModel
) -> None:
    make_model(additional_instructions="Be kind.").invoke([("system", "Be brief."), ("user", "Hi")])

    assert emulator.requests[-1].body["additional_instructions"] == "Be kind.\n\nBe brief."


def test_a_small_max_tokens_is_sent_as_the_least_that_the_service_takes(
    emulator: FoundryEmulator, model: ChatFoundryAgent
) -> None:
    with pytest.warns(UserWarning, match="max_tokens=100 is sent as 256"):
        model.invoke("Hello", max_tokens=100)

    assert emulator.requests[-1].body["max_completion_tokens"] == 256


@pytest.mark.parametrize("way", WAYS)
async def test_a_stop_sequence_cuts_the_text_and_cancels_the_run(way: str) -> None:
    with FoundryEmulator(chunk_delay=0.01) as emulator:
        agent_id = emulator.create_agent(name="helper")
        model = ChatFoundryAgent(agent_id=agent_id, project_endpoint=emulator.project_endpoint)
        answer = await ask(way, model, "Count to 1000", stop=[" 12,"])
        await at_rest(emulator)

    assert answer.content == "1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11,"
    assert answer.response_metadata["finish_reason"] == "stop"
    assert answer.response_metadata["usage_source"] == "estimated"
    assert routes(emulator)[1].endswith("/cancel")
    assert run_statuses(emulator) == ["cancelled"]


def test_a_stop_sequence_of_the_model_holds_for_every_call(make_model: MakeModel) -> None:
    answer = make_model(stop=["5"], run_mode="poll").invoke("Count to 9")

    assert answer.content == "1, 2, 3, 4, "


def test_a_name_is_kept_with_its_message(
    emulator: FoundryEmulator, model: ChatFoundryAgent
) -> None:
    model.invoke([HumanMessage("Hello", name="ann")])

    assert emulator.requests[-1].body["thread"]["messages"] == [
        {"role": "user", "content": "Hello", "metadata": {"name": "ann"}}
    ]


PNG = "data:image/png;base64,iVBORw0KGgo="


@pytest.mark.parametrize(
    ("block", "url"),
    [
        ({"type": "image", "url": "https://host/a.png"}, "https://host/a.png"),
        ({"type": "image_url", "image_url": {"url": "https://host/a.png"}}, "https://host/a.png"),
        ({"type": "image_url", "image_url": {"url": PNG}}, PNG),
        ({"type": "image", "base64": "iVBORw0KGgo=", "mime_type": "image/png"}, PNG),
    ],
)
def test_a_picture_reaches_the_agent(
    emulator: FoundryEmulator, model: ChatFoundryAgent, block: dict[str, Any], url: str
) -> None:
    content: list[str | dict[str, Any]] = [{"type": "text", "text": "Look"}, block]
    answer = model.invoke([HumanMessage(content)])

    assert answer.content == 'You said: "Look". I see 1 picture.'
    assert emulator.requests[-1].body["thread"]["messages"][0]["content"] == [
        {"type": "text", "text": "Look"},
        {"type": "image_url", "image_url": {"url": url}},
    ]


@pytest.mark.parametrize("way", WAYS)
async def test_the_service_s_usage_is_given_where_it_reports_one(way: str) -> None:
    usage = {
        "prompt_tokens": 1200,
        "completion_tokens": 5,
        "total_tokens": 1205,
        "prompt_token_details": {"cached_tokens": 1024},
    }
    turn = plain_turn("Good ", "morning", ended=run("completed", usage=usage))
    with CannedService(stream_reply(turn)) as service:
        model = ChatFoundryAgent(agent_id="asst_1", project_endpoint=service.url)
        answer = await ask(way, model, "Hello")

    assert answer.usage_metadata == {
        "input_tokens": 1200,
        "output_tokens": 5,
        "total_tokens": 1205,
        "input_token_details": {"cache_read": 1024},
    }
    assert answer.response_metadata["usage_source"] == "service"


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("tokenizer", [lambda text: len(text.split()), str.split])
async def test_the_tokenizer_estimates_where_the_service_reports_nothing(
    tokenizer: Any, way: str
) -> None:
    with CannedService(stream_reply(plain_turn("Good ", "morning"))) as service:
        model = ChatFoundryAgent(
            agent_id="asst_1", project_endpoint=service.url, tokenizer=tokenizer
        )
        answer = await ask(way, model, "Hello to you")

    assert answer.usage_metadata == {"input_tokens": 3, "output_tokens": 2, "total_tokens": 5}
    assert answer.response_metadata["usage_source"] == "estimated"


def test_the_history_of_a_named_thread_is_not_posted(
    emulator: FoundryEmulator, model: ChatFoundryAgent
) -> None:
    thread = str(model.invoke("First").response_metadata["thread_id"])

    model.bind(thread_id=thread).invoke("Second")

    assert [text for role, text in thread_texts(emulator, thread) if role == "user"] == [
        "First",
        "Second",
    ]
