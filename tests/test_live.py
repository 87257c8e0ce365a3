"""The line that shows what a turn does: where it is drawn, and that nothing of it stays."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import threading
from contextlib import redirect_stderr
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from langchain_foundry_agents import ChatFoundryAgent, FoundryAgentError, _live
from langchain_foundry_agents.emulator import FoundryEmulator

pytest.importorskip("rich")


class Terminal(io.StringIO):
    """A terminal that keeps what was written."""

    def isatty(self) -> bool:
        return True

    @property
    def words(self) -> str:
        """What was written, without what steers the terminal."""
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", self.getvalue())

    @property
    def screen(self) -> str:
        """What is to be seen in the end: what follows the last clearing of the line."""
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", self.getvalue().rpartition("\x1b[2K")[2])


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.setenv("TERM", "xterm")
    return Terminal()


@pytest.fixture(params=["classic", "new"])
def model(request: pytest.FixtureRequest, emulator: FoundryEmulator) -> ChatFoundryAgent:
    named = emulator.create_agent(name="helper", generation=request.param)
    which = {"agent_id" if request.param == "classic" else "agent_name": named}
    return ChatFoundryAgent(**which, project_endpoint=emulator.project_endpoint)


@pytest.mark.parametrize("how", ["field", "call", "bind"])
async def test_a_terminal_shows_the_step_and_then_nothing(
    model: ChatFoundryAgent, terminal: Terminal, how: str
) -> None:
    with redirect_stderr(terminal):
        match how:
            case "field":
                model.model_copy(update={"progress": True}).invoke("Hello")
            case "call":
                await model.ainvoke("Hello", progress=True)
            case _:
                model.bind(progress=True).invoke("Hello")

    assert "asking" in terminal.words
    assert "0:00:0" in terminal.words
    assert terminal.screen.strip() == ""


def test_off_nothing_is_shown(model: ChatFoundryAgent, terminal: Terminal) -> None:
    with redirect_stderr(terminal):
        model.invoke("Hello")

    assert terminal.getvalue() == ""


def test_the_line_is_gone_before_the_first_words_of_a_stream(
    model: ChatFoundryAgent, terminal: Terminal
) -> None:
    with redirect_stderr(terminal):
        chunks = model.stream("Hi", progress=True)
        seen = [terminal.screen.strip() for chunk in chunks if chunk.text]

    assert set(seen) == {""}
    assert "asking" in terminal.words


@pytest.mark.parametrize("way", ["stream", "astream"])
async def test_a_stream_that_is_left_leaves_no_line(
    model: ChatFoundryAgent, terminal: Terminal, way: str
) -> None:
    with redirect_stderr(terminal):
        if way == "stream":
            next(iter(model.stream("Hello", progress=True)))
        else:
            async for _ in model.astream("Hello", progress=True):
                break

    assert terminal.screen.strip() == ""


def test_a_turn_that_fails_leaves_no_line(emulator: FoundryEmulator, terminal: Terminal) -> None:
    model = ChatFoundryAgent(agent_id="asst_gone", project_endpoint=emulator.project_endpoint)

    with redirect_stderr(terminal), pytest.raises(FoundryAgentError):
        model.invoke("Hello", progress=True)

    assert "asking" in terminal.words
    assert terminal.screen.strip() == ""


def test_turns_at_the_same_time_have_a_line_each_and_leave_none(
    model: ChatFoundryAgent, terminal: Terminal
) -> None:
    before = threading.active_count()

    with redirect_stderr(terminal):
        answers = model.batch(["One", "Two", "Three"], progress=True)

    assert len(answers) == 3
    assert terminal.screen.strip() == ""
    # What drew them is gone, too.
    assert _live._board()._progress is None
    assert threading.active_count() <= before + 1


def test_what_is_no_terminal_gets_nothing(
    model: ChatFoundryAgent, capsys: pytest.CaptureFixture[str]
) -> None:
    model.invoke("Hello", progress=True)

    assert capsys.readouterr() == ("", "")


def test_without_rich_a_warning_says_how_to_get_it(
    model: ChatFoundryAgent, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_live, "find_spec", lambda name: None)

    says = pytest.warns(UserWarning, match=r"pip install 'langchain-foundry-agents\[display\]'")
    with redirect_stderr(terminal), says:
        answer = model.invoke("What is 17 * 23?", progress=True)

    assert answer.text == "17 * 23 = 391."


def test_a_notebook_shows_the_step_in_a_display_that_is_empty_in_the_end(
    model: ChatFoundryAgent, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[str] = []

    def update(bundle: dict[str, str], *, raw: bool, **more: Any) -> SimpleNamespace:
        assert raw
        shown.append(bundle["text/plain"])
        assert bool(bundle["text/html"]) == bool(bundle["text/plain"])
        return SimpleNamespace(update=update)

    ipython, display = ModuleType("IPython"), ModuleType("IPython.display")
    vars(ipython).update(get_ipython=lambda: SimpleNamespace(kernel=None))
    vars(display).update(display=update)
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setitem(sys.modules, "IPython.display", display)

    model.invoke("Hello", progress=True)

    assert shown[0] == "asking · 0 s"
    assert shown[-1] == ""
    assert len(shown) == len(set(shown))


@pytest.mark.slow
def test_off_nothing_that_draws_is_imported() -> None:
    script = """
import sys
from langchain_foundry_agents import ChatFoundryAgent
from langchain_foundry_agents.emulator import FoundryEmulator
with FoundryEmulator() as emulator:
    agent_id = emulator.create_agent(name="helper")
    ChatFoundryAgent(agent_id=agent_id, project_endpoint=emulator.project_endpoint).invoke("Hi")
loaded = [name for name in sys.modules if name.split(".")[0] in ("IPython", "markdown_it")]
assert not loaded and "langchain_foundry_agents.display" not in sys.modules, loaded
"""
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)
