"""PASS. Markers in the text, annotations nowhere (a host that loses them), or only in events.

Reports: https://github.com/microsoft/agent-framework/pull/6649 (hosted: annotations always empty),
https://github.com/microsoft/agent-framework/pull/5071 (SharePoint: url_citation only in the stream's events).
"""

from service_by_answers import *

# ---- the case ------------------------------------------------------------------------------------
TEXT = "We open at nine【5:0†source】."
CITED = {"type": "url_citation", "url": "https://contoso.example/hours", "title": "Hours", "start_index": 15, "end_index": 27}
lost = numbered([*begun(), *text_events(TEXT), ended(message(TEXT))])
told_once = {"type": "response.output_text.annotation.added", "output_index": 0, "item_id": "msg_1", "content_index": 0, "annotation_index": 0, "annotation": CITED}
events = list(text_events(TEXT))
streamed = numbered([*begun(), *events[:-2], told_once, *events[-2:], ended(message(TEXT))])
WANTED = {"keep": TEXT, "strip": "We open at nine.", "markdown": "We open at nine[^1]."}
for style, start in WANTED.items():
    with serve(new_agent(lambda body, n: sse(*lost))) as (endpoint, log):
        got = agent(endpoint, citations=style).invoke("When?")
        check(f"annotations lost, citations={style!r}", got.text.startswith(start), repr(got.text))
    with serve(new_agent(lambda body, n: sse(*streamed))) as (endpoint, log):
        got = agent(endpoint, citations=style).invoke("When?")
        notes = got.content_blocks[0].get("annotations") or []
        check(f"annotations only in events, citations={style!r}", [note.get("url") for note in notes] == [CITED["url"]], (got.text, notes))

finish()
