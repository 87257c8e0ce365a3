"""The model of either generation where LangChain uses it: chains, callbacks, events, copies."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Iterator
from typing import Any

import pytest
from conftest import MakeModel
from langchain_core.caches import InMemoryCache
from langchain_core.callbacks import BaseCallbackHandler, UsageMetadataCallbackHandler
from langchain_core.globals import set_llm_cache
from langchain_core.load import dumpd, load
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import ConfigurableField
from langchain_core.tracers import BaseTracer
from langchain_core.tracers.schemas import Run
from sockets.ways import ask
from tools import reading

from langchain_foundry_agents import ChatFoundryAgent
from langchain_foundry_agents.emulator import FoundryEmulator

from .conftest import TWO_WAYS
from .seen import asked, place_of, sent

CANARY = "canary-5b1d"


async def test_a_chain_of_prompt_model_and_parser_streams_text(model: ChatFoundryAgent) -> None:
    chain = ChatPromptTemplate.from_messages([("user", "Count to {end}")]) | model
    texts = chain | StrOutputParser()

    assert texts.invoke({"end": 5}) == "1, 2, 3, 4, 5."
    assert await texts.ainvoke({"end": 5}) == "1, 2, 3, 4, 5."
    assert "".join(texts.stream({"end": 5})) == "1, 2, 3, 4, 5."
    assert "".join([text async for text in texts.astream({"end": 5})]) == "1, 2, 3, 4, 5."


@pytest.mark.parametrize("way", TWO_WAYS)
async def test_a_place_can_be_named_by_a_configurable_field(
    emulator: FoundryEmulator, make_model: MakeModel, way: str
) -> None:
    place = place_of(make_model().invoke("First"))
    field = ConfigurableField(id="foundry_thread_id")
    flexible = make_model().configurable_fields(thread_id=field)

    answer = await ask(
        way, flexible, "Second", config={"configurable": {"foundry_thread_id": place}}
    )

    assert place_of(answer) == place
    assert sent(emulator)[-1] == ["Second"]


@pytest.mark.parametrize("way", TWO_WAYS)
async def test_a_langgraph_thread_id_is_no_place_of_the_service(
    model: ChatFoundryAgent, way: str
) -> None:
    answer = await ask(way, model, "Hello", config={"configurable": {"thread_id": "checkpoint"}})

    assert place_of(answer).startswith(("thread_", "conv_"))


class TokensHeard(BaseCallbackHandler):
    """Keeps the tokens that a callback is told."""

    def __init__(self) -> None:
        self.tokens: list[Any] = []

    def on_llm_new_token(self, token: Any, **_: Any) -> None:
        self.tokens.append(token)


@pytest.mark.parametrize(
    ("way", "streaming"), [("invoke", True), ("ainvoke", True), ("stream", None), ("astream", None)]
)
async def test_callbacks_hear_every_token_once(
    make_model: MakeModel, way: str, streaming: bool | None
) -> None:
    heard = TokensHeard()

    await ask(way, make_model(streaming=streaming), "Count to 5", config={"callbacks": [heard]})

    assert "".join(heard.tokens) == "1, 2, 3, 4, 5."


@pytest.mark.parametrize("way", ["invoke", "ainvoke"])
async def test_a_whole_answer_tells_callbacks_no_tokens(model: ChatFoundryAgent, way: str) -> None:
    heard = TokensHeard()

    await ask(way, model, "Count to 5", config={"callbacks": [heard]})

    assert heard.tokens == []


@pytest.mark.parametrize("way", TWO_WAYS)
async def test_callbacks_add_up_the_usage_by_model(model: ChatFoundryAgent, way: str) -> None:
    heard = UsageMetadataCallbackHandler()

    await ask(way, model, "Count to 5", config={"callbacks": [heard]})

    assert heard.usage_metadata["gpt-4o"]["total_tokens"] == 13


async def test_events_of_version_2_tell_the_chunks_and_the_whole(model: ChatFoundryAgent) -> None:
    chain = model | StrOutputParser()
    config: Any = {"tags": ["shop"], "metadata": {"ticket": "42"}}
    events = [one async for one in chain.astream_events("Count to 5", config, version="v2")]

    said = [one["data"]["chunk"].text for one in events if one["event"] == "on_chat_model_stream"]
    (end,) = [one for one in events if one["event"] == "on_chat_model_end"]
    assert "".join(said) == end["data"]["output"].text == "1, 2, 3, 4, 5."
    assert end["data"]["output"].response_metadata["status"] == "completed"
    assert "shop" in end["tags"]
    assert end["metadata"]["ticket"] == "42"


@pytest.mark.filterwarnings("ignore:.*stream_v3. is in beta")
def test_events_of_version_3_are_valid_and_end_in_the_whole(model: ChatFoundryAgent) -> None:
    events = list(model.stream_events("Count to 5", version="v3"))

    assert reading.finished(events) == [{"type": "text", "text": "1, 2, 3, 4, 5."}]


class Notebook(BaseTracer):
    """Writes down the runs that a tracer is told of."""

    def __init__(self) -> None:
        super().__init__()
        self.runs: list[Run] = []

    def _persist_run(self, run: Run) -> None:
        self.runs.append(run)


@pytest.mark.parametrize("way", TWO_WAYS)
async def test_tracers_are_told_tags_and_provider_and_never_the_token(
    emulator: FoundryEmulator, make_model: MakeModel, way: str
) -> None:
    notebook = Notebook()
    model = make_model(credential=emulator.credential, default_headers={"x-key": CANARY})

    await ask(way, model, "Hello", config={"callbacks": [notebook], "tags": ["shop"]})

    (run,) = notebook.runs
    assert run.tags == ["shop"]
    assert (run.extra or {})["metadata"]["ls_provider"] == "azure_ai_foundry"
    told = str(run.model_dump())
    assert [secret in told for secret in (CANARY, emulator.credential)] == [False, False]


@pytest.fixture
def global_cache() -> Iterator[InMemoryCache]:
    """A cache for all models."""
    cache = InMemoryCache()
    set_llm_cache(cache)
    yield cache
    set_llm_cache(None)


@pytest.mark.parametrize("way", TWO_WAYS)
async def test_a_global_cache_never_answers_for_the_place(
    emulator: FoundryEmulator, model: ChatFoundryAgent, global_cache: InMemoryCache, way: str
) -> None:
    await ask(way, model, "Hello")
    await ask(way, model, "Hello")

    assert len(asked(emulator)) == 2


def test_a_token_is_never_in_a_model_s_repr(make_model: MakeModel) -> None:
    model = make_model(credential=CANARY, default_headers={"x-key": CANARY})

    assert CANARY not in repr(model)
    assert CANARY not in str(model)
    assert CANARY not in str(model.model_dump())
    assert CANARY not in str(dumpd(model))


def test_a_copy_is_equal_and_answers(make_model: MakeModel) -> None:
    model = make_model(stop=["7"])

    twins = (copy.copy(model), copy.deepcopy(model), pickle.loads(pickle.dumps(model)))

    assert [twin == model for twin in twins] == [True] * 3
    assert [twin.invoke("Count to 9").content for twin in twins] == ["1, 2, 3, 4, 5, 6, "] * 3


@pytest.mark.filterwarnings("ignore:The function `loads?` is in beta")
def test_a_model_comes_back_from_json_and_answers(make_model: MakeModel) -> None:
    model = make_model(run_timeout=30.0)

    back = load(
        dumpd(model),
        allowed_objects=[ChatFoundryAgent],
        valid_namespaces=["langchain_foundry_agents"],
    )

    assert back == model
    assert back.invoke("What is 1 + 1?").content == "1 + 1 = 2."


@pytest.mark.parametrize("way", TWO_WAYS)
async def test_a_model_may_have_another_one_to_fall_back_on(
    make_model: MakeModel, agent: dict[str, str], way: str
) -> None:
    (field,) = agent
    unknown = {"agent_id": "asst_unknown", "agent_name": "unknown"}[field]
    model = make_model(**{field: unknown}).with_fallbacks([make_model()])

    answer = await ask(way, model, "What is 1 + 1?")

    assert answer.content == "1 + 1 = 2."
