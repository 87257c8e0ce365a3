"""PASS. Classic streams: nothing comes after the tool outputs; citations only in deltas; a citation without
its text; a run that failed without a word.

Reports: https://github.com/Azure/azure-sdk-for-js/issues/34948 (no events after submitToolOutputs),
https://github.com/Azure/azure-sdk-for-net/issues/54056 (annotation in a delta lost),
https://github.com/microsoft/semantic-kernel/issues/11574 (Bing citation without text: null reference),
https://github.com/Azure/azure-rest-api-specs/issues/38392 (stream ends with a failed run).
"""

from service_by_answers import *

# ---- the case ------------------------------------------------------------------------------------
from langchain_core.messages import HumanMessage, ToolMessage

from langchain_foundry_agents import RunFailedError


def run(status, **more):
    used = {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7} if status == "completed" else None
    return {"id": "run_1", "object": "thread.run", "created_at": 1, "assistant_id": "asst_1", "thread_id": "thread_1",
            "status": status, "required_action": None, "last_error": None, "model": "gpt-4o", "usage": used, "metadata": {}, **more}


def said(text, annotations=()):
    part = {"type": "text", "text": {"value": text, "annotations": list(annotations)}}
    return {"id": "msg_1", "object": "thread.message", "created_at": 1, "assistant_id": "asst_1", "thread_id": "thread_1",
            "run_id": "run_1", "role": "assistant", "status": "completed", "content": [part]}


def piece(text, annotations=()):
    part = {"index": 0, "type": "text", "text": {"value": text, "annotations": list(annotations)}}
    return {"id": "msg_1", "object": "thread.message.delta", "delta": {"role": "assistant", "content": [part]}}


def stream(*events):
    out = "".join(f"event: {name}\ndata: {json.dumps(data)}\n\n" for name, data in events)
    return 200, {"content-type": "text/event-stream"}, (out + "event: done\ndata: [DONE]\n\n").encode()


def classic(first, submitted=None):
    def answer(method, path, body, n):
        route = path.split("?")[0]
        if method == "POST" and route.endswith("submit_tool_outputs"):
            return submitted
        if method == "POST" and route.endswith("/runs"):
            return first
        if method == "POST" and route.endswith("/cancel"):
            return js(run("cancelled"))
        if method == "GET" and route.endswith("/runs/run_1"):
            return js(run("completed"))
        if method == "GET" and route.endswith("/messages"):
            return js({"object": "list", "data": [said("It is sunny.")], "has_more": False})
        return js({"object": "list", "data": [], "has_more": False})

    return answer


def agent_of(endpoint, **fields):
    return ChatFoundryAgent(agent_id="asst_1", project_endpoint=endpoint, credential="token", max_retries=0, run_timeout=20, **fields)


ACTION = {"type": "submit_tool_outputs", "submit_tool_outputs": {"tool_calls": [{"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": "{}"}}]}}
waits = stream(("thread.run.created", run("queued")), ("thread.run.requires_action", run("requires_action", required_action=ACTION)))
for title, after in (("an empty stream", (200, {"content-type": "text/event-stream"}, b"")), ("only [DONE]", stream()), ("queued and no more", stream(("thread.run.queued", run("queued"))))):
    with serve(classic(waits, after)) as (endpoint, log):
        for way in ("invoke", "stream"):
            llm = agent_of(endpoint)
            history = [HumanMessage("Weather?"), llm.invoke("Weather?")]
            history.append(ToolMessage("Sunny.", tool_call_id="call_1"))
            got = tried(lambda: llm.invoke(history) if way == "invoke" else whole(llm.stream(history)))
            check(f"after tool outputs {title}, {way}", getattr(got, "text", "") == "It is sunny.", told(got)[:150])
CITED = {"index": 0, "type": "url_citation", "text": "【3:0†source】", "start_index": 5, "end_index": 17, "url_citation": {"url": "https://contoso.example", "title": "Contoso"}}
BARE = {"type": "url_citation", "text": None, "start_index": None, "end_index": None, "url_citation": {"url": "https://contoso.example", "title": None}}
TEXT = "Sunny【3:0†source】."
begin = [("thread.run.created", run("queued")), ("thread.run.in_progress", run("in_progress"))]
cited = stream(*begin, ("thread.message.delta", piece("Sunny")), ("thread.message.delta", piece("【3:0†source】", [CITED])), ("thread.message.delta", piece(".")), ("thread.message.completed", said(TEXT, [{k: v for k, v in CITED.items() if k != "index"}])), ("thread.run.completed", run("completed")))
bare = stream(*begin, ("thread.message.delta", piece("Sunny.", [BARE])), ("thread.message.completed", said("Sunny.", [BARE])), ("thread.run.completed", run("completed")))
for title, answer in (("a citation in a delta and in the message", cited), ("a citation without text", bare)):
    with serve(classic(answer)) as (endpoint, log):
        for way, got in (("invoke", agent_of(endpoint).invoke("Weather?")), ("stream", whole(agent_of(endpoint).stream("Weather?")))):
            notes = got.content_blocks[0].get("annotations") or []
            check(f"{title}, {way}", [note.get("url") for note in notes] == ["https://contoso.example"], notes)
failed = stream(*begin, ("thread.run.failed", run("failed", last_error={"code": "server_error", "message": "Sorry, something went wrong."})))
with serve(classic(failed)) as (endpoint, log):
    got = tried(lambda: agent_of(endpoint).invoke("Weather?"))
    check("a failed run raises with its code and ids", isinstance(got, RunFailedError) and (got.code, got.run_id, got.thread_id) == ("server_error", "run_1", "thread_1"), told(got)[:170])

finish()
