"""Ctrl-C that arrives while the flow computes leaves the run running.

`flow.send(...)` stands outside of what tidies up (_drive.py:84-96): a KeyboardInterrupt inside of the generator
(parsing events: _flow/wire.py, _flow/follow.py) ends it without `leave`; `run_turn` handles Abandoned only. In a busy
stream that is about one Ctrl-C in six. The classic thread stays busy until the run expires.

Self-contained: own raw server on 127.0.0.1; needs langchain-foundry-agents. Exits 1 when the product misbehaves.
"""
from raw_service import *
from raw_service import FAILED  # noqa: F401

# ---- the case ----
import gc, random, signal, subprocess
logging.disable(logging.CRITICAL)
from langchain_foundry_agents import ChatFoundryAgent

class Endless(Service):
    def play(self, req, c, t, run, b):
        if not req.body or "metadata" not in b: run["status"] = "failed"; return "close"  # a request that was cut
        run["status"] = "in_progress"; mid = self.id("msg")
        c.sendall(STREAM_HEAD + chunk(sse([("thread.run.created", run)])))
        piece = chunk(sse([("thread.message.delta", {"id": mid, "object": "thread.message.delta", "delta": {"content": [{"index": 0, "type": "text", "text": {"value": "word"}}]}})] * 3))
        try:
            while run["status"] == "in_progress": c.sendall(piece)
        except OSError: pass
        return "close"

service = Endless(); server = RawServer(service)
warm = RawServer(Service()); ChatFoundryAgent(project_endpoint=warm.endpoint, agent_id="asst_1").invoke("warm")
llm = ChatFoundryAgent(project_endpoint=server.endpoint, agent_id="asst_1", run_timeout=30, max_retries=0)
killer = subprocess.Popen([sys.executable, "-c", "import sys,os,time,signal\nfor line in sys.stdin:\n    time.sleep(float(line)); os.kill(%d, signal.SIGINT)" % os.getpid()], stdin=subprocess.PIPE, text=True, start_new_session=True)
dice, left, hits = random.Random(1), 0, 0
for _ in range(150):
    thread = service.new_thread()
    try:
        killer.stdin.write(f"{dice.uniform(0.01, 0.06)}\n"); killer.stdin.flush()
        for _ in llm.stream("q", thread_id=thread): pass
    except KeyboardInterrupt: hits += 1
    except Exception: pass
    time.sleep(0.03)
    running = [run for run in service.runs.values() if run["thread_id"] == thread and run["status"] in ("queued", "in_progress")]
    left += bool(running)
    for run in running: run["status"] = "cancelled"
killer.stdin.close(); killer.wait()
expect(left == 0, f"after {hits} Ctrl-C in a busy stream no run is left running ({left} are)")

end()
