"""FAIL 1. An `error` event in a stream loses its kind: a rate limit is no RateLimitError, and so on.

Reports: https://github.com/earendil-works/pi/issues/7983 (Foundry: `response.failed` with no reason at all, then the
reason in an `error` event; the hint stands in the headers of the HTTP 200);
https://github.com/openai/openai-dotnet/issues/881 (Azure: nested `error`, code
too_many_requests), https://github.com/openai/openai-python/issues/2699 (Azure-hosted: the limit comes
in the stream, and the client's own retries never see it),
https://github.com/zendev-sh/goai/pull/88 (nested rate_limit_exceeded with "try again in …").
Symptom: with `stream: true` the service answers HTTP 200, and says the 429 in an `error` event.
Expected: RateLimitError with the hint, retried by max_retries while nothing was said ("rate limits, also
those inside a run", docs/errors.md); codes that cannot pass are not retryable.
"""

from service_by_answers import *

# ---- the case ------------------------------------------------------------------------------------
import asyncio

from langchain_core.messages import HumanMessage

from langchain_foundry_agents import RateLimitError


def nested(code, text):
    return {"type": "error", "error": {"type": code, "code": code, "message": text, "param": None}}


LIMITS = {
    "nested too_many_requests": nested("too_many_requests", "Too Many Requests"),
    "nested rate_limit_exceeded": nested("rate_limit_exceeded", "Limit reached. Please try again in 0.2s."),
    "flat rate_limit_exceeded": {"type": "error", "code": "rate_limit_exceeded", "param": None,
                                 "message": "Rate limit is exceeded. Try again in 1 seconds."},
}
for title, event in LIMITS.items():
    for mode in ("auto", "response", "none"):
        failing = new_agent(lambda body, n, event=event: sse(*numbered([*begun(), event])))
        with serve(failing) as (endpoint, log):
            got = tried(lambda: agent(endpoint, conversation=mode).invoke("Hello"))
            check(f"{title}, conversation={mode!r}: RateLimitError", isinstance(got, RateLimitError), told(got))


def once(body, n):
    """Limited at first, then fine."""
    return sse(*numbered([*begun(), LIMITS["nested rate_limit_exceeded"]])) if n == 1 else answer_of()


for mode in ("auto", "response", "none"):
    with serve(new_agent(once)) as (endpoint, log):
        got = tried(lambda: agent(endpoint, conversation=mode, max_retries=2).invoke("Hello"))
        check(f"retried, as nothing was said: conversation={mode!r}", getattr(got, "content", "") == "Fine.",
              f"{told(got)[:120]}  (asked {asked(log)} times)")
with serve(new_agent(once)) as (endpoint, log):
    got = tried(lambda: asyncio.run(agent(endpoint, max_retries=2).ainvoke("Hello")))
    check("retried, async", getattr(got, "content", "") == "Fine.", told(got)[:120])
with serve(new_agent(lambda body, n: sse(*numbered([*begun(), nested("server_error", "Overloaded.")]))
                     if n == 1 else answer_of())) as (endpoint, log):
    got = tried(lambda: agent(endpoint, max_retries=2, conversation="response").invoke("Hello"))
    check("an `error` event server_error is retried as response.failed server_error is",
          getattr(got, "content", "") == "Fine.", told(got)[:120])


def second_turn_limited(body, n):
    if n == 2:
        return sse(*numbered([*begun("resp_2"), LIMITS["nested too_many_requests"]]))
    return answer_of(f"Answer {n}.", id=f"resp_{n}", conv=body.get("conversation"))


with serve(new_agent(second_turn_limited)) as (endpoint, log):
    llm = agent(endpoint)
    history = [HumanMessage("Hello")]
    history.append(llm.invoke(history))
    history.append(HumanMessage("And?"))
    tried(lambda: llm.invoke(history))
    again = tried(lambda: llm.invoke(history))
    places = [body["conversation"] for _, path, body in log if path.endswith("/responses")]
    check("a caller's own retry goes on in the same conversation (a failed response keeps nothing)",
          places == ["conv_1"] * 3, f"{places} forked_from={getattr(again, 'response_metadata', {}).get('forked_from')}")

# The order that Foundry's /openai/v1/responses was seen to use (pi#7983).
FAILED = {"type": "response.failed", "response": response("failed", [], error=None, incomplete_details=None, usage=None)}
REASON = {"type": "error", "error": {"type": "too_many_requests", "code": "rate_limit_exceeded", "param": None,
                                     "headers": {"x-ms-fe-error": "true"}, "message": "The deployment's rate limit is exceeded."}}


def foundry(body, n, times=9):
    if n > times:
        return answer_of()
    status, headers, data = sse(*numbered([*begun(), FAILED, REASON]))
    return status, {**headers, "retry-after": "1"}, data


for mode in ("auto", "response", "none"):
    with serve(new_agent(foundry)) as (endpoint, log):
        got = tried(lambda: agent(endpoint, conversation=mode).invoke("Hello"))
        check(f"failed without a reason, then `error`, conversation={mode!r}: RateLimitError", isinstance(got, RateLimitError), told(got)[:170])
        check("  its retry_after is the header's", getattr(got, "retry_after", None) == 1.0, str(getattr(got, "retry_after", None)))
    with serve(new_agent(lambda body, n: foundry(body, n, times=1))) as (endpoint, log):
        got = tried(lambda: agent(endpoint, conversation=mode, max_retries=2).invoke("Hello"))
        check("  and it is retried", getattr(got, "content", "") == "Fine.", f"{told(got)[:120]}  (asked {asked(log)} times)")
with serve(new_agent(lambda body, n: foundry(body, n, times=1))) as (endpoint, log):
    got = tried(lambda: whole(agent(endpoint, max_retries=2).stream("Hello")))
    check("  and it is retried, stream", getattr(got, "text", "") == "Fine.", f"{told(got)[:120]}  (asked {asked(log)} times)")

finish()
