"""Files of a turn: uploaded and attached; their names are looked up; and they are downloaded."""

from __future__ import annotations

from dataclasses import replace

import pytest

from langchain_foundry_agents._flow.effects import (
    JSON,
    Abandoned,
    Emit,
    Event,
    Heard,
    OutOfTime,
    Pause,
    Renew,
    Send,
)
from langchain_foundry_agents._flow.progress import Ask, Outcome, Policy
from langchain_foundry_agents._flow.threads_api import ThreadsApi
from langchain_foundry_agents._flow.turn import run_turn
from langchain_foundry_agents.errors import (
    BadRequestError,
    FoundryAgentError,
    ProtocolError,
    Response,
)

from .player import (
    AGENT,
    ANSWERED,
    API,
    END,
    FIRST,
    HELLO,
    LOOK,
    OK,
    OPEN_FIRST,
    SOME_TEXT,
    STREAM,
    V1,
    Step,
    answered,
    heard,
    leave,
    message,
    play,
    read_whole,
    refused,
    run,
    run_event,
    upload,
)
from .tools import opened

CODE, SEARCH, ADD = (
    {"type": "code_interpreter"},
    {"type": "file_search"},
    {"type": "function", "function": {"name": "add"}},
)
TABLE, PAGE = ("a.csv", b"1,2", "text/csv"), ("b.html", b"<p>", "text/html")


def bringing(*attachments: JSON) -> JSON:
    return {"role": "user", "content": "See", "attachments": [*attachments]}


def message_of(text: str) -> JSON:
    return {"role": "user", "content": text}


def attached(file_id: str, *tools: JSON) -> JSON:
    return {"file_id": file_id, "tools": [*tools]}


def asking(*messages: JSON) -> Ask:
    return Ask(messages, lambda: messages, "thread_1")


@pytest.mark.parametrize(
    ("agents", "readers"),
    [
        ([CODE], [CODE]),
        ([SEARCH, ADD], [SEARCH]),
        ([SEARCH, CODE], [CODE, SEARCH]),
        ([{"type": "file_search", "file_search": {"max_num_results": 3}}], [SEARCH]),
    ],
    ids=["code", "search", "both", "with settings"],
)
def test_a_file_is_uploaded_and_attached_for_the_agents_tools_that_read_files(
    agents: list[JSON], readers: list[JSON]
) -> None:
    outcome = play(
        run_turn(API, asking(bringing({"file": TABLE})), STREAM),
        (AGENT, answered({"id": "asst_1", "tools": agents})),
        (
            Send(
                "POST",
                "/files",
                {"purpose": "assistants"},
                (("api-version", "v1"),),
                repeatable=True,
                fresh_for=3600.0,
                file=("a.csv", b"1,2", "text/csv"),
            ),
            answered({"id": "file_1"}),
        ),
        (opened(bringing(attached("file_1", *readers))), OK),
        *ANSWERED,
    )

    assert outcome == Outcome(run("completed"))


def test_files_keep_their_order_and_their_messages() -> None:
    play(
        run_turn(
            API,
            asking(
                HELLO, bringing({"file": TABLE}, {"file_id": "file_8"}), bringing({"file": PAGE})
            ),
            STREAM,
        ),
        (AGENT, answered({"tools": [CODE]})),
        (upload(TABLE), answered({"id": "file_1"})),
        (upload(PAGE), answered({"id": "file_2"})),
        (
            opened(
                HELLO,
                bringing(attached("file_1", CODE), attached("file_8", CODE)),
                bringing(attached("file_2", CODE)),
            ),
            OK,
        ),
        *ANSWERED,
    )


def test_a_file_is_attached_for_the_tools_of_the_run() -> None:
    api = ThreadsApi("asst_1", "key_1", run_options={"tools": [SEARCH]}, include_agent_tools=False)

    play(
        run_turn(api, asking(bringing({"file_id": "file_8"})), STREAM),
        (opened(bringing(attached("file_8", SEARCH)), tools=[SEARCH]), OK),
        *ANSWERED,
    )


def test_messages_without_files_ask_for_no_agent() -> None:
    without = {"role": "user", "content": "See", "attachments": []}

    play(run_turn(API, asking(without), STREAM), (opened(without), OK), *ANSWERED)


