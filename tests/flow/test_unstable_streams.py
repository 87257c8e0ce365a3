"""What a turn makes of streams whose calls, ids and states are not told as the API says."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from langchain_foundry_agents._flow.effects import JSON, Emit, Event, Flow, Heard, Open, Read, Send
from langchain_foundry_agents._flow.items import run_of
from langchain_foundry_agents._flow.progress import Outcome
from langchain_foundry_agents._flow.turn import run_turn
from langchain_foundry_agents.errors import ProtocolError

from .player import OK, POLL, STREAM, answered, heard, page, play, refused, wire
from .responses import (
    AFTER,
    AGAIN,
    API,
    BACKGROUND,
    CHAIN,
    CUT,
    DONE,
    IN_CONVERSATION,
    LOOK,
    NEXT,
    OPEN_NEXT,
    WORKING,
    approval_request,
    delta,
    function_call,
    opened,
    posted,
    response,
    told,
)

LIMIT = {"incomplete_details": {"reason": "max_output_tokens"}}
WHOLE_CALL = {**function_call(arguments='{"a": 2}'), "status": "completed"}
CUT_CALL = {**function_call("call_2", arguments='{"a"'), "status": "incomplete"}


def done(item: Any, **where: Any) -> Event:
    name = "response.output_item.done"
    return name, {"type": name, "item": item, **where}


def calls_of(run: JSON) -> list[Any]:
    """The calls that a run waits for: their ids, and their arguments or what is to be approved."""
    action = run.get("required_action") or {}
    calls = (action.get(action.get("type")) or {}).get("tool_calls") or []
    return [(call["id"], (call.get("function") or call)["arguments"]) for call in calls]


def run_after(*events: Event, flow: Flow[Outcome] | None = None) -> JSON:
    """The run that a turn ends in whose stream tells this, and the last event that it hands on."""
    flow = run_turn(API, NEXT, STREAM) if flow is None else flow
    reads = iter([wire(*events), None])
    effect, last = next(flow), events
    run: JSON = {}
    try:
        while True:
            match effect:
                case Open():
                    effect = flow.send(OK)
                case Read():
                    effect = flow.send(next(reads))
                case Emit(last):
                    effect = flow.send(Heard(something=True))
                case _:
                    raise AssertionError(effect)
    except StopIteration as end:
        run = end.value.run
    assert last[-1][1]["response"].get("conversation") == run.get("conversation")
    return run


def streamed(*events: Event, last: Event = DONE) -> JSON:
    return run_after(WORKING, *events, last)


@pytest.mark.parametrize(
    ("one", "other", "fuller"),
    [
        ('{"a": 2}', "", '{"a": 2}'),
        ("", '{"a": 2}', '{"a": 2}'),
        ('{"a": 2}', "{}", '{"a": 2}'),
        (None, "{}", "{}"),
        ('{"a"', '{"a": 2}', '{"a": 2}'),
        (" ", '{"a"', '{"a"'),
        ({"a": 2}, None, {"a": 2}),
        ('{"a": 1}', '{"a": 2}', '{"a": 1}'),
    ],
)
def test_a_call_that_is_told_twice_is_one_with_the_fuller_arguments(
    one: Any, other: Any, fuller: Any
) -> None:
    """As Microsoft's host does: https://github.com/microsoft/agent-framework/issues/7485."""
    first, second = function_call(arguments=one), function_call(arguments=other) | {"id": "fc_b"}

    assert calls_of(run_of(response("completed", first, second))) == [("call_1", fuller)]
    assert calls_of(run_of(response("completed", second), [first])) in (
        [("call_1", fuller)],
        [("call_1", other)],
    )
    assert calls_of(streamed(done(first, output_index=0), done(second, output_index=1))) == [
        ("call_1", fuller)
    ]


def test_calls_without_ids_of_items_are_told_by_their_call_ids() -> None:
    bare = [{**function_call(id_), "id": None} for id_ in ("call_1", "call_2")]

    assert [id_ for id_, _ in calls_of(streamed(*map(done, bare)))] == ["call_1", "call_2"]


@pytest.mark.parametrize(
    ("streamed_ids", "last_ids", "expected"),
    [
        (["mcpr_a"], ["mcpr_b"], ["mcpr_b"]),
        (["mcpr_a", "mcpr_b"], ["mcpr_b"], ["mcpr_b", "mcpr_a"]),
        (["mcpr_a", "mcpr_b"], [], ["mcpr_a", "mcpr_b"]),
        ([], ["mcpr_a"], ["mcpr_a"]),
    ],
)
def test_approvals_are_as_many_as_were_asked_for(
    streamed_ids: list[str], last_ids: list[str], expected: list[str]
) -> None:
    events = [done(approval_request(id_), output_index=n) for n, id_ in enumerate(streamed_ids)]

    run = streamed(*events, last=told(response("completed", *map(approval_request, last_ids))))

    assert [id_ for id_, _ in calls_of(run)] == expected


@pytest.mark.parametrize(
    ("items", "fields", "waits", "cut"),
    [
        ([WHOLE_CALL], {}, ["call_1"], []),
        ([function_call()], {}, ["call_1"], []),
        ([WHOLE_CALL, CUT_CALL], {}, [], ["call_1", "call_2"]),
        ([function_call(arguments='{"a"')], {}, [], ["call_1"]),
        ([WHOLE_CALL], LIMIT, [], ["call_1"]),
        ([approval_request()], LIMIT, [], ["mcpr_1"]),
        ([approval_request()], {}, ["mcpr_1"], []),
    ],
)
def test_calls_of_an_incomplete_response_wait_if_nothing_was_cut(
    items: list[JSON], fields: JSON, waits: list[str], cut: list[str]
) -> None:
    """Foundry marks whole answers so: https://github.com/NousResearch/hermes-agent/issues/27988."""
    run = run_of(response("incomplete", *items, **fields))

    assert [id_ for id_, _ in calls_of(run)] == waits
    assert [call["id"] for call in run.get("cut_calls", [])] == cut


