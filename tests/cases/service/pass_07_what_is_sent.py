"""PASS. What goes out is what Foundry takes: no model, tools, include or temperature; a type on each item;
annotations on replayed answers; nothing that the service made is sent back.

Reports: https://github.com/microsoft/agent-framework/issues/5582 ("Missing required parameter: model"),
https://github.com/microsoft/agent-framework/issues/7534 and /7577 (`include` refused),
https://github.com/openclaw/openclaw/issues/84109 and https://github.com/vercel/ai/pull/20487 (items without
`type` refused), https://github.com/microsoft/agent-framework/issues/3097 (answers in a replay refused),
https://github.com/NousResearch/hermes-agent/issues/63257 (encrypted reasoning sent back),
https://github.com/Azure/azure-sdk-for-js/issues/37406 (project's path, no api-version).
"""

from service_by_answers import *

# ---- the case ------------------------------------------------------------------------------------
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage

ALLOWED = {"input", "agent_reference", "conversation", "previous_response_id", "metadata", "stream", "store"}
REASONING = {"id": "rs_1", "type": "reasoning", "summary": [{"type": "summary_text", "text": "Hm."}], "encrypted_content": "gAAA"}


def thinking(body, n):
    text = f"Answer {n}."
    conv = body.get("conversation")
    return sse(*numbered([*begun(f"resp_{n}", conv), *item_events(REASONING), *text_events(text, place=1),
                          ended(REASONING, message(text), id=f"resp_{n}", conv=conv)]))


history = [SystemMessage("Be short."), HumanMessage("Weather?"),
           AIMessage("", tool_calls=[{"name": "weather", "args": {}, "id": "call_1"}]), ToolMessage("Sunny.", tool_call_id="call_1"),
           AIMessage("It is sunny."), HumanMessage("And tomorrow?")]
for mode in ("auto", "response", "none"):
    with serve(new_agent(thinking)) as (endpoint, log):
        llm = agent(endpoint, conversation=mode, agent_version="2")
        first = llm.invoke(history)
        llm.invoke([*history, first, HumanMessage("Thanks.")])
        bodies = [(path, body) for method, path, body in log if path.endswith("/responses") and method == "POST"]
        check(f"conversation={mode!r}: only fields that an agent takes", all(set(body) <= ALLOWED for _, body in bodies), sorted(set().union(*(body for _, body in bodies))))
        check(f"conversation={mode!r}: each item has a type", all(item.get("type") for _, body in bodies for item in body["input"]))
        answers = [part for _, body in bodies for item in body["input"] if item.get("role") == "assistant" for part in item["content"]]
        check(f"conversation={mode!r}: replayed answers have annotations", answers and all(part["annotations"] == [] for part in answers))
        check(f"conversation={mode!r}: nothing of reasoning goes back", not any(item["type"] == "reasoning" for _, body in bodies for item in body["input"]))
        check(f"conversation={mode!r}: the agent is named with its version", all(body["agent_reference"] == {"type": "agent_reference", "name": "a", "version": "2"} for _, body in bodies))
        check(f"conversation={mode!r}: the project's own path, without api-version", all(path == "/openai/v1/responses" for path, _ in bodies), {path for path, _ in bodies})

finish()
