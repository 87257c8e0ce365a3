"""FAIL 20 (PARTIAL: nothing is lost, but nothing streams). While an item is open, what later items say waits:
a workflow's action that holds an agent's message keeps all of its words back.

Source: a sample program that prints a workflow's deltas as they come, between `output_item.added` and
`output_item.done` of its actions: https://github.com/mafascio/mc-mfsequentialworkflowdemo (run_agent.py);
that actions nest around other items (5 added, 6 added, 6 done, 5 done) was seen in recordings of the service.
Symptom: `stream` of a workflow agent gives one chunk at the end.
Expected: text as it comes ("what comes together is handed on together"); an action that wraps others need not
stand before them, and one that is never done must not hold back the rest.
"""

from service_by_answers import *

# ---- the case ------------------------------------------------------------------------------------
import time


def action(status):
    return {"id": "wfa_1", "type": "workflow_action", "kind": "InvokeAzureAgent", "action_id": "node_1", "status": status}


words = ["one ", "two ", "three ", "four ", "five"]
added = {"type": "response.output_item.added", "output_index": 0, "item": action("in_progress")}
done = {"type": "response.output_item.done", "output_index": 0, "item": action("completed")}
said = list(text_events("".join(words), place=1, pieces=words))
last = ended(action("completed"), message("".join(words)))
SHAPES = {"the action is done before": [added, done, *said], "the action wraps the message": [added, *said, done], "the action is never done": [added, *said]}


def slowly(events):
    """Each event goes out by itself."""

    def pieces():
        for event in numbered([*begun(), *events, last]):
            yield sse(event)[2]
            time.sleep(0.03)

    return new_agent(lambda body, n: (200, {"content-type": "text/event-stream"}, pieces()))


for title, events in SHAPES.items():
    with serve(slowly(events)) as (endpoint, log):
        chunks = [chunk.text for chunk in agent(endpoint).stream("Go") if chunk.text]
        check(f"{title}: the text comes in pieces", len(chunks) > 1, chunks)

finish()
