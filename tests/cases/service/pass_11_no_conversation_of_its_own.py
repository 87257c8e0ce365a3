"""PASS. The conversation's id is told (conv_…), can be taken from the portal, and is not the response's.

Reports: https://github.com/microsoft/agent-framework/issues/4752 and /2935 (clients gave resp_… for it),
https://github.com/microsoft-foundry/new-foundry-portal/issues/102 (no id without a conversation in the request).
"""

from service_by_answers import *

# ---- the case ------------------------------------------------------------------------------------
from langchain_core.messages import HumanMessage

with serve(new_agent(lambda body, n: answer_of(f"Answer {n}.", id=f"resp_{n}", conv=body.get("conversation")))) as (endpoint, log):
    llm = agent(endpoint)
    first = llm.invoke("Hello")
    told_ids = {name: first.response_metadata.get(name) for name in ("thread_id", "conversation_id", "run_id", "response_id")}
    check("both ids are told", told_ids == {"thread_id": "conv_1", "conversation_id": "conv_1", "run_id": "resp_1", "response_id": "resp_1"}, told_ids)
    portal = llm.invoke("And?", thread_id="conv_portal")
    check("a conversation of the portal's goes on", portal.response_metadata["thread_id"] == "conv_portal")
    refused = tried(lambda: llm.invoke("And?", thread_id="resp_1"))
    check("a response's id is refused as a thread before any request", isinstance(refused, Exception) and log[-1][2].get("conversation") == "conv_portal", told(refused)[:150])
    history = [HumanMessage("Hello"), first, HumanMessage("And?")]
    llm.invoke(history)
    check("the history goes on in its conversation", (log[-1][2]["conversation"], len(log[-1][2]["input"])) == ("conv_1", 1))

finish()
