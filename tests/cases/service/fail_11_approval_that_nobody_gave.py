"""FAIL 11. A conversation that waits for an MCP approval can never be used again by its id.

Report: https://github.com/microsoft-foundry/foundry-agent-webapp/issues/15 (the approval is not shown; the
next message breaks the chat). The service's sentence, which other public clients look for:
"The following MCP approval requests do not have an approval: mcpr_…".
Symptom: the agent asks for an approval; the user closes the page, comes back and writes something else; the
application knows only the conversation's id.
Expected: as with a function call that waits ("the calls are given up, and the turn goes on"): the approval
is denied and the question answered. From a history: a fork at least.
"""

from service_by_answers import *

# ---- the case ------------------------------------------------------------------------------------
from langchain_core.messages import HumanMessage

ASKS = {"id": "mcpr_1", "type": "mcp_approval_request", "name": "delete_all", "server_label": "docs", "arguments": "{}"}
CALLS = {"id": "fc_1", "type": "function_call", "call_id": "call_1", "name": "f", "arguments": "{}", "status": "completed"}
KINDS = {
    "an MCP approval": (ASKS, "mcp_approval_response", "The following MCP approval requests do not have an approval: mcpr_1"),
    "a function's output": (CALLS, "function_call_output", "No tool output found for function call call_1."),
}
for what, (item, answer_type, sentence) in KINDS.items():

    def waiting(body, n, answer_type=answer_type, sentence=sentence):
        given = [i for i in body["input"] if isinstance(i, dict) and i.get("type") == answer_type]
        if body.get("conversation") != "conv_9" or given:
            return answer_of(conv=body.get("conversation"))
        return js({"error": {"message": sentence, "type": "invalid_request_error", "param": "input", "code": None}}, 400)

    def listing(method, path, body, n, item=item):
        if method == "GET" and path.split("?")[0].endswith("/responses"):
            return js({"object": "list", "has_more": False,
                       "data": [response("completed", [item], id="resp_0", conv="conv_9")]})

    with serve(new_agent(waiting, listing)) as (endpoint, log):
        for way in ("invoke", "stream"):
            llm = agent(endpoint)
            got = tried(lambda: llm.invoke("Never mind. What time is it?", thread_id="conv_9") if way == "invoke"
                        else whole(llm.stream("Never mind. What time is it?", thread_id="conv_9")))
            check(f"a conversation that waits for {what} goes on by its id ({way})",
                  getattr(got, "text", "") == "Fine.", told(got)[:200])
        denied = [i for _, _, body in log for i in (body or {}).get("input", []) if i.get("type") == "mcp_approval_response"]
        if what == "an MCP approval":
            check("and the approval is denied, not given", denied and not any(i["approve"] for i in denied), denied)

finish()
