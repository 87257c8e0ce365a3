"""PASS. A hosted agent that tells no usage: the answer has an estimate, marked as one.

Report: https://github.com/microsoft/agent-framework/issues/7416.
"""

from service_by_answers import *

# ---- the case ------------------------------------------------------------------------------------


def silent(body, n):
    made = response("completed", [message("Four words of answer.")])
    del made["usage"]
    return sse(*numbered([*begun(), *text_events("Four words of answer."), {"type": "response.completed", "response": made}]))


for mode in ("auto", "response", "none"):
    with serve(new_agent(silent)) as (endpoint, log):
        got = agent(endpoint, conversation=mode).invoke("Hello")
        seen = got.usage_metadata["output_tokens"] > 0, got.response_metadata["usage_source"]
        check(f"conversation={mode!r}", seen == (True, "estimated"), (got.usage_metadata, seen[1]))

finish()
