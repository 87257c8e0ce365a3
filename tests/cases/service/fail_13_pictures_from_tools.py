"""FAIL 13. A picture that a tool gives reaches a new agent as JSON text with base64 in it.

Report: https://github.com/openai/openai-dotnet/issues/759 (function_call_output takes a list of input_text,
input_image and input_file; without that the model cannot see what a tool drew).
Symptom: a screenshot tool returns an image block; the model gets thousands of characters that it cannot read.
Expected: `output` is a list with an input_image part, in the round trip and in replays; nothing silent.
"""

from service_by_answers import *

# ---- the case ------------------------------------------------------------------------------------
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage

PICTURE = "iVBORw0KGgo="
CALL = {"id": "fc_1", "type": "function_call", "call_id": "call_1", "name": "screenshot", "arguments": "{}", "status": "completed"}
GIVEN = [{"type": "text", "text": "The page:"}, {"type": "image", "base64": PICTURE, "mime_type": "image/png"}]


def on(body, n):
    answered = any(i.get("type") == "function_call_output" for i in body["input"])
    if answered:
        return answer_of("I see it.", id=f"resp_{n}", conv=body.get("conversation"))
    return sse(*numbered([*begun(f"resp_{n}", body.get("conversation")), *item_events(CALL),
                          ended(CALL, id=f"resp_{n}", conv=body.get("conversation"))]))


for mode in ("auto", "response", "none"):
    with serve(new_agent(on)) as (endpoint, log):
        llm = agent(endpoint, conversation=mode)
        history = [HumanMessage("What is on the page?")]
        history.append(llm.invoke(history))
        history.append(ToolMessage(GIVEN, tool_call_id="call_1"))
        llm.invoke(history)
        sent = [i["output"] for _, _, body in log for i in (body or {}).get("input", []) if i.get("type") == "function_call_output"][-1]
        kinds = [part.get("type") for part in sent] if isinstance(sent, list) else type(sent).__name__
        check(f"the picture is a picture, conversation={mode!r}", isinstance(sent, list) and "input_image" in kinds, repr(sent)[:150])
with serve(new_agent(on)) as (endpoint, log):
    history = [HumanMessage("What is on the page?"), AIMessage("", tool_calls=[{"name": "screenshot", "args": {}, "id": "call_7"}]),
               ToolMessage(GIVEN, tool_call_id="call_7"), AIMessage("A logo."), HumanMessage("Which colour?")]
    agent(endpoint).invoke(history)
    sent = [i["output"] for _, _, body in log for i in (body or {}).get("input", []) if i.get("type") == "function_call_output"][-1]
    check("so in a replay of another model's history", isinstance(sent, list), repr(sent)[:150])

finish()
