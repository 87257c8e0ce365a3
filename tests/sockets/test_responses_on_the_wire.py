"""What goes to a new agent over the wire: how many requests, where to, and what they hold."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import pytest
from canned import CannedService, Reply, json_reply, sse, stream_reply
from folding import message_item, response
from langchain_core.messages import HumanMessage, SystemMessage

from langchain_foundry_agents import InvalidFieldError, ServiceConnectionError

from .new_agents import (
    ADD,
    REFERENCE,
    assistant,
    bodies,
    created,
    developer,
    gave,
    inputs,
    model_of,
    output,
    says,
    talked,
    user,
)
from .recorded import JSON, asked, one_event, routes
from .ways import WAYS, ask

SURFACES = [
    pytest.param({}, "/openai/v1", "", id="project"),
    pytest.param(
        {"agent_endpoint": True},
        "/agents/support/endpoint/protocols/openai",
        "?api-version=v1",
        id="agent",
    ),
]
THREE = ("One?", "Two?", "Three?")
BE_BRIEF, ONE = SystemMessage("Be brief."), HumanMessage("One?")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("fields", "base", "query"), SURFACES)
async def test_in_a_conversation_the_first_turn_is_two_requests_and_each_later_one_is_one(
    fields: JSON, base: str, query: str, way: str
) -> None:
    answers = [says(text, f"resp_{text}", "conv_1") for text in ("A", "B", "C")]
    with CannedService(created("conv_1"), *answers) as service:
        await talked(way, model_of(service, **fields), *THREE)

    respond = f"POST {base}/responses{query}"
    assert routes(service) == [f"POST {base}/conversations{query}", respond, respond, respond]
    assert asked(service)[0][1] == {}
    reference = {} if fields else REFERENCE
    assert bodies(service) == [
        {**reference, "conversation": "conv_1", "input": [user(question)], "stream": True}
        for question in THREE
    ]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("fields", "base", "query"), SURFACES)
async def test_in_a_chain_of_responses_each_turn_is_one_request(
    fields: JSON, base: str, query: str, way: str
) -> None:
    with CannedService(says("A", "resp_1"), says("B", "caresp_2"), says("C", "resp_3")) as service:
        history = await talked(way, model_of(service, conversation="response", **fields), *THREE)

    assert routes(service) == [f"POST {base}/responses{query}"] * 3
    reference = {} if fields else REFERENCE
    chain = [{}, {"previous_response_id": "resp_1"}, {"previous_response_id": "caresp_2"}]
    assert bodies(service) == [
        {**reference, **after, "input": [user(question)], "stream": True}
        for question, after in zip(THREE, chain, strict=True)
    ]
    assert "thread_id" not in history[-1].response_metadata


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("fields", "base", "query"), SURFACES)
async def test_where_nothing_is_kept_each_turn_is_one_request_with_the_whole_history(
    fields: JSON, base: str, query: str, way: str
) -> None:
    with CannedService(says("A", "resp_1"), says("B", "resp_2"), says("C", "resp_3")) as service:
        history = await talked(way, model_of(service, conversation="none", **fields), *THREE)

    assert routes(service) == [f"POST {base}/responses{query}"] * 3
    said = [user("One?"), assistant("A"), user("Two?"), assistant("B"), user("Three?")]
    reference = {} if fields else REFERENCE
    assert bodies(service) == [
        {**reference, "input": said[:length], "store": False, "stream": True}
        for length in (1, 3, 5)
    ]
    assert "thread_id" not in history[-1].response_metadata


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("fields", "base", "query"), SURFACES)
async def test_polling_looks_at_the_background_response_where_it_was_made(
    fields: JSON, base: str, query: str, way: str
) -> None:
    queued = response(id="resp_1", status="queued", background=True)
    ended = response(message_item("A"), id="resp_1", background=True)
    with CannedService(json_reply(queued), json_reply(ended)) as service:
        model = model_of(service, conversation="response", run_mode="poll", **fields)
        said = await ask(way, model, "One?", user_identity="ann")

    assert said.text == "A"
    assert routes(service) == [
        f"POST {base}/responses{query}",
        f"GET {base}/responses/resp_1{query}",
    ]
    reference = {} if fields else REFERENCE
    assert bodies(service) == [{**reference, "background": True, "input": [user("One?")]}]
    assert [one.headers["x-ms-user-identity"] for one in service.requests] == ["ann", "ann"]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("fields", "base", "query"),
    [
        pytest.param({}, "/openai/v1", "?", id="project"),
        pytest.param(
            {"agent_endpoint": True},
            "/agents/support/endpoint/protocols/openai",
            "?api-version=v1&",
            id="agent",
        ),
    ],
)
async def test_a_background_stream_that_breaks_off_goes_on_after_its_last_event(
    fields: JSON, base: str, query: str, way: str
) -> None:
    begun = {"response": response(id="resp_1", status="in_progress", background=True)}
    delta = {"item_id": "msg_resp_1", "output_index": 0, "content_index": 0, "delta": "A"}
    first = [
        ("response.created", {"type": "response.created", **begun, "sequence_number": 0}),
        (
            "response.output_text.delta",
            {"type": "response.output_text.delta", **delta, "sequence_number": 4},
        ),
    ]
    with CannedService(stream_reply(sse(*first)), says("AB", "resp_1")) as service:
        model = model_of(service, conversation="response", background=True, max_retries=1, **fields)
        said = await ask(way, model, "One?")

    assert routes(service)[1:] == [
        f"GET {base}/responses/resp_1{query}stream=true&starting_after=4"
    ]
    assert bodies(service)[0]["background"] is True
    assert bodies(service)[0]["stream"] is True
    assert said.text == "AB"


@pytest.mark.parametrize("way", WAYS)
async def test_every_request_of_a_call_says_who_asks_for_whom(way: str) -> None:
    with CannedService(created("conv_1"), says("A", "resp_1", "conv_1")) as service:
        model = model_of(service, default_headers={"x-gateway": "blue"}, credential="token-1")
        await ask(way, model, "One?", user_identity="ann")

    ids = [one.headers["x-ms-client-request-id"] for one in service.requests]
    assert len({uuid.UUID(id_) for id_ in ids}) == 2
    for one in service.requests:
        assert one.headers["authorization"] == "Bearer token-1"
        assert one.headers["x-ms-user-identity"] == "ann"
        assert one.headers["x-gateway"] == "blue"
        assert one.headers["user-agent"].startswith("langchain-foundry-agents/")
        assert one.headers["content-type"] == one.headers["accept"] == "application/json"


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("how", ["call", "bind"])
async def test_headers_of_a_call_are_sent_with_its_requests_and_no_others(
    way: str, how: str
) -> None:
    # Learn, how-to/memory-usage: the memory tool's `{{$userId}}` is what this header says.
    headers = {"x-memory-user-id": "ann", "x-client-app": "shop"}
    turns = (created("conv_1"), says("A", "resp_1", "conv_1"))
    with CannedService(*turns, *turns) as service:
        model = model_of(service, default_headers={"X-Memory-User-Id": "all", "x-gateway": "blue"})
        if how == "bind":
            await ask(way, model.bind(extra_headers=headers), "One?")
        else:
            await ask(way, model, "One?", extra_headers=headers)
        await ask(way, model, "Two?")

    names = ("x-memory-user-id", "x-client-app", "x-gateway")
    sent = [tuple(one.headers.get(name) for name in names) for one in service.requests]
    assert sent == [("ann", "shop", "blue")] * 2 + [("all", None, "blue")] * 2


def test_without_a_user_none_is_named() -> None:
    with CannedService(created("conv_1"), says("A", "resp_1", "conv_1")) as service:
        model_of(service).invoke("One?")

    assert ["x-ms-user-identity" in one.headers for one in service.requests] == [False, False]


@pytest.mark.parametrize("name", ["J\u00f6rg", " ann ", "ann\n", "a\r\nx-other: b"])
def test_a_user_that_no_header_can_name_is_refused_before_any_request(name: str) -> None:
    with CannedService() as service:
        with pytest.raises(InvalidFieldError, match="user_identity"):
            model_of(service).invoke("One?", user_identity=name)
        assert service.requests == []


def test_what_a_response_can_have_goes_out_beside_the_key_of_the_turn() -> None:
    with CannedService(created("conv_1"), says("A", "resp_1", "conv_1")) as service:
        model_of(
            service,
            agent_version="3",
            max_tokens=50,
            run_metadata={"ticket": "42"},
            thread_metadata={"customer": "7"},
            structured_inputs={"name": "Ann"},
            truncation_strategy={"type": "auto"},
            extra_body={"agent_session_id": "session_1"},
        ).invoke("One?")

    assert asked(service)[0][1] == {"metadata": {"customer": "7"}}
    assert bodies(service) == [
        {
            "agent_reference": {"type": "agent_reference", "name": "support", "version": "3"},
            "agent_session_id": "session_1",
            "conversation": "conv_1",
            "input": [user("One?")],
            "max_output_tokens": 50,
            "metadata": {"ticket": "42"},
            "stream": True,
            "structured_inputs": {"name": "Ann"},
            "truncation": "auto",
        }
    ]


@pytest.mark.filterwarnings("ignore:.*It is left out:UserWarning")
def test_what_the_definition_owns_is_not_sent_even_where_it_is_only_warned_of() -> None:
    owned: JSON = {"model": "gpt-4o", "temperature": 0.1, "top_p": 0.2}
    more: JSON = {
        "instructions": "Be brief.",
        "parallel_tool_calls": False,
        "extra_body": {"text": {}},
    }
    with CannedService(says("A", "resp_1")) as service:
        model = model_of(service, conversation="response", on_unsupported="warn", **owned)
        model.invoke("One?", **more)

    assert bodies(service) == [{**REFERENCE, "input": [user("One?")], "stream": True}]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("storage", "places", "first"),
    [("auto", ("conv_1", "conv_1"), [created("conv_1")]), ("response", (None, None), [])],
)
async def test_a_tool_turn_is_two_requests_and_tells_nothing_twice(
    storage: str, places: Any, first: list[Reply], way: str
) -> None:
    asks, says_so = says("", "resp_1", places[0], ADD), says("3", "resp_2", places[1])
    with CannedService(*first, asks, says_so) as service:
        model = model_of(service, conversation=storage)
        asks_so = await ask(way, model, [BE_BRIEF, ONE])
        said = await ask(way, model, [BE_BRIEF, ONE, asks_so, output("3")])

    assert said.text == "3"
    assert inputs(service) == [[developer("Be brief."), user("One?")], [gave("3")]]
    assert len(service.requests) == 2 + len(first)
    chain = {"conversation": "conv_1"} if first else {"previous_response_id": "resp_1"}
    assert bodies(service)[1] == {**REFERENCE, **chain, "input": [gave("3")], "stream": True}


APPROVAL = {"type": "mcp_approval_request", "id": "mcpr_1", "name": "fetch", "arguments": "{}"}


def test_an_approval_whose_answer_is_lost_is_asked_for_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # The key of the turn, as the service would tell it.
    monkeypatch.setattr(uuid, "uuid4", lambda: uuid.UUID(int=7))
    key = {"langchain_foundry_agents_turn": "00000000000000000000000000000007"}
    place = {"conversation": {"id": "conv_1"}, "metadata": key}
    asks = response({**APPROVAL, "server_label": "docs"}, id="resp_1", **place)
    listed = json_reply({"object": "list", "data": [asks]})
    lost = Reply(hangs_up=True)
    calls: list[JSON] = []
    with CannedService(
        created("conv_1"), one_event(asks), lost, listed, json_reply(asks)
    ) as service:
        model = model_of(service, mcp_approval=calls.append)
        with pytest.raises(ServiceConnectionError):
            model.invoke("One?")

    assert len(calls) == 1


def test_a_conversation_in_which_an_approval_was_given_is_not_deleted() -> None:
    asks = says("", "resp_1", "conv_1", {**APPROVAL, "server_label": "docs"})
    nothing = json_reply({"object": "list", "data": []})
    with CannedService(created("conv_1"), asks, Reply(hangs_up=True), nothing) as service:
        model = model_of(service, mcp_approval=lambda call: True)
        with pytest.raises(ServiceConnectionError):
            model.invoke("One?")

    assert [route for route in routes(service) if route.startswith("DELETE")] == []


def test_bound_tools_are_looked_for_in_the_definition_once_and_not_sent() -> None:
    tool = {"type": "function", "name": "add", "parameters": {"type": "object", "properties": {}}}
    latest = {"version": "1", "definition": {"kind": "prompt", "tools": [tool]}}
    agent = json_reply({"object": "agent", "name": "support", "versions": {"latest": latest}})
    with CannedService(agent, says("", "resp_1", None, ADD), says("3", "resp_2")) as service:
        model = model_of(service, conversation="response").bind_tools([tool])
        call = model.invoke([ONE])
        model.invoke([ONE, call, output("3")])

    respond = "POST /openai/v1/responses"
    assert routes(service) == ["GET /agents/support?api-version=v1", respond, respond]
    assert inputs(service) == [[user("One?")], [gave("3")]]


@pytest.mark.parametrize("way", ["invoke", "ainvoke"])
@pytest.mark.parametrize(("fields", "base", "query"), SURFACES)
@pytest.mark.parametrize(
    ("ids", "path"),
    [
        ({"file_id": "file_1"}, "/files/file_1"),
        ({"file_id": "cfile_1", "container_id": "cntr_1"}, "/containers/cntr_1/files/cfile_1"),
    ],
)
async def test_a_file_is_fetched_where_the_agent_is(
    ids: Any, path: str, fields: JSON, base: str, query: str, way: str, tmp_path: Path
) -> None:
    named, content = json_reply({"filename": "plot.png"}), Reply(headers={}, body=b"\x89PNG")
    with CannedService(content, named, content) as service:
        model = model_of(service, default_headers={"x-gateway": "blue"}, **fields)
        if way == "invoke":
            file, written = model.download(**ids), model.download(**ids, path=tmp_path)
        else:
            file, written = (
                await model.adownload(**ids),
                await model.adownload(**ids, path=tmp_path),
            )

    assert (file, written.name, written.read_bytes()) == (b"\x89PNG", "plot.png", b"\x89PNG")
    fetch = f"GET {base}{path}/content{query}"
    assert routes(service) == [fetch, f"GET {base}{path}{query}", fetch]
    assert {one.headers["x-gateway"] for one in service.requests} == {"blue"}


@pytest.mark.parametrize("way", ["invoke", "ainvoke"])
async def test_a_file_of_a_user_is_fetched_for_that_user(way: str) -> None:
    with CannedService(Reply(headers={}, body=b"x")) as service:
        model = model_of(service, user_identity="ann")
        ids = {"file_id": "cfile_1", "container_id": "cntr_1"}
        if way == "invoke":
            model.download(**ids)
        else:
            await model.adownload(**ids)

    assert service.requests[0].headers.get("x-ms-user-identity") == "ann"
