"""Branches mix: a history's turn that waits behind another goes on after it; a claim that is given back undoes the record.

1. `claim` comes before `hold` (_flow/turn.py:116-117). A turn whose history ends before a turn that is under way claims,
   waits, and is then asked in a conversation that went on without it, unforked.
2. `give_back` says that the thread ends in the turn that was claimed (_flow/heads.py:88-91), also when another turn has
   gone on meanwhile: then a branch goes on in the conversation, and the history that is its latest state forks.

Self-contained: own raw server on 127.0.0.1; needs langchain-foundry-agents. Exits 1 when the product misbehaves.
"""
from raw_service import *
from raw_service import FAILED  # noqa: F401

# ---- the case ----
logging.disable(logging.CRITICAL)
from langchain_core.messages import HumanMessage
from langchain_foundry_agents import ChatFoundryAgent
from langchain_foundry_agents.thread_records import LocalThreadRecord

for fields in ({"agent_id": "asst_1"}, {"agent_name": "a"}):
    name = list(fields)[0]
    service = Service(delay=0.5); llm = ChatFoundryAgent(project_endpoint=RawServer(service).endpoint, thread_record=LocalThreadRecord(), **fields)
    history = [HumanMessage("one")]; history.append(llm.invoke(history)); thread = history[1].response_metadata["thread_id"]; out = {}
    a = threading.Thread(target=lambda: out.update(a=llm.invoke("A", thread_id=thread))); a.start(); time.sleep(0.2)
    b = llm.invoke([*history, HumanMessage("B")]); a.join()
    expect(b.response_metadata.get("forked_from") == thread, f"{name}: B, whose history lacks A, is not asked behind A (forked_from={b.response_metadata.get('forked_from')})")

    service = Service(); endpoint = RawServer(service).endpoint; record = LocalThreadRecord()
    llm = ChatFoundryAgent(project_endpoint=endpoint, thread_record=record, **fields)
    history = [HumanMessage("one")]; history.append(llm.invoke(history)); thread = history[1].response_metadata["thread_id"]
    gate = threading.Event()
    def no_token(): gate.wait(5); raise ValueError("no token")
    failing = ChatFoundryAgent(project_endpoint=endpoint, thread_record=record, credential=no_token, on_active_run="cancel", **fields)
    def fail():
        try: failing.invoke([*history, HumanMessage("B")])
        except Exception: pass
    b = threading.Thread(target=fail); b.start(); time.sleep(0.3)
    answer = llm.invoke("A", thread_id=thread); gate.set(); b.join()
    branch = llm.invoke([*history, HumanMessage("C, a branch")])
    latest = llm.invoke([*history, HumanMessage("A"), answer, HumanMessage("D")])
    expect(branch.response_metadata.get("forked_from") == thread, f"{name}: after a turn that failed, a branch forks")
    expect(latest.response_metadata.get("forked_from") is None, f"{name}: and the latest state goes on in its conversation")

end()
