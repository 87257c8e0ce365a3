"""A turn of run_timeout=2 takes 17 to 32 seconds where the service is stuck.

Each end of the time grants five seconds more (_worlds.py:81-86, 215-217), and each thing to tidy is tried three times
(_flow/leaving.py:53-57): looked for, cancelled, deleted. _worlds.py promises GRACE = 5 s for the last requests.

Self-contained: own raw server on 127.0.0.1; needs langchain-foundry-agents. Exits 1 when the product misbehaves.
"""
from raw_service import *
from raw_service import FAILED  # noqa: F401

# ---- the case ----
import asyncio
logging.disable(logging.CRITICAL)
from langchain_foundry_agents import ChatFoundryAgent
def stuck():
    def handler(req, c):
        if req.path.endswith("/conversations") and req.method == "POST": return resp(200, {"id": "conv_1"})
        if req.method == "POST" and req.path.endswith("/runs"):
            c.sendall(STREAM_HEAD + chunk(sse([("thread.run.created", {"id": "run_1", "object": "thread.run", "thread_id": "thread_1", "status": "in_progress"})])))
        time.sleep(60); return "close"
    return RawServer(handler).endpoint
place = RawServer(Service()).endpoint
for fields in ({"agent_id": "asst_1"}, {"agent_name": "a"}): ChatFoundryAgent(project_endpoint=place, **fields).invoke("warm")
results = []
def one(fields, way):
    llm = ChatFoundryAgent(project_endpoint=stuck(), run_timeout=2, **fields); began = time.time()
    try: llm.invoke("x") if way == "sync" else asyncio.run(llm.ainvoke("x"))
    except Exception: pass
    results.append((str(fields), way, time.time() - began))
threads = [threading.Thread(target=one, args=(fields, way)) for fields in ({"agent_id": "asst_1"}, {"agent_id": "asst_1", "keep_thread": False}, {"agent_name": "a"}, {"agent_name": "a", "background": True}) for way in ("sync", "async")]
[one.start() for one in threads]; [one.join() for one in threads]
for fields, way, took in sorted(results): expect(took < 2 + 5 + 1.5, f"{fields} {way}: over within run_timeout + 5 s ({took:.1f} s)")

end()
