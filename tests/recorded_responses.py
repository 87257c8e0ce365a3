"""Recorded responses of the new generation, and what the fold makes of them, in short."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

from folding import JSON, Event, answer, brief, event, folded, recorded
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


class Told(NamedTuple):
    """What an answer says, and of itself."""

    blocks: list[str]
    run_id: str
    thread_id: str | None
    message_ids: list[str]
    tokens: tuple[int, int] | None
    """In and out, as the service counted them."""


def summary(message: AIMessageChunk) -> Told:
    """A message in short."""
    metadata, usage = message.response_metadata, message.usage_metadata
    assert usage is not None
    return Told(
        [line for block in message.content_blocks for line in _outline(block)],
        metadata["run_id"],
        metadata.get("thread_id"),
        metadata["message_ids"],
        (usage["input_tokens"], usage["output_tokens"])
        if metadata["usage_source"] == "service"
        else None,
    )


def _outline(block: Any) -> list[str]:
    match block["type"]:
        case "text":
            return [str(brief(block["text"]))]
        case "server_tool_result":
            return [f"  {block['status']}: {brief(str(block['output']))}"]
    return [f"{block['name']}({brief(json.dumps(block['args']))})", f"  {block['id']}"]
