"""FAIL 17. A service failure told inside a run (HTTP 200, status failed, server_error) moves no fallback.

Reports: https://github.com/Azure/azure-sdk-for-net/issues/59291 and
https://github.com/Azure/azure-rest-api-specs/issues/38392 ("The server had an error", "Sorry, something went
wrong": regional trouble of hours, told inside runs).
Symptom: one region's agents fail every run with server_error; users want the other region.
Expected: docs/recipes/langgraph.md, "Several regions": with_fallbacks "switches when an error says that
another try may help". A run's server_error is the service's failure, as HTTP 500 is (ModelAPIError,
is_retryable), in both generations.
"""

from service_by_answers import *

# ---- the case ------------------------------------------------------------------------------------
from langchain_core.exceptions import ModelAPIError, ModelConnectionError, ModelRateLimitError, ModelTimeoutError
from langchain_core.language_models import GenericFakeChatModel

MAY_PASS = (ModelAPIError, ModelConnectionError, ModelRateLimitError, ModelTimeoutError)
ERROR = {"code": "server_error", "message": "Sorry, something went wrong."}


def classic(method, path, body, n):
    run = {"id": "run_1", "object": "thread.run", "thread_id": "thread_1", "assistant_id": "asst_1", "model": "gpt-4o",
           "status": "failed", "last_error": ERROR, "usage": None, "metadata": {}}
    if method == "POST":
        return 200, {"content-type": "text/event-stream"}, f"event: thread.run.failed\ndata: {json.dumps(run)}\n\n".encode()
    return js(run)


def other():
    return GenericFakeChatModel(messages=iter(["From the north."]))


WAYS = {
    "new, HTTP 500": new_agent(lambda body, n: js({"error": ERROR}, 500)),
    "new, response.failed": new_agent(lambda body, n: sse(*numbered([*begun(), ended(kind="failed", error=ERROR)]))),
    "classic, run failed": classic,
}
for way, answer in WAYS.items():
    with serve(answer) as (endpoint, log):
        west = (ChatFoundryAgent(agent_id="asst_1", project_endpoint=endpoint, credential="token", max_retries=0)
                if answer is classic else agent(endpoint))
        got = tried(lambda: west.with_fallbacks([other()], exceptions_to_handle=MAY_PASS).invoke("Hello"))
        check(f"{way}: the other region answers", getattr(got, "text", "") == "From the north.", told(got)[:200])

finish()
