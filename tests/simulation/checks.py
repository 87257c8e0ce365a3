"""What must hold: after every step in each place that changed, and at the end of each turn."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage

from langchain_foundry_agents._flow.effects import Abandoned
from langchain_foundry_agents._worlds import GRACE
from langchain_foundry_agents.emulator.records import Run, Thread
from langchain_foundry_agents.emulator.responses.records import Conversation, StoredResponse
from langchain_foundry_agents.emulator.state import State
from langchain_foundry_agents.errors import (
    FoundryAgentError,
    ProtocolError,
    RunTimeoutError,
    ServiceConnectionError,
    ServiceError,
)

from .brain import QUESTION, STOP, Brain, entries_of_items, text_of
from .trail import Made, Trail

_LONG_ENOUGH = 60.0
_MAY_GO_ON = (ProtocolError, ServiceConnectionError, ServiceError)


class Violation(AssertionError):  # noqa: N818 - a promise that is broken
    """A promise is broken.

    Args:
        what: Which, and how.
        trail: The turn that broke it, if it was one.
    """

    def __init__(self, what: str, trail: Trail | None = None) -> None:
        super().__init__(what)
        self.trail = trail


@dataclass(slots=True)
class _Place:
    read: int = 0
    questions: set[str] = field(default_factory=set)


class Checks:
    """Looks at threads, conversations and responses as they grow."""

    def __init__(self) -> None:
        self.shared: set[str] = set()
        """Places that several clients name."""
        self.tainted: set[str] = set()
        """Places that somebody else, or a turn that could not tidy up, left in trouble."""
        self.waiting: set[str] = set()
        """Runs that wait for a caller who knows of it."""
        self.orphans: set[str] = set()
        """Runs that nobody could have known of, or that could not be cancelled."""
        self._places: dict[str, _Place] = {}

    def thread(self, thread: Thread) -> None:
        """A message or run came to it."""
        place = self._places.setdefault(thread.id, _Place())
        fresh = thread.messages[place.read :]
        place.read += len(fresh)
        entries = ((message.role, text_of(message.content)) for message in fresh)
        self._take(thread.id, place, entries)

    def conversation(self, conversation: Conversation) -> None:
        """A response in it is over."""
        place = self._places.setdefault(conversation.id, _Place())
        fresh = conversation.items[place.read :]
        place.read += len(fresh)
        self._take(conversation.id, place, entries_of_items(fresh))

    def response(self, response: StoredResponse) -> None:
        """It was asked for: what it reads is all that there is."""
        id_ = response.conversation.id if response.conversation else response.id
        self._take(id_, _Place(), entries_of_items([*response.history, *response.input]))

    def _take(self, id_: str, place: _Place, entries: Iterable[tuple[str, str]]) -> None:
        for role, text in entries:
            question = text.partition(" ")[0]
            if role != "user" or not QUESTION.fullmatch(question):
                continue
            if question in place.questions:
                raise Violation(f"{question} is twice in {id_}.")
            place.questions.add(question)
        users = {question.partition(".")[0] for question in place.questions}
        if len(users) > 1 and id_ not in self.shared:
            raise Violation(f"{id_} holds questions of {sorted(users)}.")

    # The end of a turn.

    def ended(
        self, trail: Trail, result: AIMessage | BaseException, state: State, brain: Brain
    ) -> None:
        """A turn is over."""
        took = state.clock() - trail.began
        if took > trail.seconds + GRACE + 1:
            raise Violation(f"The turn took {took:.0f} s of {trail.seconds:.0f}.", trail)
        spoilt = any(made.run.id in brain.spoilt for made in trail.made)
        if spoilt:
            trail.causes.add("its run was spoilt")
        if trail.mixed:
            trail.causes.add("others are there, too")
        if trail.used & self.tainted:
            trail.causes.add("its thread was in trouble")
        if isinstance(result, AIMessage):
            self._answered(trail, result, brain)
        else:
            self._failed(trail, result)
        for made in trail.made:
            if _is_active(made.run):
                self._left_running(trail, made, result)
        for place, told in trail.places:
            if place in state.threads or place in state.conversations:
                self._left_there(trail, place, result, told=told)

    def _failed(self, trail: Trail, error: BaseException) -> None:
        if isinstance(error, Abandoned) and "left" in trail.causes:
            return
        if not isinstance(error, FoundryAgentError):
            raise Violation(f"The turn ends in {error!r}.", trail) from error
        if type(error) in trail.raises:
            trail.causes.add("the policy is to raise")
        in_time = not isinstance(error, RunTimeoutError) or trail.seconds >= _LONG_ENOUGH
        if not trail.causes and in_time:
            raise Violation(f"Nothing went wrong, and the turn fails: {error!r}", trail) from error

    def _answered(self, trail: Trail, answer: AIMessage, brain: Brain) -> None:
        run_id = answer.response_metadata["run_id"]
        # Another one may have answered the same calls of it before.
        waited = trail.mixed and any(_run_of(message) == run_id for message in trail.messages)
        if not waited and all(made.run.id != run_id for made in trail.made):
            raise Violation(f"The answer is that of another turn's run: {run_id}", trail)
        if answer.tool_calls:
            for call in answer.tool_calls:
                args = call["args"]
                asked = args if "re" in args else args["arguments"]
                self._saw(trail, asked["re"], asked["saw"], brain)
            return
        text = answer.text
        parts = text.split(" ")
        if len(parts) < 6 or parts[0] not in brain.texts:
            raise Violation(f"The answer is none: {text!r}", trail)
        token, _, question, _, saw, _, got = parts[:7]
        whole = brain.texts[token]
        expected = whole.partition(STOP)[0] if trail.stops else whole
        cut = token in brain.cut and expected.startswith(text)
        if text != expected and not cut:
            raise Violation(f"The answer is {text!r} and not {expected!r}", trail)
        self._saw(trail, question, saw, brain)
        wanted = ["true"] if trail.decides else trail.outputs
        known = sorted(filter(None, got.split(",")))
        if trail.decides and "its run was spoilt" in trail.causes:
            # What ends too early asks for no approval.
            return
        if known != sorted(wanted) and not trail.mixed:
            raise Violation(f"The answer knows of {got!r} and not of {wanted}.", trail)

    def _saw(self, trail: Trail, question: str, saw: str, brain: Brain) -> None:
        # A run that failed in the middle leaves its words behind, also in the turn's own try.
        seen = [token for token in saw.split(",") if token not in brain.cut]
        again = "its run was spoilt" in trail.causes
        several = bool(trail.outputs) or trail.decides or again
        if trail.mixed and several and trail.question in seen:
            # Others may have asked something between the call and what it gave, or the two tries.
            return
        if question != trail.question or seen[-1] != question:
            raise Violation(f"The answer is to {question}, not to {trail.question}.", trail)
        branch = [token for token in trail.expected if token not in brain.cut]
        if seen != branch and not trail.mixed:
            raise Violation(f"The agent saw {seen}, and the branch is {branch}.", trail)

    def _left_running(self, trail: Trail, made: Made, result: AIMessage | BaseException) -> None:
        run = made.run
        if isinstance(run, StoredResponse) and not run.background:
            # The service ends it.
            return
        if isinstance(result, AIMessage) and run.status == "requires_action":
            self.waiting.add(run.id)
            return
        known = made.told and "tidying failed" not in trail.causes
        if known or not trail.causes | ({"late"} if trail.out_of_time else set()):
            raise Violation(f"{run.id} is left {run.status}.", trail)
        says = (
            not isinstance(result, _MAY_GO_ON) or result.maybe_accepted or result.run_id == run.id
        )
        if not (says or made.told):
            raise Violation(f"{run.id} goes on, and the error does not say so.", trail)
        self.orphans.add(run.id)
        self.tainted |= trail.used

    def _left_there(
        self, trail: Trail, place: str, result: AIMessage | BaseException, *, told: bool
    ) -> None:
        waits = isinstance(result, AIMessage) and bool(result.tool_calls)
        ran = any(_place_of(made.run) == place for made in trail.made)
        if waits or (ran and trail.keep_thread):
            return
        excuses = trail.causes | ({"late"} if trail.out_of_time else set())
        if (told and "tidying failed" not in excuses) or not excuses:
            raise Violation(f"{place} is left behind.", trail)


def _run_of(message: BaseMessage) -> Any:
    return message.response_metadata.get("run_id")


def _is_active(run: Run | StoredResponse) -> bool:
    return not run.over and run.status != "cancelling"


def _place_of(run: Run | StoredResponse) -> str | None:
    if isinstance(run, Run):
        return run.thread.id
    return run.conversation.id if run.conversation else None
