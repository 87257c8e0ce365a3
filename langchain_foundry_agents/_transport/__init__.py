"""Requests over httpx, which is called in this room and nowhere else, and imported on first use."""

from langchain_foundry_agents._transport.farewells import ended, keep
from langchain_foundry_agents._transport.greeting import Greeting, greet, way_to
from langchain_foundry_agents._transport.sending import Sending, within
from langchain_foundry_agents._transport.streams import AsyncStream, Stream
from langchain_foundry_agents._transport.transport import Transport

__all__ = [
    "AsyncStream",
    "Greeting",
    "Sending",
    "Stream",
    "Transport",
    "ended",
    "greet",
    "keep",
    "way_to",
    "within",
]
