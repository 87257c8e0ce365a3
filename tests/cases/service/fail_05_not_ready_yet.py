"""FAIL 5. "Not ready yet" and "modified concurrently, please retry" are BadRequestErrors, never retried.

Reports: https://github.com/microsoft-foundry/foundry-samples/issues/515 (hosted agent: HTTP 424
`session_not_ready` while its container starts), https://github.com/Azure/azure-sdk-for-net/issues/58060
(HTTP 409 `conflict`, whose text asks to retry, on POST /agents/{name}/versions).
Symptom: the first request after a deployment, or two deployments at once, fail for a reason that passes.
Expected: an error of the service that LangChain's retries see as retryable; with max_retries the second
request, which succeeds, is made. (Both refuse before anything was done.)
"""

from service_by_answers import *

# ---- the case ------------------------------------------------------------------------------------
NOT_READY = js({"error": {"code": "session_not_ready", "type": "server_error", "param": None,
                          "message": "Session 's' did not become ready within the expected timeout"}}, 424)
CONFLICT = js({"error": {"type": "ServiceError", "code": "conflict", "param": "",
                         "message": "The resource already exists or was modified concurrently. Please retry."}}, 409)
with serve(new_agent(lambda body, n: NOT_READY if n == 1 else answer_of())) as (endpoint, log):
    got = tried(lambda: agent(endpoint, max_retries=2).invoke("Hello"))
    check("424 session_not_ready is waited for", getattr(got, "content", "") == "Fine.", told(got))
with serve(new_agent(lambda body, n: NOT_READY)) as (endpoint, log):
    got = tried(lambda: agent(endpoint).invoke("Hello"))
    check("424 session_not_ready is retryable", got.is_retryable, told(got))
    check("424 session_not_ready is no BadRequestError (the messages are fine)",
          type(got).__name__ != "BadRequestError", type(got).__name__)


def creating(method, path, body, n):
    route = path.split("?")[0]
    if method == "GET" and route == "/agents/shop":
        return js({"error": {"code": "not_found", "message": "Agent shop doesn't exist"}}, 404)
    if method == "POST" and route == "/agents/shop/versions":
        made = {"object": "agent.version", "id": "shop:1", "name": "shop", "version": "1", "metadata": {}}
        return CONFLICT if n == 1 else js({**made, "definition": body["definition"]})
    return js({"error": {"code": "not_found", "message": route}}, 404)


with serve(creating) as (endpoint, log):
    got = tried(lambda: ChatFoundryAgent.create(
        name="shop", model="gpt-4o", project_endpoint=endpoint, credential="token"))
    check("create: 409 conflict is tried again", not isinstance(got, Exception), told(got)[:260])

finish()
