"""Messages and threads, shown: what stands where, in HTML and as text."""

from __future__ import annotations

import base64
import io
import sys
from contextlib import redirect_stdout
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from langchain_core.messages import AIMessage, AIMessageChunk, HumanMessage, ToolMessage

from langchain_foundry_agents import ChatFoundryAgent, InvalidFieldError, show
from langchain_foundry_agents.display import render, terminal
from langchain_foundry_agents.emulator import (
    Cite,
    FoundryEmulator,
    Reply,
    RunCode,
    ScriptedBrain,
    Steps,
)

PNG = b"\x89PNG\r\n\x1a\n and so on"
TOLD = {"model_provider": "azure_ai_foundry"}


def cited(text: str, *citations: dict[str, Any]) -> AIMessage:
    """An answer with citations; each names what it stands for."""
    notes = []
    for one in citations:
        shown = one.pop("shown")
        start = text.index(shown)
        place = {"start_index": start, "end_index": start + len(shown)}
        notes.append({"type": "citation", **place, **one})
    part = {"type": "text", "text": text, "annotations": notes}
    return AIMessage([part], response_metadata=TOLD)


def picture(**block: Any) -> AIMessage:
    return AIMessage([{"type": "image", **block}], response_metadata=TOLD)


def test_markdown_becomes_html() -> None:
    html = render(AIMessage("Some **bold** text.\n\n| a |\n|---|\n| 1 |")).html

    assert "<strong>bold</strong>" in html
    assert "<td>1</td>" in html


def test_what_the_user_said_is_shown_as_it_was_typed() -> None:
    html = render(HumanMessage("2 * 3 * 4\n# no heading")).html

    assert "2 * 3 * 4\n# no heading" in html


def test_markers_become_numbers_and_a_list_of_sources() -> None:
    web = {
        "shown": "【2】",
        "extras": {"marker": "【2】"},
        "url": "https://a.example",
        "title": "A",
    }
    file = {"shown": "【1】", "extras": {"marker": "【1】", "file_id": "file-1"}, "title": "b.pdf"}

    shown = render(cited("Wet【1】 and dry【2】.", file, web))

    assert shown.text == "Agent\nWet[1] and dry[2].\n[1] b.pdf file-1\n[2] A https://a.example"
    assert '<sup><a title="A" target="_blank"' in shown.html
    assert '<sup><span title="b.pdf">[1]</span></sup>' in shown.html


def test_a_source_that_is_cited_twice_has_one_number() -> None:
    source = {"url": "https://a.example", "title": "A"}

    shown = render(cited("One and two.", {"shown": "One", **source}, {"shown": "two", **source}))

    assert shown.text == "Agent\nOne[1] and two[1].\n[1] A https://a.example"


def test_footnotes_of_an_answer_are_not_shown_twice() -> None:
    text = "Wet[^1].\n\n[^1]: [A](https://a.example)"
    source = {"shown": "[^1]", "url": "https://a.example", "title": "A"}

    assert render(cited(text, source)).text == "Agent\nWet[1].\n[1] A https://a.example"


def test_a_link_to_a_file_of_the_agents_stays_whole() -> None:
    text = "Here: [data](sandbox:/mnt/data/a.csv)."
    source = {"shown": "sandbox:/mnt/data/a.csv", "title": "a.csv", "extras": {"file_id": "f-1"}}

    html = render(cited(text, source)).html

    assert '<a title="download(file_id) fetches it">data</a><sup><span title="a.csv">[1]' in html


def test_a_picture_is_shown_by_its_content() -> None:
    data = base64.b64encode(PNG).decode()

    html = render(picture(base64=data, mime_type="text/html")).html

    assert f'<img src="data:image/png;base64,{data}" alt="picture">' in html


@pytest.mark.parametrize(
    ("block", "remark"),
    [
        ({"base64": "PHN2Zz4=", "mime_type": "image/png"}, "not a picture that can be shown"),
        ({"base64": "!", "mime_type": "image/png"}, "not readable"),
        ({"file_id": "assistant-1"}, "give model=… to fetch it"),
    ],
    ids=["no picture", "no base64", "by its id"],
)
def test_what_cannot_be_shown_says_why(block: dict[str, Any], remark: str) -> None:
    shown = render(picture(**block))

    assert remark in shown.html
    assert "<img" not in shown.html


def test_a_remote_picture_is_a_link() -> None:
    html = render(picture(url="https://a.example/x.png")).html

    assert 'href="https://a.example/x.png"' in html
    assert "<img" not in html


def test_steps_and_calls_are_folded_with_their_ids() -> None:
    answer = AIMessage(
        [
            {
                "type": "server_tool_call",
                "id": "call_1",
                "name": "code_interpreter",
                "args": {"code": "print(1)"},
            },
            {
                "type": "server_tool_result",
                "tool_call_id": "call_1",
                "status": "error",
                "output": [{"type": "logs", "logs": "Boom"}],
            },
        ],
        tool_calls=[{"name": "add", "args": {"a": 1}, "id": "call_2", "type": "tool_call"}],
        response_metadata={**TOLD, "thread_id": "thread_1", "run_id": "run_1"},
        usage_metadata={"input_tokens": 1200, "output_tokens": 3, "total_tokens": 1203},
    )

    shown = render([answer, ToolMessage("2", tool_call_id="call_2")])

    assert shown.text.splitlines() == [
        "Agent",
        "⚙ code_interpreter: failed  print(1) → Boom",
        '⚙ calls add  { "a": 1 }',
        "thread thread_1 · run run_1 · 1,200 tokens in, 3 out",
        "",
        "Tool",
        "⚙ output of add  2",
    ]
    assert "<pre>print(1)</pre>" in shown.html
    for id_ in ("call_1", "call_2", "thread_1", "run_1"):
        assert f"<code>{id_}</code>" in shown.html


