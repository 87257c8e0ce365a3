"""What the content filter says of a response."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from langchain_foundry_agents.emulator.records import JsonObject

_GRADED = ("hate", "sexual", "violence", "self_harm")
_PROMPT = ("indirect_attack", "jailbreak")
_COMPLETION = ("protected_material_text", "protected_material_code")
BLOCKING = "protected_material_text"
APOLOGY = "I'm sorry, but I cannot assist with that request."


def content_filters(
    prompt_length: int | None, written_length: int, *, blocked: bool
) -> list[JsonObject]:
    """The verdicts over the prompt and over what was written.

    Args:
        prompt_length: characters of the prompt; None where nobody said anything new.
        written_length: characters of the output.
        blocked: whether the output was stopped.
    """
    completion = _verdict("completion", _COMPLETION, written_length, blocked=blocked)
    if prompt_length is None:
        return [completion]
    return [_verdict("prompt", _PROMPT, prompt_length, blocked=False), completion]


def _verdict(source: str, detectors: tuple[str, ...], end: int, *, blocked: bool) -> JsonObject:
    found = {one: blocked and one == BLOCKING for one in detectors}
    results: JsonObject = {one: {"detected": hit, "filtered": hit} for one, hit in found.items()}
    results |= {one: {"filtered": False, "severity": "safe"} for one in _GRADED}
    return {
        "blocked": blocked,
        "source_type": source,
        "content_filter_raw": [],
        "content_filter_results": results,
        "content_filter_offsets": {"start_offset": 0, "end_offset": end, "check_offset": 0},
    }
