"""Nobody's secrets are in a recording, and no words unless they are asked for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import HumanMessage, ToolMessage

from langchain_foundry_agents.emulator import (
    AskApproval,
    Cite,
    FoundryEmulator,
    Refuse,
    RunCode,
    Steps,
    Think,
)

from ..conftest import client
from .models import GENERATIONS, Recorder, model_at

CANARY = "canary-9f8e7d6c5b4a39281706"


def test_no_secret_is_in_the_file(emulator: FoundryEmulator, record: Recorder, tape: Path) -> None:
    guid = "7f3c2a10-1111-2222-3333-444455556666"
    tool = {
        "type": "mcp",
        "server_label": "files",
        "server_url": f"https://x.example/{CANARY}",
        "headers": {"Authorization": CANARY},
        "project_connection_id": f"/subscriptions/{guid}/resourceGroups/{CANARY}/x",
    }
    metadata = {"owner": guid, "role": CANARY}
    body = {"model": "gpt-4o", "tools": [tool], "metadata": metadata, "instructions": CANARY}
    token = f"eyJ{CANARY}.eyJ{CANARY}.{CANARY}"
    with record() as recorder, client(recorder) as http:
        http.post(
            "/assistants", json=body, headers={"cookie": CANARY, "x-ms-user-identity": CANARY}
        )
        http.post("/threads", json={"metadata": {"name": f"Bearer {CANARY}"}})
        http.get(f"/threads/{token}")

    text = tape.read_text()
    assert len(text.splitlines()) == 4
    for secret in (CANARY, guid, emulator.credential, "127.0.0.1", recorder.project_endpoint):
        assert secret not in text


@pytest.mark.parametrize("generation", GENERATIONS)
def test_no_word_of_anybodys_is_in_the_file(
    emulator: FoundryEmulator, record: Recorder, tape: Path, generation: Any
) -> None:
    word = "Canaryish"
    source = {"type": "citation", "url": f"https://{word}.example", "title": word}
    emulator.script(
        Steps(RunCode(f"print('{word}')", word), Think(word), Cite(word, source)),
        AskApproval("files", "read", {"path": word}, word),
        Refuse(word),
    )
    agent = emulator.create_agent(name="helper", generation=generation, instructions=word)
    with record() as recorder:
        model = model_at(recorder.project_endpoint, agent)
        model.invoke(word)
        asked = model.invoke(word)
        denial = ToolMessage(
            json.dumps({"approve": False, "reason": word}), tool_call_id=asked.tool_calls[0]["id"]
        )
        model.invoke([HumanMessage(word), asked, denial])
        model.read_agent()

    assert len(tape.read_text().splitlines()) > 4
    assert word.lower() not in tape.read_text().lower()


def test_texts_are_kept_but_for_secrets(record: Recorder, tape: Path) -> None:
    guid = "7f3c2a10-1111-2222-3333-444455556666"
    with record(texts=True) as recorder, client(recorder) as http:
        text = (
            f"My id is {guid}, my token eyJhbGci.eyJzdWIi.c2ln, on 127.0.0.1, https://a.b/c?sig=d"
        )
        http.post("/threads", json={"messages": [{"role": "user", "content": text}]})

    (_, line) = map(json.loads, tape.read_text().splitlines())
    assert line["request"]["body"]["messages"][0]["content"] == (
        "My id is 00000000-0000-0000-0000-000000000001, my token <left out>, on <host>, "
        "https://a.b/c?sig=<left out>"
    )


def test_ids_get_the_same_number_wherever_they_stand(record: Recorder, tape: Path) -> None:
    with record() as recorder, client(recorder) as http:
        ids = [http.post("/threads", json={}).json()["id"] for _ in range(2)]
        for thread_id in reversed(ids):
            http.get(f"/threads/{thread_id}")

    one, two = "thread_000000000000000000000001", "thread_000000000000000000000002"
    lines = [json.loads(line) for line in tape.read_text().splitlines()[1:]]
    assert [line["response"]["body"]["id"] for line in lines] == [one, two, two, one]
    assert lines[2]["request"]["path"] == f"/threads/{two}"
    assert not any(thread_id in tape.read_text() for thread_id in ids)


def test_nobody_without_the_emulators_token_asks_through_the_proxy(record: Recorder) -> None:
    with record() as recorder, client(recorder) as http:
        answer = http.get("/threads", headers={"Authorization": "Bearer guessed"})

    assert answer.status_code == 401
