"""Makes the emulator's schemas of request bodies from Microsoft's and OpenAI's own types.

    python -m clients.make_schemas      (in tests/, with the peers' packages installed)

The service is built from the specifications that these types are generated from. What is written is
JSON Schema (with OpenAPI's `discriminator`): which members there are, which have to be there, and
what is below them. Ranges and texts of refusals are the emulator's own.
"""

from __future__ import annotations

import inspect
import json
import types
from importlib import metadata
from pathlib import Path
from typing import Any, ForwardRef, Literal, Union, get_args, get_origin

FOLDER = Path(__file__).parents[2] / "langchain_foundry_agents" / "emulator" / "schemas"
# The bodies of classic operations whose fields are parameters of the client's methods.
_MESSAGES = "list[ThreadMessageOptions]"
_AGENT = {
    "tools": "list[ToolDefinition]",
    "tool_resources": "ToolResources",
    **dict.fromkeys(("name", "description", "model", "instructions", "temperature"), ""),
    **dict.fromkeys(("top_p", "response_format", "metadata"), ""),
}
_RUN = {
    "assistant_id": "",
    "tools": "list[ToolDefinition]",
    "tool_resources": "ToolResources",
    "truncation_strategy": "TruncationObject",
    "tool_choice": "AgentsNamedToolChoice",
    **dict.fromkeys(("model", "instructions", "stream", "temperature", "top_p"), ""),
    **dict.fromkeys(("max_prompt_tokens", "max_completion_tokens", "response_format"), ""),
    **dict.fromkeys(("parallel_tool_calls", "metadata"), ""),
}
_CHUNKS = {"chunking_strategy": "VectorStoreChunkingStrategyRequest"}
CLASSIC = {
    "agent": _AGENT,
    "thread": {"messages": _MESSAGES, "tool_resources": "ToolResources", "metadata": ""},
    "thread_update": {"tool_resources": "ToolResources", "metadata": ""},
    "message": {
        "role": "",
        "content": "list[MessageInputContentBlock]",
        "attachments": "list[MessageAttachment]",
        "metadata": "",
    },
    "metadata": {"metadata": ""},
    "run": _RUN | {"additional_messages": _MESSAGES, "additional_instructions": ""},
    "thread_and_run": _RUN | {"thread": "AgentThreadCreationOptions"},
    "tool_outputs": {
        "stream": "",
        "tool_outputs": "list[ToolOutput]",
        "tool_approvals": "list[ToolApproval]",
    },
    "vector_store": {
        "file_ids": "",
        "name": "",
        "expires_after": "VectorStoreExpirationPolicy",
        "configuration": "VectorStoreConfiguration",
        "metadata": "",
        # OpenAI's, of the new generation.
        "description": "",
        **_CHUNKS,
    },
    "vector_store_update": {
        "name": "",
        "expires_after": "VectorStoreExpirationPolicy",
        "metadata": "",
    },
    "vector_store_file": {
        "file_id": "",
        "data_source": "VectorStoreDataSource",
        # OpenAI's, of the new generation.
        "attributes": "",
        **_CHUNKS,
    },
    "vector_store_batch": {
        "file_ids": "",
        "data_sources": "list[VectorStoreDataSource]",
        **_CHUNKS,
    },
}
# What Azure adds to OpenAI's parameters: azure-ai-projects' samples, Learn, recorded requests.
_AZURES = ("agent", "agent_reference", "agent_session_id", "stream", "structured_inputs")


