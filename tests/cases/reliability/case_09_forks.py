"""A forked child cancels its parent's run, inherits its parent's locks, and may never end.

1. A child that is made in the midst of a stream and ends as scripts do closes the generator that it inherited, and so
   cancels the parent's run (_drive.py:91-93; nothing knows the process).
2. A child inherits `LOCAL._locked` (thread_records.py:63, 108): a thread on which the parent worked is locked in it
   for ever.
3. `atexit.register(client.close)` (_transport/pools.py:57) closes the parent's pool in the child, whose lock another
   thread of the parent may have held at the fork: the child hangs at its exit.

Self-contained: own raw server on 127.0.0.1; needs langchain-foundry-agents. Exits 1 when the product misbehaves.
"""
from raw_service import *
from raw_service import FAILED  # noqa: F401

# ---- the case ----
import atexit, signal
logging.disable(logging.CRITICAL)
from langchain_foundry_agents import ChatFoundryAgent
from langchain_foundry_agents.errors import FoundryAgentError

def model(service, **fields): return ChatFoundryAgent(project_endpoint=RawServer(service).endpoint, run_timeout=5, max_retries=0, **fields)

# 1
service = Service(words=["w "] * 40, piece_delay=0.03); llm = model(service, agent_id="asst_1")
child, got, error = None, 0, None
try:
    for _ in llm.stream("q"):
        got += 1
        if got == 5 and child is None:
            child = os.fork()
            if child == 0: raise SystemExit(0)
except SystemExit: os._exit(0)
except FoundryAgentError as failed: error = failed
os.waitpid(child, 0)
expect(error is None and not service.cancelled, f"a child that ends leaves its parent's stream alone ({type(error).__name__}, cancelled {service.cancelled})")

# 2
service = Service(words=["w "] * 20, piece_delay=0.05); llm = model(service, agent_id="asst_1"); thread = service.new_thread()
turn = threading.Thread(target=lambda: llm.invoke("q", thread_id=thread)); turn.start(); time.sleep(0.5)
child = os.fork()
if child == 0:
    time.sleep(2)  # the parent's turn is over
    try: llm.invoke("later", thread_id=thread); os._exit(0)
    except FoundryAgentError: os._exit(7)
turn.join(); _, status = os.waitpid(child, 0)
expect(os.WEXITSTATUS(status) == 0, "a child may use a thread on which its parent worked when it was made")

# 3
service = Service(words=["a"]); llm = model(service, agent_id="asst_1"); stop = False
def busy():
    while not stop: llm.invoke("q")
threads = [threading.Thread(target=busy) for _ in range(8)]; [one.start() for one in threads]; time.sleep(1)
stuck = 0
for _ in range(6):
    child = os.fork()
    if child == 0:
        # faulthandler's own watchdog is not cancelled here: on CPython 3.11 that hangs in a child.
        atexit._run_exitfuncs(); os._exit(0)  # what the interpreter does at its end
    until, done = time.time() + 4, 0
    while time.time() < until and not done: done, _ = os.waitpid(child, os.WNOHANG); time.sleep(0.01)
    if not done: stuck += 1; os.kill(child, signal.SIGKILL); os.waitpid(child, 0)
stop = True; [one.join() for one in threads]
expect(stuck == 0, f"children of a process that works end ({stuck} of 6 hang in atexit)")

end()
