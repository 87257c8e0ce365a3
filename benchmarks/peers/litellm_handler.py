"""litellm's `azure_ai/agents/<agent id>`."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any

from langchain_core.utils.function_calling import convert_to_openai_tool

from benchmarks.peers.answers import MCP_SERVER, Answer, Approval, Tools
from benchmarks.peers.desk import Desk

# Else its import asks the network for prices.
os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")


class LiteLlm:
    """`completion` and `acompletion` of an agent that is there and has the tools."""

    packages = ("litellm",)

    def __init__(self, desk: Desk, tools: Tools = (), *, mcp: bool = False) -> None:
        definitions = [convert_to_openai_tool(tool) for tool in tools]
        self._functions = {tool.__name__: tool for tool in tools}
        agent_id = desk.create_agent([*definitions, *([MCP_SERVER] if mcp else [])])
        self._fields: dict[str, Any] = {
            "model": f"azure_ai/agents/{agent_id}",
            "api_base": desk.emulator.project_endpoint,
            "api_key": desk.emulator.credential,
            **({"tools": definitions} if definitions else {}),
        }

    def talk(self) -> _Talk:
        """A thread id of its own, as the documentation carries it on."""
        return _Talk(self._fields)

    async def aask(self, text: str) -> Answer:
        """`acompletion`."""
        import litellm

        return _read(await litellm.acompletion(messages=_user(text), **self._fields))

    def stream(self, text: str) -> Iterator[Answer]:
        """`completion(stream=True)`; its documentation streams async only."""
        import litellm

        for chunk in litellm.completion(messages=_user(text), stream=True, **self._fields):
            yield _read_piece(chunk)

    async def astream(self, text: str) -> AsyncIterator[Answer]:
        """`acompletion(stream=True)`."""
        import litellm

        chunks: Any = await litellm.acompletion(messages=_user(text), stream=True, **self._fields)
        try:
            async for chunk in chunks:
                yield _read_piece(chunk)
        finally:
            if hasattr(chunks, "aclose"):
                await chunks.aclose()

    def work(self, text: str) -> Answer:
        """The loop of OpenAI's chat completions."""
        import litellm

        messages: list[Any] = list(_user(text))
        while True:
            response: Any = litellm.completion(messages=messages, **self._fields)
            said = response.choices[0].message
            if not said.tool_calls:
                return _read(response)
            messages.append(said)
            for call in said.tool_calls:
                function = self._functions[call.function.name]
                output = function(**json.loads(call.function.arguments))
                messages.append({"role": "tool", "tool_call_id": call.id, "content": output})

    def ask_approval(self, text: str) -> Approval:
        """As any turn: there is no other way to ask."""
        answer = self.talk().ask(text)
        return Approval(answer.carried, lambda: answer)


class _Talk:
    def __init__(self, fields: Mapping[str, Any]) -> None:
        self._fields = dict(fields)

    def ask(self, text: str, *, system: str | None = None) -> Answer:
        """What is new, and the thread's id."""
        import litellm

        before = [{"role": "system", "content": system}] if system else []
        response: Any = litellm.completion(messages=[*before, *_user(text)], **self._fields)
        self._fields["thread_id"] = response._hidden_params.get("thread_id")  # noqa: SLF001 - as its docs do
        return _read(response)


def _user(text: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": text}]


def _read(response: Any) -> Answer:
    message = response.choices[0].message
    images = getattr(message, "images", None) or []
    return Answer(
        text=message.content,
        parts=[("text", message.content), *[("image", "")] * len(images)],
        citations=_urls(getattr(message, "annotations", None)),
        usage={
            "input_tokens": response.usage.prompt_tokens,
            "output_tokens": response.usage.completion_tokens,
            "total_tokens": response.usage.total_tokens,
        },
        carried=f"{response.model_dump_json()} {response._hidden_params}",  # noqa: SLF001 - as its docs do
    )


def _read_piece(chunk: Any) -> Answer:
    delta = chunk.choices[0].delta
    urls = _urls(getattr(delta, "annotations", None))
    return Answer(text=delta.content or "", citations=urls, carried=chunk.model_dump_json())


def _urls(annotations: Sequence[Any] | None) -> list[str]:
    return [str(one.get("url_citation", {}).get("url")) for one in annotations or ()]
