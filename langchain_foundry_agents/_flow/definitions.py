"""What belongs to a new agent's definition and not to a call: tools, the form of answers."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence

from langchain_foundry_agents._flow.effects import JSON, Flow, Query, Send
from langchain_foundry_agents._flow.files import Asks
from langchain_foundry_agents.errors import (
    BadRequestError,
    MissingToolsError,
    NotFoundError,
    PermissionDeniedError,
)

logger = logging.getLogger("langchain_foundry_agents")

AGENTS_API: Query = (("api-version", "v1"),)
"""The version of the API that manages new agents. There is no other."""

_STAY = 300.0
_WITH_TOOLS = "prompt"
_NO_PARAMETERS = {"type": "object", "properties": {}}


def function_form(tool: JSON) -> JSON:
    """A tool as a definition has it: what a function is stands flat; other tools stay."""
    function = tool.get("function")
    if tool.get("type") != "function" or not isinstance(function, dict):
        return tool
    said = {name: value for name, value in function.items() if value is not None}
    return {"type": "function", "parameters": _NO_PARAMETERS, "strict": False, **said}


def text_form(response_format: JSON) -> JSON:
    """A classic `response_format` as a definition's `text.format` has it."""
    schema = response_format.get("json_schema")
    return {"type": "json_schema", **schema} if isinstance(schema, dict) else response_format


def choice_form(choice: str | JSON | None) -> str | JSON | None:
    """A choice among tools as a response takes it: what names a function stands flat."""
    function = choice.get("function") if isinstance(choice, dict) else None
    return {"type": "function", **function} if isinstance(function, dict) else choice


def prompt_definition(fields: JSON) -> JSON:
    """A classic agent's fields as the definition of a new agent.

    Args:
        fields: `model`, `instructions`, `tools`, `response_format` and what both have alike. What
            is empty is left out.
    """
    definition: JSON = {"kind": _WITH_TOOLS}
    for name, value in fields.items():
        if value is None or value in ("", [], {}):
            continue
        if name == "tools":
            definition["tools"] = [function_form(tool) for tool in value]
        elif name == "response_format":
            definition["text"] = {"format": text_form(value)}
        else:
            definition[name] = value
    return definition


def look_at(name: str, version: str | None, *, fresh_for: float = 0.0) -> Send:
    """Ask for an agent, or for one version of it."""
    path = f"/agents/{name}" + (f"/versions/{version}" if version else "")
    return Send("GET", path, None, AGENTS_API, fresh_for=fresh_for)


def version_in(answer: JSON) -> JSON:
    """The version that an answer holds: itself, or the latest of an agent."""
    return (answer.get("versions") or {}).get("latest") or answer


def read_definition(
    name: str, version: str | None, asks: Asks, *, fresh_for: float = _STAY
) -> Flow[JSON | None]:
    """The definition of an agent, so far as its tools and its format stand in it.

    Args:
        name: The agent's name.
        version: Its version; `None` for the latest.
        asks: What performs requests.
        fresh_for: Seconds for which an earlier answer will do.

    Returns:
        `None` for an agent of another kind (hosted, workflow, external), for one that the caller
        may use but not read, and where another version than the latest may answer.
    """
    try:
        answer = yield from asks.request(look_at(name, version, fresh_for=fresh_for))
    except (PermissionDeniedError, NotFoundError):
        return None
    found = version_in(answer)
    definition: JSON = found.get("definition") or {}
    known = definition.get("kind") == _WITH_TOOLS and _selects(answer, found)
    return definition if known else None


def check_call(
    name: str, version: str | None, tools: Sequence[JSON], response_format: JSON | None, asks: Asks
) -> Flow[str | None]:
    """Check what a call wants of its agent against the agent's definition.

    The latest version is looked up anew before anything is refused: it may be a minute old.

    Returns:
        What the agent has to be told of the form, where its definition has none.

    Raises:
        BadRequestError: The definition lacks a tool, or has another form of answers.
    """
    if not tools and response_format is None:
        return None
    definition = yield from read_definition(name, version, asks)
    try:
        return _check(name, definition, tools, response_format)
    except BadRequestError:
        if version is not None:
            raise
        definition = yield from read_definition(name, None, asks, fresh_for=0.0)
        return _check(name, definition, tools, response_format)


