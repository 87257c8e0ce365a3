"""An agent on Microsoft's own server library, as a process of its own."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

from azure.ai.agentserver.responses import ResponseEventStream, ResponsesAgentServerHost

from .scenes import perform
from .telling import JSON, Events, Turn


async def answer(request: JSON, context: Any, cancelled: asyncio.Event) -> Events:
    """Make one response."""
    stream = ResponseEventStream(response_id=context.response_id, request=request)
    items, history = await context.get_input_items(), await context.get_history()
    async for event in perform(Turn(stream, request, list(items), list(history), cancelled)):
        yield event


def main(path: str, port: str) -> None:
    """Serve responses below a path."""
    host = ResponsesAgentServerHost(prefix=path)
    host.response_handler(answer)
    host.run(host="127.0.0.1", port=int(port))


if __name__ == "__main__":
    main(*sys.argv[1:])
