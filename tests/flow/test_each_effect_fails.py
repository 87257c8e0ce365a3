"""Every effect of every turn fails, one at a time, in every way: nothing is lost or left behind.

A turn ends in the right answer or in the error that its fault stands for; no question is heard
twice; no run or thread is left of it, nor anything that keeps the same history asked again from
its answer.
"""

from __future__ import annotations

from typing import Any

import pytest
from langchain_core.messages import AIMessage

from langchain_foundry_agents._flow.effects import Send
from langchain_foundry_agents.errors import (
    FoundryAgentError,
    ProtocolError,
    ServiceConnectionError,
)

from .faults import FAULTS, Fault
from .scenes import CALL, SCENES, Scene
from .service import QUESTION, Turn
from .stage import Stage

SOME = ("stream: first turn", "poll: first turn", "conversation: first turn")


def effects_of(scene: Scene) -> list[type]:
    """The kinds of effects of a turn that goes well."""
    stage = Stage()
    stage.perform(scene.prepared(stage)())
    return [type(effect) for effect in stage.effects]


def cases() -> list[Any]:
    """Every turn with every fault."""
    return [pytest.param(scene, list(FAULTS), id=name) for name, scene in SCENES.items()]


@pytest.mark.parametrize("scene", [pytest.param(one, id=name) for name, one in SCENES.items()])
def test_a_turn_that_nothing_befalls_gives_its_answer(scene: Scene) -> None:
    stage = Stage()
    check_answer(scene, stage.perform(scene.prepared(stage)()))
    check_nothing_doubled(stage)


@pytest.mark.parametrize(("scene", "kinds"), cases())
def test_whatever_befalls_an_effect_nothing_is_lost_doubled_or_left(
    scene: Scene, kinds: list[str]
) -> None:
    effects = effects_of(scene)
    for kind in kinds:
        fault = FAULTS[kind]
        for at, effect in enumerate(effects):
            if issubclass(effect, fault.befalls):
                try:
                    check(scene, fault, at)
                except AssertionError as broken:
                    broken.add_note(f"{kind!r} befalls effect {at}, which is {effect.__name__}.")
                    raise


def check(scene: Scene, fault: Fault, at: int) -> None:
    """Play a turn whose effect at this place fails; then once more, if it gave no answer."""
    stage = Stage()
    turn = scene.prepared(stage)
    turns = {one.id for one in stage.service.turns} if not scene.resumes else set()
    places = stage.service.places()
    result = stage.perform(turn(), fault, at)
    if not isinstance(result, fault.ends_in):
        check_answer(scene, result)
    check_nothing_doubled(stage)
    if fault.passes and not fails_to_tidy(stage):
        check_nothing_runs(stage, turns, result)
        check_nothing_stays(stage, scene, places, result)
    if may_be_asked_again(scene, result):
        check_answer(scene, stage.perform(turn()))
        check_nothing_doubled(stage)


def check_answer(scene: Scene, result: object) -> None:
    assert isinstance(result, AIMessage), f"{result!r}"
    given = CALL if result.tool_calls else result.text
    assert given in {scene.answer, scene.alone}, f"the answer is {given!r}"


def check_nothing_doubled(stage: Stage) -> None:
    for history in stage.service.histories():
        asked = [text for role, text in history if role == "user" and QUESTION.match(text)]
        assert len(asked) == len(set(asked)), f"doubled: {asked}"


def check_nothing_runs(stage: Stage, before: set[str], result: object) -> None:
    """Runs that the turn was told of have ended, but for one that waits for the caller."""
    for turn in left_running(stage, before):
        waits = isinstance(result, AIMessage) and result.tool_calls
        if waits and turn.status == "requires_action":
            continue
        assert not isinstance(result, AIMessage), f"{turn.id} is left {turn.status}"
        assert turn.id not in stage.told, f"{turn.id} is left {turn.status}"
        if isinstance(result, ServiceConnectionError):
            assert result.maybe_accepted, f"{turn.id} is left, and the error does not say so"


def check_nothing_stays(stage: Stage, scene: Scene, before: set[str], result: object) -> None:
    """Threads that the turn made are used, or gone, or its error names them."""
    keeps = scene.fields.get("keep_thread", True)
    waits = isinstance(result, AIMessage) and result.tool_calls
    named = result.thread_id if isinstance(result, FoundryAgentError) else None
    for place in stage.service.places() - before:
        used = keeps and any(_place_of(turn) == place for turn in stage.service.turns)
        told = place in stage.told
        assert used or waits or not told or place == named, f"{place} is left"


def left_running(stage: Stage, before: set[str]) -> list[Turn]:
    return [
        turn
        for turn in stage.service.turns
        if turn.id not in before and not turn.over and turn.status != "cancelling"
    ]


def fails_to_tidy(stage: Stage) -> bool:
    """Whether what failed was the tidying itself, which is tried once and spoils no answer."""
    requests = [effect for effect in stage.failed if isinstance(effect, Send)]
    return any(one.method == "DELETE" or one.path.endswith("/cancel") for one in requests)


def may_be_asked_again(scene: Scene, result: object) -> bool:
    """Whether a turn that failed is to be answered when its caller tries again."""
    if isinstance(result, AIMessage) or scene.resumes:
        return False
    # What is asked in a thread by its name is told from what is there by nobody but the caller.
    return not scene.named or (isinstance(result, FoundryAgentError) and result.is_retryable)


def _place_of(turn: object) -> str | None:
    place = getattr(turn, "thread", None) or getattr(turn, "conversation", None)
    return place.id if place else None


def untold() -> list[Any]:
    """Turns, and faults after which a run may go on that the turn was not told of."""
    told = ("answer lost", "cut stream")
    breaks = [(name, "broken JSON") for name in SOME]
    breaks += [(SOME[0], kind) for kind in ("early end of the stream", "garbled event")]
    return [*((name, kind) for name in SOME for kind in told), *breaks]


@pytest.mark.parametrize(("name", "kind"), untold())
def test_an_error_after_which_a_run_goes_on_says_so(name: str, kind: str) -> None:
    scene, fault = SCENES[name], FAULTS[kind]
    for at, effect in enumerate(effects_of(scene)):
        if issubclass(effect, fault.befalls):
            stage = Stage()
            result = stage.perform(scene.prepared(stage)(), fault, at)
            if left_running(stage, set()):
                assert isinstance(result, ServiceConnectionError | ProtocolError)
                assert getattr(result, "maybe_accepted", False)
                assert not result.is_retryable
