"""What an agent may write to have its reader's page run or load something."""

from __future__ import annotations

from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage, ToolMessage

RUNS = "document.documentElement.dataset.pwned=1"
"""What an attack's script does, so that a browser can tell that it ran."""

ATTACKS = {
    "script": f"<script>{RUNS}</script>",
    "image": "<img src=BEACON/img onerror=" + RUNS + ">",
    "svg": f"<svg onload={RUNS}><use href=BEACON/use /></svg>",
    "frame": f'<iframe src="javascript:{RUNS}"></iframe><iframe src="BEACON/frame"></iframe>',
    "style": "<style>@import 'BEACON/css'; *{background:url(BEACON/bg)}</style>",
    "end tags": f"</div></pre></code></details></style></textarea><script>{RUNS}</script>",
    "attribute": f'" autofocus onfocus="{RUNS}" x="',
    "single quotes": f"' onmouseover='{RUNS}' x='",
    "entities": f"&lt;script&gt;{RUNS}&lt;/script&gt; &#x3c;img src=BEACON/ent&#x3e;",
    "markdown link": f"[click](javascript:{RUNS})",
    "link in capitals": f"[click](JaVaScRiPt:{RUNS})",
    "link with entities": f"[click](&#106;avascript:{RUNS})",
    "link with a tab": f"[click](<java\tscript:{RUNS}>)",
    "link with a blank": f"[click](< javascript:{RUNS}>)",
    "vbscript": f"[click](vbscript:{RUNS})",
    "data link": "[click](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "file link": "[click](file:///etc/passwd)",
    "relative link": "[click](/logout) [click](//BEACONHOST/x) [click](#x)",
    "autolink": f"<javascript:{RUNS}>",
    "reference": f"[click][a]\n\n[a]: javascript:{RUNS}",
    "link title": f'[click](https://a.example "x\\" onclick=\\"{RUNS}")',
    "markdown image": "![x](BEACON/md.png)",
    "image of data": "![x](data:image/svg+xml;base64,PHN2Zy8+)",
    "image in a link": "[![x](BEACON/inner.png)](https://a.example)",
    "image text": f'![x" onerror="{RUNS}](BEACON/alt.png)',
    "fence": f'```js" onclick="{RUNS}\n<script>{RUNS}</script>\n```',
    "fence that ends": f"```\n```\n<script>{RUNS}</script>",
    "code": f"`<script>{RUNS}</script>`",
    "table": f"| a |\n|---|\n| <img src=BEACON/td onerror={RUNS}> |",
    "html block": f"<div onclick={RUNS}>\n\n<b>x</b>\n\n</div>",
    "own file": f'[file](sandbox:/mnt/data/x.html" onclick="{RUNS})',
    "mark": "\ue0001\ue001 \ue000<script>\ue001",
    "math": r"$\href{javascript:alert(1)}{x}$ \(\unicode{<img>}\)",
    "terminal": "\x1b]8;;javascript:1\x07x\x1b]8;;\x07 \x1b[2J\x9b31m",
    "direction": "abc\u202efdp.exe\u2066",
}


def messages(attack: str) -> list[BaseMessage]:
    """Messages that have an attack wherever an agent, a tool or a service can put one."""
    citation: dict[str, Any] = {
        "type": "citation",
        "url": attack,
        "title": attack,
        "cited_text": attack,
        "start_index": 0,
        "end_index": 1,
        "extras": {"file_id": attack, "marker": attack, "container_id": attack},
    }
    content: list[Any] = [
        {"type": "text", "text": attack, "annotations": [citation]},
        {"type": "text", "text": f"a {attack}", "annotations": [{**citation, "url": None}]},
        {"type": "image", "url": attack},
        {"type": "image", "file_id": attack},
        {"type": "image", "base64": attack, "mime_type": attack},
        {"type": "image", "url": f"data:image/svg+xml;base64,{attack}"},
        {"type": "reasoning", "reasoning": attack},
        {"type": "refusal", "refusal": attack},
        {"type": "server_tool_call", "id": attack, "name": attack, "args": {attack: attack}},
        {"type": "server_tool_result", "tool_call_id": attack, "output": attack, "status": attack},
        {"type": "server_tool_call", "id": "c", "name": "code", "args": {"code": attack}},
        {"type": "non_standard", "value": {attack: attack}},
        {"type": "file", "file_id": attack, "extras": {"filename": attack}},
        {"type": attack, "x": attack},
    ]
    told: dict[str, Any] = dict.fromkeys(
        ("agent_name", "thread_id", "run_id", "model_name", "status", "finish_reason"), attack
    )
    told |= {
        "model_provider": "azure_ai_foundry",
        "oauth_consent_requests": [{"consent_link": attack}],
    }
    call = {"name": attack, "args": {attack: attack}, "id": attack, "type": "tool_call"}
    return [
        SystemMessage(attack),
        HumanMessage(attack, name=attack),
        AIMessage(content, response_metadata=told, tool_calls=[call], id=attack),
        ToolMessage(attack, tool_call_id=attack, name=attack),
        ToolMessage([{"type": "text", "text": attack}], tool_call_id="other", status="error"),
    ]
