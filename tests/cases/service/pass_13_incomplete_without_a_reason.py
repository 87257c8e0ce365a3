"""PASS. A whole answer whose response says `incomplete` and gives no reason ends with `stop`.

Reports: https://github.com/NousResearch/hermes-agent/issues/27988, https://github.com/NousResearch/hermes-agent/pull/45814
(Foundry, gpt-5.x: response.completed, message completed, phase final_answer, status `incomplete`). With a
function_call it is no pass: see fail_16.
"""

from service_by_answers import *

# ---- the case ------------------------------------------------------------------------------------
SAID = {**message("All is well."), "phase": "final_answer"}
for kind in ("completed", "incomplete"):
    last = {"type": f"response.{kind}", "response": response("incomplete", [SAID], incomplete_details=None)}
    events = numbered([*begun(), *text_events("All is well."), last])
    for mode in ("auto", "response", "none"):
        for way in ("invoke", "stream"):
            with serve(new_agent(lambda body, n, events=events: sse(*events))) as (endpoint, log):
                model = agent(endpoint, conversation=mode)
                got = tried(lambda: model.invoke("Hi") if way == "invoke" else whole(model.stream("Hi")))
                seen = told(got)[:150] if isinstance(got, Exception) else (got.text, got.response_metadata["finish_reason"])
                check(f"response.{kind}, conversation={mode!r}, {way}", seen == ("All is well.", "stop"), str(seen))

finish()
