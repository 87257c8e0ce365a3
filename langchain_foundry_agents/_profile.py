"""What agents can do, as LangChain's model profiles say it."""

from __future__ import annotations

import re

from langchain_core.language_models import ModelProfile

PROFILE: ModelProfile = {
    "text_inputs": True,
    "image_inputs": True,
    "image_url_inputs": True,
    "audio_inputs": False,
    "video_inputs": False,
    "image_tool_message": False,
    "pdf_tool_message": False,
    "text_outputs": True,
    "audio_outputs": False,
    "video_outputs": False,
    "reasoning_output": False,
    "tool_calling": True,
    "tool_choice": True,
    "tool_call_streaming": False,
    "mid_conversation_system_messages": False,
    "structured_output": True,
    "attachment": True,
    "temperature": True,
}
"""What is true of every classic agent. PDF inputs and image outputs depend on the agent's tools."""

OF_NEW_AGENTS: ModelProfile = {
    "reasoning_output": True,
    "temperature": False,
}
"""What is different with new agents, whose definition owns much of this."""

_WINDOWS: dict[str, tuple[int, int]] = {
    "gpt-35-turbo": (16_385, 4_096),
    "gpt-4-turbo": (128_000, 4_096),
    "gpt-4o": (128_000, 16_384),
    "gpt-4.1": (1_047_576, 32_768),
    "gpt-5": (272_000, 128_000),
    "gpt-5-chat": (128_000, 16_384),
    "gpt-5.1": (272_000, 128_000),
    "gpt-5.1-chat": (128_000, 16_384),
    "gpt-5.2": (272_000, 128_000),
    "gpt-5.2-chat": (128_000, 16_384),
    "o1": (200_000, 100_000),
    "o3": (200_000, 100_000),
    "o4-mini": (200_000, 100_000),
}
"""Most tokens that models of a family read and write.

https://learn.microsoft.com/azure/foundry/foundry-models/concepts/models-sold-directly-by-azure
"""


def windows_of(model: str | None) -> ModelProfile:
    """What is known of the context window of a deployment that is named after its model."""
    for family in sorted(_WINDOWS, key=len, reverse=True):
        if re.fullmatch(rf"{re.escape(family)}([-_].*)?", model or ""):
            most, written = _WINDOWS[family]
            return {"max_input_tokens": most, "max_output_tokens": written}
    return {}
