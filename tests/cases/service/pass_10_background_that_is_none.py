"""PASS. A hosted agent that knows no background responses: the stream breaks off, resuming is refused, and the
answer is read from the response; where even that is not kept, a typed error says so.

Report: https://github.com/Azure/azure-sdk-for-python/issues/46015 (background and starting_after do not work
for hosted agents), https://github.com/Azure/azure-sdk-for-python/pull/46364 for the sentence of the refusal.
"""

from service_by_answers import *

# ---- the case ------------------------------------------------------------------------------------
from langchain_foundry_agents import FoundryAgentError

TEXT = "The whole answer is here."
REFUSED = js({"error": {"code": "invalid_request", "type": "invalid_request_error", "param": "stream",
                        "message": "This response cannot be streamed because it was not created with background=true."}}, 400)
cut = numbered([*begun("caresp_1"), *list(text_events(TEXT))[:4]])
for kept in (True, False):

    def looking(method, path, body, n, kept=kept):
        if method == "GET" and "/responses/caresp_1" in path:
            if "stream=true" in path:
                return REFUSED
            return js(response("completed", [message(TEXT)], id="caresp_1")) if kept else js({"error": {"code": "not_found", "message": "Response 'caresp_1' not found."}}, 404)
        if method == "POST" and path.endswith("/cancel"):
            return js({"error": {"code": "invalid_request", "message": "Cannot cancel a synchronous response."}}, 400)

    with serve(new_agent(lambda body, n: sse(*cut), looking)) as (endpoint, log):
        for way in ("invoke", "stream"):
            llm = agent(endpoint, background=True, max_retries=1)
            got = tried(lambda: llm.invoke("Go") if way == "invoke" else whole(llm.stream("Go")))
            good = getattr(got, "text", "") == TEXT if kept else isinstance(got, FoundryAgentError)
            check(f"kept={kept}, {way}", good, told(got)[:170])

finish()
