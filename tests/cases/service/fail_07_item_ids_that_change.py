"""FAIL 7. Where an item's id is another one in each event, or none, the answer is told twice, and calls
are made twice.

Reports: https://github.com/EricLBuehler/mistral.rs/issues/1944 (added, done and completed each with a new
id), https://github.com/BerriAI/litellm/pull/36375 (ids differ on every delta),
https://github.com/smg-project/smg/issues/160 (MCP items), https://github.com/NousResearch/hermes-agent/pull/94961
(a call confirmed under a new id ran twice), https://github.com/microsoft/agent-framework/pull/6246 (Foundry
hosting sent items with id null).
Symptom: gateways and hosts mint an item's id anew in each phase of its life.
Expected: the text once (events name their place: output_index, content_index), each call_id once, streamed
and whole alike; or a ProtocolError. Never a silently doubled answer.
"""

from service_by_answers import *

# ---- the case ------------------------------------------------------------------------------------
import copy

TEXT = "The order 4711 was shipped."


def renamed(events, rename):
    for n, event in enumerate(events):
        event = copy.deepcopy(event)
        if "item_id" in event:
            event["item_id"] = rename(n, event["type"])
        if "item" in event:
            event["item"]["id"] = rename(n, event["type"])
        yield event


SHAPES = {
    "only response.completed has another id": (lambda n, kind: "msg_a", "msg_c"),
    "added, done and completed differ": (lambda n, kind: "msg_b" if kind.endswith("item.done") else "msg_a", "msg_c"),
    "an id of its own in each event": (lambda n, kind: f"msg_{n}", "msg_z"),
    "ids are null": (lambda n, kind: None, None),
    "ids are empty": (lambda n, kind: "", ""),
}
for title, (rename, last) in SHAPES.items():
    events = numbered([*begun(), *renamed(text_events(TEXT), rename), ended(message(TEXT, last))])
    with serve(new_agent(lambda body, n, events=events: sse(*events))) as (endpoint, log):
        for way, got in (("invoke", tried(lambda: agent(endpoint).invoke("Where is it?"))),
                         ("stream", tried(lambda: whole(agent(endpoint).stream("Where is it?"))))):
            good = isinstance(got, Exception) or got.text == TEXT
            check(f"{title}, {way}", good, told(got)[:120] if isinstance(got, Exception) else repr(got.text[:150]))


def call(id):
    return {"id": id, "type": "function_call", "call_id": "call_1", "name": "refund", "status": "completed",
            "arguments": '{"order": 4711}'}


for title, last in (("completed has another id", "fc_b"), ("completed has no id", None)):
    events = numbered([*begun(), *item_events(call("fc_a")), ended(call(last))])
    with serve(new_agent(lambda body, n, events=events: sse(*events))) as (endpoint, log):
        got = agent(endpoint).invoke("Refund it")
        check(f"a call is told once where {title}", len(got.tool_calls) == 1, got.tool_calls)
search = {"type": "mcp_call", "name": "find", "server_label": "docs", "arguments": "{}", "output": "found",
          "status": "completed"}
events = numbered([*begun(), *item_events({**search, "id": "mcp_a"}), *text_events(TEXT, place=1),
                   ended({**search, "id": "mcp_b"}, message(TEXT))])
with serve(new_agent(lambda body, n: sse(*events))) as (endpoint, log):
    got = agent(endpoint).invoke("Where is it?")
    steps = [block["type"] for block in got.content_blocks if block["type"] == "server_tool_call"]
    check("a server's call is told once where completed has another id", len(steps) == 1, steps)
no_id = [{"type": "function_call", "call_id": f"call_{n}", "name": "f", "arguments": "{}", "status": "completed"}
         for n in (1, 2)]
events = numbered([*begun(), *(e for n, item in enumerate(no_id) for e in item_events(item, n)), ended()])
with serve(new_agent(lambda body, n: sse(*events))) as (endpoint, log):
    got = agent(endpoint).invoke("Do both")
    check("two calls without ids are two, where completed lists none", len(got.tool_calls) == 2, got.tool_calls)

finish()
