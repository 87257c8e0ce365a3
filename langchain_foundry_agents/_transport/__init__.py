"""Requests over httpx, which is called in this room and nowhere else, and imported on first use."""

from langchain_foundry_agents._transport.farewells import to_its_end
from langchain_foundry_agents._transport.greeting import Greeting, greet, way_to
from langchain_foundry_agents._transport.streams import AsyncStream, Stream
from langchain_foundry_agents._transport.transport import Transport

__all__ = ["AsyncStream", "Greeting", "Stream", "Transport", "greet", "to_its_end", "way_to"]