def test_a_response_that_was_cut_in_its_calls_is_an_answer() -> None:
    last = told(response("incomplete", CUT_CALL, **LIMIT))
    ends = (Read(), None)

    outcome = play(run_turn(API, NEXT, STREAM), (OPEN_NEXT, OK), *heard(WORKING, last), ends)

    assert [call["id"] for call in outcome.run["cut_calls"]] == ["call_2"]


@pytest.mark.parametrize("named", [None, {}, {"id": None}, "conv_1"])
def test_a_response_that_does_not_repeat_its_conversation_is_told_with_it(named: Any) -> None:
    """Hosted agents send null: https://github.com/microsoft-foundry/new-foundry-portal/issues/102."""
    last = told(response("completed", conversation=named))

    assert streamed(last=last)["conversation"] == {"id": "conv_1"}


@pytest.mark.parametrize(("named", "known"), [(None, None), ("conv_9", {"id": "conv_9"})])
def test_one_that_stands_in_no_conversation_is_told_as_it_is(named: Any, known: Any) -> None:
    last = told(response("completed", conversation=named))

    run = run_after(last, flow=run_turn(CHAIN, AFTER, STREAM))

    assert run["conversation"] == known


@pytest.mark.parametrize(
    ("status", "kind", "expected"),
    [
        (None, "completed", "completed"),
        ("in_progress", "completed", "completed"),
        (None, "incomplete", "incomplete"),
        ("incomplete", "completed", "incomplete"),
    ],
)
def test_an_event_tells_the_state_that_its_response_lacks(
    status: Any, kind: str, expected: str
) -> None:
    last = told({**response("completed"), "status": status}, kind)

    assert streamed(delta("Hi"), last=last)["status"] == expected


def test_a_response_that_begins_is_not_over_whatever_its_state_says() -> None:
    begun = told({**response("completed"), "status": "completed"}, "created")

    assert streamed(begun, delta("Hi"))["status"] == "completed"


def test_what_comes_after_the_end_of_the_response_is_no_part_of_it() -> None:
    other = response("completed", id="resp_2")
    later = [told({**other, "status": "in_progress"}, "created"), delta("Hi"), told(other)]

    outcome = play(
        run_turn(API, NEXT, STREAM),
        (OPEN_NEXT, OK),
        (Read(), wire(WORKING, delta("Hi"), DONE, DONE, *later)),
        (Emit((WORKING, delta("Hi"), DONE, DONE)), Heard(something=True)),
        (Read(), wire(*later)),
        (Emit(()), Heard(something=True)),
        (Read(), None),
    )

    assert outcome.run["id"] == "resp_1"


# Background that was dropped: https://github.com/Azure/azure-sdk-for-python/issues/46015.

STUCK = response("in_progress", background=False)
ITEMS = Send(
    "GET",
    "/openai/v1/conversations/conv_1/items",
    None,
    (("order", "desc"), ("limit", "100")),
)
SAID = {"type": "message", "id": "msg_1", "role": "assistant", "content": "Hi."}
OF_IT = {"created_by": {"response_id": "resp_1"}}
POST = posted(AGAIN, **IN_CONVERSATION)


@pytest.mark.parametrize("mark", [OF_IT, {"response_id": "resp_1"}])
def test_an_agent_that_drops_background_is_answered_by_its_conversation(mark: JSON) -> None:
    said, call = {**SAID, **mark}, {**function_call(), **mark}
    others = [{**SAID, "created_by": {"response_id": "resp_0"}}, {**SAID, "created_by": "me"}, "x"]

    outcome = play(
        run_turn(BACKGROUND, NEXT, POLL),
        (POST, answered(STUCK)),
        (ITEMS, page(call, said, *others)),
        (
            Emit(
                (
                    (
                        "response.completed",
                        {
                            "type": "response.completed",
                            "response": run_of(
                                {**STUCK, "status": "completed", "output": [said, call]}
                            ),
                        },
                    ),
                )
            ),
            Heard(something=True),
        ),
    )

    assert outcome.run["status"] == "requires_action"


@pytest.mark.parametrize("found", [page(), page({**SAID}), refused(404, "None.")])
def test_one_that_left_no_answer_is_told_at_once(found: Any) -> None:
    with pytest.raises(ProtocolError, match="does not run in the background") as caught:
        play(run_turn(BACKGROUND, NEXT, POLL), (POST, answered(STUCK)), (ITEMS, found))

    assert "Leave out background=True" in str(caught.value)
    assert (caught.value.thread_id, caught.value.run_id) == ("conv_1", "resp_1")


def test_so_is_one_whose_stream_ends_before_its_answer() -> None:
    begun = told(STUCK, "created")
    opening = opened(AGAIN, **IN_CONVERSATION, background=True)

    with pytest.raises(ProtocolError, match="does not run in the background"):
        play(
            run_turn(BACKGROUND, NEXT, STREAM),
            (opening, OK),
            *heard(begun),
            (Read(), CUT),
            (LOOK, answered(STUCK)),
            (ITEMS, page()),
        )


def test_where_no_conversation_holds_its_items_none_are_looked_for() -> None:
    chain = replace(BACKGROUND, storage="response")
    flow = run_turn(chain, AFTER, POLL)
    create = next(flow)
    assert isinstance(create, Send)

    with pytest.raises(ProtocolError, match="does not run in the background"):
        flow.send(answered(STUCK))
