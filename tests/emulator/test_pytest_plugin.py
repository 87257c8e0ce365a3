"""The fixtures for pytest, as they work in somebody's project."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow  # each is a run of pytest of its own
_HEAVY = {"httpx", "langchain_core", "langchain_foundry_agents", "starlette", "uvicorn"}
_PAGE = Path(__file__).parents[2] / "docs" / "testing.md"


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    """A project in which the plugin works, and sockets but for loopback do not."""
    options = "-p pytest_foundry_agents --strict-markers --allow-hosts=127.0.0.1"
    pytester.makeini(
        f"[pytest]\naddopts = {options} --allow-unix-socket\nasyncio_mode = auto\n"
        "asyncio_default_fixture_loop_scope = function\n"
    )
    return pytester


def test_the_test_of_the_documentation_passes(project: pytest.Pytester) -> None:
    blocks = re.findall(r"```python\n(.*?)```", _PAGE.read_text(encoding="utf-8"), re.DOTALL)
    shown = next(block for block in blocks if "def test_" in block)
    project.makepyfile(shown)

    assert len(shown.partition("def test_")[2].splitlines()) <= 10
    project.runpytest_subprocess().assert_outcomes(passed=1)


def test_each_test_has_a_service_of_its_own(project: pytest.Pytester) -> None:
    project.makepyfile("""
        import pytest

        @pytest.mark.parametrize("time", [1, 2])
        def test_first_question(foundry_agent, foundry_emulator, time):
            answer = foundry_agent.invoke("What is 2 + 2?")

            assert answer.text == "2 + 2 = 4."
            assert [request.route for request in foundry_emulator.requests] == [
                "/openai/v1/conversations", "/openai/v1/responses"
            ]
            assert list(foundry_emulator.service.state.conversations) == [
                answer.response_metadata["thread_id"]
            ]
    """)

    project.runpytest().assert_outcomes(passed=2)


def test_both_generations_answer_sync_and_async(project: pytest.Pytester) -> None:
    project.makepyfile("""
        import pytest

        both = pytest.mark.parametrize("foundry_agent", ["classic", "new"], indirect=True)

        @both
        def test_sync(foundry_agent):
            assert foundry_agent.invoke("What is 2 + 2?").text == "2 + 2 = 4."

        @both
        async def test_async(foundry_agent):
            assert (await foundry_agent.ainvoke("What is 2 + 2?")).text == "2 + 2 = 4."

        @pytest.mark.foundry_agent(generation="classic")
        def test_marked(foundry_agent):
            assert foundry_agent.agent_id.startswith("asst_")
    """)

    project.runpytest().assert_outcomes(passed=5)


def test_markers_say_how_agent_and_service_are_made(project: pytest.Pytester) -> None:
    project.makepyfile("""
        import pytest

        @pytest.mark.foundry_agent(name="poet", instructions="Rhyme.")
        class TestPoet:
            @pytest.mark.foundry_agent(instructions="Do not rhyme.")
            @pytest.mark.foundry_emulator(seed=1)
            def test_it(self, foundry_agent):
                answer = foundry_agent.invoke("What are your instructions?")

                assert answer.text == 'My instructions are: "Do not rhyme.".'
                assert answer.response_metadata["agent_name"] == "poet"
    """)

    project.runpytest().assert_outcomes(passed=1)


def test_a_script_says_what_agents_answer_and_faults_what_goes_wrong(
    project: pytest.Pytester,
) -> None:
    project.makepyfile("""
        import pytest

        from langchain_foundry_agents import RateLimitError, RunFailedError
        from langchain_foundry_agents.emulator import Fail

        def test_it(foundry_agent, foundry_emulator):
            brain = foundry_emulator.script("One.", Fail())
            foundry_emulator.inject("rate-limit", retry_after=100)

            with pytest.raises(RateLimitError):
                foundry_agent.invoke("Hello")
            assert foundry_agent.invoke("Hello").text == "One."
            with pytest.raises(RunFailedError):
                foundry_agent.model_copy(update={"max_retries": 0}).invoke("And now?")
            assert brain.turns_left == 0
            assert brain.heard[0][-1].text == "Hello"
    """)

    project.runpytest().assert_outcomes(passed=1)


def test_code_that_makes_its_own_model_finds_the_agent_in_the_environment(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AZURE_AI_AGENT_ID", "asst_of-production")
    project.makepyfile("""
        from langchain_foundry_agents import ChatFoundryAgent

        def test_it(foundry_agent):
            assert ChatFoundryAgent().invoke("What is 2 + 2?").text == "2 + 2 = 4."
    """)

    project.runpytest().assert_outcomes(passed=1)


def test_the_plugin_loads_nothing_heavy_before_a_fixture_is_used() -> None:
    script = (
        "import sys, pytest, pytest_foundry_agents\n"
        "print(*{name.partition('.')[0] for name in sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)

    assert set(done.stdout.decode().split()) & _HEAVY == set()


def test_it_works_beside_xdist(project: pytest.Pytester) -> None:
    pytest.importorskip("xdist")
    project.makepyfile("""
        import pytest

        @pytest.mark.parametrize("number", range(8))
        def test_it(foundry_agent, number):
            assert foundry_agent.invoke(f"What is {number} + 1?").text.endswith(f"= {number + 1}.")
    """)

    project.runpytest_subprocess("-n", "2").assert_outcomes(passed=8)
