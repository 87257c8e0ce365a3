"""Requests over httpx, which is called in this room and nowhere else, and imported on first use."""

from langchain_foundry_agents._transport.farewells import to_its_end
from langchain_foundry_agents._transport.streams import AsyncStream, Stream
from langchain_foundry_agents._transport.transport import Transport

__all__ = ["AsyncStream", "Stream", "Transport", "to_its_end"]
