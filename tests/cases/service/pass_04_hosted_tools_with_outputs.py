"""PASS. A hosted agent's own function_call and function_call_output are server steps, and no calls for us.

Reports: https://github.com/microsoft/agent-framework/pull/8078 (the output was not parsed),
https://github.com/microsoft/agent-framework/pull/6246 (function_call_output with id null),
https://github.com/Azure/azure-sdk-for-net/issues/61917 (its status is null).
"""

from service_by_answers import *

# ---- the case ------------------------------------------------------------------------------------
CALL = {"id": "fc_1", "type": "function_call", "call_id": "call_1", "name": "azure_ai_search", "arguments": '{"query": "codename"}', "status": "completed"}
for title, output in {
    "id null, status null": {"id": None, "output": "BLUEHERON", "status": None},
    "a list of parts": {"id": "fco_1", "output": [{"type": "input_text", "text": "BLUEHERON"}], "status": "completed"},
}.items():
    given = {"type": "function_call_output", "call_id": "call_1", **output}
    answer = message("It is BLUEHERON.", "msg_9")
    events = numbered([*begun(), *item_events(CALL, 0), *item_events(given, 1), *text_events("It is BLUEHERON.", "msg_9", 2), ended(CALL, given, answer)])
    with serve(new_agent(lambda body, n, events=events: sse(*events))) as (endpoint, log):
        for way, got in (("invoke", agent(endpoint).invoke("Codename?")), ("stream", whole(agent(endpoint).stream("Codename?")))):
            kinds = [block["type"] for block in got.content_blocks]
            check(f"{title}, {way}", kinds == ["server_tool_call", "server_tool_result", "text"] and not got.tool_calls and got.text == "It is BLUEHERON.", kinds)

finish()
