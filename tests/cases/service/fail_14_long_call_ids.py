"""FAIL 14. Calls of other models are replayed with ids that the service refuses.

Reports: https://github.com/Azure/azure-sdk-for-python/issues/46307 (call_id over 64 characters is refused by
the conversation store), https://github.com/microsoft/agent-framework/issues/2715 (string_above_max_length
for an id made of two).
Symptom: a history from another model (a fallback, a handoff) has long tool call ids; the replay is a 400.
Expected: a replay is text of ours; ids over the limit are shortened alike in call and output.
"""

from service_by_answers import *

# ---- the case ------------------------------------------------------------------------------------
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage

MOST = 64
LONG = "run_" + "a" * 30 + "|call_" + "b" * 40


def strict(body, n):
    for item in body["input"]:
        if len(item.get("call_id") or "") > MOST:
            text = f"Invalid 'input[1].call_id': string too long. Expected a string with maximum length {MOST}."
            return js({"error": {"code": "string_above_max_length", "message": text, "type": "invalid_request_error",
                                 "param": "input[1].call_id"}}, 400)
    return answer_of(conv=body.get("conversation"))


history = [HumanMessage("Weather?"), AIMessage("", tool_calls=[{"name": "weather", "args": {"city": "Paris"}, "id": LONG}]),
           ToolMessage("Sunny.", tool_call_id=LONG), AIMessage("It is sunny."), HumanMessage("And tomorrow?")]
for mode in ("auto", "response", "none"):
    with serve(new_agent(strict)) as (endpoint, log):
        got = tried(lambda: agent(endpoint, conversation=mode).invoke(history))
        check(f"a replay with a call id of {len(LONG)} characters, conversation={mode!r}", getattr(got, "text", "") == "Fine.", told(got)[:200])

finish()
