"""Answers in both generations: metadata, usage, endings, citations, files, structured output."""

from __future__ import annotations

import base64
import re
from typing import Any

import pytest
from conftest import MakeModel
from langchain_core.messages import AIMessage, HumanMessage
from pydantic import BaseModel
from sockets.ways import WAYS, ask
from tools import reading

from langchain_foundry_agents import ChatFoundryAgent
from langchain_foundry_agents.emulator import Cite, CutShort, Refuse

from .conftest import TWO_WAYS, Generation, Script
from .seen import at_rest, place_of, run_statuses, texts

MODES = ("stream", "poll")
FIXED = {
    "model_provider": "azure_ai_foundry",
    "model_name": "gpt-4o",
    "status": "completed",
    "finish_reason": "stop",
    "usage_source": "service",
}
IDS = ("thread_id", "run_id", "message_ids")


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("way", WAYS)
async def test_metadata_name_the_place_the_run_its_messages_and_how_it_ended(
    make_model: MakeModel, way: str, mode: str
) -> None:
    answer = await ask(way, make_model(run_mode=mode), "Hello")

    metadata = answer.response_metadata
    assert {name: metadata[name] for name in FIXED} == FIXED
    assert re.fullmatch(r"(thread|conv)_\w+", metadata["thread_id"])
    assert re.fullmatch(r"(run|resp)_\w+", metadata["run_id"])
    assert metadata["message_ids"] == [answer.id]


def test_each_id_and_the_ending_are_told_by_just_one_chunk(model: ChatFoundryAgent) -> None:
    chunks = list(model.stream("Count to 5"))

    told = [set(chunk.response_metadata) for chunk in chunks]
    assert [sum(name in names for names in told) for name in (*IDS, "status")] == [1, 1, 1, 1]
    assert chunks[0].content
    assert {"thread_id", "run_id"} <= told[0]
    assert chunks[-1].response_metadata["finish_reason"] == "stop"
    assert [bool(chunk.usage_metadata) for chunk in chunks].count(True) == 1


@pytest.mark.parametrize("way", TWO_WAYS)
async def test_usage_is_the_service_s(model: ChatFoundryAgent, way: str) -> None:
    answer = await ask(way, model, "Count to 5")

    used: Any = answer.usage_metadata
    assert (used["input_tokens"], used["output_tokens"], used["total_tokens"]) == (8, 5, 13)
    assert used["input_token_details"] == {"cache_read": 0}


async def test_polling_gives_the_same_message_as_streaming(make_model: MakeModel) -> None:
    polls = make_model(run_mode="poll")
    streamed = make_model().invoke("Count to 30")
    polled, polled_async = polls.invoke("Count to 30"), await polls.ainvoke("Count to 30")

    assert streamed.content == polled.content == polled_async.content
    assert streamed.usage_metadata == polled.usage_metadata == polled_async.usage_metadata
    keys = [set(answer.response_metadata) for answer in (streamed, polled, polled_async)]
    assert keys[0] == keys[1] == keys[2]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("way", TWO_WAYS)
async def test_an_answer_that_max_tokens_cut_is_given_with_its_reason(
    make_model: MakeModel, way: str, mode: str
) -> None:
    answer = await ask(way, make_model(run_mode=mode, max_tokens=256), "Count to 1000")

    metadata = answer.response_metadata
    assert answer.text.startswith("1, 2, 3, ")
    assert (metadata["status"], metadata["finish_reason"]) == ("incomplete", "length")
    assert metadata["incomplete_details"]["reason"].endswith("_tokens")
    used: Any = answer.usage_metadata
    assert used["output_tokens"] == 256


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("way", TWO_WAYS)
async def test_an_answer_that_a_content_filter_cut_is_given_with_its_reason(
    script: Script, way: str, mode: str
) -> None:
    scene = script(CutShort("Well, ", "content_filter"), run_mode=mode)

    answer = await ask(way, scene.model, "Hello")

    assert answer.text.startswith("Well, ")
    metadata = answer.response_metadata
    assert (metadata["status"], metadata["finish_reason"]) == ("incomplete", "content_filter")


@pytest.mark.parametrize("way", TWO_WAYS)
async def test_a_refusal_is_a_block_of_its_own(script: Script, way: str) -> None:
    answer = await ask(way, script(Refuse("I cannot help.")).model, "Hello")

    (block,) = reading.blocks(answer)
    assert block == {"type": "refusal", "refusal": "I cannot help."}


