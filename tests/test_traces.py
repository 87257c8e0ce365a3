"""What tracers, LangSmith's among them, are told of a turn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.language_models import LanguageModelInput
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from langchain_core.runnables import Runnable, RunnableConfig
from langchain_core.tracers.langchain import LangChainTracer
from langchain_core.tracers.run_collector import RunCollectorCallbackHandler
from langchain_core.tracers.schemas import Run
from langsmith import Client

from langchain_foundry_agents import ChatFoundryAgent, FoundryAgentError
from langchain_foundry_agents.emulator import Fail, FoundryEmulator, ScriptedBrain

JSON = dict[str, Any]
WAYS = pytest.mark.parametrize("way", ["invoke", "stream", "ainvoke", "astream"])
GENERATIONS = ["classic", "new"]


def made(emulator: FoundryEmulator, generation: str, **agent: Any) -> ChatFoundryAgent:
    """A model of an agent of this generation."""
    named = emulator.create_agent(name="helper", generation=generation, **agent)  # type: ignore[arg-type]
    which = {"agent_id" if generation == "classic" else "agent_name": named}
    return ChatFoundryAgent(**which, project_endpoint=emulator.project_endpoint)


@pytest.fixture(params=GENERATIONS)
def model(request: pytest.FixtureRequest, emulator: FoundryEmulator) -> ChatFoundryAgent:
    return made(emulator, request.param)


async def asked(
    model: Runnable[LanguageModelInput, AIMessage],
    way: str,
    said: Any,
    more: Sequence[BaseCallbackHandler] = (),
    **config: Any,
) -> list[Run]:
    """The runs that a tracer saw of one call."""
    tracer = RunCollectorCallbackHandler()
    told: RunnableConfig = {"callbacks": [tracer, *more], **config}  # type: ignore[typeddict-item]
    match way:
        case "invoke":
            model.invoke(said, told)
        case "stream":
            list(model.stream(said, told))
        case "ainvoke":
            await model.ainvoke(said, told)
        case _:
            assert [chunk async for chunk in model.astream(said, told)]
    return tracer.traced_runs


def message_of(run: Run) -> JSON:
    """The message that a run's outputs hold."""
    assert run.outputs
    return dict(run.outputs["generations"][0][0]["message"]["kwargs"])


@WAYS
async def test_a_run_tells_provider_model_and_ids(model: ChatFoundryAgent, way: str) -> None:
    (run,) = await asked(model, way, "What is 17 * 23?")

    metadata, told = run.metadata, message_of(run)["response_metadata"]
    assert run.run_type == "llm"
    assert metadata["ls_provider"] == "azure_ai_foundry"
    assert metadata["ls_model_type"] == "chat"
    # In a stream LangChain gives its model no callbacks: only the agent is known to it.
    agent, deployment = model.agent_name or model.agent_id, told["model_name"]
    assert metadata["ls_model_name"] == (deployment if way.endswith("invoke") else agent)
    ids = {name: told[name] for name in ("thread_id", "run_id")}
    assert all(ids.values())
    if way.endswith("invoke"):
        assert {name: metadata[name] for name in ids} == ids
    if model.is_new:
        assert (metadata["agent_name"], told["agent_version"]) == ("helper", "1")
    else:
        assert metadata["agent_id"] == model.agent_id


@WAYS
async def test_a_run_tells_what_was_used(model: ChatFoundryAgent, way: str) -> None:
    (run,) = await asked(model, way, "What is 17 * 23?")

    message = message_of(run)
    assert message["usage_metadata"]["total_tokens"] > 0
    assert message["response_metadata"]["usage_source"] == "service"


@WAYS
async def test_a_run_tells_the_parameters_of_the_call(emulator: FoundryEmulator, way: str) -> None:
    model = made(emulator, "classic").model_copy(update={"temperature": 0.5, "max_tokens": 300})

    (run,) = await asked(model.bind(top_p=0.9), way, "Hello")

    assert (run.metadata["ls_temperature"], run.metadata["ls_max_tokens"]) == (0.5, 300)
    told = run.extra["invocation_params"]
    assert {name: told[name] for name in ("agent_id", "temperature", "top_p")} == {
        "agent_id": model.agent_id,
        "temperature": 0.5,
        "top_p": 0.9,
    }


@WAYS
async def test_both_turns_of_a_tool_call_are_of_one_thread(
    emulator: FoundryEmulator, way: str
) -> None:
    def get_weather(city: str) -> str:
        """The weather in a city."""
        return f"It is sunny in {city}."

    model = made(emulator, "classic").bind_tools([get_weather])
    question = HumanMessage('Please call get_weather for "Paris".')
    answer = model.invoke([question])
    output = ToolMessage("Sunny.", tool_call_id=str(answer.tool_calls[0]["id"]))

    (first,) = await asked(model, way, [question])
    (second,) = await asked(model, way, [question, answer, output])

    assert message_of(first)["tool_calls"][0]["name"] == "get_weather"
    told = message_of(second)["response_metadata"]
    assert message_of(first)["response_metadata"]["run_id"] != answer.response_metadata["run_id"]
    assert told["thread_id"] == answer.response_metadata["thread_id"]
    assert told["run_id"] == answer.response_metadata["run_id"]
    # The answer's message has the whole run's usage.
    assert message_of(second)["usage_metadata"]["total_tokens"] > 0


@WAYS
@pytest.mark.parametrize("generation", GENERATIONS)
async def test_an_error_is_traced_with_the_ids_of_thread_and_run(generation: str, way: str) -> None:
    tracer = RunCollectorCallbackHandler()

    with FoundryEmulator(ScriptedBrain([Fail("server_error")])) as emulator:
        model = made(emulator, generation).bind(max_retries=0)
        with pytest.raises(FoundryAgentError) as raised:
            await asked(model, way, "Hello", more=[tracer])

    (run,) = tracer.traced_runs
    ids = {"thread_id": raised.value.thread_id, "run_id": raised.value.run_id}
    assert all(ids.values())
    assert all(str(id_) in str(run.error) for id_ in ids.values())
    if way.endswith("invoke"):
        assert {name: run.metadata[name] for name in ids} == ids


async def test_the_thread_id_of_langgraph_stays_and_ours_stands_beside_it(
    model: ChatFoundryAgent,
) -> None:
    (run,) = await asked(model, "invoke", "Hello", metadata={"thread_id": "checkpoint-7"})

    assert run.metadata["thread_id"] == "checkpoint-7"
    assert run.metadata["foundry_thread_id"] == message_of(run)["response_metadata"]["thread_id"]


class Sent(Client):
    """LangSmith's client, which keeps what it would send."""

    def __init__(self) -> None:
        super().__init__(api_url="http://127.0.0.1:9", api_key="none", auto_batch_tracing=False)
        self.updates: list[JSON] = []

    def create_run(self, *args: Any, **kwargs: Any) -> None:
        pass

    def update_run(self, *args: Any, **kwargs: Any) -> None:
        self.updates.append(kwargs)


@pytest.mark.parametrize("way", ["invoke", "ainvoke"])
async def test_langsmith_is_sent_the_ids_with_the_end_of_the_run(
    model: ChatFoundryAgent, way: str
) -> None:
    client = Sent()

    (run,) = await asked(model, way, "Hello", more=[LangChainTracer(client=client)])

    (update,) = client.updates
    sent = update["extra"]["metadata"]
    told = message_of(run)
    assert sent["thread_id"] == told["response_metadata"]["thread_id"]
    assert sent["run_id"] == told["response_metadata"]["run_id"]
    assert sent["usage_metadata"] == told["usage_metadata"]
