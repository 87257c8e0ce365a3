"""`foundry-agents` as its users meet it: arguments, pipes, a terminal, signals."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import AIMessageChunk

from langchain_foundry_agents.cli import main
from langchain_foundry_agents.cli.printing import Tally
from langchain_foundry_agents.emulator import FoundryEmulator

pytestmark = pytest.mark.slow

_COMMAND = [sys.executable, "-m", "langchain_foundry_agents.cli"]
_LONG = "Please count to 10000"
_IDS_AND_USAGE = r"thread thread_\w+ · run run_\w+ · 9 tokens in, 5 out"

Cli = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def cli(emulator: FoundryEmulator) -> Cli:
    """Runs `foundry-agents` to its end, in an environment that names an agent of the emulator."""
    named = {**os.environ, **_named(emulator)}
    settings: Any = {"capture_output": True, "encoding": "utf-8", "timeout": 30}

    def run(*arguments: str, stdin: str = "", **environment: str) -> Any:
        env = {**named, **environment}
        command = [*_COMMAND, *arguments]
        return subprocess.run(command, input=stdin, env=env, check=False, **settings)

    return run


@pytest.fixture
def slow_emulator() -> Iterator[FoundryEmulator]:
    """An emulator that takes minutes for a long answer."""
    with FoundryEmulator(chunk_delay=0.02) as running:
        yield running


@pytest.fixture(autouse=True)
def signals() -> Iterator[None]:
    """Children react to Ctrl-C even where the tests run in a shell's background."""
    interrupt = signal.signal(signal.SIGINT, signal.default_int_handler)
    terminate = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGINT, interrupt)
    signal.signal(signal.SIGTERM, terminate)


def _named(emulator: FoundryEmulator) -> dict[str, str]:
    return {
        "AZURE_AI_PROJECT_ENDPOINT": emulator.project_endpoint,
        "AZURE_AI_AGENT_ID": emulator.create_agent(instructions="You are helpful."),
        "PYTHONUTF8": "1",
    }


@contextmanager
def _started(*arguments: str, **environment: str) -> Iterator[Any]:
    pipes: Any = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    environment = {**os.environ, **environment}
    with subprocess.Popen([*_COMMAND, *arguments], env=environment, **pipes) as process:
        try:
            yield process
        finally:
            process.kill()


def _last_status(emulator: FoundryEmulator) -> str:
    """What became of the run, once a cancellation has come through."""
    ((run,),) = (thread.runs for thread in emulator.service.state.threads.values())
    while run.status == "cancelling":
        continue
    return run.status


def test_ask_prints_the_answer_to_stdout_and_ids_and_usage_to_stderr(cli: Cli) -> None:
    result = cli("ask", "What is 17 * 23?")

    assert (result.returncode, result.stdout) == (0, "17 * 23 = 391.\n")
    assert re.fullmatch(_IDS_AND_USAGE, result.stderr.strip())


@pytest.mark.parametrize(
    ("arguments", "answer", "streams"),
    [
        ("'What is 2 + 2?' --emulator", "2 + 2 = 4.", []),
        ("'What is 2 + 2?' --poll", "2 + 2 = 4.", [False]),
        ("", 'You said: "Grüße, 世界".', [True]),
        ("-", 'You said: "Grüße, 世界".', [True]),
        ("'Your instructions?' --instructions A", 'My instructions are: "A".', [True]),
    ],
    ids=["own emulator", "poll", "pipe", "stdin", "instructions"],
)
def test_ask_asks_as_it_is_told_to(
    cli: Cli, emulator: FoundryEmulator, arguments: str, answer: str, streams: list[bool]
) -> None:
    result = cli("ask", *shlex.split(arguments), stdin="Grüße, 世界\n")

    assert (result.returncode, result.stdout) == (0, f"{answer}\n")
    posts = [request.body for request in emulator.requests if request.method == "POST"]
    assert [body["stream"] for body in posts] == streams


def test_json_is_one_object_and_nothing_else(cli: Cli) -> None:
    result = cli("ask", "What is 17 * 23?", "--json")

    report = json.loads(result.stdout)
    assert result.stderr == ""
    assert list(report) == ["content", "thread_id", "run_id", "usage", "finish_reason", "metadata"]
    assert (report["content"], report["finish_reason"]) == ("17 * 23 = 391.", "stop")
    assert (report["thread_id"][:7], report["run_id"][:4]) == ("thread_", "run_")
    assert (report["usage"]["input_tokens"], report["usage"]["output_tokens"]) == (9, 5)


