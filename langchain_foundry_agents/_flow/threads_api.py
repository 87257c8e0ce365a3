"""The classic API: paths and bodies of threads, messages and runs, and what their events tell.

https://<resource>.services.ai.azure.com/api/projects/<project>/threads…?api-version=v1
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace

from langchain_foundry_agents._flow.actions import Pending, required_calls
from langchain_foundry_agents._flow.creation import is_marked, marked, once
from langchain_foundry_agents._flow.effects import JSON, Event, Flow, Open, Query, Send
from langchain_foundry_agents._flow.files import attach, names_upload
from langchain_foundry_agents._flow.lists import list_all, list_page
from langchain_foundry_agents._flow.progress import Ask, Progress
from langchain_foundry_agents._flow.resume import resume
from langchain_foundry_agents._flow.statuses import Meaning, holds_thread, meaning
from langchain_foundry_agents._flow.steps import message_event, step_calls, step_event
from langchain_foundry_agents.errors import FoundryAgentError, ProtocolError

_MESSAGES_A_CALL = 32
_PAGES_OF_THREADS = 2
_LATEST = 20
_AGENTS_STAY = 300.0
_FILES_STAY = 3600.0


@dataclass(frozen=True, slots=True)
class ThreadsApi:
    """One agent of the classic API, with the parameters of a turn's run."""

    agent_id: str
    turn_key: str
    """Tells what this turn creates from all else."""
    api_version: str = "v1"
    run_options: JSON = field(default_factory=dict)
    """Fields of the run: model, temperature, response_format, metadata …"""
    thread_options: JSON = field(default_factory=dict)
    """Fields of a thread that the turn creates: metadata, tool_resources."""
    include_agent_tools: bool = True
    """Add the run's tools to the agent's own."""
    goes_on = True
    ends_early = True
    shows_late = False

    def resume(self, ask: Ask, pending: Pending, progress: Progress) -> Flow[Ask | None]:
        """Answer or give up the calls that a run waits with."""
        return (yield from resume(self, ask, pending, progress))

    def begin(self, ask: Ask, progress: Progress) -> Flow[None]:
        """Bring the messages to the thread and create the run: one request wherever that can be.

        Only `POST /threads/runs` creates thread and run at once, and it takes no additional
        instructions and no more than 32 messages, as every creating call.
        """
        run = yield from self._run_body(progress)
        messages = yield from self._with_files(list(ask.new), run, progress)
        try:
            yield from self._bring([*messages], dict(run), ask, progress)
        except FoundryAgentError as error:
            if not names_upload(error, ask.new, messages):
                raise
            # The service has lost a file that an earlier turn uploaded.
            messages = yield from self._with_files(list(ask.new), run, progress, anew=True)
            if progress.posted or progress.created_thread:
                raise
            yield from self._bring(messages, run, ask, progress)

    def _bring(self, messages: list[JSON], run: JSON, ask: Ask, progress: Progress) -> Flow[None]:
        """Post the messages and create the run."""
        if ask.thread_id is None and not ask.instructions and len(messages) <= _MESSAGES_A_CALL:
            thread_options = marked(self.thread_options, self.turn_key)
            run["thread"] = {**thread_options, "messages": messages}
            yield from self._start("/threads/runs", run, progress)
            return
        if ask.thread_id is None:
            messages = yield from self.create_thread(messages, progress)
        else:
            progress.thread_id = ask.thread_id
        while len(messages) > _MESSAGES_A_CALL:
            yield from self.post_message(messages.pop(0), progress)
        if ask.instructions:
            run["additional_instructions"] = ask.instructions
        if messages:
            run["additional_messages"] = messages
        yield from self._start(f"/threads/{progress.thread_id}/runs", run, progress)

    def create_thread(self, messages: list[JSON], progress: Progress) -> Flow[list[JSON]]:
        """Create a thread with as many messages as one request takes; the others."""
        first, others = messages[:_MESSAGES_A_CALL], messages[_MESSAGES_A_CALL:]
        body = {**marked(self.thread_options, self.turn_key), "messages": first}
        creating = self._send("POST", "/threads", body)
        thread = yield from once(
            lambda: progress.creating(progress.request(creating)),
            lambda: self._find_thread(progress),
            progress,
        )
        if not isinstance(thread.get("id"), str):
            raise ProtocolError("The service created a thread without an id.")
        progress.thread_id, progress.created_thread = thread["id"], True
        progress.unheard = False
        return others

    def post_message(self, message: JSON, progress: Progress) -> Flow[None]:
        """Add a message to the turn's thread."""
        path = f"/threads/{progress.thread_id}/messages"
        yield from progress.post(self._send("POST", path, message))

    def again(self, ask: Ask, progress: Progress) -> Ask:
        """The thread holds the question already, but outputs were the failed run's own."""
        lost = ask.pending is not None and bool(progress.answered & ask.pending.call_ids)
        progress.answered = frozenset()
        new = ask.late() if lost else ()
        return replace(ask, new=new, thread_id=progress.thread_id)

    def give_up(self, ask: Ask, progress: Progress) -> Flow[None]:
        """A thread says that it waits by its active run, and not by what it refuses."""
        yield from ()

    def submit(self, pending: Pending, progress: Progress, *, stream: bool) -> Flow[None]:
        """Answer all calls that the run waits for, in one request."""
        path = f"/threads/{progress.thread_id}/runs/{pending.run_id}/submit_tool_outputs"
        body: JSON = {"tool_outputs": list(pending.outputs)}
        if pending.approvals:
            body = {"tool_approvals": [self._with_headers(given) for given in pending.approvals]}
        submitting = self._set_going(path, body, stream=stream)
        heard = yield from once(
            lambda: progress.start(submitting),
            lambda: self._answered(pending, progress),
            progress,
            twice=True,
        )
        progress.answered = pending.call_ids
        # What it was before it was answered says nothing any more.
        progress.run = heard or {"id": pending.run_id, "status": "queued"}

    def find(self, progress: Progress) -> Flow[JSON]:
        """The run with this turn's key, among the latest of its thread, or of one with the key."""
        if progress.thread_id is None:
            thread = yield from self._find_thread(progress)
            if not thread:
                return {}
            progress.thread_id, progress.created_thread = thread["id"], True
        for run in (yield from self._newest_runs(_LATEST, progress)):
            if is_marked(run, self.turn_key) and run.get("id") not in progress.over:
                return run
        return {}

    def newest_run(self, progress: Progress) -> Flow[JSON]:
        """The thread's newest run; empty if it has none."""
        return next(iter((yield from self._newest_runs(1, progress))), {})

    def note(self, events: tuple[Event, ...], progress: Progress) -> tuple[Event, ...]:
        """Keep the newest state of the run, and what the events name.

        The thread's id stands in every run and message.
        """
        for name, data in events:
            if name.endswith(".delta"):
                continue
            if data.get("object") == "thread.run":
                progress.run = data
            elif data.get("object") == "thread.message":
                progress.files.update(dict.fromkeys(_cited_files(data)))
            if progress.thread_id is None:
                named = data.get("id") if name == "thread.created" else data.get("thread_id")
                progress.thread_id, progress.created_thread = named, named is not None
        return events

    def find_answer(self, progress: Progress) -> None:
        """A run goes on, whoever listens."""

    def look(self, progress: Progress) -> Send:
        """Ask for the run as it is now."""
        return self._send("GET", self._run_path(progress))

    def answer(self, progress: Progress) -> Flow[tuple[Event, ...]]:
        """The run's steps and messages in their order, after the run as it is now.

        What came before the calls that the turn answered was told by an earlier one.
        """
        messages = {
            message["id"]: message
            for message in (
                yield from self._list(
                    f"/threads/{progress.thread_id}/messages",
                    progress,
                    ("run_id", str(progress.run_id)),
                )
            )
            if message.get("run_id") == progress.run_id and message.get("role") == "assistant"
        }
        events: list[Event] = [("thread.run", progress.run)]
        # An agent without tools has no steps but those that write messages.
        if progress.run.get("tools"):
            for step in (yield from self._list(f"{self._run_path(progress)}/steps", progress)):
                if progress.answered & {call.get("id") for call in step_calls(step)}:
                    del events[1:]
                if event := step_event(step, messages):
                    events.append(event)
        return (*events, *map(message_event, messages.values()))

    def look_up(self, file_id: str) -> Send:
        """Ask for a file's name and size."""
        return Send("GET", f"/files/{file_id}", None, self._query(), fresh_for=_FILES_STAY)

    def reopen(self, progress: Progress) -> None:
        """No stream of this API goes on where it broke off."""

    def cancel(self, progress: Progress) -> Send | None:
        """Cancel the run, if it still holds its thread."""
        if not holds_thread(progress.run.get("status")):
            return None
        path = f"{self._run_path(progress)}/cancel"
        return Send("POST", path, None, self._query(), repeatable=True)

    def keeps(self, progress: Progress) -> bool:
        """Whatever came of its run: a thread keeps its messages."""
        return progress.posted

    def discard(self, progress: Progress) -> Send:
        """Delete the thread that this turn created."""
        path = f"/threads/{progress.thread_id}"
        return Send("DELETE", path, None, self._query(), repeatable=True)

    def _run_body(self, progress: Progress) -> Flow[JSON]:
        """The fields of a run. Its tools replace the agent's, which are therefore added."""
        options = marked(self.run_options, self.turn_key)
        body = {"assistant_id": self.agent_id, **options}
        if body.get("tools") and self.include_agent_tools:
            body["tools"] = merge_tools((yield from self._agents_tools(progress)), body["tools"])
        return body

    def _agents_tools(self, progress: Progress) -> Flow[list[JSON]]:
        path = f"/assistants/{self.agent_id}"
        asking = Send("GET", path, None, self._query(), fresh_for=_AGENTS_STAY)
        agent = yield from progress.request(asking)
        return agent.get("tools") or []

    def _with_files(
        self, messages: list[JSON], run: JSON, progress: Progress, *, anew: bool = False
    ) -> Flow[list[JSON]]:
        if not any(message.get("attachments") for message in messages):
            return messages
        tools = run.get("tools") or (yield from self._agents_tools(progress))
        return (yield from attach(messages, tools, self._query(), progress, anew=anew))

    def _start(self, path: str, run: JSON, progress: Progress) -> Flow[None]:
        creating = self._set_going(path, run, stream=progress.policy.stream)

        def create() -> Flow[JSON]:
            if "thread" in run and progress.created_thread:
                yield from self._drop_thread(progress)
            return (yield from progress.start(creating))

        progress.run = yield from once(create, lambda: self.find(progress), progress)

    def _drop_thread(self, progress: Progress) -> Flow[None]:
        """Delete the thread of an earlier try, which was made without its run."""
        with suppress(FoundryAgentError):
            yield from progress.request(self.discard(progress))
        progress.thread_id, progress.created_thread = None, False

    def _find_thread(self, progress: Progress) -> Flow[JSON]:
        """The thread with this turn's key, among the newest; empty if it is not there."""
        asking = self._send("GET", "/threads")
        after: str | None = None
        for _ in range(_PAGES_OF_THREADS):
            page, after = yield from list_page(asking, after, progress.policy.patience)
            for thread in page:
                if is_marked(thread, self.turn_key):
                    return thread
            if after is None:
                break
        return {}

    def _newest_runs(self, how_many: int, progress: Progress) -> Flow[list[JSON]]:
        query = (("order", "desc"), ("limit", f"{how_many}"))
        path = f"/threads/{progress.thread_id}/runs"
        page = yield from progress.request(self._send("GET", path, None, query))
        return page.get("data") or []

    def _answered(self, pending: Pending, progress: Progress) -> Flow[JSON]:
        """The run, if it has the answers to its calls; else empty."""
        run = yield from progress.request(self.look(progress))
        waits = meaning(run.get("status")) is Meaning.NEEDS_ACTION
        asked = {call["id"] for call in required_calls(run)} if waits else set()
        return {} if asked & pending.call_ids else run

    def _set_going(self, path: str, body: JSON, *, stream: bool) -> Send | Open:
        body["stream"] = stream
        return Open(path, body, self._query()) if stream else self._send("POST", path, body)

    def _list(self, path: str, progress: Progress, *query: tuple[str, str]) -> Flow[list[JSON]]:
        """All of a list, in order."""
        asking = self._send("GET", path, None, query)
        return (yield from list_all(asking, progress.policy.patience))

    def _with_headers(self, given: JSON) -> JSON:
        """An approval, with the headers that its MCP server needs."""
        servers = (self.run_options.get("tool_resources") or {}).get("mcp") or []
        label = given["server_label"]
        headers = [server.get("headers") for server in servers if server["server_label"] == label]
        # A `ToolApproval` of azure-ai-agents 1.1 has no reason.
        bare = {
            name: value for name, value in given.items() if name not in {"server_label", "reason"}
        }
        return {**bare, "headers": headers[0]} if headers and headers[0] else bare

    def _send(
        self,
        method: str,
        path: str,
        body: JSON | None = None,
        query: Query = (),
    ) -> Send:
        return Send(method, path, body, self._query() + query)

    def _query(self) -> Query:
        return (("api-version", self.api_version),)

    def _run_path(self, progress: Progress) -> str:
        return f"/threads/{progress.thread_id}/runs/{progress.run_id}"


def merge_tools(agents: list[JSON], runs: list[JSON]) -> list[JSON]:
    """An agent's tools and a run's; of two with the same name the run's."""
    names = {_tool_name(tool) for tool in runs}
    return [tool for tool in agents if _tool_name(tool) not in names] + runs


def _tool_name(tool: JSON) -> tuple[str, str]:
    kind = str(tool.get("type"))
    named = tool.get(kind)
    if isinstance(named, dict):
        name = named.get("name") or (named.get("function") or {}).get("name")
    else:
        name = tool.get("server_label")
    return kind, str(name)


def _cited_files(message: JSON) -> list[str]:
    """Ids of the files that a message's texts cite."""
    texts = [part["text"] for part in message.get("content") or [] if part.get("type") == "text"]
    cited = [
        annotation.get(annotation.get("type")) or {}
        for text in texts
        for annotation in text.get("annotations") or []
    ]
    return [file["file_id"] for file in cited if file.get("file_id")]
