"""What a test asks of the emulator in Python: done between two requests, and refused in words."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from langchain_foundry_agents.emulator import FoundryEmulator, ScriptedBrain
from langchain_foundry_agents.emulator.clock import SeededClock

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"temperature": 9}, "Invalid 'temperature': expected a number from 0 to 2, got 9."),
        ({"name": "n", "generation": "new", "temperature": 9}, "Invalid 'definition.temperature'"),
        ({"name": "no name", "generation": "new"}, "Invalid agent name 'no name'"),
        ({"generation": "new"}, "An agent of the new generation is known by its name"),
        ({"temprature": 1}, "Unknown parameter: 'temprature'."),
        (
            {"name": "n", "generation": "new", "temprature": 1},
            "Unknown parameter: 'definition.temprature'.",
        ),
        ({"generation": "newer"}, "There is no generation 'newer': give 'classic' or 'new'."),
        ({"tools": [{"type": "no_such_tool"}]}, r"Invalid 'tools\[0\].type'"),
    ],
    ids=str,
)
def test_a_wrong_field_of_an_agent_is_a_value_error_that_names_it(
    fields: dict[str, Any], problem: str
) -> None:
    with pytest.raises(ValueError, match=f"^{problem}"):
        FoundryEmulator().create_agent(**fields)


def test_a_vector_store_of_unknown_files_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="assistant-gone"):
        FoundryEmulator().add_vector_store("assistant-gone")


MAKERS: dict[str, Callable[[FoundryEmulator], object]] = {
    "create_agent": lambda emulator: emulator.create_agent(),
    "create_agent (new)": lambda emulator: emulator.create_agent(name="a", generation="new"),
    "add_file": lambda emulator: emulator.add_file("x"),
    "add_vector_store": lambda emulator: emulator.add_vector_store(),
}


class _Clock(SeededClock):
    """A clock that knows who has looked at it: whoever makes something does."""

    def __init__(self) -> None:
        super().__init__()
        self.readers: set[str] = set()

    def __call__(self) -> float:
        self.readers.add(threading.current_thread().name)
        return super().__call__()


@pytest.mark.parametrize("name", MAKERS)
def test_state_is_changed_in_the_servers_thread(name: str) -> None:
    with FoundryEmulator() as emulator:
        emulator.service.state.clock = clock = _Clock()

        MAKERS[name](emulator)

    assert clock.readers == {"foundry-emulator"}


def test_a_model_may_use_the_emulator_that_it_answers_for(http: httpx.Client) -> None:
    """Asynchronous models run in the server's own thread, which must not wait for itself."""
    made: list[str] = []

    class Asking(ScriptedBrain):
        async def _astream(self, *args: Any, **kwargs: Any) -> Any:
            made.append(emulator.add_file("x"))
            for chunk in self._stream(*args, **kwargs):
                yield chunk

    with FoundryEmulator(Asking(turns=["Hi."])) as emulator:
        agent = emulator.create_agent()
        headers = {"Authorization": f"Bearer {emulator.credential}"}
        body = {"assistant_id": agent, "stream": True, "thread": {"messages": []}}
        url = f"{emulator.project_endpoint}/threads/runs"
        http.post(url, json=body, headers=headers).raise_for_status()

        assert [*emulator.service.state.files] == made


def test_a_stopped_emulator_can_be_changed_and_remembers_it() -> None:
    emulator = FoundryEmulator()
    with emulator:
        pass

    agent = emulator.create_agent()

    assert [*emulator.service.state.agents] == [agent]