@pytest.mark.parametrize("given", [{"file": TABLE}, {"file_id": "file_8"}])
@pytest.mark.parametrize("agents", [[], None, [ADD]], ids=str)
def test_a_file_that_no_tool_reads_is_refused_before_any_upload(
    agents: object, given: JSON
) -> None:
    with pytest.raises(BadRequestError) as caught:
        play(
            run_turn(API, asking(bringing(given)), STREAM),
            (AGENT, answered({"tools": agents})),
        )

    assert str(caught.value) == (
        "A message brings a file, and the agent has no tool that reads files. [thread thread_1] "
        "Give the agent (or the call) the tool code_interpreter or file_search."
    )


@pytest.mark.parametrize("body", [{}, {"id": None}, {"id": 7}], ids=str)
def test_a_file_that_gets_no_id_is_an_error(body: JSON) -> None:
    with pytest.raises(ProtocolError, match=r"^The service took a file and gave it no id\."):
        play(
            run_turn(API, asking(bringing({"file": TABLE})), STREAM),
            (AGENT, answered({"tools": [CODE]})),
            (upload(TABLE), answered(body)),
        )


def test_an_upload_is_repeated_where_the_service_fails() -> None:
    play(
        run_turn(API, asking(bringing({"file": TABLE})), STREAM),
        (AGENT, answered({"tools": [CODE]})),
        (upload(TABLE), refused(503)),
        (Pause(0.25, 0.5), None),
        (upload(TABLE), answered({"id": "file_1"})),
        (opened(bringing(attached("file_1", CODE))), OK),
        *ANSWERED,
    )


# Files that were deleted on the service after an earlier turn uploaded them.

GONE = refused(400, "Invalid 'attachments[0].file_id': no file found with id 'file_1'.")
ANEW = replace(upload(TABLE), fresh_for=-1.0)


def test_a_file_that_was_deleted_since_is_uploaded_anew() -> None:
    outcome = play(
        run_turn(API, asking(bringing({"file": TABLE})), STREAM),
        (AGENT, answered({"tools": [CODE]})),
        (upload(TABLE), answered({"id": "file_1"})),
        (opened(bringing(attached("file_1", CODE))), GONE),
        (AGENT, answered({"tools": [CODE]})),
        (ANEW, answered({"id": "file_2"})),
        (opened(bringing(attached("file_2", CODE))), OK),
        *ANSWERED,
    )

    assert outcome == Outcome(run("completed"))


def test_a_file_that_is_refused_anew_is_an_error() -> None:
    with pytest.raises(BadRequestError, match="no file found with id 'file_1'"):
        play(
            run_turn(API, asking(bringing({"file": TABLE})), STREAM),
            (AGENT, answered({"tools": [CODE]})),
            (upload(TABLE), answered({"id": "file_1"})),
            (opened(bringing(attached("file_1", CODE))), GONE),
            (AGENT, answered({"tools": [CODE]})),
            (ANEW, answered({"id": "file_1"})),
            (opened(bringing(attached("file_1", CODE))), GONE),
        )


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        ({"file_id": "file_1"}, GONE),
        ({"file": TABLE}, refused(400)),
        ({"file": TABLE}, refused(403)),
    ],
    ids=["the caller's own", "another reason", "no access"],
)
def test_other_refusals_upload_nothing(given: JSON, refusal: Response) -> None:
    uploads = [(upload(TABLE), answered({"id": "file_1"}))] if "file" in given else []
    with pytest.raises(FoundryAgentError):
        play(
            run_turn(API, asking(bringing(given)), STREAM),
            (AGENT, answered({"tools": [CODE]})),
            *uploads,
            (opened(bringing(attached("file_1", CODE))), refusal),
        )


def test_what_is_in_the_thread_already_is_not_brought_again_with_a_new_upload() -> None:
    others = [message_of(f"{number}") for number in range(32)]
    asked = [message_of("first"), *others[:-1], bringing({"file": TABLE})]
    with pytest.raises(BadRequestError, match="no file found"):
        play(
            run_turn(API, asking(*asked), STREAM),
            (AGENT, answered({"tools": [CODE]})),
            (upload(TABLE), answered({"id": "file_1"})),
            (Send("POST", "/threads/thread_1/messages", message_of("first"), V1), answered({})),
            (opened(*others[:-1], bringing(attached("file_1", CODE))), GONE),
            (AGENT, answered({"tools": [CODE]})),
            # The next turn has the new one.
            (ANEW, answered({"id": "file_2"})),
        )


