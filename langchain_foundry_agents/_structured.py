"""Structured output: a schema → what a run is asked, and its answer → an object that fits.

What comes while the answer grows is a courtesy: what is wrong with it is not told. The whole
answer is read strictly: it fits, or an error says why it does not.
"""

from __future__ import annotations

import json
import re
import reprlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial as given
from typing import Annotated, Any

from langchain_core import exceptions
from langchain_core.exceptions import ModelError, OutputParserException
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.output_parsers import BaseCumulativeTransformOutputParser
from langchain_core.outputs import ChatGeneration, Generation
from langchain_core.runnables import Runnable, RunnableLambda, RunnableMap
from langchain_core.utils.function_calling import convert_to_json_schema, convert_to_openai_function
from langchain_core.utils.json import parse_json_markdown, parse_partial_json
from langchain_core.utils.pydantic import is_basemodel_subclass
from pydantic import BaseModel, SkipValidation
from typing_extensions import is_typeddict

from langchain_foundry_agents.errors import (
    ContentFilterError,
    FoundryAgentError,
    InvalidFieldError,
    RunIncompleteError,
)

JSON = dict[str, Any]

_METHODS = ("json_schema", "function_calling", "json_mode")
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_BESIDE = {"title", "description", "$schema"}
"""Of a schema's root: what is sent beside it, or not at all."""
_EXCERPT = 200
_CUT: dict[str, tuple[type[FoundryAgentError], str]] = {
    "length": (RunIncompleteError, "A token limit cut the answer."),
    "content_filter": (ContentFilterError, "A content filter cut the answer."),
}
_ModelRefusalError: Any = getattr(exceptions, "ModelRefusalError", None)
"""LangChain's own error for a refusal, which older versions of its core do not have."""


def structured_output(
    model: BaseChatModel,
    schema: JSON | type,
    *,
    method: str = "json_schema",
    include_raw: bool = False,
    strict: bool | None = None,
    **unknown: object,
) -> Runnable[LanguageModelInput, JSON | BaseModel]:
    """The model, asked for answers that fit the schema, with a parser of those.

    Args:
        model: The model to ask.
        schema: A pydantic class (v2 or v1): answers are its instances. Or a `TypedDict` class, a
            JSON schema with a title, or OpenAI's form of one: answers are dicts.
        method: `"json_schema"`, `"function_calling"` or `"json_mode"`.
        include_raw: Give `{"raw", "parsed", "parsing_error"}` in place of the object.
        strict: Whether the service is to hold the model to the schema; `None` does not say.
        **unknown: Refused.

    Raises:
        InvalidFieldError: The method or a keyword is unknown, or the schema cannot work.
    """
    _check(schema, method, unknown)
    function = {} if method == "json_mode" else _read_schema(schema, strict)
    traced = _traced(schema, {"method": method, "strict": strict})
    tool = function["name"] if method == "function_calling" else None
    parser = AnswerParser(target=schema if _is_pydantic(schema) else None, tool=tool)
    asked: Runnable[LanguageModelInput, AIMessage]
    if tool:
        definition = {"type": "function", "function": function}
        # LangChain passes on only such keywords; `ls_structured_output_format` it keeps to itself.
        traced["ls_call_is_answer"] = True
        asked = model.bind_tools([definition], tool_choice=tool, strict=strict, **traced)
    else:
        asked = model.bind(response_format=_to_response_format(function), **traced)
    return RunnableMap(raw=asked) | RunnableLambda(parser.beside) if include_raw else asked | parser


def map_format(schema: JSON | type, *, strict: bool | None = None) -> JSON:
    """A schema in any of LangChain's forms as the service's `response_format`.

    Args:
        schema: As for `structured_output`, or the service's own `{"type": "json_object"}`.
        strict: Whether the service is to hold the model to the schema; `None` does not say.

    Raises:
        InvalidFieldError: The schema cannot work.
    """
    if schema == {"type": "json_object"}:
        return _to_response_format({})
    _check(schema, "json_schema", {})
    return _to_response_format(_read_schema(schema, strict))