def test_a_long_output_is_cut() -> None:
    shown = render(ToolMessage("x" * 25_000, tool_call_id="call_1"))

    assert "… 5,000 more characters" in shown.html


def test_an_estimate_says_that_it_is_one() -> None:
    told = {**TOLD, "usage_source": "estimated", "finish_reason": "length"}
    used = {"input_tokens": 5, "output_tokens": 1, "total_tokens": 6}

    shown = render(AIMessageChunk(content="Hi", response_metadata=told, usage_metadata=used))

    assert shown.text == "Agent\nHi\nlength · ~5 tokens in, 1 out"


def test_what_is_no_message_is_refused() -> None:
    with pytest.raises(InvalidFieldError, match=r"A dict cannot be shown\. Give a message"):
        show([{"role": "user"}])  # type: ignore[list-item]


@pytest.fixture(params=["classic", "new"])
def model(request: pytest.FixtureRequest, emulator: FoundryEmulator) -> ChatFoundryAgent:
    named = emulator.create_agent(name="helper", generation=request.param)
    which = {"agent_id" if request.param == "classic" else "agent_name": named}
    return ChatFoundryAgent(**which, project_endpoint=emulator.project_endpoint)


def test_a_whole_thread_is_shown_by_its_id(
    model: ChatFoundryAgent, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = model.invoke("What is 17 * 23?")

    show(answer.response_metadata["thread_id"], model=model)

    said = capsys.readouterr().out
    assert "You\nWhat is 17 * 23?\n" in said
    assert "17 * 23 = 391." in said
    assert answer.response_metadata["run_id"] in said


def test_a_thread_is_read_by_the_agent_of_the_environment(
    model: ChatFoundryAgent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AZURE_AI_PROJECT_ENDPOINT", model.project_endpoint)
    variable = "AZURE_AI_AGENT_NAME" if model.is_new else "AZURE_AI_AGENT_ID"
    monkeypatch.setenv(variable, str(model.agent_name or model.agent_id))
    answer = model.invoke("What is 17 * 23?")

    assert "391" in render(answer.response_metadata["thread_id"]).text


@pytest.mark.parametrize("generation", ["classic", "new"])
def test_a_picture_that_code_drew_is_fetched_through_the_model(generation: Any) -> None:
    drawing = Steps(RunCode("draw()", "", PNG), Reply("There."))
    with FoundryEmulator(ScriptedBrain([drawing])) as emulator:
        tools = [{"type": "code_interpreter"}]
        named = emulator.create_agent(name="helper", generation=generation, tools=tools)
        which = {"agent_id" if generation == "classic" else "agent_name": named}
        model = ChatFoundryAgent(**which, project_endpoint=emulator.project_endpoint)
        answer = model.invoke("Draw")

        html = render(answer, model=model).html

    assert '<img src="data:image/png;base64,' in html


def test_sources_of_a_real_answer_are_listed() -> None:
    source = {"type": "citation", "url": "https://a.example", "title": "A"}
    with FoundryEmulator(ScriptedBrain([Cite("Water is wet.", source)])) as emulator:
        agent_id = emulator.create_agent(name="helper")
        model = ChatFoundryAgent(agent_id=agent_id, project_endpoint=emulator.project_endpoint)

        text = render(model.invoke("Wet?")).text

    assert "Water is wet.[1]\n[1] A https://a.example\n" in text


def test_a_notebook_is_given_html_and_text(monkeypatch: pytest.MonkeyPatch) -> None:
    displayed: list[Any] = []
    ipython, display = ModuleType("IPython"), ModuleType("IPython.display")
    vars(ipython).update(get_ipython=lambda: SimpleNamespace(kernel=None), display=display)
    vars(display).update(display=displayed.append)
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setitem(sys.modules, "IPython.display", display)

    show(AIMessage("Hi **there**"))

    bundle = displayed[0]._repr_mimebundle_()
    assert bundle["text/plain"] == "Agent\nHi **there**"
    assert "<strong>there</strong>" in bundle["text/html"]
    assert displayed[0]._repr_html_() == bundle["text/html"]


def test_a_terminal_is_given_plain_text_where_it_has_no_colours(
    capsys: pytest.CaptureFixture[str],
) -> None:
    show([HumanMessage("Hello"), AIMessage("Hi **there**")])

    assert capsys.readouterr().out == "You\nHello\n\nAgent\nHi **there**\n"


class Terminal(io.StringIO):
    """A terminal that keeps what was written."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("rich", [True, False], ids=["rich", "plain"])
def test_a_terminal_with_colours_is_drawn_on_by_rich(
    monkeypatch: pytest.MonkeyPatch, *, rich: bool
) -> None:
    pytest.importorskip("rich")
    monkeypatch.setenv("TERM", "xterm")
    if not rich:
        monkeypatch.setattr(terminal, "find_spec", lambda name: None)

    with redirect_stdout(Terminal()) as screen:
        show(AIMessage("Hi **there**, [click](https://a.example)"))

    if rich:
        assert "\x1b[1mthere\x1b[0m" in screen.getvalue()
        # Where a link leads is to be seen, and not only to be clicked.
        assert "https://a.example" in screen.getvalue()
        assert "\x1b]8;" not in screen.getvalue()
    else:
        assert screen.getvalue() == "Agent\nHi **there**, [click](https://a.example)\n"


def test_a_thread_is_named_once() -> None:
    told = {**TOLD, "thread_id": "thread_1"}
    answers = [AIMessage("a", response_metadata={**told, "run_id": f"run_{n}"}) for n in (1, 2)]

    assert render(answers).text == "Agent\na\nthread thread_1 · run run_1\n\nAgent\na\nrun run_2"
