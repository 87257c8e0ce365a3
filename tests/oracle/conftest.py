"""Microsoft's own server library, the service of these tests: an oracle that we did not write.

Without the library there is nothing to collect; `make oracle` installs it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from importlib.util import find_spec
from typing import Any

import pytest
from langchain_core.language_models import LanguageModelInput
from langchain_core.messages import AIMessage
from sockets.ways import ask

from langchain_foundry_agents import ChatFoundryAgent

from .service import OracleService


def _is_installed() -> bool:
    try:
        return find_spec("azure.ai.agentserver.responses") is not None
    except ModuleNotFoundError:
        return False


collect_ignore_glob = [] if _is_installed() else ["test_*"]

MakeModel = Callable[..., ChatFoundryAgent]
Asked = Callable[..., Awaitable[AIMessage]]

MODES: dict[str, dict[str, Any]] = {
    "response": {"conversation": "response"},
    "none": {"conversation": "none"},
    "background": {"conversation": "response", "background": True},
    "poll": {"conversation": "response", "run_mode": "poll"},
}
"""How a model can be used here: the library has no conversations."""

HOWS = [
    *(f"response-{way}" for way in ("invoke", "ainvoke", "stream", "astream")),
    *(f"none-{way}" for way in ("invoke", "astream")),
    *(f"background-{way}" for way in ("stream", "ainvoke")),
    *(f"poll-{way}" for way in ("invoke", "astream")),
]


@pytest.fixture(scope="session")
def oracle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OracleService]:
    """The service, in a process of its own."""
    with OracleService(tmp_path_factory.mktemp("oracle")) as running:
        yield running


@pytest.fixture
def make_model(oracle: OracleService) -> MakeModel:
    """Makes a model of the oracle's agent; fields as keywords."""

    def make(**fields: Any) -> ChatFoundryAgent:
        ours = {"agent_name": "helper", "project_endpoint": oracle.url, "conversation": "response"}
        return ChatFoundryAgent(**{**ours, **fields})

    return make


@pytest.fixture
def model(make_model: MakeModel) -> ChatFoundryAgent:
    """A model of the oracle's agent, which chains responses."""
    return make_model()


@pytest.fixture(params=HOWS)
def asked(request: pytest.FixtureRequest, make_model: MakeModel) -> Asked:
    """Asks the oracle's agent, in every way and mode."""
    mode, _, way = request.param.partition("-")

    async def ask_it(question: LanguageModelInput, **fields: Any) -> AIMessage:
        return await ask(way, make_model(**MODES[mode], **fields), question)

    return ask_it
