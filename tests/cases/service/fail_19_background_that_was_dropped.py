"""FAIL 19. A hosted agent drops `background: true`, says so, and the client looks at it until run_timeout.

Report: https://github.com/Azure/azure-sdk-for-python/issues/46015 (hosted agents: the flag is dropped silently,
the stored response has "background": false and stays in_progress with no output for ever, although the agent
answers and the conversation holds the answer; GET …?stream=true is refused).
Symptom: background=True, or run_mode="poll", with a hosted agent: ten minutes of looking, then RunTimeoutError.
Expected: the first answer says "background": false, so nothing can be waited for: an error at once that says
that this agent has no background responses (or the answer, from the conversation's items).
"""

from service_by_answers import *

# ---- the case ------------------------------------------------------------------------------------
TEXT = "The hosted agent's answer."
STUCK = {"background": False}
REFUSED = js({"error": {"code": "invalid_request", "type": "invalid_request_error", "param": "stream",
                        "message": "Streaming is not enabled for this response"}}, 400)


def hosted(body, n):
    if body.get("stream"):
        first = [{"type": kind, "response": response("in_progress", id="caresp_1", **STUCK)} for kind in ("response.created", "response.in_progress")]
        return sse(*numbered(first))
    return js(response("in_progress", id="caresp_1", **STUCK))


def looking(method, path, body, n):
    route = path.split("?")[0]
    if method == "GET" and route.endswith("/items"):
        return js({"object": "list", "has_more": False, "data": [{**message(TEXT), "created_by": {"response_id": "caresp_1"}}]})
    if method == "GET" and route.endswith("/responses/caresp_1"):
        return REFUSED if "stream=true" in path else js(response("in_progress", id="caresp_1", **STUCK))
    if method == "POST" and route.endswith("/cancel"):
        return js({"error": {"code": "invalid_request", "message": "Cannot cancel a synchronous response."}}, 400)


for title, fields in (("background=True", {"background": True}), ("run_mode='poll'", {"run_mode": "poll"})):
    with serve(new_agent(hosted, looking)) as (endpoint, log):
        got = tried(lambda: agent(endpoint, run_timeout=6, **fields).invoke("Go"))
        looks = sum(method == "GET" and path.split("?")[0].endswith("/responses/caresp_1") for method, path, _ in log)
        check(f"{title}: not waited for until run_timeout", type(got).__name__ != "RunTimeoutError", f"{looks} looks; {told(got)}")

finish()
