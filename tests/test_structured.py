"""Structured output: what is asked for a schema, and what is read from an answer."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Annotated, Any, TypedDict

import pytest
import typing_extensions
from langchain_core import exceptions
from langchain_core.exceptions import OutputParserException
from langchain_core.language_models import BaseChatModel
from langchain_core.language_models.chat_models import generate_from_stream
from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.messages.tool import tool_call_chunk
from langchain_core.output_parsers import JsonOutputParser, PydanticOutputParser
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable
from langchain_core.utils.function_calling import convert_to_json_schema
from pydantic import BaseModel, ConfigDict, Field, RootModel, create_model, v1

from langchain_foundry_agents import errors
from langchain_foundry_agents._structured import structured_output

IDS = {"thread_id": "thread_1", "run_id": "run_1"}
JOKE = {"setup": "Why?", "punchline": "So."}
TEXT = json.dumps(JOKE)
EMPTY: Any = {"type": "object", "properties": {}}


class ScriptedModel(BaseChatModel):
    """Says its chunks, and keeps what it was asked with."""

    chunks: list[AIMessageChunk]
    asked: list[dict[str, Any]] = Field(default_factory=list)

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def _stream(self, *args: Any, **kwargs: Any) -> Iterator[ChatGenerationChunk]:
        self.asked.append({name: kwargs[name] for name in kwargs if name != "stop"})
        for chunk in self.chunks:
            yield ChatGenerationChunk(message=chunk)

    def _generate(self, *args: Any, **kwargs: Any) -> ChatResult:
        return generate_from_stream(self._stream(*args, **kwargs))

    def bind_tools(self, tools: Sequence[Any], **kwargs: Any) -> Runnable[Any, AIMessage]:
        return self.bind(tools=tools, **kwargs)


class Joke(BaseModel):
    """A joke to tell."""

    setup: str
    punchline: str


JSON_SCHEMA = Joke.model_json_schema()


class OldJoke(v1.BaseModel):
    """A joke to tell."""

    setup: str
    punchline: str


class JokeDict(TypedDict):
    """A joke to tell."""

    setup: Annotated[str, ..., "The question"]
    punchline: str


class NewJokeDict(typing_extensions.TypedDict):
    """A joke to tell."""

    setup: str
    punchline: str


class Node(BaseModel):
    name: str | None = None
    under: list[Node] = []


def says(*contents: str | list[str | dict[Any, Any]], **metadata: Any) -> ScriptedModel:
    """A model that streams these contents, and metadata with the last chunk."""
    ending = {"finish_reason": "stop", **IDS, **metadata}
    last = AIMessageChunk(content="", response_metadata=ending, chunk_position="last")
    return ScriptedModel(chunks=[*(AIMessageChunk(content=one) for one in contents), last])


def calls(name: str, arguments: str) -> ScriptedModel:
    """A model that calls a tool."""
    model = says("", finish_reason="tool_calls")
    model.chunks[0].tool_call_chunks = [tool_call_chunk(name=name, args=arguments, id="1", index=0)]
    return model


async def asked_in(way: str, chain: Runnable[Any, Any]) -> Any:
    """The answer, or the last of a stream's."""
    match way:
        case "invoke":
            return chain.invoke("A joke")
        case "ainvoke":
            return await chain.ainvoke("A joke")
        case "stream":
            return list(chain.stream("A joke"))[-1]
    return [answer async for answer in chain.astream("A joke")][-1]


every_way = pytest.mark.parametrize("way", ["invoke", "ainvoke", "stream", "astream"])


def asked_for(schema: Any, **options: Any) -> dict[str, Any]:
    """What the model is asked for a schema."""
    model = says(TEXT)
    structured_output(model, schema, **options).invoke("A joke")
    return model.asked[0]


# What is asked.


@pytest.mark.parametrize("schema", [Joke, OldJoke, JokeDict, NewJokeDict, JSON_SCHEMA])
def test_every_kind_of_schema_is_sent_as_a_named_and_described_object(schema: Any) -> None:
    form = asked_for(schema)["response_format"]["json_schema"]

    assert form.keys() == {"name", "description", "schema"}
    assert form["name"].endswith(("Joke", "JokeDict"))
    assert form["description"] == "A joke to tell."
    assert form["schema"]["type"] == "object"
    assert form["schema"]["required"] == ["setup", "punchline"]


