"""`foundry-agents threads`: what the service keeps, listed and deleted."""

from __future__ import annotations

import json
import shlex
import signal
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from canned import CannedService, Reply, json_reply

from langchain_foundry_agents import ChatFoundryAgent
from langchain_foundry_agents.cli import main
from langchain_foundry_agents.cli.threads import line
from langchain_foundry_agents.emulator import FoundryEmulator

Cli = Callable[[str], tuple[int, str, str]]

_DAY = 86_400
_DELETED = json_reply({"deleted": True})
_GONE = json_reply({"error": {"message": "No thread found."}}, 404)
_FORBIDDEN = json_reply({"error": {"message": "Not yours."}}, 403)


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str]) -> Iterator[Cli]:
    """Runs a command: its exit code, stdout and stderr."""
    terminate = signal.getsignal(signal.SIGTERM)

    def run(arguments: str) -> tuple[int, str, str]:
        try:
            code = main(["threads", *shlex.split(arguments)])
        except SystemExit as bad_usage:
            code = int(str(bad_usage.code))
        out, err = capsys.readouterr()
        return code, out, err

    yield run
    signal.signal(signal.SIGTERM, terminate)


@pytest.fixture
def project(emulator: FoundryEmulator, monkeypatch: pytest.MonkeyPatch) -> FoundryEmulator:
    """A service whose project the environment names."""
    monkeypatch.setenv("AZURE_AI_PROJECT_ENDPOINT", emulator.project_endpoint)
    return emulator


def thread(number: int, days: float | None, **metadata: str) -> dict[str, Any]:
    """A thread that began so many days ago."""
    born = None if days is None else int(time.time() - days * _DAY)
    return {"id": f"thread_{number}", "created_at": born, "metadata": metadata}


def service(*replies: Reply, kept: list[dict[str, Any]]) -> CannedService:
    """A service that keeps these threads, and answers other requests with the replies."""
    page = {"object": "list", "data": kept, "has_more": False}
    return CannedService(*replies, found={"GET /threads": json_reply(page)})


def answered(emulator: FoundryEmulator, **agent: Any) -> str:
    """The thread, or conversation, in which an agent of the emulator answered."""
    model = ChatFoundryAgent(project_endpoint=emulator.project_endpoint, **agent)
    return str(model.invoke("Hello").response_metadata["thread_id"])


def ids(printed: str) -> list[str]:
    return [one.split()[0] for one in printed.splitlines()]


def four() -> list[Any]:
    """Threads of now, of days and of a year ago, and of no time."""
    return [
        thread(1, 0, user="ana", team="a"),
        thread(20, 2.5, note="two words", user="bob"),
        thread(30, 400.5),
        thread(40, None, user="ana", team="b"),
    ]


def test_a_list_has_an_aligned_line_for_each_thread(cli: Cli) -> None:
    first, second = thread(10, 0.1, user="ana", team="a"), thread(20, 2.5, note="two words")

    with service(kept=[first, second, thread(30, 400.5)]) as running:
        code, out, err = cli(f"list --generation classic --endpoint {running.url}")

    assert (code, err) == (0, "3 threads\n")
    assert out == (
        "thread_10   2h  user=ana  team=a\nthread_20   2d  note='two words'\nthread_30 400d\n"
    )


@pytest.mark.parametrize(
    ("born", "age"),
    [
        (999_941, "59s"),
        (999_939.5, "1m"),
        (996_400, "1h"),
        (827_201, "1d"),
        (1_000_090, "0s"),
        (None, "?"),
    ],
)
def test_an_age_is_told_in_the_largest_unit_that_it_fills(born: float | None, age: str) -> None:
    assert line({"id": "thread_1", "created_at": born}, 1_000_000.0) == f"thread_1{age:>5}"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("Grüße", "Grüße"),
        ("", ""),
        ("a b", "'a b'"),
        ("a\nthread_9", r"'a\nthread_9'"),
        ("\x1b[2J", r"'\x1b[2J'"),
        ("\x9b2J", r"'\x9b2J'"),
    ],
)
def test_metadata_cannot_break_lines_nor_write_on_the_terminal(value: str, shown: str) -> None:
    listed = {"id": "thread_1", "created_at": 1, "metadata": {"note": value}}

    assert line(listed, 1.0) == f"thread_1   0s  note={shown}"


