"""FAIL 3. A question that the content filter stops is a BadRequestError, or even a retryable ServiceError.

Reports: https://github.com/Gitlawb/openclaude/issues/273 (Foundry, HTTP 400 `content_filter` with
innererror), https://github.com/openai/openai-dotnet/issues/55 (which filter it was is lost),
https://github.com/cds-snc/ai-answers/issues/1373.
Symptom: a jailbreak or a rude question; the service refuses the request with HTTP 400, code content_filter.
Expected: ContentFilterError, as for a run that fails for it, whichever way it is told; never retryable.
"""

from service_by_answers import *

# ---- the case ------------------------------------------------------------------------------------
from langchain_foundry_agents import ContentFilterError

CODE = "content_filter"
TEXT = "The response was filtered due to the prompt triggering the content management policy."
INNER = {"code": "ResponsibleAIPolicyViolation",
         "content_filter_result": {"jailbreak": {"filtered": True, "detected": True}}}
REFUSED = {"error": {"message": TEXT, "type": None, "param": "prompt", "code": CODE, "status": 400,
                     "innererror": INNER}}
WAYS = {
    "HTTP 400": js(REFUSED, 400),
    "error event": sse(*numbered([*begun(), {"type": "error", "code": CODE, "message": TEXT, "param": None}])),
    "response.failed": sse(*numbered([*begun(), ended(kind="failed", error={"code": CODE, "message": TEXT})])),
}
for way, answer in WAYS.items():
    with serve(new_agent(lambda body, n, answer=answer: answer)) as (endpoint, log):
        got = tried(lambda: agent(endpoint).invoke("Something rude"))
        check(f"{way}: ContentFilterError", isinstance(got, ContentFilterError), told(got))
        check(f"{way}: not retryable", not got.is_retryable)
    with serve(new_agent(lambda body, n, answer=answer: answer)) as (endpoint, log):
        got = tried(lambda: agent(endpoint, run_mode="poll").invoke("Something rude")) if way == "HTTP 400" else None
        if got is not None:
            check("HTTP 400, run_mode='poll': ContentFilterError", isinstance(got, ContentFilterError), told(got))


def classic(method, path, body, n):
    return js(REFUSED, 400)


with serve(classic) as (endpoint, log):
    llm = ChatFoundryAgent(agent_id="asst_1", project_endpoint=endpoint, credential="token", max_retries=0)
    got = tried(lambda: llm.invoke("Something rude"))
    check("classic, HTTP 400: ContentFilterError", isinstance(got, ContentFilterError), told(got))

finish()