@pytest.mark.parametrize(
    ("schema", "name"),
    [
        ({"name": "n", "schema": EMPTY}, "n"),
        ({"name": "n", "parameters": {"properties": {}}}, "n"),
        ({"type": "function", "function": {"name": "n", "parameters": EMPTY}}, "n"),
        ({"type": "json_schema", "json_schema": {"name": "n", "schema": EMPTY}}, "n"),
        ({"title": "A joke: short", **EMPTY}, "A_joke_short"),
        ({"title": "x" * 80, **EMPTY}, "x" * 64),
        ({"title": "_a", **EMPTY}, "_a"),
    ],
)
def test_a_name_is_found_in_every_form_and_made_to_fit(schema: Any, name: str) -> None:
    form = asked_for(schema)["response_format"]["json_schema"]

    assert form == {"name": name, "schema": {"type": "object", "properties": {}}}


def test_json_mode_asks_for_any_object() -> None:
    assert asked_for(Joke, method="json_mode") == {"response_format": {"type": "json_object"}}


def test_function_calling_binds_the_schema_as_the_one_tool() -> None:
    boxed = create_model("Boxed[int]", value=(int, ...))
    model = calls("Boxed_int", '{"value": 3}')

    answer = structured_output(model, boxed, method="function_calling", strict=True).invoke("")

    assert answer == boxed(value=3)
    [asked] = model.asked
    assert (asked["tool_choice"], asked["strict"]) == ("Boxed_int", True)
    [tool] = asked["tools"]
    assert tool["type"] == "function"
    assert tool["function"].keys() == {"name", "strict", "parameters"}
    assert tool["function"]["parameters"]["required"] == ["value"]


def test_strict_closes_every_object_and_requires_every_key() -> None:
    schema = {
        "title": "n",
        "properties": {
            "form": {"oneOf": [{"$ref": "#/$defs/r"}], "discriminator": {"propertyName": "a"}},
            "best": {"$ref": "#/$defs/r", "default": {}, "description": "The best"},
            "none": {"type": "array", "items": False},
        },
        "$defs": {"r": {"type": "object", "properties": {"a": {"type": "string"}}}},
    }
    form = asked_for(schema, strict=True)["response_format"]["json_schema"]

    closed = {"type": "object", "additionalProperties": False}
    assert form["strict"] is True
    assert form["schema"] == {
        **closed,
        "properties": {
            "form": {"anyOf": [{"$ref": "#/$defs/r"}]},
            "best": {"anyOf": [{"$ref": "#/$defs/r"}], "description": "The best"},
            "none": {"type": "array", "items": False},
        },
        "required": ["form", "best", "none"],
        "$defs": {"r": {**closed, "properties": {"a": {"type": "string"}}, "required": ["a"]}},
    }


def test_references_and_null_are_sent_below_an_object_at_the_root() -> None:
    model = says('{"name": "a", "under": [{"name": null}]}')

    assert structured_output(model, Node).invoke("") == Node(name="a", under=[Node()])

    schema = model.asked[0]["response_format"]["json_schema"]["schema"]
    assert schema["type"] == "object"
    assert schema["properties"]["name"]["anyOf"] == [{"type": "string"}, {"type": "null"}]
    assert schema["properties"]["under"]["items"] == {"$ref": "#/$defs/Node"}
    assert schema["$defs"]["Node"]["properties"].keys() == {"name", "under"}


@pytest.mark.parametrize("method", ["json_schema", "function_calling", "json_mode"])
@pytest.mark.parametrize("schema", [Joke, JokeDict, JSON_SCHEMA])
def test_traces_see_the_schema(schema: Any, method: str) -> None:
    chain: Any = structured_output(says(TEXT), schema, method=method)

    traced = chain.first.kwargs["ls_structured_output_format"]
    assert traced["schema"] == convert_to_json_schema(schema)
    assert traced["kwargs"]["method"] == method


@pytest.mark.parametrize(
    ("options", "says_what"),
    [
        ({"schema": RootModel[list[int]]}, "is no object at its root"),
        ({"schema": {"title": "n", "type": "array"}}, "n is no object at its root"),
        ({"schema": EMPTY}, "no name that the service takes"),
        ({"schema": {"title": "笑话", "type": "object"}}, "no name that the service takes"),
        ({"schema": {"title": "n", "properties": {"a": {1}}}}, "cannot be sent: .* not JSON"),
        ({"schema": {"title": "n", "type": "object"}, "strict": True}, "strict mode has no object"),
        ({"schema": 3}, "3 is no schema"),
        ({"schema": Joke, "method": "yaml"}, "json_schema, function_calling, json_mode"),
        ({"schema": Joke, "stric": True}, "'stric'.* schema, method, include_raw and strict"),
    ],
)
def test_what_cannot_work_is_refused_before_any_request(options: Any, says_what: str) -> None:
    model = says(TEXT)

    with pytest.raises(errors.InvalidFieldError, match=says_what):
        structured_output(model, **options)
    assert model.asked == []