def test_a_thread_that_tells_nothing_but_its_id_is_listed() -> None:
    assert line({"id": "thread_1", "created_at": "today", "metadata": []}, 1.0) == "thread_1    ?"


def test_the_pair_by_which_a_turn_finds_its_thread_again_is_not_shown(
    cli: Cli, project: FoundryEmulator
) -> None:
    made = answered(project, agent_id=project.create_agent(), thread_metadata={"user": "ana"})

    _, out, _ = cli("list --generation classic")

    (kept,) = project.service.state.threads.values()
    assert [*kept.metadata] == ["user", "langchain_foundry_agents_turn"]
    assert out.split()[::2] == [made, "user=ana"]


@pytest.mark.parametrize(
    ("choice", "chosen"),
    [
        ("", ["thread_1", "thread_20", "thread_30", "thread_40"]),
        ("--older-than 90s", ["thread_20", "thread_30"]),
        ("--older-than 15m", ["thread_20", "thread_30"]),
        ("--older-than 60h", ["thread_20", "thread_30"]),
        ("--older-than 3d", ["thread_30"]),
        ("--older-than 57w", ["thread_30"]),
        ("--older-than 58w", []),
        ("--metadata user=ana", ["thread_1", "thread_40"]),
        ("--metadata user=ana --metadata team=b", ["thread_40"]),
        ("--metadata user=ana --metadata user=bob", []),
        ("--metadata 'note=two words'", ["thread_20"]),
        ("--metadata user=", []),
        ("--older-than 1d --metadata user=bob", ["thread_20"]),
        ("--limit 1", ["thread_1"]),
        ("--limit 1 --metadata user=bob", ["thread_20"]),
    ],
)
def test_what_fits_is_listed(cli: Cli, choice: str, chosen: list[str]) -> None:
    with service(kept=four()) as running:
        code, out, _ = cli(f"list --generation classic --endpoint {running.url} {choice}")

    assert (code, ids(out)) == (0, chosen)


def test_a_limit_that_cuts_the_list_is_told(cli: Cli) -> None:
    with service(kept=four()) as running:
        _, _, err = cli(f"list --generation classic --endpoint {running.url} --limit 1")

    assert err == "1 thread (--limit)\n"


def test_json_is_a_line_for_each_and_nothing_else(cli: Cli) -> None:
    threads = four()
    with service(kept=threads) as running:
        code, out, err = cli(f"list --generation classic --endpoint {running.url} --json")

    assert (code, err) == (0, "")
    assert [json.loads(one) for one in out.splitlines()] == threads


def test_pruning_deletes_what_fits_and_says_which_and_how_many(cli: Cli) -> None:
    with service(_DELETED, _DELETED, kept=four()) as running:
        done = cli(f"prune --generation classic --endpoint {running.url} --older-than 2d")

    lines = "thread_20   2d  note='two words'  user=bob\nthread_30 400d\n"
    assert done == (0, lines, "2 of 4 threads deleted.\n")
    assert running.routes == [
        "GET /threads",
        "DELETE /threads/thread_20",
        "DELETE /threads/thread_30",
    ]


def test_a_dry_run_says_the_same_and_deletes_nothing(cli: Cli) -> None:
    with service(kept=four()) as running:
        done = cli(f"prune --generation classic --endpoint {running.url} --older-than 2d --dry-run")

    lines = "thread_20   2d  note='two words'  user=bob\nthread_30 400d\n"
    assert done == (0, lines, "2 of 4 threads would be deleted.\n")
    assert running.routes == ["GET /threads"]


def test_a_thread_that_is_gone_meanwhile_is_passed_over(cli: Cli) -> None:
    with service(_GONE, _DELETED, kept=four()) as running:
        code, out, err = cli(f"prune --generation classic --endpoint {running.url} --older-than 2d")

    assert (code, ids(out)) == (0, ["thread_30"])
    assert err == "1 of 4 threads deleted, 1 gone already.\n"


