"""FAIL 16. Calls of a response that ran into its limit are nowhere: not in the message, not in an error.

Reports: https://github.com/can1357/oh-my-pi/pull/6320 (max_output_tokens after a tool call was complete),
https://github.com/strands-agents/harness-sdk/pull/4139 and https://github.com/OpenRouterTeam/typescript-agent/pull/125
(a call that was cut must not run; the caller gets every item and the reason);
https://github.com/NousResearch/hermes-agent/issues/27988 and https://github.com/NousResearch/hermes-agent/pull/45814
(Foundry: whole answers come in response.completed with status `incomplete` and no reason; the report shows a
text, here with a call as well).
Symptom: response.incomplete, reason max_output_tokens, with a function_call among its items.
Expected: "Nothing the agent did is lost": the call shows (as an invalid one where it was cut), with
finish_reason "length". Not "The run ended before it wrote anything", which is not so.
"""

from service_by_answers import *

# ---- the case ------------------------------------------------------------------------------------
DONE = {"id": "fc_1", "type": "function_call", "call_id": "call_1", "name": "look_up", "arguments": '{"order": 4711}', "status": "completed"}
CUT = {"id": "fc_2", "type": "function_call", "call_id": "call_2", "name": "look_up", "arguments": '{"ord', "status": "incomplete"}
REASON = {"incomplete_details": {"reason": "max_output_tokens"}}
SHAPES = {
    "a whole call": [DONE],
    "text and a whole call": [message("Let me look."), DONE],
    "a whole call and one that was cut": [DONE, CUT],
}
for title, items in SHAPES.items():
    events = [*begun()]
    for place, item in enumerate(items):
        events += text_events("Let me look.", place=place) if item["type"] == "message" else item_events(item, place)
    events = numbered([*events, ended(*items, kind="incomplete", **REASON)])
    for mode in ("auto", "none"):
        with serve(new_agent(lambda body, n, events=events: sse(*events))) as (endpoint, log):
            got = tried(lambda: agent(endpoint, conversation=mode, max_tokens=16).invoke("Where is order 4711?"))
            if isinstance(got, Exception):
                check(f"{title}, conversation={mode!r}: the error does not deny what was written",
                      "before it wrote anything" not in str(got), told(got)[:190])
            else:
                shown = [c["id"] for c in [*got.tool_calls, *got.invalid_tool_calls]] or [b["type"] for b in got.content_blocks]
                check(f"{title}, conversation={mode!r}: the call is in the message",
                      "call_1" in str(got.content) + str(shown), f"{shown} {got.response_metadata['finish_reason']}")

# Foundry's artifact: every item is completed, only the response's own status says `incomplete`, with no reason.
for title, items in {"a whole call": [DONE], "text and a whole call": [message("Let me look."), DONE]}.items():
    events = [*begun()]
    for place, item in enumerate(items):
        events += text_events("Let me look.", place=place) if item["type"] == "message" else item_events(item, place)
    last = {"type": "response.completed", "response": response("incomplete", items, incomplete_details=None)}
    events = numbered([*events, last])
    for way in ("invoke", "stream"):
        with serve(new_agent(lambda body, n, events=events: sse(*events))) as (endpoint, log):
            model = agent(endpoint)
            got = tried(lambda: model.invoke("Where?") if way == "invoke" else whole(model.stream("Where?")))
            calls = [c["id"] for c in getattr(got, "tool_calls", [])]
            seen = told(got)[:150] if isinstance(got, Exception) else f"{got.text!r} calls {calls} {got.response_metadata['finish_reason']!r}"
            check(f"status incomplete without a reason, {title}, {way}: the call is a tool call", calls == ["call_1"], seen)

finish()