class Definitions:
    """Schemas of models of one package, each once.

    Args:
        module: holds the models.
    """

    def __init__(self, module: Any) -> None:
        self._module = module
        self.made: dict[str, Any] = {}

    def of(self, hint: Any) -> dict[str, Any]:
        """The schema of a type; `{}` where only its members' owner is checked."""
        if isinstance(hint, ForwardRef):
            hint = hint.__forward_arg__
        if isinstance(hint, str):
            hint = self._evaluated(hint)
        origin, arguments = get_origin(hint), get_args(hint)
        if origin in (Union, types.UnionType):
            found = [one for inner in arguments if (one := self.of(inner))]
            return found[0] if len(found) == 1 else {"anyOf": found} if found else {}
        if origin is list and arguments and (items := self.of(arguments[0])):
            return {"type": "array", "items": items}
        if origin is dict and (values := self.of(arguments[1])):
            return {"type": "object", "additionalProperties": values}
        if isinstance(hint, type) and any(base.__name__ == "Model" for base in hint.__mro__):
            return self._reference(hint)
        return {}

    def _evaluated(self, text: str) -> Any:
        if not text:
            return None
        try:
            return eval(text, vars(self._module) | {"_models": self._module})
        except (AttributeError, NameError):
            return None  # An enum, or a union of literals: a string.

    def _reference(self, model: Any) -> dict[str, Any]:
        name = model.__name__
        # Making one fills in what the class knows of its members.
        model.__new__(model)
        if name not in self.made:
            self.made[name] = {}
            self.made[name] = self._object(model)
        return {"$ref": f"#/$defs/{name}"}

    def _object(self, model: Any) -> dict[str, Any]:
        kinds = model.__dict__.get("__mapping__")
        if kinds:
            member = next(
                field._rest_name
                for name, field in model._attr_to_rest_field.items()
                if field._is_discriminator and name in model.__annotations__
            )
            mapping = {str(kind): self._reference(one)["$ref"] for kind, one in kinds.items()}
            return {"discriminator": {"propertyName": member, "mapping": mapping}}
        properties, required = {}, []
        hints: dict[str, Any] = {}
        for base in reversed(model.__mro__):
            hints |= inspect.get_annotations(base)
        for attribute, field in model._attr_to_rest_field.items():
            hint = hints.get(attribute)
            readable = getattr(field, "_visibility", None) == ["read"]
            if readable:
                continue
            properties[field._rest_name] = self.of(hint)
            if not _is_optional(hint):
                required.append(field._rest_name)
        schema: dict[str, Any] = {"type": "object", "properties": properties}
        return schema | {"required": required, "additionalProperties": False}


def _is_optional(hint: Any) -> bool:
    if get_origin(hint) is Literal:
        return False
    return type(None) in get_args(hint) or (isinstance(hint, str) and hint.startswith("Optional"))


def _body(definitions: Definitions, fields: dict[str, str]) -> dict[str, Any]:
    properties = {name: definitions.of(hint) if hint else {} for name, hint in fields.items()}
    return {"type": "object", "properties": properties, "additionalProperties": False}


def classic() -> dict[str, Any]:
    """Bodies of the classic generation."""
    from azure.ai.agents.models import _models

    definitions = Definitions(_models)
    bodies = {name: _body(definitions, fields) for name, fields in CLASSIC.items()}
    source = f"azure-ai-agents {metadata.version('azure-ai-agents')}"
    return {"$comment": f"Made of {source}.", "bodies": bodies, "$defs": definitions.made}


def responses() -> dict[str, Any]:
    """Bodies of the new generation."""
    from azure.ai.projects.models import _models
    from openai.types.responses.response_create_params import ResponseCreateParamsBase

    definitions = Definitions(_models)
    owned = {"tools": "list[Tool]"}
    names = [*ResponseCreateParamsBase.__annotations__, *_AZURES]
    bodies = {
        "response": _body(definitions, {name: owned.get(name, "") for name in sorted(names)}),
        "agent_definition": definitions.of("AgentDefinition"),
        "agent_version": _body(
            definitions,
            {"definition": "AgentDefinition", **dict.fromkeys(_VERSION, "")},
        ),
        "conversation": _body(definitions, dict.fromkeys(("items", "metadata"), "")),
    }
    packages = ("azure-ai-projects", "openai")
    source = " and ".join(f"{name} {metadata.version(name)}" for name in packages)
    return {"$comment": f"Made of {source}.", "bodies": bodies, "$defs": definitions.made}


_VERSION = ("name", "description", "metadata", "blueprint_reference", "draft")


if __name__ == "__main__":
    for name, make in (("classic", classic), ("responses", responses)):
        text = json.dumps(make(), indent=1, sort_keys=True)
        (FOLDER / f"{name}.json").write_text(text + "\n")
