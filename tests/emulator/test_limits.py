"""An emulator that runs for long: what it keeps is bounded, and what is in use stays."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from langchain_foundry_agents.emulator import CallTools, FoundryEmulator, Limits, ScriptedBrain
from langchain_foundry_agents.emulator.keeping import alive_ids

from .conftest import client

Json = dict[str, Any]


def post(http: httpx.Client, path: str, body: Json | None = None) -> Json:
    answer = http.post(path, json=body or {})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def upload(http: httpx.Client, text: str) -> str:
    form = {"purpose": "assistants"}
    made = http.post("/files", data=form, files={"file": ("a.txt", text.encode())})
    return str(made.json()["id"])


def ask(http: httpx.Client, conversation: str | None = None) -> Json:
    place = {"conversation": conversation} if conversation else {}
    body = {"input": "Hello", "model": "gpt-4o", **place}
    return post(http, "/openai/v1/responses", body)


def test_the_thread_that_was_unused_for_longest_goes_first() -> None:
    with FoundryEmulator(limits=Limits(threads=2)) as emulator, client(emulator) as http:
        first, second = (post(http, "/threads")["id"] for _ in range(2))
        http.get(f"/threads/{first}")
        third = post(http, "/threads")["id"]

        assert list(emulator.service.state.threads) == [first, third]
        assert http.get(f"/threads/{second}").status_code == 404


def test_a_thread_with_an_active_run_never_goes() -> None:
    brain = ScriptedBrain([CallTools(("get_weather", {"city": "Paris"}))])
    limits = Limits(threads=1, idle=0, bytes=0)
    with FoundryEmulator(brain, limits=limits) as emulator, client(emulator) as http:
        agent = emulator.create_agent()
        body = {"assistant_id": agent, "thread": {"messages": []}}
        run = post(http, "/threads/runs", body)
        others = [post(http, "/threads")["id"] for _ in range(3)]

        assert list(emulator.service.state.threads) == [run["thread_id"], others[-1]]


def test_a_conversation_goes_with_its_responses() -> None:
    with FoundryEmulator(limits=Limits(conversations=1)) as emulator, client(emulator) as http:
        first = post(http, "/openai/v1/conversations")["id"]
        ask(http, first)
        alone = ask(http)["id"]
        second = post(http, "/openai/v1/conversations")["id"]

        state = emulator.service.state
        assert (list(state.conversations), list(state.responses)) == ([second], [alone])


def test_responses_are_counted_for_themselves() -> None:
    with FoundryEmulator(limits=Limits(responses=2)) as emulator, client(emulator) as http:
        ids = [ask(http)["id"] for _ in range(4)]

        assert list(emulator.service.state.responses) == ids[2:]


def test_a_file_goes_from_its_vector_stores_too() -> None:
    with FoundryEmulator(limits=Limits(files=1)) as emulator, client(emulator) as http:
        first = upload(http, "one")
        store = post(http, "/vector_stores", {"file_ids": [first]})["id"]
        second = upload(http, "two")

        assert list(emulator.service.state.files) == [second]
        assert http.get(f"/vector_stores/{store}").json()["file_counts"]["total"] == 0


def test_bytes_are_counted_over_everything_and_the_oldest_goes() -> None:
    with FoundryEmulator(limits=Limits(bytes=10_000)) as emulator, client(emulator) as http:
        first = post(http, "/threads")["id"]
        said = {"role": "user", "content": "x" * 4000}
        post(http, f"/threads/{first}/messages", said)
        kept = upload(http, "y" * 3000)
        state = emulator.service.state
        assert (len(state.threads), len(state.files)) == (1, 1)

        last = upload(http, "z" * 3000)

        assert (list(state.threads), list(state.files)) == ([], [kept, last])


def test_what_nobody_uses_expires() -> None:
    limits = Limits(idle=10)
    with FoundryEmulator(seed=1, limits=limits) as emulator, client(emulator) as http:
        first, second = (post(http, "/threads")["id"] for _ in range(2))
        for _ in range(12):
            post(http, f"/threads/{first}")

        assert list(emulator.service.state.threads) == [first]
        assert http.get(f"/threads/{second}").status_code == 404


def test_the_journal_is_bounded_by_number_and_by_size() -> None:
    with FoundryEmulator(limits=Limits(requests=3)) as emulator, client(emulator) as http:
        for number in range(5):
            http.get(f"/threads/{number}")

        assert [request.route for request in emulator.requests] == [
            "/threads/2",
            "/threads/3",
            "/threads/4",
        ]
    with FoundryEmulator(limits=Limits(bytes=16_000)) as emulator, client(emulator) as http:
        for letter in "abc":
            post(http, "/threads", {"metadata": {"a": letter * 450}})

        assert [request.body["metadata"]["a"][0] for request in emulator.requests] == ["b", "c"]


def test_limits_are_read_from_words() -> None:
    assert Limits.parse(["threads=5", "idle=60"]) == Limits(threads=5, idle=60)


def test_lists_stay_as_they_are_when_old_ids_are_forgotten(emulator: FoundryEmulator) -> None:
    emulator.create_agent(name="classic")
    for name in ("new", "other", "new"):
        emulator.create_agent(name=name, generation="new")
    emulator.add_vector_store(emulator.add_file("text"))
    paths = ["assistants", "agents", "agents/new/versions", "threads", "vector_stores"]
    with client(emulator) as http:
        thread = post(http, "/threads", {"messages": [{"role": "user", "content": "Hello"}] * 3})
        agent = next(iter(emulator.service.state.agents))
        run = post(http, f"/threads/{thread['id']}/runs", {"assistant_id": agent})
        conversation = post(http, "/openai/v1/conversations")["id"]
        response = ask(http, conversation)["id"]
        paths += [f"threads/{thread['id']}/{what}" for what in ("messages", "runs")]
        paths += [f"threads/{thread['id']}/runs/{run['id']}/steps"]
        paths += [f"openai/v1/{what}" for what in ("conversations", "responses", "files")]
        paths += [f"openai/v1/conversations/{conversation}/items"]
        paths += [f"openai/v1/responses/{response}/input_items"]
        http.delete(f"/threads/{post(http, '/threads')['id']}")
        before = {path: http.get(f"/{path}").json()["data"] for path in paths}

        state = emulator.service.state
        known = len(state.ids._places)
        state.ids.compact(lambda: alive_ids(state), newest=0)

        assert len(state.ids._places) < known
        assert all(before.values())
        assert {path: http.get(f"/{path}").json()["data"] for path in paths} == before


def test_a_seed_makes_ids_and_times_the_same_however_often_one_looks() -> None:
    def told(looks: int) -> list[Json]:
        with FoundryEmulator(seed=7) as emulator, client(emulator) as http:
            agent = emulator.create_agent(name="a", generation="new")
            thread = post(http, "/threads")
            for _ in range(looks):
                http.get("/threads")
            reference = {"type": "agent_reference", "name": agent}
            body = {"input": "Hello", "agent_reference": reference}
            return [thread, post(http, "/openai/v1/responses", body), post(http, "/threads")]

    first = told(looks=1)

    assert told(looks=3) == first
    assert [first[0]["created_at"], first[2]["created_at"]] == [1_767_225_600, 1_767_225_602]


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_thousands_of_turns_leave_no_more_than_the_limits() -> None:
    limits = Limits(threads=50, conversations=40, responses=60, files=20, requests=30)
    with FoundryEmulator(limits=limits) as emulator, client(emulator) as http:
        agent = emulator.create_agent()
        state = emulator.service.state
        for turn in range(1000):
            run = {"assistant_id": agent, "thread": {"messages": []}, "stream": True}
            http.post("/threads/runs", json=run)
            ask(http, post(http, "/openai/v1/conversations")["id"] if turn % 2 else None)
            upload(http, str(turn))

        counts = [len(state.threads), len(state.conversations), len(state.responses)]
        assert counts == [50, 40, 60]
        assert (len(state.files), len(emulator.requests)) == (20, 30)
        assert state.active_runs == {}
        assert not emulator._runner._tasks
        assert len(state.ids._places) <= 20_000
