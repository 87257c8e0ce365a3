"""PASS. A response that ran into max_output_tokens keeps its usage and says `length`.

Report: https://github.com/microsoft/agent-framework/issues/7051 (usage and finish_reason empty there).
"""

from service_by_answers import *

# ---- the case ------------------------------------------------------------------------------------
import asyncio

CUT = numbered([*begun(), *list(text_events("Pizza is old"))[:-3],
                ended(message("Pizza is old", status="incomplete"), kind="incomplete", incomplete_details={"reason": "max_output_tokens"})])
for mode in ("auto", "response", "none"):
    with serve(new_agent(lambda body, n: sse(*CUT))) as (endpoint, log):
        llm = agent(endpoint, conversation=mode, max_tokens=16)

        async def streamed():
            total = None
            async for chunk in llm.astream("Pizza"):
                total = chunk if total is None else total + chunk
            return total

        ways = {"invoke": llm.invoke("Pizza"), "stream": whole(llm.stream("Pizza")),
                "ainvoke": asyncio.run(llm.ainvoke("Pizza")), "astream": asyncio.run(streamed()),
                "batch": llm.batch(["Pizza", "Pizza"])[1]}
        for way, got in ways.items():
            seen = (got.text, got.response_metadata["finish_reason"], got.usage_metadata["total_tokens"], got.response_metadata["usage_source"])
            check(f"{way}, conversation={mode!r}", seen == ("Pizza is old", "length", 7, "service"), seen)

finish()
