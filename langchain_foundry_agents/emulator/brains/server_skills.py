"""What the default brain does with server tools: it computes, draws, searches and asks servers.

Each skill looks at the question and says nothing (None) where it has nothing to do.
"""

from __future__ import annotations

import base64
import math
import re
from typing import TYPE_CHECKING, TypeAlias

from langchain_foundry_agents.emulator.brains.arithmetic import solve
from langchain_foundry_agents.emulator.brains.bar_chart import bar_chart
from langchain_foundry_agents.emulator.brains.passages import Passage, passages
from langchain_foundry_agents.emulator.brains.script import server_use

if TYPE_CHECKING:
    from collections.abc import Sequence

    from langchain_foundry_agents.emulator.brains.workbench import McpTool, Search, Sheet, Workbench
    from langchain_foundry_agents.emulator.records import JsonObject

Blocks: TypeAlias = "list[JsonObject]"

_DRAW = re.compile(r"\b(?:plot|draw|chart|graph|diagram|histogram)\b", re.IGNORECASE)
_NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?")
_FRACTION = re.compile(r"\.|(?<!/)/(?!/)|\*\*[ (]*-")
_ABOUT_FILES = re.compile(r"\b(?:files?|lines?|bytes|size|large|long|attached)\b", re.IGNORECASE)
_MOST_BARS = 50
_MARKER = "【4:0†source】"


def used_tools(bench: Workbench, question: str) -> Blocks | None:
    """Blocks of an answer that code or a search gives; None where no tool is of use."""
    if bench.code is not None:
        done = _draw(question) or _compute(question) or _measure(bench.code, question)
        if done:
            return done
    return _search(bench.search, question) if bench.search else None


def asked_servers(tools: Sequence[McpTool], question: str) -> Blocks:
    """Calls of the MCP tools that the question names, by their names or by their server's label.

    The results and what is said about them come after all calls, so that the calls are one step.
    """
    calls, results, said = [], [], []
    for place, tool in enumerate(_named(tools, question)):
        output = f'{tool.name} of {tool.server_label} was asked: "{question}".'
        extras = {"name": tool.name, "server_label": tool.server_label}
        use = server_use(f"mcp_{place}", "mcp", {"query": question}, output, extras)
        calls.append(use[0])
        results.append(use[1])
        said.append(_text(f"{' ' if place else ''}{tool.name} gave: {output}"))
    return [*calls, *results, *said]


def _named(tools: Sequence[McpTool], question: str) -> list[McpTool]:
    if by_name := [tool for tool in tools if _says(question, tool.name)]:
        return by_name
    firsts = {tool.server_label: tool for tool in reversed(tools)}
    return [tool for label, tool in reversed(firsts.items()) if _says(question, label)]


def _says(question: str, name: str) -> bool:
    spoken = re.sub(r"[_-]", "[ _-]", re.escape(name).replace(r"\-", "-"))
    return re.search(rf"(?<!\w){spoken}(?!\w)", question, re.IGNORECASE) is not None


def _draw(question: str) -> Blocks | None:
    if not _DRAW.search(question):
        return None
    found = _NUMBER.findall(question)[:_MOST_BARS]
    shown = [one for one in found if math.isfinite(float(one))]
    if not shown:
        return None
    data = base64.b64encode(bar_chart([float(one) for one in shown])).decode()
    picture = {"type": "image", "base64": data, "mime_type": "image/png"}
    code = f"values = [{', '.join(shown)}]\nplt.bar(range(len(values)), values)\nplt.show()"
    return [
        *server_use("code_0", "code_interpreter", {"code": code}, [picture]),
        picture,
        _text(f"Here is a chart of {', '.join(shown)}."),
    ]


def _compute(question: str) -> Blocks | None:
    if not (solved := solve(question)):
        return None
    written, _, value = solved.partition(" = ")
    if not value:
        value, written = "ZeroDivisionError: division by zero", written.partition(" has ")[0]
    # Fractions are rounded here, so the code has to say so.
    shown = f'f"{{{written}:.10g}}"' if _FRACTION.search(written) else written
    return [*_code(f"print({shown})", f"{value}\n"), _text(f"{solved}.")]


def _measure(sheets: Sequence[Sheet], question: str) -> Blocks | None:
    if not sheets or not (_ABOUT_FILES.search(question) or _mentions(sheets, question)):
        return None
    paths = [f"/mnt/data/{sheet.file_id}" for sheet in sheets]
    code = (
        f"for path in {paths}:\n"
        "    data = open(path, 'rb').read()\n"
        "    print(len(data), len(data.splitlines()))"
    )
    logs = "".join(f"{sheet.size} {sheet.lines}\n" for sheet in sheets)
    told = [f"{one.name} has {one.size} bytes and {one.lines} lines." for one in sheets]
    return [*_code(code, logs), _text(" ".join(told))]


def _mentions(sheets: Sequence[Sheet], question: str) -> bool:
    return any(sheet.name.lower() in question.lower() for sheet in sheets)


def _search(search: Search, question: str) -> Blocks | None:
    found = passages(search, question)
    if not found and not question.rstrip().endswith("?"):
        return None
    results = [_result(passage) for passage in found]
    output = {"ranking_options": search.ranking, "results": results}
    use = server_use("search_0", "file_search", {}, output)
    return [*use, _quoted(found[0]) if found else _text("The files say nothing about that.")]


def _result(passage: Passage) -> JsonObject:
    return {
        "file_id": passage.sheet.file_id,
        "file_name": passage.sheet.name,
        "score": passage.score,
        "attributes": passage.sheet.attributes,
        "content": [{"type": "text", "text": passage.text}],
    }


def _quoted(passage: Passage) -> JsonObject:
    source = {
        "type": "file_citation",
        "text": _MARKER,
        "file_citation": {"file_id": passage.sheet.file_id},
    }
    text = f'{passage.sheet.name} says: "{passage.line}"'
    # A file may itself hold text that looks like the marker.
    place = {"start_index": len(text), "end_index": len(text) + len(_MARKER)}
    return {"type": "text", "text": f"{text}{_MARKER}.", "annotations": [source | place]}


def _code(code: str, logs: str) -> Blocks:
    return server_use(
        "code_0", "code_interpreter", {"code": code}, [{"type": "logs", "logs": logs}]
    )


def _text(text: str) -> JsonObject:
    return {"type": "text", "text": text}
