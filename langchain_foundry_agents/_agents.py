"""Agents from code: a model makes its agent, reads it and deletes it, in both generations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Self

from langchain_foundry_agents import _flow
from langchain_foundry_agents._flow.effects import Flow, Query
from langchain_foundry_agents._profile import windows_of
from langchain_foundry_agents._reference import AgentReference
from langchain_foundry_agents._structured import map_format
from langchain_foundry_agents._tools import Tool, map_tools
from langchain_foundry_agents.errors import InvalidFieldError

JSON = dict[str, Any]
Generation = Literal["new", "classic"]

_NAMES = {"agent_id", "agent_name", "agent_version"}
_NOT_MADE_YET = "asst_not-made-yet"


class Agents(AgentReference):
    """What a model does with its agent, beside asking it."""

    @classmethod
    def create(
        cls,
        *,
        name: str,
        model: str,
        instructions: str | None = None,
        tools: Sequence[Tool] = (),
        response_format: JSON | type | None = None,
        temperature: float | None = None,
        top_p: float | None = None,
        strict: bool | None = None,
        description: str | None = None,
        metadata: Mapping[str, str] | None = None,
        definition: JSON | None = None,
        generation: Generation = "new",
        **fields: Any,
    ) -> Self:
        """Make an agent, or find the one that this code made before; a model of it.

        What the code says is what the agent is: if it says something else than before, a new agent
        gets a new version, and a classic one is changed.

        Args:
            name: The agent's name. A classic agent of that name which other code made, or a person,
                is left alone.
            model: The model's deployment.
            instructions: What the agent is told before every conversation.
            tools: Functions, `BaseTool`s, pydantic classes, JSON schemas, or the service's own tool
                definitions. Functions are yours to run: bind them to the model as well.
            response_format: The form of all answers: a pydantic class, a `TypedDict`, a JSON
                schema, or `{"type": "json_object"}`.
            temperature: Sampling temperature.
            top_p: Nucleus sampling.
            strict: Whether arguments of functions and answers must fit their schemas exactly.
            description: What the agent is for.
            metadata: Up to 15 pairs to keep with the agent.
            definition: More fields of it: `reasoning`, `structured_inputs`, `tool_choice`, or
                `tool_resources` of a classic agent.
            generation: `"new"`, or `"classic"`: threads and runs.
            **fields: Fields of the model: `project_endpoint`, `credential` and so on. With
                `agent_endpoint` the model asks the version that the agent's endpoint selects.

        Raises:
            BadRequestError: The service does not take the definition.
            InvalidAgentError: The name has a form that cannot work.
            InvalidFieldError: A field is unknown or has a value that cannot work.
        """
        said = {"model": model, "instructions": instructions, "temperature": temperature}
        agent = said | {"top_p": top_p} | _mapped(tools, response_format, strict=strict)
        about = {"description": description, "metadata": metadata}
        draft = cls._draft(name, generation, fields)
        flow = cls._creation(draft, name, agent | (definition or {}), about)
        made = draft.model_copy(update=cls._perform(draft, flow))
        return cls._of_model(made, model)

    @classmethod
    async def acreate(
        cls,
        *,
        name: str,
        model: str,
        instructions: str | None = None,
        tools: Sequence[Tool] = (),
        response_format: JSON | type | None = None,
        temperature: float | None = None,
        top_p: float | None = None,
        strict: bool | None = None,
        description: str | None = None,
        metadata: Mapping[str, str] | None = None,
        definition: JSON | None = None,
        generation: Generation = "new",
        **fields: Any,
    ) -> Self:
        """As `create`."""
        said = {"model": model, "instructions": instructions, "temperature": temperature}
        agent = said | {"top_p": top_p} | _mapped(tools, response_format, strict=strict)
        about = {"description": description, "metadata": metadata}
        draft = cls._draft(name, generation, fields)
        flow = cls._creation(draft, name, agent | (definition or {}), about)
        made = draft.model_copy(update=await cls._aperform(draft, flow))
        return cls._of_model(made, model)

    def add_tools(self, tools: Sequence[Tool], *, strict: bool | None = None) -> Self:
        """Make a new version of the agent that has these tools, too; a model of it.

        All else of the definition stays as it is. An agent that has the tools already stays as it
        is, and so does a classic agent: its runs take the tools that are bound.

        Where code makes the agent by `create`, put the tools there: `create` replaces the whole
        definition each time that it says something else than before.

        Args:
            tools: As for `create`, or the `tools` of a `MissingToolsError`.
            strict: Whether arguments must fit their schemas exactly.

        Returns:
            A model of the version, if this one names a version; else this model, which asks the
            latest.

        Raises:
            BadRequestError: The agent has no tools of its own (a hosted one, a workflow).
        """
        if not self.is_new:
            return self
        return self._of_version(self._perform(self._extension(tools, strict)))

    async def aadd_tools(self, tools: Sequence[Tool], *, strict: bool | None = None) -> Self:
        """As `add_tools`."""
        if not self.is_new:
            return self
        return self._of_version(await self._aperform(self._extension(tools, strict)))

    def read_agent(self) -> JSON:
        """The agent as the service shows it: a classic one, or a version of a new one.

        Raises:
            NotFoundError: There is no such agent.
        """
        return self._perform(self._reading())

    async def aread_agent(self) -> JSON:
        """As `read_agent`."""
        return await self._aperform(self._reading())

    def with_profile(self) -> Self:
        """A model whose `profile` says how much the agent's model reads: `max_input_tokens`.

        Middleware that works by fractions of the context window asks for it. The agent is read for
        the name of its deployment; of one that is not named after its model nothing is known, and
        `profile={"max_input_tokens": …}` says it.

        Raises:
            NotFoundError: There is no such agent.
        """
        return self._of_model(_deployment(self.read_agent()))

    async def awith_profile(self) -> Self:
        """As `with_profile`."""
        return self._of_model(_deployment(await self.aread_agent()))

    def delete_agent(self, *, force: bool = False) -> None:
        """Delete the agent, a new one with all its versions. The model is of no use then.

        Args:
            force: Delete a hosted agent even while it has sessions.

        Raises:
            NotFoundError: There is no such agent.
        """
        self._perform(self._deletion(force=force))

    async def adelete_agent(self, *, force: bool = False) -> None:
        """As `delete_agent`."""
        await self._aperform(self._deletion(force=force))

    @classmethod
    def _draft(cls, name: str, generation: str, fields: JSON) -> Self:
        """The model, but for what the service will say: bad fields are refused before requests."""
        if generation not in {"new", "classic"}:
            raise InvalidFieldError(
                f"There is no generation {generation!r} of agents.",
                remedy="Use 'new' or 'classic'.",
            )
        if given := _NAMES & fields.keys():
            raise InvalidFieldError(
                f"{min(given)} names an agent that is there; this one is to be made.",
                remedy="Give its name as name=….",
            )
        named = {"agent_name": name} if generation == "new" else {"agent_id": _NOT_MADE_YET}
        return cls(**{**named, **fields})

    def _creation(self, name: str, agent: JSON, about: JSON) -> Flow[dict[str, str]]:
        """Make or find the agent; what the model then calls it."""
        patience = _flow.retry.Patience()
        described = {key: value for key, value in about.items() if value}
        if not self.is_new:
            fields = {key: value for key, value in agent.items() if value not in (None, [])}
            wanted = {"name": name, **fields, **described}
            bound = _flow.agents.bind_assistant(wanted, self._query(), patience)
            return {"agent_id": (yield from bound)}
        wanted = {"definition": _flow.definitions.prompt_definition(agent), **described}
        version = yield from _flow.agents.bind_version(name, wanted, patience)
        # The agent's own endpoint selects the version itself.
        return {} if self.agent_endpoint else {"agent_version": version}

    def _of_model(self, deployment: str | None) -> Self:
        profile = getattr(self, "profile", None) or {}
        return self.model_copy(update={"profile": {**windows_of(deployment), **profile}})

    def _extension(self, tools: Sequence[Tool], strict: bool | None) -> Flow[str]:
        mapped = map_tools(tools, strict=strict)
        name, version = str(self.agent_name), self.agent_version
        return _flow.agents.extend_version(name, version, mapped, _flow.retry.Patience())

    def _of_version(self, version: str) -> Self:
        return self.model_copy(update={"agent_version": version}) if self.agent_version else self

    def _reading(self) -> Flow[JSON]:
        agents, patience = _flow.agents, _flow.retry.Patience()
        if self.agent_name is not None:
            return agents.read_version(self.agent_name, self.agent_version, patience)
        return agents.read_assistant(str(self.agent_id), self._query(), patience)

    def _deletion(self, *, force: bool) -> Flow[None]:
        agents, patience = _flow.agents, _flow.retry.Patience()
        if self.agent_name is not None:
            return agents.delete_agent(self.agent_name, patience, force=force)
        return agents.delete_assistant(str(self.agent_id), self._query(), patience)

    def _query(self) -> Query:
        return (("api-version", self.api_version),)


def _deployment(agent: JSON) -> str | None:
    """The model of an agent of either generation."""
    model = (agent.get("definition") or agent).get("model")
    return model if isinstance(model, str) else None


def _mapped(
    tools: Sequence[Tool], response_format: JSON | type | None, *, strict: bool | None
) -> JSON:
    """Tools and the form of answers, as the service has them."""
    form = None if response_format is None else map_format(response_format, strict=strict)
    return {"tools": map_tools(tools, strict=strict), "response_format": form}
