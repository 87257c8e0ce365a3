"""PASS. `keepalive` events, with the number before or after, between doubled words.

Report: https://github.com/openai/openai-node/pull/1965 (the accumulator failed on them).
"""

from service_by_answers import *

# ---- the case ------------------------------------------------------------------------------------
TEXT, PIECES = "one two one three one", ["one ", "two ", "one ", "three ", "one"]
plain = [*begun(), *text_events(TEXT, pieces=PIECES), ended(message(TEXT))]


def between(shares):
    out, number = [], 0
    for event in plain:
        if shares == "the next":
            out.append({"type": "keepalive", "sequence_number": number})
        out.append({**event, "sequence_number": number})
        if shares == "this":
            out.append({"type": "keepalive", "sequence_number": number})
        if shares == "none":
            number += 1
            out.append({"type": "keepalive", "sequence_number": number})
        number += 1
    return out


for shares in ("the next", "this", "none"):
    events = between(shares)
    with serve(new_agent(lambda body, n, events=events: sse(*events, b": ping\n\n"))) as (endpoint, log):
        for way, got in (("invoke", agent(endpoint).invoke("Count")), ("stream", whole(agent(endpoint).stream("Count")))):
            check(f"a keepalive that shares the number of {shares} event, {way}", got.text == TEXT, repr(got.text))

finish()
