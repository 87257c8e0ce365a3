"""Threads that the service keeps, over the emulator: a model lists and deletes them."""

from __future__ import annotations

from typing import Any, NamedTuple

import httpx
import pytest

from langchain_foundry_agents import ChatFoundryAgent, InvalidFieldError, NotFoundError
from langchain_foundry_agents.emulator import FoundryEmulator

PLACES = {
    "classic": "/threads",
    "new": "/openai/v1/conversations",
    "own endpoint": "/agents/helper/endpoint/protocols/openai/conversations",
}
TWINS = pytest.mark.parametrize("asynchronous", [False, True], ids=["sync", "async"])


class Scene(NamedTuple):
    """A model of an agent on the emulator."""

    emulator: FoundryEmulator
    model: ChatFoundryAgent
    place: str
    """Where the service keeps the threads, or the conversations."""

    def told(self, question: str = "Hello", **options: Any) -> str:
        """The id of the thread, or conversation, that an answer to this is in."""
        return str(self.model.invoke(question, **options).response_metadata["thread_id"])

    def with_empty(self, count: int) -> list[str]:
        """Ids of so many threads in which nobody said anything, oldest first."""
        url, token = self.model.project_endpoint + self.place, self.emulator.credential
        with httpx.Client(headers={"Authorization": f"Bearer {token}"}) as client:
            made = [client.post(url, params={"api-version": "v1"}) for _ in range(count)]
        return [one.json()["id"] for one in made]

    def kept(self) -> list[str]:
        """What the service keeps, oldest first."""
        state = self.emulator.service.state
        return [*state.threads, *state.conversations]

    def routes(self) -> list[str]:
        return [f"{request.method} {request.route}" for request in self.emulator.requests]


@pytest.fixture(params=PLACES)
def scene(request: pytest.FixtureRequest, emulator: FoundryEmulator) -> Scene:
    return made(emulator, request.param)


@pytest.fixture
def classic(emulator: FoundryEmulator) -> Scene:
    return made(emulator, "classic")


@pytest.fixture
def new(emulator: FoundryEmulator) -> Scene:
    return made(emulator, "new")


def made(emulator: FoundryEmulator, kind: str, name: str = "helper", **fields: Any) -> Scene:
    if kind == "classic":
        named: dict[str, Any] = {"agent_id": emulator.create_agent(name=name)}
    else:
        named = {"agent_name": emulator.create_agent(name=name, generation="new")}
    own = {"agent_endpoint": kind == "own endpoint"}
    fields = {"project_endpoint": emulator.project_endpoint, **named, **own, **fields}
    return Scene(emulator, ChatFoundryAgent(**fields), PLACES[kind])


async def delete(model: ChatFoundryAgent, thread_id: Any, *, asynchronous: bool) -> None:
    if asynchronous:
        await model.adelete_thread(thread_id)
    else:
        model.delete_thread(thread_id)


async def listed(model: ChatFoundryAgent, *, asynchronous: bool, **options: Any) -> list[str]:
    """Ids of what the model lists."""
    if asynchronous:
        return [one["id"] async for one in model.alist_threads(**options)]
    return [one["id"] for one in model.list_threads(**options)]


@TWINS
async def test_a_thread_is_deleted_and_no_other(scene: Scene, *, asynchronous: bool) -> None:
    first, second = scene.told(), scene.told()

    await delete(scene.model, first, asynchronous=asynchronous)

    assert scene.kept() == [second]


@TWINS
async def test_a_thread_that_is_gone_is_told_with_its_id(
    scene: Scene, *, asynchronous: bool
) -> None:
    gone = scene.told()
    await delete(scene.model, gone, asynchronous=asynchronous)

    with pytest.raises(NotFoundError) as error:
        await delete(scene.model, gone, asynchronous=asynchronous)

    assert error.value.thread_id == gone


def test_a_conversation_that_was_deleted_is_not_gone_on_in(scene: Scene) -> None:
    thread_id = scene.told()

    scene.model.delete_thread(thread_id)

    with pytest.raises(NotFoundError):
        scene.told(thread_id=thread_id)


@TWINS
@pytest.mark.parametrize(
    "thread_id",
    [
        "",
        "abc",
        "thread_",
        "thread_a/../../assistants/asst_1",
        "conv_1?force=true",
        "conv_1\n",
        None,
    ],
    ids=str,
)
async def test_what_is_no_id_is_refused_before_any_request(
    scene: Scene, thread_id: Any, *, asynchronous: bool
) -> None:
    with pytest.raises(InvalidFieldError, match=r"is not the id of a \w+: .* Use response_meta"):
        await delete(scene.model, thread_id, asynchronous=asynchronous)

    assert scene.emulator.requests == []


def test_an_id_of_the_other_generation_is_refused_with_the_way_out(
    classic: Scene, new: Scene
) -> None:
    with pytest.raises(InvalidFieldError, match="of a conversation: use a model of a new agent"):
        classic.model.delete_thread("conv_1")
    with pytest.raises(InvalidFieldError, match="of a thread: use a model of a classic agent"):
        new.model.delete_thread("thread_1")


@TWINS
async def test_threads_are_listed_newest_first(scene: Scene, *, asynchronous: bool) -> None:
    first, second = scene.told(), scene.told()

    assert await listed(scene.model, asynchronous=asynchronous) == [second, first]


def test_a_listed_thread_tells_its_beginning_and_its_metadata(scene: Scene) -> None:
    thread_id = scene.told(thread_metadata={"user": "ana"})

    (thread,) = scene.model.list_threads()

    assert (thread["id"], thread["metadata"]) == (thread_id, {"user": "ana"})
    assert isinstance(thread["created_at"], int)


@TWINS
async def test_all_pages_are_listed(scene: Scene, *, asynchronous: bool) -> None:
    ids = scene.with_empty(101)

    assert await listed(scene.model, asynchronous=asynchronous, all_agents=True) == ids[::-1]
    assert scene.routes()[101:] == [f"GET {scene.place}", f"GET {scene.place}"]


def test_no_page_is_read_that_nobody_asks_for(scene: Scene) -> None:
    ids = scene.with_empty(101)

    assert next(iter(scene.model.list_threads(all_agents=True)))["id"] == ids[-1]
    assert scene.routes()[101:] == [f"GET {scene.place}"]


def test_a_new_agents_list_is_of_the_conversations_that_it_answered_in(new: Scene) -> None:
    other = made(new.emulator, "new", "other")
    mine, others = new.told(), other.told()

    assert [one["id"] for one in new.model.list_threads()] == [mine]
    assert [one["id"] for one in new.model.list_threads(all_agents=True)] == [others, mine]


def test_threads_belong_to_no_agent(classic: Scene) -> None:
    other = made(classic.emulator, "classic", "other")
    mine, others = classic.told(), other.told()

    assert [one["id"] for one in classic.model.list_threads()] == [others, mine]


def test_a_users_conversations_are_listed_and_deleted_as_that_user(new: Scene) -> None:
    ana = made(new.emulator, "new", user_identity="ana")
    thread_id = ana.told()

    assert list(new.model.list_threads()) == []
    with pytest.raises(NotFoundError):
        new.model.delete_thread(thread_id)
    assert [one["id"] for one in ana.model.list_threads()] == [thread_id]
    ana.model.delete_thread(thread_id)
    assert list(ana.model.list_threads()) == []


def test_each_kind_of_agent_is_asked_in_its_own_way(scene: Scene) -> None:
    thread_id = scene.told()

    scene.model.delete_thread(thread_id)

    assert scene.routes()[-1] == f"DELETE {scene.place}/{thread_id}"
