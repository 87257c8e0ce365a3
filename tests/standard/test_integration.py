"""LangChain's standard integration tests, against the emulator over a real socket."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import httpx
import pytest
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage
from langchain_tests.integration_tests import ChatModelIntegrationTests
from sockets.ways import added

from langchain_foundry_agents import ChatFoundryAgent
from langchain_foundry_agents.emulator import FoundryEmulator

from .definitions import AGENTS, HELPER, agent_for

DATA = Path(__file__).parent / "data"
DOWNLOADS = {
    "https://raw.githubusercontent.com/langchain-ai/docs/4d11d08b6b0e210bd456943f7a22febbd168b543"
    "/src/images/agentic-rag-output.png": DATA / "agentic-rag-output.png",
    "https://www.w3.org/WAI/ER/tests/xhtml/testfiles/resources/pdf/dummy.pdf": DATA / "dummy.pdf",
}
READS_FILES = {"type": "code_interpreter"}


@pytest.fixture(autouse=True)
def downloads_from_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """The suite's own downloads come from files here; any other address is an error."""

    def get(url: str, **_: Any) -> httpx.Response:
        if url not in DOWNLOADS:
            raise AssertionError(f"The standard tests want a new download: {url}")
        return httpx.Response(200, content=DOWNLOADS[url].read_bytes())

    monkeypatch.setattr("langchain_tests.integration_tests.chat_models.httpx.get", get)


class FoundryAgentTests(ChatModelIntegrationTests):
    """What both generations promise."""

    fields: ClassVar[dict[str, Any]] = {}

    @property
    def chat_model_class(self) -> type[BaseChatModel]:
        return ChatFoundryAgent

    @property
    def chat_model_params(self) -> dict[str, Any]:
        return self.fields

    @property
    def has_tool_calling(self) -> bool:
        return True

    @property
    def has_structured_output(self) -> bool:
        return True

    @property
    def supports_json_mode(self) -> bool:
        return True

    @property
    def supports_pdf_inputs(self) -> bool:
        return True

    @property
    def supports_anthropic_inputs(self) -> bool:
        return True

    @property
    def supports_image_inputs(self) -> bool:
        return True

    @property
    def supports_image_urls(self) -> bool:
        return True

    @property
    def returns_usage_metadata(self) -> bool:
        return True

    @property
    def supported_usage_metadata_details(self) -> dict[Any, list[Any]]:
        return {"invoke": ["cache_read_input"], "stream": ["cache_read_input"]}

    def invoke_with_cache_read_input(self, *, stream: bool = False) -> AIMessage:
        model = ChatFoundryAgent(**self.fields)
        return added(model.stream("Hello")) if stream else model.invoke("Hello")


@pytest.mark.filterwarnings("ignore:max_tokens=100 is sent as 256:UserWarning")
class TestClassicAgent(FoundryAgentTests):
    @pytest.fixture(scope="class", autouse=True)
    @classmethod
    def service(cls) -> Iterator[None]:
        """One emulator for all tests."""
        with FoundryEmulator() as emulator:
            agent_id = emulator.create_agent(
                name="helper", instructions="You are helpful.", tools=[READS_FILES]
            )
            endpoint = emulator.project_endpoint
            cls.fields = {"agent_id": agent_id, "project_endpoint": endpoint}
            yield

    @property
    def has_tool_choice(self) -> bool:
        return True

    @property
    def supports_model_override(self) -> bool:
        return True

    @property
    def model_override_value(self) -> str:
        return "gpt-4o-mini"


# The suite asks for a temperature, whatever the flags say.
@pytest.mark.filterwarnings("ignore:temperature belongs to the agent's definition")
class TestNewAgent(FoundryAgentTests):
    """Definitions own tools, forms of answers and choices: each test asks the agent that has them.

    No test is left out but those of another model, which definitions own.
    """

    @pytest.fixture(scope="class", autouse=True)
    @classmethod
    def service(cls) -> Iterator[None]:
        """One emulator for all tests, with all agents that they need."""
        with FoundryEmulator() as emulator:
            for name, definition in AGENTS.items():
                emulator.create_agent(name=name, generation="new", **definition)
            endpoint = emulator.project_endpoint
            where = {"agent_name": HELPER, "project_endpoint": endpoint}
            cls.fields = {**where, "on_unsupported": "warn"}
            yield

    @pytest.fixture
    def model(self, request: Any) -> BaseChatModel:
        """The model of the agent whose definition has what a test binds."""
        return ChatFoundryAgent(
            **{
                **self.standard_chat_model_params,
                **self.chat_model_params,
                "agent_name": agent_for(request.function.__name__),
                **(getattr(request, "param", None) or {}),
            }
        )

    @property
    def has_tool_choice(self) -> bool:
        return True

    @property
    def supports_model_override(self) -> bool:
        return False

    @property
    def supported_usage_metadata_details(self) -> dict[Any, list[Any]]:
        told = ["cache_read_input", "reasoning_output"]
        return {"invoke": told, "stream": told}

    def invoke_with_reasoning_output(self, *, stream: bool = False) -> AIMessage:
        return self.invoke_with_cache_read_input(stream=stream)
