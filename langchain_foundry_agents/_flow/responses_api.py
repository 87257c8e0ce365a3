"""The new generation: paths and bodies of responses and conversations, and what their events tell.

https://<resource>.services.ai.azure.com/api/projects/<project>/openai/v1/responses

A response is to the turn what a run is to the classic API. One that ends in calls for the caller is
told as a run that requires action; what answers them is a response of its own.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Literal

from langchain_foundry_agents._flow.actions import Pending, required_calls
from langchain_foundry_agents._flow.creation import is_marked, marked, once
from langchain_foundry_agents._flow.definitions import check_call
from langchain_foundry_agents._flow.effects import JSON, Event, Flow, Open, Query, Send
from langchain_foundry_agents._flow.items import answer_items, keep_item, run_of
from langchain_foundry_agents._flow.progress import Ask, Progress
from langchain_foundry_agents._flow.statuses import Meaning, meaning
from langchain_foundry_agents.errors import (
    BadRequestError,
    FoundryAgentError,
    NotFoundError,
    ProtocolError,
)

logger = logging.getLogger("langchain_foundry_agents")

Storage = Literal["conversation", "response", "none"]
"""What keeps a history: a conversation, the chain of responses, or nothing but the caller."""

_LATEST, _LATEST_OF_AGENT, _NEWEST = "20", "100", "5"
_BEGINS = {"response.created", "response.queued"}
_AT_WORK = {*_BEGINS, "response.in_progress"}
_AT_REST = {f"response.{status}" for status in ("completed", "incomplete", "failed", "cancelled")}
_NOT_ENDED = {Meaning.WORKING, Meaning.UNKNOWN}
_KEEP_NOTHING = {Meaning.FAILED, Meaning.CANCELLED, Meaning.EXPIRED}


@dataclass(frozen=True, slots=True)
class ResponsesApi:
    """One agent of the new generation, with the parameters of a turn's response."""

    agent_id: str
    """The agent's name."""
    turn_key: str
    """Tells this turn's response from all others."""
    version: str | None = None
    own_endpoint: bool = False
    """Ask the agent's own endpoint, which chooses the version."""
    storage: Storage = "conversation"
    options: JSON = field(default_factory=dict)
    """Fields of the response: max_output_tokens, metadata, structured_inputs …"""
    conversation_options: JSON = field(default_factory=dict)
    """Fields of a conversation that the turn creates: metadata."""
    background: bool = False
    """Let the service go on if nobody listens, and take up a stream that broke off."""
    tools: tuple[JSON, ...] = ()
    """Tools that the agent's definition has to have."""
    response_format: JSON | None = None
    """The form of answers that the definition has to have."""
    ends_early = False
    """A response that is not heard to its end would be missing in its conversation."""
    shows_late = True
    """One in the foreground may be shown only once it is over."""

    def resume(self, ask: Ask, pending: Pending, progress: Progress) -> Flow[Ask | None]:
        """The answers to calls are items of the next response, before what else is new."""
        yield from ()
        return replace(ask, new=(*answer_items(pending), *ask.new))

    def begin(self, ask: Ask, progress: Progress) -> Flow[None]:
        """Create the response, in a conversation that may have to be created first."""
        place = ask.thread_id
        progress.thread_id = place if self.storage == "conversation" else None
        form = yield from check_call(
            self.agent_id, self.version, self.tools, self.response_format, progress
        )
        if self.storage == "conversation" and place is None:
            place = yield from self._create_conversation(progress)
        new = list(ask.new)
        if ask.instructions and not (ask.instructed and ask.thread_id):
            told = {"type": "message", "role": "developer", "content": ask.instructions}
            new.insert(0, told)
        if form:
            # At the end: it is about this turn, and the conversation keeps it.
            new.append({"type": "message", "role": "developer", "content": form})
        stream = progress.policy.stream
        try:
            yield from self._respond(new, place, progress, stream=stream)
        except BadRequestError as refused:
            # An agent of another kind has ids of another form, which are no ids to this one.
            text = refused.response.text if refused.response else ""
            if not ask.from_history or "previous_response_id" not in text:
                raise
            what = "The agent does not know the response that the history ends in."
            raise NotFoundError(what, response=refused.response) from refused

    def again(self, ask: Ask, progress: Progress) -> Ask:
        """What the response that failed was asked: nothing of it was kept."""
        if progress.given:
            # The question was, and so was what asked for the approvals.
            last = str(progress.earlier[-1].get("id"))
            place = progress.thread_id if self.storage == "conversation" else last
            new = tuple(answer_items(progress.given))
            return replace(ask, new=new, thread_id=place, instructed=True)
        return replace(ask, thread_id=progress.thread_id) if progress.thread_id else ask

    def give_up(self, ask: Ask, progress: Progress) -> Flow[Ask | None]:
        """Calls get an error for their output, approvals are denied; then comes what is new."""
        newest = yield from self._followed(ask, progress)
        waits = newest.get("status") == "requires_action"
        calls = required_calls(newest) if waits else newest.get("cut_calls")
        if not calls:
            return None
        logger.info("giving up %d calls of %s", len(calls), newest.get("id"))
        approvals = frozenset(call["id"] for call in calls if call["type"] == "mcp")
        pending = Pending(frozenset(call["id"] for call in calls), approval_ids=approvals)
        return replace(ask, new=(*answer_items(pending), *ask.new))

    def submit(self, pending: Pending, progress: Progress, *, stream: bool) -> Flow[None]:
        """Answer the calls that the response ended in."""
        if self.storage == "none":
            raise BadRequestError(
                "Approvals cannot be answered where the service keeps no response.",
                remedy="Use conversation='auto' or conversation='response'.",
            )
        place = progress.thread_id if self.storage == "conversation" else progress.run_id
        progress.earlier.append(progress.run)
        progress.over.add(str(progress.run_id))
        progress.given = pending
        progress.run = {}
        yield from self._respond(answer_items(pending), place, progress, stream=stream)

    def find(self, progress: Progress) -> Flow[JSON | None]:
        """The response with this turn's key, among the latest of the conversation or the agent."""
        if not self._is_stored:
            return None
        query: Query = (("limit", _LATEST_OF_AGENT),)
        if self.storage == "conversation":
            query = (("conversation_id", str(progress.thread_id)), ("limit", _LATEST))
        page = yield from progress.request(self._listing(query))
        for response in page.get("data") or []:
            kept = meaning(response.get("status")) not in _KEEP_NOTHING
            ours = is_marked(response, self.turn_key) and response.get("id") not in progress.over
            if ours and kept:
                return run_of(response)
        return {}

    def newest_run(self, progress: Progress) -> Flow[JSON]:
        """The latest response that the conversation keeps, or is busy with, of any agent.

        Empty if there is none, or where the service does not list responses.
        """
        query = (("conversation_id", str(progress.thread_id)), ("limit", _NEWEST))
        try:
            page = yield from progress.request(self._send("GET", "", query))
        except FoundryAgentError:
            return {}
        kept = (
            run_of(response)
            for response in page.get("data") or []
            if meaning(response.get("status")) not in _KEEP_NOTHING
        )
        return next(kept, {})

    def note(self, events: tuple[Event, ...], progress: Progress) -> tuple[Event, ...]:
        """Keep the newest state of the response, its finished items and the last event's number.

        A stream tells one response: what comes after its end belongs to none.
        """
        own: list[Event] = []
        for name, data in events:
            kind = data.get("type")
            kind = kind if isinstance(kind, str) else name
            response = data if data.get("object") == "response" else data.get("response")
            about_it = isinstance(response, dict) and _is_same(response, progress, kind)
            if progress.meaning not in _NOT_ENDED and not about_it:
                continue
            _note_number(kind, data, progress)
            if not isinstance(response, dict):
                if kind == "response.output_item.done" and isinstance(data.get("item"), dict):
                    keep_item(progress.items, data["item"], data.get("output_index"))
                own.append((name, data))
                continue
            known = self._in_conversation(_with_status(kind, response), progress)
            progress.run = run_of(known, progress.items.values())
            own.append((name, data if known is response else {**data, "response": known}))
        return tuple(own)

    def _in_conversation(self, response: JSON, progress: Progress) -> JSON:
        """A response with its conversation, which some hosted agents do not repeat."""
        named = response.get("conversation")
        known = progress.thread_id if self.storage == "conversation" else None
        if isinstance(named, dict) and named.get("id"):
            return response
        id_ = named if isinstance(named, str) and named else known
        return {**response, "conversation": {"id": id_}} if id_ else response

    def find_answer(self, progress: Progress) -> Flow[JSON] | None:
        """A response that was asked for in the background, and says that it is not there.

        Hosted agents drop the flag, and the stored response stays `in_progress`:
        https://github.com/Azure/azure-sdk-for-python/issues/46015
        """
        dropped = progress.posted and progress.run.get("background") is False
        return self._find_items(progress) if self.background and dropped else None

    def _find_items(self, progress: Progress) -> Flow[JSON]:
        """The response with the items that it left in its conversation."""
        items: list[JSON] = []
        if self.storage == "conversation":
            path = f"{self._base}/conversations/{progress.thread_id}/items"
            query: Query = (*self._query, ("order", "desc"), ("limit", _LATEST_OF_AGENT))
            with suppress(FoundryAgentError):
                page = yield from progress.request(Send("GET", path, None, query))
                items = [item for item in page.get("data") or [] if _is_of(item, progress.run_id)]
        if not any(item.get("type") == "message" for item in items):
            raise ProtocolError(
                "The agent does not run in the background: it dropped background=true, and its "
                "response would never end.",
                remedy="Leave out background=True, and use run_mode='stream': this agent answers "
                "only while it is listened to. It may still write to its conversation.",
            )
        found = {**progress.run, "status": "completed", "output": items[::-1]}
        return run_of(found, progress.items.values())

    def look(self, progress: Progress) -> Send | None:
        """Ask for the response as it is now."""
        return None if self.storage == "none" else self._send("GET", f"/{progress.run_id}")

    def reopen(self, progress: Progress) -> Open | None:
        """Ask for the rest of a background response's stream."""
        if not self.background or progress.sequence is None or not progress.run:
            return None
        query = (("stream", "true"), ("starting_after", str(progress.sequence)))
        path = f"{self._base}/responses/{progress.run_id}"
        return Open(path, None, (*self._query, *query), method="GET", repeatable=True)

    def answer(self, progress: Progress) -> Flow[tuple[Event, ...]]:
        """The response as the last event of its stream would have brought it."""
        yield from ()
        cut = progress.meaning is Meaning.CUT_SHORT
        kind = "response.incomplete" if cut else "response.completed"
        return ((kind, {"type": kind, "response": progress.run}),)

    def look_up(self, file_id: str) -> Send:
        """Ask for a file's name and size."""
        return Send("GET", f"{self._base}/files/{file_id}", None, self._query)

    def cancel(self, progress: Progress) -> Send | None:
        """Cancel a background response; any other ends with its stream."""
        working = progress.meaning in _NOT_ENDED
        if not working or not progress.run.get("background"):
            return None
        path = f"{self._base}/responses/{progress.run_id}/cancel"
        return Send("POST", path, None, self._query, repeatable=True)

    def keeps(self, progress: Progress) -> bool:
        """Nothing of a response that failed, but those of the turn that it went on from."""
        failed = progress.failure or progress.meaning in _KEEP_NOTHING
        return progress.posted and self._is_stored and bool(progress.earlier or not failed)

    def discard(self, progress: Progress) -> Send:
        """Delete the conversation that this turn created."""
        path = f"{self._base}/conversations/{progress.thread_id}"
        return Send("DELETE", path, None, self._query, repeatable=True)

    def _respond(
        self, items: list[JSON], place: str | None, progress: Progress, *, stream: bool
    ) -> Flow[None]:
        """Create a response. One whose answer is lost is looked for, and not asked for twice."""
        body = self._body(items, place, stream=stream)
        # Each response numbers its events, and tells its items, from the beginning.
        progress.sequence = None
        progress.items.clear()
        path = f"{self._base}/responses"
        creating = (
            Open(path, body, self._query) if stream else Send("POST", path, body, self._query)
        )
        progress.run = yield from once(
            lambda: progress.start(creating),
            (lambda: self.find(progress)) if self._is_stored else None,
            progress,
        )

    def _body(self, items: list[JSON], place: str | None, *, stream: bool) -> JSON:
        body: JSON = {"input": items, **self.options}
        if not self.own_endpoint:
            version = {"version": self.version} if self.version else {}
            named = {"type": "agent_reference", "name": self.agent_id, **version}
            body["agent_reference"] = named
        if place:
            chain = "conversation" if self.storage == "conversation" else "previous_response_id"
            body[chain] = place
        if self._is_stored:
            body = marked(body, self.turn_key)
        else:
            body["store"] = False
        if self.background:
            body["background"] = True
        if stream:
            body["stream"] = True
        return body

    def _followed(self, ask: Ask, progress: Progress) -> Flow[JSON]:
        """The response that the turn follows; empty where the service does not show it."""
        if self.storage == "conversation":
            return (yield from self.newest_run(progress))
        try:
            return run_of((yield from progress.request(self._send("GET", f"/{ask.thread_id}"))))
        except FoundryAgentError:
            return {}

    def _listing(self, query: Query) -> Send:
        return self._send("GET", "", (("agent_name", self.agent_id), *query))

    def _create_conversation(self, progress: Progress) -> Flow[str]:
        path = f"{self._base}/conversations"
        # One that is made twice, and holds nothing, does no harm.
        creating = Send("POST", path, self.conversation_options, self._query, repeatable=True)
        conversation = yield from progress.request(creating)
        if not isinstance(conversation.get("id"), str):
            raise ProtocolError("The service created a conversation without an id.")
        progress.thread_id, progress.created_thread = conversation["id"], True
        return str(conversation["id"])

    def _send(self, method: str, path: str, query: Query = ()) -> Send:
        return Send(method, f"{self._base}/responses{path}", None, self._query + query)

    @property
    def _is_stored(self) -> bool:
        """Whether the service keeps the response, so that it can be looked for and at."""
        return self.storage != "none"

    @property
    def goes_on(self) -> bool:
        """Only in the background."""
        return self.background

    @property
    def _base(self) -> str:
        return agent_base(self.agent_id if self.own_endpoint else None)[0]

    @property
    def _query(self) -> Query:
        return agent_base(self.agent_id if self.own_endpoint else None)[1]