def test_another_error_stops_the_pruning_and_says_how_far_it_came(cli: Cli) -> None:
    kept = [thread(number, 40) for number in (1, 2, 3, 4)]

    with service(_DELETED, _GONE, _FORBIDDEN, kept=kept) as running:
        code, out, err = cli(f"prune --generation classic --endpoint {running.url} --older-than 2d")

    assert (code, ids(out)) == (1, ["thread_1"])
    told, error = err.splitlines()
    assert told == "1 of 4 threads deleted, 1 gone already, 2 still to delete."
    assert error.startswith("foundry-agents: The service refused the request: Not yours. [")
    assert "thread thread_3" in error


def test_an_id_that_is_none_never_enters_a_path(cli: Cli) -> None:
    kept = [{"id": "../assistants/asst_1", "created_at": 0}]

    with service(kept=kept) as running:
        code, _, err = cli(f"prune --generation classic --endpoint {running.url} --older-than 2d")

    assert (code, running.routes) == (1, ["GET /threads"])
    assert "'../assistants/asst_1' is not the id of a thread" in err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("", "required: <command>"),
        ("prune --generation new", "say what to delete: --older-than, --metadata, or both"),
        ("prune --dry-run", "say what to delete"),
        ("prune --older-than 30", "'30' is no age: give 90s, 15m, 12h, 30d or 4w"),
        ("prune --older-than 0d", "'0d' is no age"),
        ("prune --older-than -1d", "expected one argument"),
        ("prune --older-than d", "'d' is no age"),
        ("prune --metadata user", "'user' is no metadata: give KEY=VALUE"),
        ("prune --metadata =ana", "'=ana' is no metadata"),
        ("list --limit 0", "'0' is no number of threads: give 1 or more"),
        ("list --agent-name support --generation new", "not allowed with argument"),
        ("list --generation old", "choose from "),
    ],
)
def test_bad_usage_is_told_before_any_request(
    cli: Cli, project: FoundryEmulator, arguments: str, said: str
) -> None:
    code, _, err = cli(arguments)

    assert (code, project.requests) == (2, [])
    assert said in err


@pytest.mark.parametrize("command", ["", "list", "prune"])
def test_help_has_examples(cli: Cli, command: str) -> None:
    code, out, _ = cli(f"{command} --help")

    assert code == 0
    assert "examples:\n  foundry-agents threads " in out


def test_a_generation_means_all_of_the_project_whatever_the_environment_names(
    cli: Cli, project: FoundryEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    classic = answered(project, agent_id=project.create_agent())
    mine, others = (
        answered(project, agent_name=project.create_agent(name=name, generation="new"))
        for name in ("support", "other")
    )
    monkeypatch.setenv("AZURE_AI_AGENT_NAME", "support")

    assert ids(cli("list")[1]) == [mine]
    assert ids(cli("list --generation new")[1]) == [others, mine]
    assert ids(cli("list --generation classic")[1]) == [classic]
    assert ids(cli("list --agent-name other")[1]) == [others]
    assert ids(cli("list --agent-id asst_1")[1]) == [classic]


def test_an_agents_conversations_are_pruned_and_no_others(
    cli: Cli, project: FoundryEmulator
) -> None:
    mine, others = (
        answered(
            project,
            agent_name=project.create_agent(name=name, generation="new"),
            thread_metadata={"env": "test"},
        )
        for name in ("support", "other")
    )

    code, out, err = cli("prune --agent-name support --metadata env=test")

    assert (code, ids(out), err) == (0, [mine], "1 of 1 conversation deleted.\n")
    assert [*project.service.state.conversations] == [others]


def test_without_an_agent_a_generation_is_asked_for(cli: Cli, project: FoundryEmulator) -> None:
    code, out, err = cli("list")

    assert (code, out) == (1, "")
    assert err == (
        "foundry-agents: No agent is given. Say --generation new or classic for all of the "
        "project, or name an agent: --agent-name or --agent-id.\n"
    )


def test_an_agent_that_is_none_is_told_as_by_the_other_commands(
    cli: Cli, project: FoundryEmulator
) -> None:
    code, _, err = cli("list --agent-id support")

    assert code == 1
    assert err.startswith("foundry-agents: 'support' is not the id of a classic agent")
