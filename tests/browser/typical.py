"""Typical messages, as the README shows them."""

from __future__ import annotations

import base64
import hashlib
import struct
import zlib
from typing import Any, NamedTuple

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage

from langchain_foundry_agents.display import render

from .browser import page


def bars(heights: list[int], width: int = 360, height: int = 160) -> bytes:
    """A bar chart, as a PNG."""
    step = width // len(heights)
    rows = b""
    for y in range(height):
        row = bytearray()
        for x in range(width):
            filled = (
                height - y <= heights[min(x // step, len(heights) - 1)] and x % step > step // 4
            )
            row += b"\x2f\x7f\xd6" if filled else b"\xff\xff\xff"
        rows += b"\0" + bytes(row)

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"".join(
        [
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", header),
            chunk(b"IDAT", zlib.compress(rows)),
            chunk(b"IEND", b""),
        ]
    )


def told(**more: Any) -> dict[str, Any]:
    return {
        "model_provider": "azure_ai_foundry",
        "agent_name": "support",
        "agent_version": "3",
        "thread_id": "conv_1e4d316ffff6b5c600NUohw93EwsGH8FGL99dO04UtPeyism6a",
        "run_id": "resp_1e4d316ffff6b5c60001c5ed8ea15955471713e9ea0e73e5b8",
        "model_name": "gpt-4o",
        "status": "completed",
        "finish_reason": "stop",
        "usage_source": "service",
        **more,
    }


def usage(read: int, wrote: int) -> Any:
    return {"input_tokens": read, "output_tokens": wrote, "total_tokens": read + wrote}


def source(title: str, marker: str, text: str, **more: Any) -> dict[str, Any]:
    start = text.index(marker)
    place = {"start_index": start, "end_index": start + len(marker)}
    extras = {"marker": marker, **more.pop("extras", {})}
    return {"type": "citation", "title": title, "extras": extras, **place, **more}


SAID = """Returns are free for **30 days**【4:0†source】. What you need:

1. the order's number, such as `A-1093`
2. the label from *My orders*【4:1†source】

| country | days | cost |
|---|---:|---|
| France | 3 | free |
| Norway | 7 | 4.90 € |

See also [our terms](https://contoso.example/terms).
"""

CITED = AIMessage(
    [
        {
            "type": "text",
            "text": SAID,
            "annotations": [
                source(
                    "returns-policy.pdf",
                    "【4:0†source】",
                    SAID,
                    extras={"file_id": "assistant-8fJx2p"},
                    cited_text="Goods may be returned within thirty days at no cost.",
                ),
                source(
                    "Print a return label",
                    "【4:1†source】",
                    SAID,
                    url="https://contoso.example/help/labels",
                ),
            ],
        },
        {
            "type": "server_tool_call",
            "id": "call_9Zq",
            "name": "file_search",
            "args": {"queries": ["return policy"]},
        },
        {
            "type": "server_tool_result",
            "tool_call_id": "call_9Zq",
            "status": "success",
            "output": [{"file_name": "returns-policy.pdf", "score": 0.82}],
        },
    ],
    response_metadata=told(),
    usage_metadata=usage(1432, 118),
)

CODE = """import matplotlib.pyplot as plt
sales = {"Q1": 41, "Q2": 67, "Q3": 59, "Q4": 88}
plt.bar(sales.keys(), sales.values())
print(sum(sales.values()))"""

DRAWN = AIMessage(
    [
        {
            "type": "server_tool_call",
            "id": "ci_1e4d316ffff6b5c600",
            "name": "code_interpreter",
            "args": {"code": CODE},
        },
        {
            "type": "server_tool_result",
            "tool_call_id": "ci_1e4d316ffff6b5c600",
            "status": "success",
            "output": [{"type": "logs", "logs": "255"}],
        },
        {"type": "text", "text": "Sales grew in each quarter but the third; **255** in all."},
        {
            "type": "image",
            "base64": base64.b64encode(bars([62, 100, 88, 132])).decode(),
            "mime_type": "image/png",
        },
    ],
    response_metadata=told(),
    usage_metadata=usage(820, 64),
)

THREAD: list[BaseMessage] = [
    HumanMessage("What is the weather in Paris, and what should I pack?\nI leave on Monday."),
    AIMessage(
        "",
        tool_calls=[
            {"name": "get_weather", "args": {"city": "Paris"}, "id": "call_1", "type": "tool_call"}
        ],
        response_metadata=told(status="requires_action", finish_reason="tool_calls"),
        usage_metadata=usage(310, 18),
    ),
    ToolMessage("Sunny, 24 °C, wind from the west.", tool_call_id="call_1"),
    AIMessage(
        "Sunny and **24 °C**: a light jacket will do.\n\n```python\npack = ['jacket', 'hat']\n```",
        response_metadata=told(),
        usage_metadata=usage(352, 21),
    ),
]


class Picture(NamedTuple):
    """What a picture shows."""

    messages: list[BaseMessage]
    height: int
    unfolded: bool = False
    """What is folded is shown, too."""


PICTURES = {
    "cited": Picture([CITED], 400),
    "drawn": Picture([DRAWN], 310),
    "thread": Picture(THREAD, 390),
    "unfolded": Picture([DRAWN, *THREAD[1:3]], 1110, unfolded=True),
}


def shown_in(name: str, *, dark: bool) -> str:
    """The page of a picture."""
    picture = PICTURES[name]
    html = render(picture.messages).html
    html = html.replace("<details>", "<details open>") if picture.unfolded else html
    return page(html, dark=dark)


def digest(html: str) -> str:
    """Tells a page from others."""
    return hashlib.sha256(html.encode()).hexdigest()