# What is read.


@every_way
@pytest.mark.parametrize(
    ("schema", "answer"),
    [(Joke, Joke(**JOKE)), (OldJoke, OldJoke(**JOKE)), (JokeDict, JOKE), (JSON_SCHEMA, JOKE)],
)
@pytest.mark.parametrize("method", ["json_schema", "function_calling", "json_mode"])
async def test_an_answer_is_an_instance_of_a_class_and_a_dict_otherwise(
    schema: Any, answer: Any, method: str, way: str
) -> None:
    name = convert_to_json_schema(schema)["title"]
    model = calls(name, TEXT) if method == "function_calling" else says(TEXT[:20], TEXT[20:])

    assert await asked_in(way, structured_output(model, schema, method=method)) == answer
    beside = await asked_in(way, structured_output(model, schema, method=method, include_raw=True))
    assert beside == {"raw": beside["raw"], "parsed": answer, "parsing_error": None}
    assert beside["raw"].response_metadata["run_id"] == "run_1"


@pytest.mark.parametrize(
    ("schema", "own"),
    [(Joke, PydanticOutputParser(pydantic_object=Joke)), (JokeDict, JsonOutputParser())],
)
def test_partial_answers_are_those_of_langchains_own_parsers(schema: Any, own: Any) -> None:
    model = says(*TEXT)

    answers = list(structured_output(model, schema).stream("A joke"))

    assert answers == list((model | own).stream("A joke"))
    assert len(answers) > 3


def test_fields_that_only_json_can_fill_are_filled() -> None:
    class Strictly(BaseModel):
        model_config = ConfigDict(strict=True)
        day: date

    answer = structured_output(says('{"day": "2027-03-31"}'), Strictly).invoke("")

    assert answer == Strictly(day=date(2027, 3, 31))


@pytest.mark.parametrize("streaming", [True, False])
def test_a_fenced_answer_is_read_of_a_model_that_streams_or_not(streaming: bool) -> None:
    model = says(f"```json\n{TEXT}\n```")
    model.disable_streaming = not streaming

    assert list(structured_output(model, Joke).stream("A joke"))[-1] == Joke(**JOKE)


REFUSAL: Any = {"type": "refusal", "refusal": "I will not.", "index": 1}
REFUSED = getattr(exceptions, "ModelRefusalError", errors.ContentFilterError)
UNFINISHED = {
    "length": (says('{"setup": "W', finish_reason="length"), errors.RunIncompleteError, "limit"),
    "filter": (says("{", finish_reason="content_filter"), errors.ContentFilterError, "filter cut"),
    "refusal": (says(TEXT, [REFUSAL]), REFUSED, "I will not."),
    "no JSON": (says("So many jokes"), OutputParserException, "no Joke"),
    "misfit": (says('{"setup": "Why?"}'), OutputParserException, "punchline"),
    "half": (says('{"setup": "a", "punc'), OutputParserException, "no Joke"),
    "array": (says("[1]"), OutputParserException, "no object"),
    "empty": (says(), OutputParserException, "no Joke"),
}


@every_way
@pytest.mark.parametrize(("model", "error", "says_what"), UNFINISHED.values(), ids=UNFINISHED)
async def test_an_answer_that_is_not_whole_is_an_error_that_says_why_and_where(
    model: ScriptedModel, error: type[Exception], says_what: str, way: str
) -> None:
    with pytest.raises(error, match=says_what) as raised:
        await asked_in(way, structured_output(model, Joke))
    assert "[thread thread_1, run run_1]" in str(raised.value)

    beside = await asked_in(way, structured_output(model, Joke, include_raw=True))
    assert beside["parsed"] is None
    assert repr(beside["parsing_error"]) == repr(raised.value)


@every_way
@pytest.mark.parametrize(
    "model",
    [calls("search", "{}"), calls("Joke", "no JSON"), calls("Joke", '{"setup": 1}'), says("Hi")],
)
async def test_a_call_that_does_not_fit_is_an_error(model: ScriptedModel, way: str) -> None:
    with pytest.raises(OutputParserException, match="thread thread_1, run run_1"):
        await asked_in(way, structured_output(model, Joke, method="function_calling"))


def test_what_was_already_streamed_stays_when_the_answer_is_cut() -> None:
    answers = structured_output(says('{"setup": "W', finish_reason="length"), JokeDict).stream("")

    assert next(answers) == {"setup": "W"}
    with pytest.raises(errors.RunIncompleteError, match="Raise max_tokens"):
        next(answers)
