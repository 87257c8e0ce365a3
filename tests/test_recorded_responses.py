"""Citations of recorded responses. That all responses are read, test_corpus.py says."""

from __future__ import annotations

from typing import Any

import pytest
from recorded_responses import STREAMS, WHOLE, message_of, whole


@pytest.mark.parametrize(
    ("name", "cited"),
    [
        (
            "sample_agent_bing_grounding.1-stream-bing_grounding-url_citation",
            [("7-Day Forecast 47.62N 122.36W - National Weather Service", "【6:1†source】")],
        ),
        (
            "sample_agent_web_search.1-stream-web_search-url_citation-incomplete",
            [
                (
                    "Tube, Overground, Elizabeth line, DLR & Tram status updates - Transport ...",
                    "([tfl.gov.uk](https://tfl.gov.uk/tfl/livetravelnews/realtime/tube/default.html))",
                )
            ],
        ),
        (
            "sample_agent_file_search_in_stream.1-stream-file_search-file_citation",
            [("product_info.md", ""), ("product_info.md", "")],
        ),
        (
            "sample_agent_code_interpreter_with_files.3",
            [
                ("cfile_699fc498ac7081908a09fc933354d563.png", ""),
                (
                    "transportation_operating_profit_bar_chart.png",
                    "sandbox:/mnt/data/transportation_operating_profit_bar_chart.png",
                ),
            ],
        ),
    ],
)
def test_a_recorded_citation_stands_where_it_says(name: str, cited: list[tuple[str, str]]) -> None:
    message = message_of(STREAMS.get(name) or [whole(WHOLE[name])])

    blocks: list[Any] = message.content_blocks
    assert [
        (note["title"], block["text"][note["start_index"] : note["end_index"]])
        for block in blocks
        for note in block.get("annotations", [])
    ] == cited


def test_a_recorded_marker_becomes_a_footnote() -> None:
    events = STREAMS["sample_agent_bing_grounding.1-stream-bing_grounding-url_citation"]

    assert message_of(events, style="markdown").text.endswith(
        "(observed at Boeing Field / KBFI).[^1]\n\n"
        "[^1]: [7-Day Forecast 47.62N 122.36W - National Weather Service]"
        "(https://forecast.weather.gov/zipcity.php?inputstring=Seattle%2CWA)"
    )
    assert message_of(events, style="strip").text.endswith("(observed at Boeing Field / KBFI).")