# Names of cited files.

NAMES = Policy(file_names=True)


def look_up(file_id: str) -> Send:
    return Send("GET", f"/files/{file_id}", None, V1, fresh_for=3600.0)


def cites(*file_ids: str) -> Event:
    notes: list[JSON] = [
        {"type": "file_citation", "file_citation": {"file_id": file_id}} for file_id in file_ids
    ]
    others: list[JSON] = [
        {"type": "url_citation", "url_citation": {"url": "https://a.example"}},
        {"type": "unheard"},
    ]
    text = {"value": "See", "annotations": notes + others}
    picture = {"type": "image_file", "image_file": {"file_id": "file_9"}}
    content = [{"type": "text", "text": text}, picture]
    return "thread.message.completed", message(content=content)


def citing(*file_ids: str) -> list[Step]:
    """An answer that cites these files."""
    events = cites(*file_ids), run_event("completed")
    return [(OPEN_FIRST, OK), *heard(*events, something=True), END]


def named(file_id: str) -> list[Step]:
    file = {"id": file_id, "filename": f"{file_id}.md"}
    return [
        (look_up(file_id), answered(file)),
        (Emit((("file", file),)), Heard(something=True)),
    ]


def test_each_cited_file_is_looked_up_once_after_the_answer() -> None:
    outcome = play(
        run_turn(API, FIRST, NAMES),
        *citing("file_2", "file_1", "file_2"),
        *named("file_2"),
        *named("file_1"),
    )

    assert outcome == Outcome(run("completed"))


def test_a_file_that_only_a_look_at_the_run_told_is_looked_up_too() -> None:
    _, cited = cites("file_1")

    play(
        run_turn(API, FIRST, NAMES),
        (OPEN_FIRST, OK),
        *SOME_TEXT,
        END,
        (LOOK, answered(run("completed"))),
        *read_whole(run("completed"), cited),
        *named("file_1"),
    )


def test_names_are_not_looked_up_unless_that_is_wanted() -> None:
    play(run_turn(API, FIRST, STREAM), *citing("file_1"))


@pytest.mark.parametrize(
    "failed",
    [
        [(look_up("file_1"), refused(404))],
        [(look_up("file_1"), refused(403))],
        [(look_up("file_1"), answered([]))],
        [(look_up("file_1"), Response(200, {}, "<html>"))],
        [(look_up("file_1"), refused(401)), (Renew(), None), (look_up("file_1"), refused(401))],
        [(look_up("file_1"), ProtocolError("It broke."))],
    ],
    ids=["gone", "forbidden", "no object", "no JSON", "no token", "broken"],
)
def test_a_look_up_that_fails_spoils_neither_the_answer_nor_the_next(failed: list[Step]) -> None:
    outcome = play(
        run_turn(API, FIRST, NAMES), *citing("file_1", "file_2"), *failed, *named("file_2")
    )

    assert outcome == Outcome(run("completed"))


def test_a_look_up_that_runs_out_of_time_spoils_no_answer() -> None:
    outcome = play(
        run_turn(API, FIRST, NAMES),
        *citing("file_1", "file_2"),
        (look_up("file_1"), OutOfTime()),
    )

    assert outcome == Outcome(run("completed"))


@pytest.mark.parametrize("file", [{"id": "file_1"}, {}, {"id": "file_1", "filename": None}])
def test_a_file_without_a_name_spoils_no_answer(file: JSON) -> None:
    outcome = play(
        run_turn(API, FIRST, NAMES), *citing("file_1"), (look_up("file_1"), answered(file))
    )

    assert outcome == Outcome(run("completed"))


def test_a_caller_that_leaves_during_a_look_up_leaves_nothing() -> None:
    script = [*citing("file_1"), (look_up("file_1"), OK)]

    assert leave(run_turn(API, FIRST, NAMES), script, Abandoned()) == []