CITED = Cite(
    "Tea is hot【3:0†source】.",
    {
        "type": "url_citation",
        "text": "【3:0†source】",
        "start_index": 10,
        "end_index": 22,
        "url_citation": {"url": "https://tea.example", "title": "Tea"},
    },
)
STYLES = {
    "keep": "Tea is hot【3:0†source】.",
    "strip": "Tea is hot.",
    "markdown": "Tea is hot[^1].\n\n[^1]: [Tea](https://tea.example)",
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("way", TWO_WAYS)
@pytest.mark.parametrize("style", STYLES)
async def test_markers_of_citations_are_kept_left_out_or_footnotes(
    script: Script, style: str, way: str, mode: str
) -> None:
    scene = script(CITED, citations=style, run_mode=mode)

    answer = await ask(way, scene.model, "Is it hot?")

    assert answer.text == STYLES[style]
    (block,) = reading.blocks(answer)
    (citation,) = block["annotations"]
    assert (citation["type"], citation["url"]) == ("citation", "https://tea.example")


PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n").decode()


@pytest.mark.parametrize(
    "block",
    [
        {"type": "image", "url": "https://host/a.png"},
        {"type": "image", "base64": PNG, "mime_type": "image/png"},
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}},
    ],
    ids=["url", "base64", "image_url"],
)
@pytest.mark.parametrize("way", TWO_WAYS)
async def test_a_picture_reaches_the_agent(
    model: ChatFoundryAgent, block: dict[str, Any], way: str
) -> None:
    content: list[str | dict[str, Any]] = [{"type": "text", "text": "Look"}, block]

    answer = await ask(way, model, [HumanMessage(content)])

    assert answer.content == 'You said: "Look". I see 1 picture.'


@pytest.mark.parametrize("way", TWO_WAYS)
async def test_a_file_of_a_message_is_seen_by_the_agent_s_code(script: Script, way: str) -> None:
    scene = script(definition={"tools": [{"type": "code_interpreter"}]})
    data = base64.b64encode(b"a,b\n1,2\n").decode()
    file = {"type": "file", "base64": data, "mime_type": "text/csv", "filename": "table.csv"}
    question = {"type": "text", "text": "How large is the file?"}

    answer = await ask(way, scene.model, [HumanMessage([question, file])])

    assert answer.text == "table.csv has 8 bytes and 2 lines."


class Weather(BaseModel):
    """The weather of a city."""

    city: str
    degrees: int


FORM = {"type": "json_schema", "json_schema": {"name": "Weather", "schema": {}}}
FORM["json_schema"]["schema"] = Weather.model_json_schema()  # type: ignore[index]
ASKING = 'The weather: city "Paris", degrees 20.'
PARIS = Weather(city="Paris", degrees=20)


@pytest.fixture
def weatherman(script: Script, generation: Generation) -> ChatFoundryAgent:
    """A model of an agent whose definition has the form, where it owns that."""
    owned = {"response_format": FORM} if generation == "new" else {}
    return script(definition=owned).model


@pytest.mark.parametrize("schema", [Weather, Weather.model_json_schema()], ids=["class", "JSON"])
async def test_answers_are_objects_of_a_schema(weatherman: ChatFoundryAgent, schema: Any) -> None:
    model = weatherman.with_structured_output(schema)
    expected = PARIS if schema is Weather else {"city": "Paris", "degrees": 20}

    assert model.invoke(ASKING) == expected
    assert await model.ainvoke(ASKING) == expected
    assert list(model.stream(ASKING))[-1] == expected
    assert [one async for one in model.astream(ASKING)][-1] == expected


def test_the_message_stands_beside_the_object(weatherman: ChatFoundryAgent) -> None:
    found: Any = weatherman.with_structured_output(Weather, include_raw=True).invoke(ASKING)

    assert (found["parsed"], found["parsing_error"]) == (PARIS, None)
    assert isinstance(found["raw"], AIMessage)
    assert found["raw"].response_metadata["status"] == "completed"


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("way", TWO_WAYS)
async def test_a_stop_sequence_cuts_the_text_and_the_next_turn_goes_on_in_its_place(
    script: Script, way: str, mode: str
) -> None:
    scene = script(service={"chunk_delay": 0.001}, run_mode=mode)
    question = HumanMessage("Count to 30")

    answer = await ask(way, scene.model, [question], stop=[" 12,"])
    await at_rest(scene.emulator)
    after = await ask(way, scene.model, [question, answer, HumanMessage("Go on")])

    assert answer.content == "1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11,"
    assert answer.response_metadata["finish_reason"] == "stop"
    assert place_of(after) == place_of(answer)
    assert 'the last was: "Count to 30"' in after.text
    assert run_statuses(scene.emulator)[-1] == "completed"
    assert texts(scene.emulator, place_of(after))[0] == ("user", "Count to 30")
