"""What agents can do, as LangChain's model profiles say it."""

from __future__ import annotations

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
    "tool_choice": False,
}
"""What is different with new agents, whose definition owns much of this."""
