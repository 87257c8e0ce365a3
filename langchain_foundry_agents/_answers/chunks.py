"""A chunk of plain text, of which an answer has hundreds, at a third of what constructors take."""

from __future__ import annotations

from typing import Any, TypeVar

from langchain_core.messages import AIMessageChunk
from langchain_core.outputs import ChatGenerationChunk
from pydantic import BaseModel

from langchain_foundry_agents._messages import JSON

Model = TypeVar("Model", bound=BaseModel)
_MESSAGE = AIMessageChunk(content="", id="", response_metadata={})
_CHUNK = ChatGenerationChunk(message=_MESSAGE)
_set = object.__setattr__


def text_chunk(text: str, id_: str | None, response_metadata: JSON) -> ChatGenerationChunk:
    """What the constructors make of these: nothing in them is left to be checked."""
    message = _like(
        _MESSAGE,
        content=text,
        id=id_,
        response_metadata=response_metadata,
        additional_kwargs={},
        tool_calls=[],
        invalid_tool_calls=[],
        tool_call_chunks=[],
    )
    return _like(_CHUNK, message=message, text=message.text)


def _like(model: Model, **fields: Any) -> Model:
    """A copy with other fields, set as unpickling sets them. `model_copy` takes twice as long."""
    made = model.__new__(type(model))
    extra = model.__pydantic_extra__
    _set(made, "__dict__", {**model.__dict__, **fields})
    _set(made, "__pydantic_fields_set__", model.__pydantic_fields_set__.copy())
    _set(made, "__pydantic_extra__", None if extra is None else extra.copy())
    _set(made, "__pydantic_private__", None)
    return made
