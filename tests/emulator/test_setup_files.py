"""Agents and scripts in files, and what is said of mistakes in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from langchain_foundry_agents.emulator import (
    AskApproval,
    AskConsent,
    CallTools,
    Cite,
    CutShort,
    Draw,
    Fail,
    FoundryEmulator,
    Refuse,
    Reply,
    RunCode,
    ShowEvent,
    ShowItem,
    Steps,
    Think,
)
from langchain_foundry_agents.emulator.setup_files import create_agents, read_script

if TYPE_CHECKING:
    from pathlib import Path

SCRIPT = """
- Plain.
- reply: Said.
- call_tools: [{name: f, args: {a: 1}}, {name: g}]
- run_code: {code: print(1), logs: "1"}
- steps: [{think: Hm.}, {refuse: No.}]
- fail: {code: x, message: y}
- cut_short: {text: Half, reason: content_filter}
- cut_short: Half
- ask_approval: {server_label: s, name: n, arguments: {a: 1}, output: o}
- ask_consent: {server_label: s, link: https://a.example}
- cite: {text: a, citations: [{url: https://a.example}]}
- draw: aGk=
- show_item: {type: new_item}
- show_event: {type: keepalive}
- {type: server_tool_call, id: "1", name: openapi, args: {}}
"""
TURNS = [
    "Plain.",
    Reply("Said."),
    CallTools(("f", {"a": 1}), ("g", {})),
    RunCode("print(1)", "1"),
    Steps(Think("Hm."), Refuse("No.")),
    Fail("x", "y"),
    CutShort("Half", "content_filter"),
    CutShort("Half"),
    AskApproval("s", "n", {"a": 1}, "o"),
    AskConsent("s", "https://a.example"),
    Cite("a", {"url": "https://a.example"}),
    Draw(b"hi"),
    ShowItem({"type": "new_item"}),
    ShowEvent({"type": "keepalive"}),
    {"type": "server_tool_call", "id": "1", "name": "openapi", "args": {}},
]


def test_every_kind_of_turn_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "turns.yaml").write_text(SCRIPT)

    assert read_script(tmp_path / "turns.yaml") == TURNS


def test_json_is_read_too(tmp_path: Path) -> None:
    (tmp_path / "turns.json").write_text('{"turns": ["One.", {"fail": {}}]}')

    assert read_script(tmp_path / "turns.json") == ["One.", Fail()]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "- a\n- steps:\n  - repli: b\n",
            "line 3, [1].steps[0].repli: There is no 'repli' here. Did you mean 'reply'?",
        ),
        ("- reply: yes\n", "line 1, [0].reply: A text is expected, not True."),
        (
            "- a\n-\n  reply: a\n  fail: {}\n",
            "line 3, [1]: A turn has one key, this has reply, fail",
        ),
        ("- ask_approval:\n    name: n\n", "line 1, [0].ask_approval: 'server_label' is missing."),
        ("- draw: '*'\n", "line 1, [0].draw: A picture is a PNG file in base64."),
        ("turns: a\n", "line 1, turns: A script is a list of turns."),
        ("", "line 1: A script is a list of turns."),
        ("- [a\n", "line 2: expected ',' or ']'"),
    ],
)
def test_a_mistake_in_a_script_is_told_with_line_and_key(
    tmp_path: Path, text: str, problem: str
) -> None:
    path = tmp_path / "turns.yaml"
    path.write_text(text)

    with pytest.raises(ValueError, match=r"turns\.yaml") as caught:
        read_script(path)

    assert str(caught.value).removeprefix(str(path)).removeprefix(", ").startswith(problem)


def test_agents_of_both_generations_are_made_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "agents.yaml"
    path.write_text("agents:\n- {name: a, generation: new}\n- {name: b, tools: []}\n")
    emulator = FoundryEmulator()

    name, agent_id = create_agents(emulator, path)

    assert (name, [*emulator.service.state.agents]) == ("a", [agent_id])


def test_a_mistake_in_agents_is_told_with_line_and_key(tmp_path: Path) -> None:
    path = tmp_path / "agents.yaml"
    path.write_text("- name: a\n  generation: new\n\n- name: b\n  temprature: 1\n")

    with pytest.raises(ValueError, match=r"line 4, \[1\]: Unknown parameter: 'temprature'\.$"):
        create_agents(FoundryEmulator(), path)