def check_tools(agent: str, definition: JSON, tools: Sequence[JSON]) -> None:
    """Check that an agent has the tools that are bound.

    Args:
        agent: The agent's name.
        definition: Its definition.
        tools: Functions in OpenAI's chat form, or the service's own tools.

    Raises:
        MissingToolsError: It lacks some.
    """
    own = [function_form(tool) for tool in definition.get("tools") or []]
    bound = [function_form(tool) for tool in tools]
    missing = [tool for tool in bound if not any(_same_tool(tool, one) for one in own)]
    if missing:
        names = ", ".join(sorted({_name_of(tool) for tool in missing}))
        raise MissingToolsError(
            f"The agent {agent!r} lacks tools that are bound: {names}. The definition of a new "
            "agent owns its tools: none can be added for a call.",
            tools=missing,
        )
    for tool in bound:
        if tool not in own:
            # It may be one parameter with another description: the model goes by the agent's.
            logger.debug("The agent %s defines the tool %s otherwise.", agent, _name_of(tool))


def check_format(agent: str, definition: JSON, response_format: JSON) -> str | None:
    """Check that an agent answers in the form that is wanted, or can be told to.

    Args:
        agent: The agent's name.
        definition: Its definition.
        response_format: A JSON schema in OpenAI's chat form, or `{"type": "json_object"}`.

    Returns:
        What to tell the agent, where its definition leaves the form open and no strictness is
        wanted: the service takes no form with a call.

    Raises:
        BadRequestError: It answers in another form.
    """
    own = (definition.get("text") or {}).get("format") or {"type": "text"}
    wanted = text_form(response_format)
    if wanted.get("type") == "json_object" and own.get("type") != "text":
        return None
    lacks = _properties(wanted) - _properties(own)
    if own.get("type") == "json_schema" and not lacks:
        return None
    if own.get("type") != "json_schema" and wanted.get("strict") is not True:
        logger.info("The definition of %s has no such form: it is told as an instruction.", agent)
        return _instruction(wanted)
    raise BadRequestError(
        f"The agent {agent!r} does not answer in the form that is wanted: {_told(own, lacks)}. The "
        "definition of a new agent owns the form of its answers.",
        remedy="Set the form in the definition, in the portal or where code makes the agent: "
        "ChatFoundryAgent.create(…, response_format=Schema). It replaces the whole definition: "
        "give the model, instructions and tools again. Without strict=True, a definition without "
        "a form will do: the agent is told the schema.",
    )


def _check(
    name: str, definition: JSON | None, tools: Sequence[JSON], response_format: JSON | None
) -> str | None:
    if definition is None:
        return None
    check_tools(name, definition, tools)
    return None if response_format is None else check_format(name, definition, response_format)


def _instruction(form: JSON) -> str:
    told = "Answer this, and only this, with a JSON object and nothing else"
    if form.get("type") != "json_schema":
        return f"{told}."
    named = {key: form[key] for key in ("name", "description", "schema") if key in form}
    return f"{told}. It has to fit this schema: {json.dumps(named, ensure_ascii=False)}"


def _selects(agent: JSON, version: JSON) -> bool:
    """Whether an agent's endpoint, which may choose, has no other version to choose."""
    selector = (agent.get("agent_endpoint") or {}).get("version_selector") or {}
    rules = selector.get("version_selection_rules") or []
    return all(rule.get("agent_version") == version.get("version") for rule in rules)


def _same_tool(bound: JSON, own: JSON) -> bool:
    same_kind = bound.get("type") == own.get("type")
    name, label = bound.get("name"), bound.get("server_label")
    return (
        same_kind and name in (None, own.get("name")) and label in (None, own.get("server_label"))
    )


def _name_of(tool: JSON) -> str:
    return str(tool.get("name") or tool.get("server_label") or tool.get("type"))


def _properties(form: JSON) -> set[str]:
    schema = form.get("schema") or {}
    root = str(schema.get("$ref")).removeprefix("#/$defs/")
    schema = (schema.get("$defs") or {}).get(root) or schema
    return set(schema.get("properties") or {})


def _told(own: JSON, lacks: set[str]) -> str:
    if own.get("type") != "json_schema":
        return f"its definition says {own.get('type')!r}"
    return f"the schema {own.get('name')!r} of its definition lacks {', '.join(sorted(lacks))}"
