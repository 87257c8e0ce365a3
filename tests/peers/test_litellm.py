"""litellm's own handler drives the emulator, so that we do not only agree with ourselves."""

from __future__ import annotations

from typing import Any

import pytest

from langchain_foundry_agents.emulator import FoundryEmulator

# Its import takes seconds, its polling looks once a second, its warnings are its own business.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]

QUESTION = [{"role": "user", "content": "What is 17 * 23?"}]


@pytest.fixture
def litellm(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The library, which else asks the network for prices when it is imported."""
    monkeypatch.setenv("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    return pytest.importorskip("litellm")


def options(emulator: FoundryEmulator, **more: Any) -> dict[str, Any]:
    agent_id = emulator.create_agent(name="helper", instructions="You are helpful.")
    return {
        "model": f"azure_ai/agents/{agent_id}",
        "api_base": emulator.project_endpoint,
        "api_key": emulator.credential,
        "messages": QUESTION,
        **more,
    }


def test_it_gets_an_answer(litellm: Any, emulator: FoundryEmulator) -> None:
    answer = litellm.completion(**options(emulator))

    assert answer.choices[0].message.content == "17 * 23 = 391."


async def test_it_gets_an_answer_async(litellm: Any, emulator: FoundryEmulator) -> None:
    answer = await litellm.acompletion(**options(emulator))

    assert answer.choices[0].message.content == "17 * 23 = 391."


async def test_it_streams_an_answer(litellm: Any, emulator: FoundryEmulator) -> None:
    chunks = await litellm.acompletion(**options(emulator, stream=True))
    texts = [chunk.choices[0].delta.content or "" async for chunk in chunks]

    assert "".join(texts) == "17 * 23 = 391."
    assert [request.route for request in emulator.requests] == ["/threads/runs"]