def _with_status(kind: str, response: JSON) -> JSON:
    """A response with the status that its event tells, where its own is another, or none."""
    means = meaning(response.get("status"))
    if kind in _AT_WORK and means is not Meaning.WORKING:
        return {**response, "status": "in_progress"}
    if kind in _AT_REST and means in _NOT_ENDED:
        return {**response, "status": kind.removeprefix("response.")}
    return response


def _is_same(response: JSON, progress: Progress, kind: str) -> bool:
    """Whether an event after the end of the turn's response is about that one, too."""
    return kind not in _BEGINS and response.get("id") in (None, "", progress.run_id)


def _note_number(kind: str, data: JSON, progress: Progress) -> None:
    number = data.get("sequence_number")
    # A keep-alive has the number of what follows.
    if isinstance(number, int) and kind != "keepalive":
        progress.sequence = max(number, progress.sequence or 0)


def _is_of(item: object, response_id: str | None) -> bool:
    """Whether an item of a conversation was written by a response."""
    if not isinstance(item, dict) or response_id is None:
        return False
    by = item.get("created_by")
    author = by.get("response_id") if isinstance(by, dict) else item.get("response_id")
    return bool(author == response_id)


def agent_base(own_endpoint_of: str | None) -> tuple[str, Query]:
    """Where responses, conversations and files are: the path, and the query of every request."""
    if own_endpoint_of is None:
        return "/openai/v1", ()
    return f"/agents/{own_endpoint_of}/endpoint/protocols/openai", (("api-version", "v1"),)
