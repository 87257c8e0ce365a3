"""What programs share: their tools, their forms of answers, and how they are listed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from langchain_core.messages import BaseMessage
from langchain_core.runnables import RunnableConfig
from langchain_core.tools import tool
from pydantic import BaseModel, Field

from .worlds import World

Program = Callable[[World], Any]
ONE: RunnableConfig = {"configurable": {"thread_id": "1"}}


@tool
def weather(city: str) -> str:
    """The weather of a city."""
    return f"Sunny in {city}."


@tool
def mail(to: str) -> str:
    """Send a mail."""
    return f"Sent to {to}."


@tool
def fails(why: str) -> str:
    """Fail."""
    raise ValueError(why)


class Person(BaseModel):
    """A person."""

    name: str = Field(description="The name.")
    age: int


PERSON = '{"name": "Ada", "age": 36}'


def asked(agent: Any, *questions: str) -> list[Any]:
    """The answers to questions, one after the other, and at the end the whole state."""
    state: Any = {}
    for question in questions:
        state = agent.invoke({"messages": [("human", question)]}, ONE)
    return history(state["messages"])


def history(messages: Sequence[BaseMessage]) -> list[Any]:
    """The messages of a state."""
    return list(messages)
