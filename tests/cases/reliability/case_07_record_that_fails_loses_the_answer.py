"""A shared record that fails once, after the answer is there, takes the answer away.

`advance` and `unlock` run after the run has completed (_flow/turn.py:100, _drive.py:104-106): what they raise replaces
the answer, untyped, though the question is in the thread; a second try doubles it. After a failed `unlock` the thread
stays locked. In async code a `TimeoutError` of the record (or of an mcp_approval function) is told as
RunTimeoutError at once (_worlds.py:215-217).

Self-contained: own raw server on 127.0.0.1; needs langchain-foundry-agents. Exits 1 when the product misbehaves.
"""
from raw_service import *
from raw_service import FAILED  # noqa: F401

# ---- the case ----
import asyncio
logging.disable(logging.CRITICAL)
from langchain_core.messages import HumanMessage
from langchain_foundry_agents import ChatFoundryAgent
from langchain_foundry_agents.errors import FoundryAgentError, RunTimeoutError
from langchain_foundry_agents.thread_records import LocalThreadRecord

class Shaky:
    def __init__(self): self.inner, self.fails, self.error = LocalThreadRecord(), None, None
    def _do(self, name, *given):
        if name == self.fails:
            self.fails = None
            raise self.error
        return getattr(self.inner, name)(*given)
    def claim(self, *given): return self._do("claim", *given)
    def advance(self, *given): return self._do("advance", *given)
    def lock(self, *given): return self._do("lock", *given)
    def unlock(self, *given): return self._do("unlock", *given)

for fields in ({"agent_id": "asst_1"}, {"agent_name": "a"}):
    for way in ("sync", "async"):
        for moment, error in (("advance", ConnectionError("redis is gone")), ("unlock", ConnectionError("redis is gone")), ("lock", TimeoutError("redis timed out"))):
            service = Service(); record = Shaky()
            llm = ChatFoundryAgent(project_endpoint=RawServer(service).endpoint, thread_record=record, run_timeout=5, **fields)
            first = llm.invoke("one"); record.fails, record.error = moment, error
            history = [HumanMessage("one"), first, HumanMessage("two")]
            began, came = time.time(), None
            try: came = (llm.invoke(history) if way == "sync" else asyncio.run(llm.ainvoke(history))).text
            except Exception as raised: came = raised
            label = f"{list(fields)[0]} {way}: {moment} fails once"
            if moment == "lock":
                expect(not isinstance(came, RunTimeoutError), f"{label} with TimeoutError: it is not told as a turn that took too long ({type(came).__name__} after {time.time() - began:.1f} s)")
            else:
                there = sum(m["content"] == "two" for t in service.threads.values() for m in t["messages"]) + sum(x.get("content") == "two" for c in service.convs.values() for x in c)
                expect(isinstance(came, str), f"{label}: the answer is given (came: {came!r}; the question is in the thread {there}x)")
                if moment == "unlock": expect(not record.inner._locked, f"{label}: the thread is not locked for ever")

end()
