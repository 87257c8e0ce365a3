"""PASS. The finished picture comes, and the partial ones do not take its place.

Reports: https://github.com/dotnet/extensions/issues/7758, https://github.com/microsoft/agent-framework/issues/8674
(streamed: only the partial pictures were given).
"""

from service_by_answers import *

# ---- the case ------------------------------------------------------------------------------------
FINAL, PARTIAL = "iVBORw0KGgo=", "iVBORw0KGgoAAAAA"
PICTURE = {"id": "ig_1", "type": "image_generation_call", "status": "completed", "result": FINAL, "output_format": "png", "size": "1024x1024"}
drawing = [{"type": "response.image_generation_call.partial_image", "output_index": 0, "item_id": "ig_1", "partial_image_index": n, "partial_image_b64": PARTIAL} for n in range(2)]
for title, partials in (("with partial pictures", drawing), ("without", [])):
    added, done = item_events(PICTURE)
    added = {**added, "item": {"id": "ig_1", "type": "image_generation_call", "status": "in_progress", "result": None}}
    events = numbered([*begun(), added, *partials, done, *text_events("Here.", place=1), ended(PICTURE, message("Here."))])
    with serve(new_agent(lambda body, n, events=events: sse(*events))) as (endpoint, log):
        for way, got in (("invoke", agent(endpoint).invoke("Draw")), ("stream", whole(agent(endpoint).stream("Draw")))):
            pictures = [block.get("base64") for block in got.content_blocks if block["type"] == "image"]
            check(f"{title}, {way}", pictures == [FINAL], pictures)

finish()
