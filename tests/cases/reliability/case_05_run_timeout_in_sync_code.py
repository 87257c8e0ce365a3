"""In sync code run_timeout does not end a turn whose answer drips.

The timeouts of a request are per read (_transport/transport.py:242-253), and nothing looks at the turn's clock while
the head or the body of a whole answer is read (_worlds.py:180-206; only stream reads do). A server (or gateway) that
sends a byte now and then holds a sync turn, and its thread, for as long as it likes. Async code ends in time.

Self-contained: own raw server on 127.0.0.1; needs langchain-foundry-agents. Exits 1 when the product misbehaves.
"""
from raw_service import *
from raw_service import FAILED  # noqa: F401

# ---- the case ----
import asyncio
logging.disable(logging.CRITICAL)
from langchain_foundry_agents import ChatFoundryAgent

def dripping(kind):
    service = Service()
    def handler(req, c):
        if not (req.method == "POST" and req.path.endswith(("/runs", "/responses"))):
            return service(req, c)
        until = time.time() + 14
        if kind == "head": c.sendall(b"HTTP/1.1 200 OK\r\n")
        if kind == "body": c.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n")
        number = 0
        while time.time() < until:
            number += 1
            c.sendall({"head": b"x-%d: y\r\n" % number, "body": b" ", "103": b"HTTP/1.1 103 Early Hints\r\n\r\n"}[kind])
            time.sleep(0.4)
        return "close"
    return RawServer(handler)

warm = Service(); place = RawServer(warm).endpoint
for fields in ({"agent_id": "asst_1"}, {"agent_name": "a"}): ChatFoundryAgent(project_endpoint=place, **fields).invoke("warm")
results = []
def one(fields, kind, way):
    llm = ChatFoundryAgent(project_endpoint=dripping(kind).endpoint, run_timeout=2, max_retries=0, **fields)
    began = time.time()
    try: llm.invoke("x") if way == "sync" else asyncio.run(llm.ainvoke("x"))
    except Exception as error: pass
    results.append((list(fields)[0], kind, way, time.time() - began))
threads = [threading.Thread(target=one, args=(fields, kind, way)) for fields in ({"agent_id": "asst_1"}, {"agent_name": "a"}) for kind in ("head", "body", "103") for way in ("sync", "async")]
[one.start() for one in threads]; [one.join() for one in threads]
for name, kind, way, took in sorted(results):
    expect(took < 9, f"{name}: {kind} drips, {way}: run_timeout=2 ends the turn ({took:.1f} s)")

end()
