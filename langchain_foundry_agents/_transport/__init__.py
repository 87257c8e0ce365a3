"""Requests over httpx, which is called in this room and nowhere else, and imported on first use."""

from langchain_foundry_agents._transport.greeting import Greeting, greet, way_to
from langchain_foundry_agents._transport.pools import see_off
from langchain_foundry_agents._transport.streams import AsyncStream, Stream
from langchain_foundry_agents._transport.transport import Transport

__all__ = ["AsyncStream", "Greeting", "Stream", "Transport", "greet", "see_off", "way_to"]
