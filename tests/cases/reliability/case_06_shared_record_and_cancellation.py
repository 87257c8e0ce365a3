"""A task that is cancelled while a shared record's method is under way leaves its lock, or its claim, behind.

The async driver calls the methods by `asyncio.to_thread` (_worlds.py:256-259). Cancelled during `lock`, the thread goes
on, takes the lock, and notes it (`_held`, _worlds.py:116-120) when the turn is gone. Cancelled at `unlock`
(_worlds.py:323-326), the call may never be made. Cancelled during `claim`, `progress.claimed` is not set
(_flow/heads.py:38-40), so it is not given back and the next turn forks. docs/recipes/workers.md keeps a lock for ten
minutes: so long all turns of the conversation wait and fail.

Self-contained: own raw server on 127.0.0.1; needs langchain-foundry-agents. Exits 1 when the product misbehaves.
"""
from raw_service import *
from raw_service import FAILED  # noqa: F401

# ---- the case ----
import asyncio
from concurrent.futures import ThreadPoolExecutor
logging.disable(logging.CRITICAL)
from langchain_core.messages import HumanMessage
from langchain_foundry_agents import ChatFoundryAgent
from langchain_foundry_agents.thread_records import LocalThreadRecord

class Shared:
    """As on Redis: each method takes a moment."""
    def __init__(self): self.inner, self.called = LocalThreadRecord(), []
    def _do(self, name, *given):
        self.called.append(name); time.sleep(0.05)
        return getattr(self.inner, name)(*given)
    def claim(self, *given): return self._do("claim", *given)
    def advance(self, *given): return self._do("advance", *given)
    def lock(self, *given): return self._do("lock", *given)
    def unlock(self, *given): return self._do("unlock", *given)

async def case(fields, moment):
    service = Service(); server = RawServer(service); record = Shared()
    llm = ChatFoundryAgent(project_endpoint=server.endpoint, thread_record=record, run_timeout=4, **fields)
    first = await llm.ainvoke("one"); thread = first.response_metadata["thread_id"]
    history = [HumanMessage("one"), first, HumanMessage("two")]
    if moment == "unlock":
        # The executor is busy for a moment, as it is with many users.
        pool = ThreadPoolExecutor(1); asyncio.get_running_loop().set_default_executor(pool)
    record.called.clear(); sent = len(server.log)
    turn = asyncio.create_task(llm._agenerate(history) if moment == "claim" else llm._agenerate(history[2:], thread_id=thread))
    if moment == "unlock":
        while "advance" not in record.called: await asyncio.sleep(0.001)
        pool.submit(time.sleep, 0.3); await asyncio.sleep(0.1)
    else:
        while moment not in record.called: await asyncio.sleep(0.001)
        await asyncio.sleep(0.01)
    turn.cancel()
    await asyncio.wait([turn]); await asyncio.sleep(0.8)
    name = list(fields)[0]
    if moment == "claim":
        meanwhile = len(server.log) - sent
        again = await llm.ainvoke(history)
        expect(meanwhile > 0 or again.response_metadata.get("forked_from") is None, f"{name}: cancelled during claim, before any request: the next try goes on in the conversation (forked_from={again.response_metadata.get('forked_from')})")
        return
    expect(not record.inner._locked, f"{name}: cancelled at {moment}: no lock stays ({record.inner._locked})")
    try: await llm.ainvoke("again", thread_id=thread); answered = True
    except Exception as error: answered = type(error).__name__
    expect(answered is True, f"{name}: cancelled at {moment}: the next turn is answered ({answered})")

for fields in ({"agent_id": "asst_1"}, {"agent_name": "a"}):
    for moment in ("lock", "unlock", "claim"):
        asyncio.run(case(fields, moment))

end()
