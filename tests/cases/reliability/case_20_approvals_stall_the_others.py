"""Users who think about an approval stall all other turns of the loop.

A sync mcp_approval function is called by `asyncio.to_thread` (_worlds.py:239-242), that is in asyncio's default executor,
which has cpus + 4 threads, and which record calls, tokens, name resolution and LangChain's own `ainvoke` need, too.

Self-contained: own raw server on 127.0.0.1; needs langchain-foundry-agents. Exits 1 when the product misbehaves.
"""
from raw_service import *
from raw_service import FAILED  # noqa: F401

# ---- the case ----
import asyncio
logging.disable(logging.CRITICAL)
from langchain_foundry_agents import ChatFoundryAgent
class Asking(Service):
    def respond(self, req, c):
        b = req.json
        if not any("approve" in str(x.get("content")) for x in b["input"]): return super().respond(req, c)
        item = {"id": self.id("mcpr"), "type": "mcp_approval_request", "name": "t", "server_label": "s", "arguments": "{}"}
        r = {"id": self.id("resp"), "object": "response", "status": "completed", "conversation": {"id": b.get("conversation")}, "metadata": b.get("metadata", {}), "output": [item]}
        self.responses[r["id"]] = r
        c.sendall(STREAM_HEAD + chunk(sse([("response.output_item.done", {"type": "response.output_item.done", "output_index": 0, "item": item}), ("response.completed", {"type": "response.completed", "response": r})])) + END)
place = RawServer(Asking()).endpoint
def person(call): time.sleep(4); return True
asking, other = ChatFoundryAgent(project_endpoint=place, agent_name="a", mcp_approval=person), ChatFoundryAgent(project_endpoint=place, agent_name="a")
async def main():
    await other.ainvoke("warm"); many = min(32, (os.cpu_count() or 1) + 4)
    pending = [asyncio.create_task(asking.ainvoke("approve")) for _ in range(many)]
    await asyncio.sleep(0.8); began = time.time(); await other.ainvoke("hi"); took = time.time() - began
    expect(took < 1, f"while {many} users think, another user is answered at once ({took:.1f} s)")
    await asyncio.gather(*pending)
asyncio.run(main())

end()
