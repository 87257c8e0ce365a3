"""FAIL 6. A call that a hosted agent tells twice is two tool calls, and the loop dies.

Report: https://github.com/microsoft/agent-framework/issues/7485. The stream below has the form that
Microsoft's own host sends (agent-framework-foundry-hosting 1.0.0b260730 with
azure-ai-agentserver-responses 1.0.0b9, run on loopback): the second item has the same `call_id`, another
`id` and no arguments.
Symptom: a declaration-only function is called once by the model, and twice in the stream.
Expected: one tool call with its arguments (call_id is a call's identity); the LangGraph loop goes on.
"""

from service_by_answers import *

# ---- the case ------------------------------------------------------------------------------------
from langchain_core.messages import ToolMessage
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode


def call(id, arguments):
    return {"type": "function_call", "id": id, "call_id": "call_1", "name": "add_numbers",
            "arguments": arguments, "status": "completed"}


def arguments_events(item, place):
    where = {"output_index": place, "item_id": item["id"]}
    yield {"type": "response.output_item.added", "output_index": place, "item": {**item, "arguments": ""}}
    yield {"type": "response.function_call_arguments.delta", **where, "delta": item["arguments"]}
    yield {"type": "response.function_call_arguments.done", **where, "name": "add_numbers",
           "arguments": item["arguments"]}
    yield {"type": "response.output_item.done", "output_index": place, "item": item}


FIRST, SECOND = call("fc_a", '{"a": 2, "b": 2}'), call("fc_b", "")


def host(body, n):
    items = [item for item in body["input"] if isinstance(item, dict)]
    if any(item.get("type") == "function_call_output" for item in items):
        return answer_of("It is 4.", id="caresp_2")
    return sse(*numbered([*begun("caresp_1"), *arguments_events(FIRST, 0), *arguments_events(SECOND, 1),
                          ended(FIRST, SECOND, id="caresp_1")]))


ran = []


def add_numbers(a: float, b: float) -> float:
    """Adds."""
    ran.append((a, b))
    return a + b


for mode in ("auto", "response", "none"):
    with serve(new_agent(host)) as (endpoint, log):
        llm = agent(endpoint, conversation=mode)
        for way, got in (("invoke", llm.invoke("Add 2 and 2")), ("stream", whole(llm.stream("Add 2 and 2")))):
            check(f"{way}, conversation={mode!r}: one tool call", len(got.tool_calls) == 1, got.tool_calls)

        graph = StateGraph(MessagesState)
        graph.add_node("model", lambda state: {"messages": [llm.invoke(state["messages"])]})
        graph.add_node("tools", ToolNode([add_numbers]))
        graph.add_edge(START, "model")
        graph.add_conditional_edges("model", lambda s: "tools" if s["messages"][-1].tool_calls else END)
        graph.add_edge("tools", "model")
        got = tried(lambda: graph.compile().invoke({"messages": [("human", "Add 2 and 2")]})["messages"][-1].content)
        check(f"LangGraph's loop, conversation={mode!r}", got == "It is 4.", told(got)[:170])

finish()
