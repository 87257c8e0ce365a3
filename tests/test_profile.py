"""What agents can do, as LangChain's model profiles say it."""

from __future__ import annotations

from langchain_core.language_models import ModelProfile

from langchain_foundry_agents._profile import PROFILE


def test_the_profile_says_what_langchain_asks_and_nothing_that_it_does_not_know() -> None:
    said = {"tool_calling": True, "structured_output": True, "tool_call_streaming": False}

    assert said.items() <= PROFILE.items()
    assert PROFILE.keys() <= ModelProfile.__annotations__.keys()
