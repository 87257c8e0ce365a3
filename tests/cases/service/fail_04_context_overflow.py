"""FAIL 4. A conversation that is too long is never LangChain's ContextOverflowError, and in a stream it
is a retryable ServiceError.

Reports: https://github.com/microsoft/agent-framework/issues/2428 (the reason is lost in the stream),
https://github.com/maximhq/bifrost/issues/4413 (terminal `error` event, code context_length_exceeded).
Symptom: the context window is exceeded; told by HTTP 400, by an `error` event, or by response.failed.
Expected: langchain_core.exceptions.ContextOverflowError (langchain-openai raises it for the same answer;
SummarizationMiddleware and deep agents act on it), and never "ask again".
"""

from service_by_answers import *

# ---- the case ------------------------------------------------------------------------------------
from langchain_core.exceptions import ContextOverflowError

CODE, TEXT = "context_length_exceeded", "Your input exceeds the context window of this model."
ERROR = {"type": "invalid_request_error", "code": CODE, "message": TEXT, "param": "input"}
WAYS = {
    "HTTP 400": js({"error": ERROR}, 400),
    "error event": sse(*numbered([*begun(), {"type": "error", "error": ERROR},
                                  ended(kind="failed", error={"code": CODE, "message": TEXT})])),
    "response.failed": sse(*numbered([*begun(), ended(kind="failed", error={"code": CODE, "message": TEXT})])),
}
for way, answer in WAYS.items():
    with serve(new_agent(lambda body, n, answer=answer: answer)) as (endpoint, log):
        got = tried(lambda: agent(endpoint).invoke("A long history"))
        check(f"{way}: ContextOverflowError", isinstance(got, ContextOverflowError), told(got))
        check(f"{way}: not retryable", not got.is_retryable)

finish()
