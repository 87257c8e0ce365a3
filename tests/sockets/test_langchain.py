"""The model where LangChain uses it: chains, configuration, callbacks, events, caches, traces."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from conftest import MakeModel
from langchain_core.caches import InMemoryCache
from langchain_core.callbacks import AsyncCallbackHandler, BaseCallbackHandler
from langchain_core.globals import set_llm_cache
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, trim_messages
from langchain_core.output_parsers import StrOutputParser
from langchain_core.outputs import LLMResult
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import ConfigurableField

from langchain_foundry_agents import ChatFoundryAgent, InvalidFieldError
from langchain_foundry_agents.emulator import FoundryEmulator

from .seen import routes
from .ways import WAYS, added, ask, listed


@pytest.fixture
def thread(model: ChatFoundryAgent) -> str:
    """A thread that holds one turn already."""
    return str(model.invoke("What is 1 + 1?").response_metadata["thread_id"])


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("how", ["call", "bind", "model", "configurable", "with_config"])
async def test_a_thread_can_be_named_wherever_langchain_takes_options(
    emulator: FoundryEmulator, make_model: MakeModel, thread: str, how: str, way: str
) -> None:
    field = ConfigurableField(id="foundry_thread_id")
    flexible = make_model().configurable_fields(thread_id=field)
    config = {"configurable": {"foundry_thread_id": thread}}
    match how:
        case "call":
            await ask(way, make_model(), "Again", thread_id=thread)
        case "bind":
            await ask(way, make_model().bind(thread_id=thread), "Again")
        case "model":
            await ask(way, make_model(thread_id=thread), "Again")
        case "configurable":
            await ask(way, flexible, "Again", config=config)
        case _:
            await ask(way, flexible.with_config(configurable=config["configurable"]), "Again")

    assert routes(emulator) == ["POST /threads/runs", f"POST /threads/{thread}/runs"]


def test_a_langgraph_thread_id_is_no_thread_of_the_service(
    emulator: FoundryEmulator, model: ChatFoundryAgent
) -> None:
    chain = model | StrOutputParser()
    chain.invoke("Hello", config={"configurable": {"thread_id": "thread_checkpoint"}})

    assert routes(emulator) == ["POST /threads/runs"]


async def test_a_chain_of_prompt_model_and_parser_streams_text(model: ChatFoundryAgent) -> None:
    prompt = ChatPromptTemplate.from_messages([("user", "Count to {end}")])
    chain = prompt | model | StrOutputParser()

    assert chain.invoke({"end": 5}) == "1, 2, 3, 4, 5."
    assert await chain.ainvoke({"end": 5}) == "1, 2, 3, 4, 5."
    assert "".join(chain.stream({"end": 5})) == "1, 2, 3, 4, 5."
    assert "".join([text async for text in chain.astream({"end": 5})]) == "1, 2, 3, 4, 5."
    assert chain.batch([{"end": 2}, {"end": 3}]) == ["1, 2.", "1, 2, 3."]


class TokensHeard(BaseCallbackHandler):
    """Keeps the tokens that a callback is told."""

    def __init__(self) -> None:
        self.tokens: list[Any] = []

    def on_llm_new_token(self, token: Any, **_: Any) -> None:
        self.tokens.append(token)


class AsyncTokensHeard(AsyncCallbackHandler):
    """As `TokensHeard`."""

    def __init__(self) -> None:
        self.tokens: list[Any] = []

    async def on_llm_new_token(self, token: Any, **_: Any) -> None:
        self.tokens.append(token)


@pytest.mark.parametrize("kind", [TokensHeard, AsyncTokensHeard])
@pytest.mark.parametrize(("way", "streaming"), [("ainvoke", True), ("astream", None)])
async def test_async_callbacks_hear_every_token_once(
    make_model: MakeModel, way: str, streaming: bool | None, kind: Any
) -> None:
    heard = kind()
    model = make_model(streaming=streaming)
    await ask(way, model, "Count to 5", config={"callbacks": [heard]})

    assert "".join(heard.tokens) == "1, 2, 3, 4, 5."


@pytest.mark.parametrize(("way", "streaming"), [("invoke", True), ("stream", None)])
async def test_callbacks_hear_every_token_once(
    make_model: MakeModel, way: str, streaming: bool | None
) -> None:
    heard = TokensHeard()
    model = make_model(streaming=streaming)
    await ask(way, model, "Count to 5", config={"callbacks": [heard]})

    assert "".join(heard.tokens) == "1, 2, 3, 4, 5."


async def test_invoke_without_streaming_tells_callbacks_no_tokens(
    model: ChatFoundryAgent,
) -> None:
    heard = TokensHeard()
    model.invoke("Count to 5", config={"callbacks": [heard]})
    await model.ainvoke("Count to 5", config={"callbacks": [heard]})

    assert heard.tokens == []


class EndsHeard(BaseCallbackHandler):
    """Keeps the results that a callback is told."""

    def __init__(self) -> None:
        self.ends: list[LLMResult] = []

    def on_llm_end(self, response: LLMResult, **_: Any) -> None:
        self.ends.append(response)


@pytest.mark.parametrize("way", WAYS)
async def test_callbacks_hear_the_usage_of_every_answer(model: ChatFoundryAgent, way: str) -> None:
    heard = EndsHeard()
    await ask(way, model, "Count to 5", config={"callbacks": [heard]})

    (result,) = heard.ends
    (generation,) = result.generations[0]
    assert generation.message.usage_metadata == {  # type: ignore[union-attr]
        "input_tokens": 8,
        "output_tokens": 5,
        "total_tokens": 13,
        "input_token_details": {"cache_read": 0},
    }


async def test_events_of_version_2_tell_the_chunks_and_the_whole(model: ChatFoundryAgent) -> None:
    chain = model | StrOutputParser()
    events = [event async for event in chain.astream_events("Count to 5", version="v2")]

    said = [e["data"]["chunk"].text for e in events if e["event"] == "on_chat_model_stream"]
    (end,) = [e["data"]["output"] for e in events if e["event"] == "on_chat_model_end"]
    assert "".join(said) == end.text == "1, 2, 3, 4, 5."
    assert end.response_metadata["status"] == "completed"


async def test_usage_ids_and_ending_come_exactly_once(model: ChatFoundryAgent) -> None:
    for chunks in (list(model.stream("Count to 5")), await listed(model.astream("Count to 5"))):
        told = [set(chunk.response_metadata) for chunk in chunks]
        assert [bool(chunk.usage_metadata) for chunk in chunks].count(True) == 1
        assert [chunk.chunk_position for chunk in chunks].count("last") == 1
        for name in ("thread_id", "run_id", "agent_id", "message_ids", "model_name", "status"):
            assert [name in names for names in told].count(True) == 1, name
        assert all("model_provider" in names for names in told)
        assert chunks[0].content
        assert chunks[0].response_metadata["thread_id"].startswith("thread_")
        assert chunks[-1].chunk_position == "last"
        assert added(chunks).response_metadata["model_provider"] == "azure_ai_foundry"


@pytest.fixture
def global_cache() -> Iterator[InMemoryCache]:
    """A cache for all models."""
    cache = InMemoryCache()
    set_llm_cache(cache)
    yield cache
    set_llm_cache(None)


@pytest.mark.parametrize("way", WAYS)
async def test_a_global_cache_never_answers_for_the_thread(
    emulator: FoundryEmulator, model: ChatFoundryAgent, global_cache: InMemoryCache, way: str
) -> None:
    await ask(way, model, "Hello")
    await ask(way, model, "Hello")

    assert len(emulator.requests) == 2


def test_a_cache_that_the_user_gives_is_used(
    emulator: FoundryEmulator, make_model: MakeModel
) -> None:
    model = make_model(cache=InMemoryCache())
    assert model.invoke("Hello").content == model.invoke("Hello").content
    assert len(emulator.requests) == 1


def test_traces_name_provider_model_and_parameters(make_model: MakeModel) -> None:
    model = make_model(model="gpt-4o", temperature=0.5, max_tokens=300, stop=["END"])

    assert model._get_ls_params() == {
        "ls_provider": "azure_ai_foundry",
        "ls_model_type": "chat",
        "ls_model_name": "gpt-4o",
        "ls_temperature": 0.5,
        "ls_max_tokens": 300,
        "ls_stop": ["END"],
        "agent_id": model.agent_id,
    }


def test_traces_name_the_agent_where_no_model_is_chosen(make_model: MakeModel) -> None:
    model = make_model(agent_id="asst_7")

    assert model._get_ls_params()["ls_model_name"] == "asst_7"
    assert model._get_ls_params(model="gpt-4o")["ls_model_name"] == "gpt-4o"
    assert model._get_ls_params(stop=["END"])["ls_stop"] == ["END"]


def test_trim_messages_counts_with_the_model_s_tokenizer(make_model: MakeModel) -> None:
    messages = [
        SystemMessage("Be brief"),
        HumanMessage("one two three"),
        AIMessage("four five"),
        HumanMessage("six"),
    ]
    kept = trim_messages(
        messages, max_tokens=5, token_counter=make_model(tokenizer=str.split), include_system=True
    )

    assert [message.text for message in kept] == ["Be brief", "four five", "six"]


def test_tokens_are_counted_without_a_tokenizer_too(model: ChatFoundryAgent) -> None:
    assert model.get_num_tokens("twelve chars") == 3
    assert model.get_num_tokens("你好啊") == 3
    assert model.get_num_tokens_from_messages([HumanMessage("Hello"), AIMessage("Hi")]) == 3
    with pytest.raises(InvalidFieldError, match="Give tokenizer"):
        model.get_token_ids("Hello")


def test_token_ids_come_from_the_tokenizer(make_model: MakeModel) -> None:
    model = make_model(tokenizer=lambda text: [ord(character) for character in text])

    assert model.get_token_ids("AB") == [65, 66]
    assert model.get_num_tokens("AB") == 2
