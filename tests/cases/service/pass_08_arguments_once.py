"""PASS. Arguments that come in deltas, in arguments.done and in the item are told once.

Reports: https://github.com/microsoft/agent-framework/issues/6973 (arguments doubled in a stream),
https://github.com/microsoft/agent-framework/issues/7485 for the host's form of arguments.done (with a name).
"""

from service_by_answers import *

# ---- the case ------------------------------------------------------------------------------------
TEXT = '{"location": "Seattle"}'
CALL = {"id": "fc_1", "type": "function_call", "call_id": "call_1", "name": "get_weather", "arguments": TEXT, "status": "completed"}
where = {"output_index": 0, "item_id": "fc_1"}
for title, extra in (("with a last, empty delta", [""]), ("plain", [])):
    events = numbered([
        *begun(), {"type": "response.output_item.added", "output_index": 0, "item": {**CALL, "arguments": ""}},
        *({"type": "response.function_call_arguments.delta", **where, "delta": piece} for piece in ('{"loc', 'ation": ', '"Seattle"}', *extra)),
        {"type": "response.function_call_arguments.done", **where, "name": "get_weather", "arguments": TEXT},
        {"type": "response.output_item.done", "output_index": 0, "item": CALL}, ended(CALL)])
    with serve(new_agent(lambda body, n, events=events: sse(*events))) as (endpoint, log):
        for way, got in (("invoke", agent(endpoint).invoke("Weather?")), ("stream", whole(agent(endpoint).stream("Weather?")))):
            check(f"{title}, {way}", [call["args"] for call in got.tool_calls] == [{"location": "Seattle"}], got.tool_calls)

finish()