class AnswerParser(BaseCumulativeTransformOutputParser[Any]):
    """Reads a schema's object out of the agent's message, or out of the message's tool call."""

    target: Annotated[type | None, SkipValidation()] = None
    """The pydantic class to make an instance of."""

    tool: str | None = None
    """The tool whose arguments are the object. `None`: the text is."""

    def parse(self, text: str) -> Any:
        """What the text says."""
        return self.parse_result([Generation(text=text)])

    def parse_result(self, result: list[Generation], *, partial: bool = False) -> Any:
        """What the message says; of one that still grows, `None` where it says nothing yet.

        Raises:
            FoundryAgentError: The answer was cut or refused.
            OutputParserException: The answer does not fit the schema.
        """
        first = result[0]
        message = first.message if isinstance(first, ChatGeneration) else AIMessage(first.text)
        if not partial or getattr(message, "chunk_position", "last") == "last":
            return self._read(message)
        with suppress(Exception):
            return self._build(self._find(message, parse_partial_json))
        return None

    def beside(self, answer: JSON) -> JSON:
        """The object beside the message, or what is wrong with it."""
        try:
            return {**answer, "parsed": self.invoke(answer["raw"]), "parsing_error": None}
        except (ModelError, OutputParserException) as error:
            return {**answer, "parsed": None, "parsing_error": error}

    def _read(self, message: BaseMessage) -> Any:
        _raise_if_cut(message)
        try:
            return self._build(self._find(message, given(json.loads, strict=False)))
        except Exception as error:
            said = message.text or json.dumps(
                [getattr(message, kind, []) for kind in ("tool_calls", "invalid_tool_calls")]
            )
            wanted = self.target.__name__ if self.target else "JSON object"
            what = f"The answer is no {wanted}: {error}. It begins {said[:_EXCERPT]!r}."
            told = str(FoundryAgentError(what, **_ids(message)))
            raise OutputParserException(told, llm_output=said) from error

    def _find(self, message: BaseMessage, parse: Callable[[str], Any]) -> JSON:
        if self.tool is None:
            found = parse_json_markdown(message.text, parser=parse)
        else:
            calls = getattr(message, "tool_calls", [])
            found = next((call["args"] for call in calls if call["name"] == self.tool), None)
        if not isinstance(found, dict):
            raise ValueError(f"it has no call of {self.tool}" if self.tool else "it is no object")
        return found

    def _build(self, found: JSON) -> Any:
        if self.target is None:
            return found
        if issubclass(self.target, BaseModel):
            # From JSON: a class with strict fields takes a date or an enum from nothing else.
            return self.target.model_validate_json(json.dumps(found))
        return self.target.parse_obj(found)  # type: ignore[attr-defined]


def _ids(message: BaseMessage) -> JSON:
    return {name: message.response_metadata.get(name) for name in ("thread_id", "run_id")}


def _raise_if_cut(message: BaseMessage) -> None:
    blocks = [block for block in message.content if isinstance(block, dict)]
    said = [block["refusal"] for block in blocks if block.get("type") == "refusal"]
    if said:
        what = f"The agent refused to answer: {' '.join(said)}"
        refused = ContentFilterError(what, remedy="Rephrase the question.", **_ids(message))
        if _ModelRefusalError is None:
            raise refused
        raise _ModelRefusalError(str(refused), raw_message=message)
    metadata = message.response_metadata
    if metadata.get("finish_reason") in _CUT:
        error, what = _CUT[metadata["finish_reason"]]
        details = metadata.get("incomplete_details") or {}
        raise error(what, code=details.get("reason"), **_ids(message))


def _check(schema: object, method: str, unknown: Mapping[str, object]) -> None:
    if unknown:
        raise InvalidFieldError(
            f"Structured output has no keyword {next(iter(unknown))!r}.",
            remedy="It takes schema, method, include_raw and strict.",
        )
    if method not in _METHODS:
        raise InvalidFieldError(
            f"There is no method {method!r} of structured output.",
            remedy=f"Use one of {', '.join(_METHODS)}.",
        )
    if not (isinstance(schema, dict) or _is_pydantic(schema) or is_typeddict(schema)):
        raise InvalidFieldError(
            f"{reprlib.repr(schema)} is no schema.",
            remedy="Give a pydantic class, a TypedDict class or a JSON schema.",
        )


