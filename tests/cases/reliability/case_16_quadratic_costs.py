"""What an answer costs grows with the square of its annotations, of its messages, and of alike events in one read.

`Draft.cite` compares each annotation with all (_answers/draft.py:125-130); `note_message` and `_begin` look at all
messages and texts for each delta (_answers/draft.py:84-88, _answers/content.py:150); `SSEDecoder._alike` copies all lines
that are left for each event (_sse.py:101-106), and gzip makes a read of 1 MiB of one kilobyte. It holds the event loop,
and no run_timeout ends it.

Self-contained: own raw server on 127.0.0.1; needs langchain-foundry-agents. Exits 1 when the product misbehaves.
"""
from raw_service import *
from raw_service import FAILED  # noqa: F401

# ---- the case ----
import zlib
logging.disable(logging.CRITICAL)
from langchain_foundry_agents import ChatFoundryAgent
from langchain_foundry_agents._sse import SSEDecoder
def timed(events, **fields):
    def handler(req, c):
        if req.path.endswith("/conversations"): return resp(200, {"id": "conv_1"})
        c.sendall(STREAM_HEAD); data = sse(events)
        for at in range(0, len(data), 2**20): c.sendall(chunk(data[at:at + 2**20]))
        c.sendall(END)
    llm = ChatFoundryAgent(project_endpoint=RawServer(handler).endpoint, run_timeout=5, max_retries=0, **fields); began = time.perf_counter()
    try: llm.invoke("x")
    except Exception: pass
    return time.perf_counter() - began
def annotated(n):
    r = {"id": "resp_1", "object": "response", "status": "in_progress", "conversation": {"id": "conv_1"}, "output": []}
    notes = [{"type": "url_citation", "url": f"http://a/{i}", "title": f"t{i}", "start_index": i, "end_index": i + 1} for i in range(n)]
    item = {"id": "msg_1", "type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "x" * n, "annotations": notes}]}
    return [("response.created", {"type": "response.created", "response": r}), ("response.output_item.done", {"type": "response.output_item.done", "output_index": 0, "item": item}), ("response.completed", {"type": "response.completed", "response": {**r, "status": "completed", "output": [item]}})]
def messages(n):
    run = {"id": "run_1", "object": "thread.run", "thread_id": "thread_1", "status": "in_progress"}
    deltas = [("thread.message.delta", {"id": f"msg_{i}", "object": "thread.message.delta", "delta": {"content": [{"index": 0, "type": "text", "text": {"value": "a"}}]}}) for i in range(n)]
    return [("thread.run.created", run), *deltas, ("thread.run.completed", {**run, "status": "completed"})]
timed(annotated(1), agent_name="a"); timed(messages(1), agent_id="asst_1")
for label, make, fields, n in (("annotations", annotated, {"agent_name": "a"}, 1500), ("messages", messages, {"agent_id": "asst_1"}, 2500)):
    small, large = timed(make(n), **fields), timed(make(4 * n), **fields)
    expect(large < 8 * small or large < 1, f"{4 * n} {label} take about four times as long as {n} ({small:.2f} s -> {large:.2f} s = {large / small:.1f} times; run_timeout was 5)")
a, b = b"event: a\ndata: {}\n\n", b"event: b\ndata: {}\n\n"
took = {}
for label, text in (("AAAA", a * 55_000), ("AABB", (a * 2 + b * 2) * 13_750)):
    began = time.perf_counter(); SSEDecoder().feed(text); took[label] = time.perf_counter() - began
packed = len(zlib.compress((a * 2 + b * 2) * 13_750))
expect(took["AABB"] < 10 * took["AAAA"] + 0.3, f"1 MiB of events AABB… (packed {packed:,} bytes) takes as long as AAAA… ({took['AAAA']:.2f} s -> {took['AABB']:.2f} s)")

end()