def test_flags_win_over_the_environment(cli: Cli, emulator: FoundryEmulator) -> None:
    other = emulator.create_agent()
    flags = ("--agent-id", other, "--endpoint", emulator.project_endpoint)
    cli("ask", "Hello", *flags, AZURE_AI_PROJECT_ENDPOINT="nonsense")

    assert [request.body["assistant_id"] for request in emulator.requests] == [other]


def test_a_thread_is_gone_on_in(cli: Cli) -> None:
    first = json.loads(cli("ask", "What is 2 + 2?", "--json").stdout)

    result = cli("ask", "And before?", "--thread-id", first["thread_id"])

    assert result.stdout.endswith(' the last was: "What is 2 + 2?".\n')


def test_chat_asks_all_questions_in_one_thread(cli: Cli, emulator: FoundryEmulator) -> None:
    result = cli("chat", "What is 2?", "Before?")

    (thread_id,) = emulator.service.state.threads
    assert result.stdout.splitlines() == [
        "you    What is 2?",
        'agent  You said: "What is 2?".',
        "",
        "you    Before?",
        'agent  You said: "Before?". Before that you asked 1 question, the last was: "What is 2?".',
        "",
        f"thread {thread_id} · 2 answers · 23 tokens in, 30 out",
    ]
    routes = [request.route for request in emulator.requests]
    assert routes == ["/threads/runs", f"/threads/{thread_id}/runs"]


def test_chat_reads_questions_from_a_pipe_line_by_line(cli: Cli) -> None:
    result = cli("chat", "--json", stdin="What is 2 + 2?\nWhat is 3 + 3?\n\nNot asked\n")

    first, second = map(json.loads, result.stdout.splitlines())
    assert (first["content"], second["content"][:10]) == ("2 + 2 = 4.", "3 + 3 = 6.")
    assert second["thread_id"] == first["thread_id"]


@pytest.mark.parametrize(
    ("environment", "agent"),
    [({"TERM": "xterm"}, "\033[1magent\033[0m  "), ({"NO_COLOR": "1"}, "agent  ")],
)
def test_in_a_terminal_chat_prompts_until_an_empty_line(
    emulator: FoundryEmulator, environment: dict[str, str], agent: str
) -> None:
    import pty

    ours, theirs = pty.openpty()
    environment = {**os.environ, **_named(emulator), **environment}
    os.write(ours, b"What is 17 * 23?\n\n")
    terminal: Any = dict.fromkeys(("stdin", "stdout", "stderr"), theirs)
    subprocess.run([*_COMMAND, "chat"], env=environment, check=True, **terminal)
    shown = os.read(ours, 65_536).decode().replace("\r\n", "\n")
    os.close(ours)
    os.close(theirs)

    assert f"{agent}17 * 23 = 391.\n" in shown
    assert re.search(_IDS_AND_USAGE, shown)


def test_the_last_line_says_what_is_peculiar() -> None:
    answer = AIMessageChunk(
        content=["Look:", {"type": "image", "file_id": "assistant-1", "index": 1}],
        response_metadata={"finish_reason": "length", "usage_source": "estimated"},
        usage_metadata={"input_tokens": 14, "output_tokens": 9, "total_tokens": 23},
    )

    assert Tally().add(answer).line().endswith("tokens estimated · cut short: length · holds image")


@pytest.mark.parametrize(
    ("flag", "said"),
    [
        ("--thread-id=thread_gone", "No thread found with id 'thread_gone'."),
        ("--thread-id=../x", "'../x' is not the id of a thread"),
        ("--agent-id=WeatherAgent", "'WeatherAgent' is not the id of a classic agent"),
        ("--endpoint=http://127.0.0.1:1/api/projects/p", "The connection to 127.0.0.1 failed"),
    ],
)
def test_an_error_is_told_without_a_traceback(cli: Cli, flag: str, said: str) -> None:
    result = cli("ask", "Hello", flag)

    assert (result.returncode, result.stdout) == (1, "")
    assert re.fullmatch(f"foundry-agents: .*{re.escape(said)}.*\n", result.stderr)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ("", 2, "required: <command>"),
        ("ask --emulator ''", 2, "there is no question"),
        ("ask Hello --emulator --agent-id asst_1", 2, "leave --agent-id and --endpoint out"),
        ("emulator --port 65536", 2, "'65536' is no port: give a number up to 65535"),
        ("ask --help", 0, "examples:\n  foundry-agents ask "),
        ("chat --help", 0, "examples:\n  foundry-agents chat "),
        ("doctor --help", 0, "examples:\n  foundry-agents doctor "),
        ("emulator --help", 0, "examples:\n  foundry-agents emulator "),
        ("--version", 0, "foundry-agents 0.1.0\n"),
    ],
)
def test_bad_usage_is_told_and_every_command_has_help_with_an_example(
    capsys: pytest.CaptureFixture[str], arguments: str, code: int, said: str
) -> None:
    with pytest.raises(SystemExit, match=str(code)):
        main(shlex.split(arguments))

    assert said in "".join(capsys.readouterr())


