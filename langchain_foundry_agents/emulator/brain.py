"""The default brain: a small deterministic chat model that answers, counts and computes.

Its answers show what reached it: the question, how many questions came before, instructions,
pictures, tools and their results. Nothing is random, nothing is remembered between calls.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import (
    AIMessage,
    AIMessageChunk,
    BaseMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
)
from langchain_core.messages.tool import tool_call, tool_call_chunk
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.utils.function_calling import convert_to_openai_tool

from langchain_foundry_agents.emulator.arithmetic import solve
from langchain_foundry_agents.emulator.imagination import Imagination
from langchain_foundry_agents.emulator.tool_choice import chosen_tools

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Sequence

    from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
    from langchain_core.runnables import Runnable

    from langchain_foundry_agents.emulator.records import JsonObject

_MOST_COUNTED = 10_000
_COUNT_TO = re.compile(r"\bcount (?:up )?(?:from 1 )?to (\d+)", re.IGNORECASE)


class EmulatorBrain(BaseChatModel):
    """Answers without a model: what was asked, what was asked before, and what it comes to."""

    @property
    def _llm_type(self) -> str:
        return "foundry-emulator"

    def bind_tools(
        self,
        tools: Sequence[dict[str, Any] | type | Callable[..., Any] | Any],
        *,
        tool_choice: str | dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """Lets the brain call tools: those that the user names, or the one that is forced."""
        definitions = [convert_to_openai_tool(tool) for tool in tools]
        return self.bind(tools=definitions, tool_choice=tool_choice, **kwargs)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return ChatResult(generations=[ChatGeneration(message=reply(messages, **kwargs))])

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        yield from map(_generation, _pieces(reply(messages, **kwargs)))

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        for piece in _pieces(reply(messages, **kwargs)):
            yield _generation(piece)


def reply(
    messages: Sequence[BaseMessage],
    *,
    tools: Sequence[JsonObject] = (),
    tool_choice: str | JsonObject | None = None,
    parallel_tool_calls: bool = True,
    response_format: JsonObject | None = None,
    **_: Any,
) -> AIMessage:
    """The whole answer to a conversation."""
    results = _latest_results(messages)
    questions = [message for message in messages if isinstance(message, HumanMessage)]
    question = str(questions[-1].text) if questions else ""
    if not results:
        chosen = chosen_tools(tools, question, tool_choice)
        calls = [_call(tool, question, place) for place, tool in enumerate(chosen)]
        if calls:
            return AIMessage("", tool_calls=calls if parallel_tool_calls else calls[:1])
    if response_format:
        return AIMessage(_structured(response_format, question))
    if results:
        return AIMessage(
            " ".join(f'{one.name or "The tool"} gave: "{one.text}".' for one in results)
        )
    return AIMessage(" ".join(_sentences(messages, questions, question)))


def _sentences(
    messages: Sequence[BaseMessage], questions: Sequence[HumanMessage], question: str
) -> Iterator[str]:
    if not questions:
        yield "Nothing was asked yet."
        return
    yield _instructions(messages, question) or _count(question) or _sum(question) or _echo(question)
    if pictures := _pictures(questions[-1]):
        yield f"I see {pictures} picture{'s' if pictures > 1 else ''}."
    if len(questions) > 1:
        earlier = len(questions) - 1
        yield (
            f"Before that you asked {earlier} question{'s' if earlier > 1 else ''}, "
            f'the last was: "{questions[-2].text}".'
        )


def _instructions(messages: Sequence[BaseMessage], question: str) -> str | None:
    if "your instructions" not in question.lower():
        return None
    said = "\n".join(str(one.text) for one in messages if isinstance(one, SystemMessage))
    return f'My instructions are: "{said}".' if said else "I have no instructions."


def _count(question: str) -> str | None:
    if not (found := _COUNT_TO.search(question)):
        return None
    end = min(int(found[1]), _MOST_COUNTED)
    return ", ".join(map(str, range(1, end + 1))) + "."


def _sum(question: str) -> str | None:
    return f"{solved}." if (solved := solve(question)) else None


def _echo(question: str) -> str:
    return f'You said: "{question}".'


def _pictures(message: HumanMessage) -> int:
    blocks = message.content if isinstance(message.content, list) else []
    return sum(isinstance(one, dict) and one["type"] in ("image", "image_url") for one in blocks)


def _latest_results(messages: Sequence[BaseMessage]) -> list[ToolMessage]:
    results: list[ToolMessage] = []
    for message in reversed(messages):
        if not isinstance(message, ToolMessage):
            break
        results.insert(0, message)
    return results


def _call(tool: JsonObject, question: str, place: int) -> Any:
    function = tool["function"]
    # The tool's own name is no material for its arguments: `add_2` does not say 2.
    text = question.replace(function["name"], "")
    arguments = Imagination(text).fill(function.get("parameters") or {})
    return tool_call(name=function["name"], args=arguments, id=f"call_{place}")


def _structured(response_format: JsonObject, question: str) -> str:
    schema = response_format.get("json_schema", {}).get("schema")
    answer = Imagination(question).fill(schema) if schema else {"answer": _echo(question)}
    return json.dumps(answer, ensure_ascii=False)


def _pieces(answer: AIMessage) -> Iterator[AIMessageChunk]:
    for word in re.findall(r"\s*\S+|\s+$", str(answer.text)):
        yield AIMessageChunk(content=word)
    for index, call in enumerate(answer.tool_calls):
        arguments = json.dumps(call["args"], ensure_ascii=False)
        chunk = tool_call_chunk(name=call["name"], args=arguments, id=call["id"], index=index)
        yield AIMessageChunk(content="", tool_call_chunks=[chunk])


def _generation(piece: AIMessageChunk) -> ChatGenerationChunk:
    return ChatGenerationChunk(message=piece)