def _is_pydantic(schema: object) -> bool:
    return isinstance(schema, type) and is_basemodel_subclass(schema)


def _traced(schema: JSON | type, kwargs: JSON) -> JSON:
    """What traces say of the schema, where LangChain can read it."""
    with suppress(TypeError, ValueError):
        told = {"kwargs": kwargs, "schema": convert_to_json_schema(schema)}
        return {"ls_structured_output_format": told}
    return {}


def _read_schema(schema: JSON | type, strict: bool | None) -> JSON:
    """The schema as OpenAI's function: name, description, parameters, strict.

    Raises:
        InvalidFieldError: It is none that the service takes.
    """
    try:
        function = _to_function(schema)
        # A copy, and the proof that it is JSON.
        body = json.loads(json.dumps(function["parameters"]))
        if (root := str(body.get("$ref")).removeprefix("#/$defs/")) in body.get("$defs", {}):
            body = {**body["$defs"][root], "$defs": body["$defs"]}
        strict = function.get("strict") if strict is None else strict
        parameters = _closed(body) if strict else body
    except (AttributeError, RuntimeError, TypeError, ValueError) as error:
        raise InvalidFieldError(
            f"The schema {reprlib.repr(schema)} cannot be sent: {error}."
        ) from error
    name = str(function.get("name") or body.get("title") or "")
    if not _NAME.fullmatch(name):
        name = re.sub(r"[^A-Za-z0-9_-]+", "_", name).strip("_")[:64]
    if not name:
        raise InvalidFieldError(
            "The schema has no name that the service takes.",
            remedy="Give it a title, in letters, digits, _ and -.",
        )
    if body.get("type", "properties" in body and "object") != "object":
        raise InvalidFieldError(
            f"The schema {name} is no object at its root.",
            remedy="Put what you want into a field of an object.",
        )
    rest = {"description": function.get("description") or body.get("description"), "strict": strict}
    return {
        "name": name,
        **{key: value for key, value in rest.items() if value not in (None, "")},
        "parameters": {
            "type": "object",
            **{key: parameters[key] for key in parameters if key not in _BESIDE},
        },
    }


def _to_function(schema: Any) -> JSON:
    """Any form of a schema as one of OpenAI's function, with what was given."""
    if isinstance(schema, dict):
        inner = schema.get("json_schema") or schema.get("function") or schema
        body = next((inner[key] for key in ("schema", "parameters") if key in inner), None)
        return {"parameters": inner} if body is None else {**inner, "parameters": body}
    if issubclass(schema, BaseModel):
        # LangChain's own reading, below, forgets what a recursive class refers to.
        return {"parameters": schema.model_json_schema()}
    function = convert_to_openai_function(schema)
    return function if schema.__doc__ else {**function, "description": None}


def _to_response_format(function: JSON) -> JSON:
    if not function:
        return {"type": "json_object"}
    names = {"parameters": "schema"}
    form = {names.get(key, key): value for key, value in function.items()}
    return {"type": "json_schema", "json_schema": form}


def _closed(node: Any) -> Any:
    """The schema as strict mode demands it: each object closed, and all its keys required."""
    if isinstance(node, list):
        return [_closed(one) for one in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node and len(node) > 1:
        # Nothing may stand beside a reference.
        node = {"anyOf": [{"$ref": node["$ref"]}], **node}
        del node["$ref"]
    closed: JSON = {}
    for key, value in node.items():
        if key in {"properties", "$defs", "definitions"}:
            closed[key] = {name: _closed(one) for name, one in value.items()}
        elif key in {"items", "prefixItems", "allOf", "anyOf", "oneOf"}:
            alike = key == "oneOf" or (key == "allOf" and len(value) == 1)
            closed["anyOf" if alike else key] = _closed(value)
        elif key not in {"default", "discriminator"}:
            closed[key] = value
    if "properties" in node:
        closed |= {"additionalProperties": False, "required": list(node["properties"])}
    elif node.get("type") == "object" and node.get("additionalProperties") is not False:
        raise ValueError("strict mode has no object with keys of any name, as dict[str, …] is")
    return closed
