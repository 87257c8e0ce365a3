"""PASS. A conversation or response that the service forgot: the history goes on in a new place.

Reports: https://github.com/Azure/azure-sdk-for-net/issues/59964 (conversations of three months ago are 404),
https://github.com/microsoft/agent-framework/issues/6419 (previous_response_not_found),
https://github.com/microsoft/agent-framework/issues/5546 ("No tool call found for function call output …").
"""

from service_by_answers import *

# ---- the case ------------------------------------------------------------------------------------
from langchain_core.messages import HumanMessage

from langchain_foundry_agents import NotFoundError

REFUSALS = {
    ("auto", "404 conversation"): js({"error": {"code": "not_found", "message": "Conversation with id 'conv_1' not found.", "type": "invalid_request_error", "param": "conversation"}}, 404),
    ("response", "previous_response_not_found"): js({"error": {"code": "previous_response_not_found", "message": "Previous response with id 'resp_1' not found.", "type": "invalid_request_error", "param": "previous_response_id"}}, 400),
    ("auto", "no tool call found"): js({"error": {"code": None, "message": "No tool call found for function call output with call_id mcp_1.", "type": "invalid_request_error", "param": "input"}}, 400),
}
for (mode, title), refusal in REFUSALS.items():

    def gone(body, n, refusal=refusal):
        place = body.get("conversation") or body.get("previous_response_id")
        return refusal if n > 1 and place in ("conv_1", "resp_1") else answer_of(f"Answer {n}.", id=f"resp_{n}", conv=body.get("conversation"))

    with serve(new_agent(gone)) as (endpoint, log):
        llm = agent(endpoint, conversation=mode)
        history = [HumanMessage("Hello")]
        history.append(llm.invoke(history))
        got = tried(lambda: llm.invoke([*history, HumanMessage("And?")]))
        last = log[-1][2]["input"]
        check(f"{title}: forked with the whole history", getattr(got, "text", "") == "Answer 3." and len(last) == 3, f"{told(got)[:90]} {len(last)} items")
    if mode == "auto" and title.startswith("404"):
        with serve(new_agent(gone)) as (endpoint, log):
            llm = agent(endpoint)
            llm.invoke("Hello")
            got = tried(lambda: llm.invoke("And?", thread_id="conv_1"))
            check(f"{title}: named by the caller it is a NotFoundError", isinstance(got, NotFoundError), told(got)[:120])

finish()
