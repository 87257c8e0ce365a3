"""The README's recipe for OpenTelemetry: langchain-azure-ai's tracer sees our turns.

It runs in the environment of `make peers`: `make traces`.
"""

from __future__ import annotations

from typing import Any

import pytest

from langchain_foundry_agents import ChatFoundryAgent, FoundryAgentError
from langchain_foundry_agents.emulator import Fail, FoundryEmulator, Reply, ScriptedBrain

tracers = pytest.importorskip("langchain_azure_ai.callbacks.tracers")
# Its import takes seconds, its warnings are its own business.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]


@pytest.fixture(scope="module")
def exporter() -> Any:
    """Keeps the spans of this process, which can have one provider only."""
    trace = pytest.importorskip("opentelemetry.trace")
    sdk = pytest.importorskip("opentelemetry.sdk.trace")
    export = pytest.importorskip("opentelemetry.sdk.trace.export")
    memory = pytest.importorskip("opentelemetry.sdk.trace.export.in_memory_span_exporter")
    keeping = memory.InMemorySpanExporter()
    provider = sdk.TracerProvider()
    provider.add_span_processor(export.SimpleSpanProcessor(keeping))
    trace.set_tracer_provider(provider)
    return keeping


@pytest.mark.parametrize("generation", ["classic", "new"])
def test_it_sees_each_turn_with_its_usage_and_without_its_texts(
    exporter: Any, generation: Any
) -> None:
    exporter.clear()
    tracer = tracers.AzureAIOpenTelemetryTracer(
        enable_content_recording=False, auto_configure_azure_monitor=False
    )
    with FoundryEmulator(ScriptedBrain([Reply("Hi."), Reply("Hi."), Fail()])) as emulator:
        named = emulator.create_agent(name="helper", generation=generation)
        which = {"agent_id" if generation == "classic" else "agent_name": named}
        where = {"project_endpoint": emulator.project_endpoint, "max_retries": 0}
        model = ChatFoundryAgent(**which, **where)

        answer = model.invoke("My secret", {"callbacks": [tracer]})
        list(model.stream("My secret", {"callbacks": [tracer]}))
        with pytest.raises(FoundryAgentError) as raised:
            model.invoke("My secret", {"callbacks": [tracer]})

    whole, streamed, failed = exporter.get_finished_spans()
    assert answer.usage_metadata
    for span in (whole, streamed):
        assert span.name == f"chat {named}"
        assert span.attributes["gen_ai.operation.name"] == "chat"
        assert span.attributes["gen_ai.usage.input_tokens"] == answer.usage_metadata["input_tokens"]
        assert "secret" not in str(dict(span.attributes))
    assert failed.status.status_code.name == "ERROR"
    assert failed.attributes["error.type"] == "ServiceFailedError"
    assert f"thread {raised.value.thread_id}" in failed.status.description
    assert f"run {raised.value.run_id}" in failed.status.description
