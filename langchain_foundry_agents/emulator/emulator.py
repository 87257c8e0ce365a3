"""`FoundryEmulator`: the service in a thread of this process, on a loopback socket."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any, Literal

from langchain_core.language_models import BaseChatModel
from langchain_core.tools import BaseTool
from langchain_core.utils.function_calling import convert_to_openai_tool

from langchain_foundry_agents.emulator.brains.default import EmulatorBrain
from langchain_foundry_agents.emulator.brains.script import Part
from langchain_foundry_agents.emulator.brains.scripted import ScriptedBrain
from langchain_foundry_agents.emulator.clock import SeededClock
from langchain_foundry_agents.emulator.control import Control
from langchain_foundry_agents.emulator.exchange import Request
from langchain_foundry_agents.emulator.faults.fault import ASKING, Fault, Faults, Injected
from langchain_foundry_agents.emulator.ids import IdSource
from langchain_foundry_agents.emulator.journal import Journal, RecordedRequest
from langchain_foundry_agents.emulator.keeping import GENEROUS, Limits
from langchain_foundry_agents.emulator.refusals import Refusal
from langchain_foundry_agents.emulator.responses.definitions import prompt_definition
from langchain_foundry_agents.emulator.runner import Pace, Runner
from langchain_foundry_agents.emulator.server import Server
from langchain_foundry_agents.emulator.service import EMULATOR_TOKEN, Service
from langchain_foundry_agents.emulator.serving import HOST, LoopbackService
from langchain_foundry_agents.emulator.state import MAX_FILE_BYTES, State

_OF_JOURNAL = 16
"""Which part of its bytes an emulator has for the journal."""


class FoundryEmulator(LoopbackService):
    """Azure AI Foundry Agent Service, both generations, on a free loopback port.

    Args:
        model: the brain, any LangChain chat model; by default a small deterministic one. A
            `ScriptedBrain` says what a test wants.
        port: the port, 0 for a free one.
        host: the address to listen at; another than loopback lets other machines in.
        tls: whether to speak TLS at https://localhost, as official clients demand, with a
            certificate of an authority of its own; a folder keeps that authority.
        token: the only bearer token that is taken; by default any is.
        log: is told of every request once it is answered.
        run_expiry: seconds that a run may take.
        action_expiry: seconds, from its creation on, that a run waits for tool outputs.
        max_file_bytes: how large an uploaded file may be.
        chunk_delay: seconds between two pieces of a streamed answer.
        queue_delay: seconds that a run stays queued.
        index_delay: seconds until a file of a vector store can be searched.
        seed: makes ids, times, and what faults meet by chance, reproducible: time is then the
            service's own, in which a second passes with each request that changes something.
        faults: what goes wrong, as if injected one after the other.
        limits: how much it keeps; what is over goes, the longest unused first.

    Example:
        ```python
        with FoundryEmulator() as emulator:
            agent_id = emulator.create_agent(instructions="Be brief.")
            llm = ChatFoundryAgent(agent_id=agent_id, project_endpoint=emulator.project_endpoint)
        ```
    """

    def __init__(
        self,
        model: BaseChatModel | None = None,
        *,
        port: int = 0,
        host: str = HOST,
        tls: bool | Path = False,
        token: str | None = None,
        log: Callable[[RecordedRequest], None] | None = None,
        run_expiry: float = 1800,
        action_expiry: float = 36000,
        max_file_bytes: int = MAX_FILE_BYTES,
        chunk_delay: float = 0.0,
        queue_delay: float = 0.0,
        index_delay: float = 0.0,
        seed: int | None = None,
        faults: Iterable[Fault] = (),
        limits: Limits = GENEROUS,
    ) -> None:
        super().__init__(port, host, tls=tls)
        self.credential = token or EMULATOR_TOKEN
        self._log = log
        self._clock = time.time if seed is None else SeededClock()
        state = State(
            self._clock,
            IdSource(Random(seed)),  # noqa: S311
            run_expiry,
            action_expiry,
            max_file_bytes,
            index_delay,
        )
        self.service = Service(state, limits, token)
        self._model = model or EmulatorBrain()
        self._runner = Runner(state, self._model, Pace(queue_delay, chunk_delay))
        self._journal = Journal(limits.requests, limits.bytes // _OF_JOURNAL)
        self._faults = Faults(state, Random(seed), self._perform)  # noqa: S311
        for fault in faults:
            self._faults.add(fault)

    @property
    def description(self) -> dict[str, Any]:
        """How clients find it, for programs: endpoint, token, certificate authority, agents."""
        authority = self.certificate_authority
        state = self.service.state
        return {
            "endpoint": self.project_endpoint,
            "token": self.credential,
            "certificate_authority": str(authority) if authority else None,
            "agent_ids": self._perform(lambda: [*state.agents]),
            "agent_names": self._perform(lambda: [*state.named_agents]),
        }

    @property
    def faults(self) -> list[Injected]:
        """The faults that requests can still meet, in the order in which they came."""
        return self._perform(lambda: self._faults.injected)

    @property
    def turns_left(self) -> int | None:
        """How many turns of the script are left; None without a script."""
        brain = self._runner.brain
        return brain.turns_left if isinstance(brain, ScriptedBrain) else None

    def withdraw_faults(self) -> None:
        """Takes all faults away."""
        self._perform(self._faults.clear)

    def forget_requests(self) -> None:
        """Empties `requests`."""
        self._perform(self._journal.clear)

    def reset(self) -> None:
        """Makes it as it was when it was new: without agents, threads, files, script and faults.

        What is under way is cancelled. Ids that were given are not given again.
        """
        self._perform(self._reset)

    def _reset(self) -> None:
        self._runner.drop()
        self._runner.use(self._model)
        self.service.state.clear()
        self._faults.clear()
        self._journal.clear()

    @property
    def requests(self) -> list[RecordedRequest]:
        """The latest requests, oldest first."""
        return self._perform(lambda: self._journal.requests)

    def create_agent(
        self,
        *,
        name: str | None = None,
        instructions: str | None = None,
        tools: Sequence[Mapping[str, Any] | BaseTool | Callable[..., Any]] = (),
        model: str = "gpt-4o",
        generation: Literal["classic", "new"] = "classic",
        **more: Any,
    ) -> str:
        """Makes an agent.

        Args:
            name: its name; the new generation demands one.
            instructions: what it is told before every conversation.
            tools: tool definitions as the service takes them, or LangChain tools and functions.
            model: the name of its deployment, which is shown and not used.
            generation: `classic` for threads and runs, `new` for conversations and responses.
            more: other fields of an agent, such as `temperature`, `response_format` or `metadata`;
                in the new generation all but `description` and `metadata` go into its definition.

        Returns:
            Its id, `asst_…`; in the new generation its name. A second call with the same name makes
            a second version.

        Raises:
            ValueError: a field or value that the service would refuse, an agent of the new
                generation without a name, or another generation.
        """
        if generation not in ("classic", "new"):
            message = f"There is no generation {generation!r}: give 'classic' or 'new'."
            raise ValueError(message)
        if generation == "new":
            return self._create_named_agent(name, instructions, tools, model, more)
        definitions = [
            dict(tool) if isinstance(tool, Mapping) else convert_to_openai_tool(tool)
            for tool in tools
        ]
        named = {"name": name, "instructions": instructions, "tools": definitions, "model": model}
        return self._create(lambda: self.service.create_agent(named | more))

    def _create_named_agent(
        self,
        name: str | None,
        instructions: str | None,
        tools: Sequence[Mapping[str, Any] | BaseTool | Callable[..., Any]],
        model: str,
        more: dict[str, Any],
    ) -> str:
        if not name:
            message = "An agent of the new generation is known by its name: give one."
            raise ValueError(message)
        fields: dict[str, Any] = {
            key: more.pop(key) for key in ("description", "metadata") if key in more
        }
        response_format = more.pop("response_format", None)
        definition = prompt_definition(model, instructions, tools, response_format) | more
        fields["definition"] = definition
        return self._create(lambda: self.service.create_named_agent(name, fields))

    def _create(self, make: Callable[[], str]) -> str:
        """Makes something as a request would.

        Raises:
            ValueError: the service would refuse it, with what it would say.
        """
        try:
            return self._perform(make)
        except Refusal as refusal:
            raise ValueError(refusal.message) from None

    def add_file(
        self, data: bytes | str, filename: str = "file.txt", *, purpose: str = "assistants"
    ) -> str:
        """Keeps a file, as if it had been uploaded or (`assistants_output`) made by an agent.

        Args:
            data: what is in it.
            filename: what it is called.
            purpose: `assistants` for an uploaded one, `assistants_output` for one of an agent's.

        Returns:
            Its id, `assistant-…`.
        """
        raw = data.encode() if isinstance(data, str) else data
        return self._perform(lambda: self.service.state.add_file(raw, filename, purpose).id)

    def add_vector_store(self, *file_ids: str, name: str | None = None) -> str:
        """Makes a vector store of files.

        Args:
            file_ids: the files, as `add_file` gave them.
            name: what it is called.

        Returns:
            Its id, `vs_…`, for an agent's `tool_resources`.

        Raises:
            ValueError: a file that is not there.
        """
        fields = {"file_ids": list(file_ids), "name": name}
        return self._create(lambda: self.service.create_vector_store(fields))

    def script(self, *turns: Part) -> ScriptedBrain:
        """Lets all agents say this from now on, turn by turn, whatever they are asked.

        A turn is one answer: to a question, or to tool outputs. When the script is over, runs and
        responses fail. Another script, also one that has not come to its end, is forgotten.

        Args:
            turns: texts, or what else a turn can be, see `ScriptedBrain`.

        Returns:
            What speaks: it knows what it `heard`, and how many `turns_left` there are.

        Example:
            ```python
            emulator.script(CallTools(("get_weather", {"city": "Paris"})), "It is sunny.")
            ```
        """
        brain = ScriptedBrain(turns)
        self._perform(lambda: self._runner.use(brain))
        return brain

    def inject(
        self,
        name: str,
        *,
        on: str | tuple[str, ...] = ASKING,
        times: int | None = None,
        chance: float | None = None,
        **parameters: Any,
    ) -> Injected:
        """Lets something go wrong, for the next request that fits unless more is said.

        A request meets one fault: of those that are there and fit, the one that came first.

        Args:
            name: the fault's name, such as `rate-limit` or `cut-stream`.
            on: the requests that it can meet, see `Fault`.
            times: how many requests meet it: one by default, any number if there is a chance.
            chance: with which probability a request meets it; 1 for every request.
            parameters: the fault's own, such as `retry_after`.

        Returns:
            The fault as it is here: counts in `met`, and can be used in a `with`, at whose end it
            is taken away.

        Raises:
            ValueError: a name or parameter that there is not, or a value that cannot be.

        Example:
            ```python
            with emulator.inject("cut-stream", at=120) as cut:
                llm.invoke("Hello")
            assert cut.met == 1
            ```
        """
        fault = Fault(name, on=on, times=times, chance=chance, **parameters)
        return self._perform(lambda: self._faults.add(fault))

    def _served(self) -> Server:
        control = Control(self)
        return Server(self.service, self._runner, self._faults, self._record, control.answer)

    def _record(self, request: Request, status: int, fault: str | None) -> None:
        recorded = self._journal.record(request, status, fault)
        if self._log:
            self._log(recorded)
        if isinstance(self._clock, SeededClock) and request.method != "GET":
            self._clock.tick()
