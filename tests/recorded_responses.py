"""Recorded responses of the new generation, and what the fold makes of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from folding import JSON, Event, answer, event, folded, recorded
from langchain_core.messages import AIMessageChunk

from langchain_foundry_agents._flow.items import run_of
from langchain_foundry_agents._flow.progress import Outcome
from langchain_foundry_agents.citations import CitationStyle

RECORDINGS = Path(__file__).parent / "recordings" / "responses"
_TELLS_NOTHING = "_with_content_recording"
STREAMS = {
    path.stem.replace(_TELLS_NOTHING, ""): recorded(path)
    for path in sorted([*RECORDINGS.glob("*.sse"), *RECORDINGS.glob("*sse*.txt")])
}


def bodies(path: Path) -> dict[str, JSON]:
    """The responses that a recording has whole, by their place in it."""
    told = json.loads(path.read_text())
    exchanges = told.get("exchanges") or [{"response": {"body": told}}]
    given = [exchange["response"].get("body") for exchange in exchanges]
    return {
        f"{path.stem}.{place}": body
        for place, body in enumerate(given)
        if isinstance(body, dict) and body.get("object") == "response"
    }


WHOLE = {
    name: body for path in sorted(RECORDINGS.glob("*.json")) for name, body in bodies(path).items()
}


def whole(response: JSON) -> Event:
    return event(response["status"], response=response)


def message_of(*batches: Any, style: CitationStyle = "keep") -> AIMessageChunk:
    """The message of a recorded response, whose last event tells it whole."""
    response = batches[-1][-1][1]["response"]
    return folded(batches, answer(citations=style), Outcome(run_of(response)))
