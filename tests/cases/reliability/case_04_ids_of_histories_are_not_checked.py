"""Ids that a history brings go into paths, logs and memory as they are.

`thread_id=` is checked (_options.py:38, 187-197); the ids in `response_metadata` of a history are not
(_messages/ours.py:35-50, _flow/threads_api.py:74, 106, 298). So whoever can write a message of the history sends the
service's identity to other paths of the host (another project, an agent's definition), forges log lines, gets
untyped errors, and fills the thread record (thread_records.py:102-105 promises names of up to 200 characters).

Self-contained: own raw server on 127.0.0.1; needs langchain-foundry-agents. Exits 1 when the product misbehaves.
"""
from raw_service import *
from raw_service import FAILED  # noqa: F401

# ---- the case ----
import gc, io
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from langchain_foundry_agents import ChatFoundryAgent
from langchain_foundry_agents.errors import FoundryAgentError

lines = io.StringIO()
handler = logging.StreamHandler(lines); handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
log = logging.getLogger("langchain_foundry_agents"); log.addHandler(handler); log.setLevel(logging.DEBUG); log.propagate = False

service = Service(); server = RawServer(service)
llm = ChatFoundryAgent(project_endpoint=server.endpoint, agent_id="asst_1", max_retries=0, run_timeout=8)
def history(thread_id, run_id="run_1"):
    told = {"model_provider": "azure_ai_foundry", "thread_id": thread_id, "run_id": run_id}
    work = {"type": "server_tool_call", "id": "x", "name": "code_interpreter", "args": {}}
    return [HumanMessage("a"), AIMessage([{"type": "text", "text": "b"}, work], response_metadata=told), HumanMessage("c")]
def ask(messages):
    server.log.clear()
    try: llm.invoke(messages)
    except FoundryAgentError: pass
    except Exception as error: return f"{type(error).__module__}.{type(error).__name__}"
def outside():
    return [f"{r.method} {r.path}" for r in server.log if not r.path.startswith("/api/projects/p/threads")]

ask(history("../../other-project/threads/thread_1")); expect(not outside(), f"no other project is asked: {outside()}")
ask(history("../assistants/asst_victim?")); expect(not outside(), f"no agent is changed: {outside()}")
told = {"model_provider": "azure_ai_foundry", "thread_id": "thread_1", "run_id": "../../../assistants/asst_victim?"}
calls = [{"name": "f", "args": {}, "id": "call_1"}]
ask([HumanMessage("a"), AIMessage("", tool_calls=calls, response_metadata=told), ToolMessage("o", tool_call_id="call_1")])
expect(not outside(), f"nor by a run's id: {outside()}")
untyped = ask(history("thread_1\r\nX: y")); expect(untyped is None, f"a line break in an id is a typed error: {untyped}")
for _ in range(2):
    ask(history("thread_9\nERROR admin logged in from 6.6.6.6"))
    ask(history("thread_9%0aERROR admin logged in from 6.6.6.6"))
forged = [line for line in lines.getvalue().splitlines() if line.startswith("ERROR admin")]
expect(not forged, f"no line of the log is forged: {forged[:2]}")
log.setLevel(logging.CRITICAL)
thread = llm.invoke("x").response_metadata["thread_id"]
def rss(): return int(open("/proc/self/statm").read().split()[1]) * 4096 / 2**20
gc.collect(); before = rss()
for number in range(120):
    ask(history(thread, f"run_{number}" + "x" * 1_000_000))
server.log.clear(); gc.collect(); grown = rss() - before
expect(grown < 40, f"120 turns with a run id of 1 MB each leave little behind in memory: +{grown:.0f} MB")

end()