def test_a_proxy_in_the_environment_does_not_stand_before_the_emulator(cli: Cli) -> None:
    result = cli("ask", "What is 17 * 23?", "--emulator", HTTP_PROXY="http://127.0.0.1:1")

    assert result.stdout == "17 * 23 = 391.\n"


def test_a_question_that_is_no_unicode_is_no_traceback(cli: Cli) -> None:
    assert "Traceback" not in cli("ask", "\udcff").stderr


@pytest.mark.parametrize(
    ("command", "number", "code"),
    [("ask", signal.SIGINT, 130), ("chat", signal.SIGINT, 130), ("ask", signal.SIGTERM, 143)],
)
def test_a_signal_in_the_middle_of_an_answer_leaves_no_run_and_no_traceback(
    slow_emulator: FoundryEmulator, command: str, number: signal.Signals, code: int
) -> None:
    with _started(command, _LONG, **_named(slow_emulator)) as process:
        next(one for one in iter(partial(process.stdout.read, 1), b"") if one == b"2")
        process.send_signal(number)
        _, errors = process.communicate(timeout=20)

    assert (process.returncode, errors) == (code, b"")
    assert _last_status(slow_emulator) == "cancelled"


def test_ctrl_c_ends_an_answer_of_its_own_emulator_without_a_traceback() -> None:
    with _started("ask", _LONG, "--emulator") as process:
        process.stdout.read(1)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=20)

    assert (process.returncode, errors) == (130, b"")


def test_a_reader_that_leaves_leaves_no_run_behind(slow_emulator: FoundryEmulator) -> None:
    with _started("ask", _LONG, **_named(slow_emulator)) as process:
        process.stdout.read(1)
        process.stdout.close()
        errors = process.stderr.read()

    assert (process.returncode, errors) == (141, b"")
    assert _last_status(slow_emulator) == "cancelled"


def _ready(process: Any) -> dict[str, str]:
    """The variables that the emulator tells to export."""
    exported = {"AZURE_AI_AGENT_ID": ""}
    for line in process.stdout:
        exported.update(re.findall(r"export (\w+)=(\S+)", line.decode()))
        if len(exported) == 3:
            return exported
    raise AssertionError(process.stderr.read())


def test_the_emulator_tells_how_to_use_it_and_ctrl_c_stops_it(cli: Cli) -> None:
    with _started("emulator", "--port", "0", "--instructions", "Be brief.") as process:
        result = cli("ask", "What are your instructions?", **_ready(process))
        process.send_signal(signal.SIGINT)
        rest, errors = process.communicate(timeout=20)

    assert result.stdout == 'My instructions are: "Be brief.".\n'
    assert (process.returncode, errors) == (0, b"")
    assert rest.strip() == b"The emulator has stopped."


def test_a_port_that_is_taken_is_told(cli: Cli) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        result = cli("emulator", "--port", port)

    assert (result.returncode, result.stdout) == (1, "")
    assert f"Port {port} cannot be used" in result.stderr


@pytest.mark.parametrize(
    ("package", "arguments", "said"),
    [
        ("langchain", ("emulator", "--model", "openai:gpt-4o"), "pip install langchain "),
        ("starlette", ("ask", "Hello", "--emulator"), '"langchain-foundry-agents[emulator]"'),
    ],
)
def test_a_package_that_is_missing_is_named(
    cli: Cli, tmp_path: Path, package: str, arguments: tuple[str, ...], said: str
) -> None:
    stand_in = f"raise ModuleNotFoundError('No module named {package}', name='{package}')"
    (tmp_path / f"{package}.py").write_text(stand_in)

    result = cli(*arguments, PYTHONPATH=str(tmp_path))

    assert (result.returncode, result.stdout) == (1, "")
    assert re.match(f"foundry-agents: .*{re.escape(said)}", result.stderr)


def test_a_model_of_langchains_answers_behind_the_emulator(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "langchain").mkdir()
    (tmp_path / "langchain" / "__init__.py").touch()
    (tmp_path / "langchain" / "chat_models.py").write_text(
        "from langchain_core.language_models import FakeListChatModel\n"
        "def init_chat_model(name):\n"
        "    return FakeListChatModel(responses=['I am ' + name])\n"
    )

    with _started("emulator", "--port", "0", "--model", "a:b", PYTHONPATH=f"{tmp_path}") as process:
        result = cli("ask", "Who are you?", **_ready(process))

    assert result.stdout == "I am a:b\n"
