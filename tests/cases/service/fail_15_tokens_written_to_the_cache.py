"""FAIL 15. Tokens that were written to the prompt cache are not told.

Report: https://github.com/microsoft/agent-framework/issues/7368 (Foundry, gpt-5.6:
usage.input_tokens_details.cache_write_tokens is in the answer, and missing in the client's usage).
Expected: usage_metadata["input_token_details"]["cache_creation"] ("usage_metadata is the service's own
count, cached tokens included", docs/chat.md).
"""

from service_by_answers import *

# ---- the case ------------------------------------------------------------------------------------
USED = {"input_tokens": 1500, "output_tokens": 4, "total_tokens": 1504,
        "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 1409},
        "output_tokens_details": {"reasoning_tokens": 0}}
with serve(new_agent(lambda body, n: sse(*numbered([*begun(), *text_events("Hi."), ended(message("Hi."), usage=USED)])))) as (endpoint, log):
    for way, got in (("invoke", agent(endpoint).invoke("Hello")), ("stream", whole(agent(endpoint).stream("Hello")))):
        details = got.usage_metadata.get("input_token_details", {})
        check(f"{way}: cache_creation", details.get("cache_creation") == 1409, got.usage_metadata)

finish()
