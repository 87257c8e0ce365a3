"""A failed connection leaves the bearer token, and gateway keys, in the frames of its traceback.

`token` (a plain dict) and `key` (a tuple with the Authorization header and all default_headers) are locals of
send/asend/open/aopen (_transport/transport.py:76-82, 95-102, 108, 121): tracebacks with locals (Sentry, rich, pytest
-l, cgitb) show them. SECURITY.md: "in no repr, dump, pickle, trace, log line or error".

Self-contained: own raw server on 127.0.0.1; needs langchain-foundry-agents. Exits 1 when the product misbehaves.
"""
from raw_service import *
from raw_service import FAILED  # noqa: F401

# ---- the case ----
import asyncio, traceback
logging.disable(logging.CRITICAL)
from langchain_foundry_agents import ChatFoundryAgent

server = RawServer(lambda req, c: "close")
for fields in ({"agent_id": "asst_1"}, {"agent_name": "a"}):
    llm = ChatFoundryAgent(project_endpoint=server.endpoint, credential="CANARY-token", default_headers={"x-key": "CANARY-key"}, max_retries=0, run_timeout=5, **fields)
    for way, act in (("sync", lambda: llm.invoke("x")), ("async", lambda: asyncio.run(llm.ainvoke("x"))), ("stream", lambda: list(llm.stream("x")))):
        try: act()
        except Exception as error:
            shown = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
            lines = sorted({line.strip().split(" = ")[0] for line in shown.splitlines() if "CANARY" in line and " = " in line})
            expect("CANARY" not in shown, f"{list(fields)[0]} {way}: a traceback with locals shows no secret (it is in: {lines})")

end()
