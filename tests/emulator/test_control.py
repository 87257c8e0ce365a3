"""The emulator for clients of any language: control over HTTP, TLS, tokens, project names."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from langchain_foundry_agents.emulator import FoundryEmulator
from langchain_foundry_agents.emulator.control import forbidden

from .conftest import client

if TYPE_CHECKING:
    from pathlib import Path

    from langchain_foundry_agents.emulator import RecordedRequest


def control(emulator: FoundryEmulator, method: str, name: str, body: Any = None) -> httpx.Response:
    base = emulator.project_endpoint.partition("/api/")[0]
    return httpx.request(method, f"{base}/_emulator/{name}", json=body, trust_env=False)


def ask(http: httpx.Client, name: str = "a") -> Any:
    reference = {"type": "agent_reference", "name": name}
    return http.post("openai/v1/responses", json={"input": "Hi", "agent_reference": reference})


def said(response: httpx.Response) -> str:
    return str(response.json()["output"][0]["content"][0]["text"])


def test_health_says_where_it_is_and_who_is_there(emulator: FoundryEmulator) -> None:
    emulator.create_agent(name="a", generation="new")

    health = control(emulator, "GET", "health").json()

    assert (health["status"], health["endpoint"]) == ("ok", emulator.project_endpoint)
    assert (health["agent_names"], health["agent_ids"]) == (["a"], [])


def test_agents_scripts_and_faults_are_set_over_http(
    emulator: FoundryEmulator, http: httpx.Client
) -> None:
    made = control(emulator, "POST", "agents", [{"name": "a", "generation": "new"}])
    script = control(emulator, "POST", "script", {"turns": ["One.", {"reply": "Two."}]})
    fault = control(emulator, "POST", "faults", {"name": "rate-limit", "times": 1})

    assert made.json() == {"agents": ["a"]}
    assert script.json() == {"turns_left": 2}
    assert (fault.json()["name"], fault.json()["met"]) == ("rate-limit", 0)
    assert ask(http).status_code == 429
    assert control(emulator, "GET", "faults").json() == {"faults": []}
    assert [said(ask(http)), said(ask(http))] == ["One.", "Two."]
    assert control(emulator, "GET", "script").json() == {"turns_left": 0}


def test_requests_are_shown_without_their_tokens_and_forgotten(
    emulator: FoundryEmulator, http: httpx.Client
) -> None:
    http.get("threads")

    (shown,) = control(emulator, "GET", "requests").json()["requests"]

    assert (shown["method"], shown["route"], shown["status"]) == ("GET", "/threads", 200)
    assert shown["headers"]["authorization"] == "<not kept>"
    assert control(emulator, "DELETE", "requests").json() == {"requests": []}
    assert emulator.requests == []


def test_a_reset_leaves_nothing_and_ends_what_is_under_way(http: httpx.Client) -> None:
    with FoundryEmulator(queue_delay=3600) as emulator, client(emulator) as slow:
        agent = emulator.create_agent()
        emulator.inject("rate-limit", on="GET /files")
        emulator.script("One.")
        thread = {"messages": [{"role": "user", "content": "Hi"}]}
        slow.post("threads/runs", json={"assistant_id": agent, "thread": thread})

        assert control(emulator, "POST", "reset").json() == {"status": "ok"}

        listed = [slow.get(path).json()["data"] for path in ("assistants", "threads", "files")]
        assert listed == [[], [], []]
        assert control(emulator, "GET", "script").json() == {"turns_left": None}
        assert not emulator.service.state.active_runs


@pytest.mark.parametrize(
    ("name", "body", "problem"),
    [
        ("agents", [{"temprature": 1}], "[0]: Unknown parameter: 'temprature'."),
        ("agents", ["helper"], "[0]: An agent is an object, such as {name: helper}."),
        ("script", {"turn": []}, "turn: There is no 'turn' here. Did you mean 'turns'?"),
        ("script", [{"fail": {"cod": 1}}], "[0].fail.cod: There is no 'cod' here. Did you mean"),
        ("script", [{"call_tools": [{"args": {}}]}], "[0].call_tools[0]: 'name' is missing."),
        ("faults", {"name": "rate-limits"}, "There is no fault 'rate-limits'. Did you mean"),
        ("faults", {}, "name: A fault has a name, such as rate-limit."),
    ],
)
def test_a_mistake_is_told_with_its_place(
    emulator: FoundryEmulator, name: str, body: Any, problem: str
) -> None:
    answer = control(emulator, "POST", name, body)

    assert answer.status_code == 400
    assert answer.json()["error"]["message"].startswith(problem)


def test_an_unknown_operation_names_those_that_there_are(emulator: FoundryEmulator) -> None:
    answer = control(emulator, "GET", "helth")

    assert answer.status_code == 404
    assert "GET /_emulator/health" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("headers", "is_forbidden"),
    [
        ({"host": "localhost:8765"}, False),
        ({"host": "127.0.0.1:8765"}, False),
        ({"host": "[::1]:8765"}, False),
        ({"host": "foundry:8765"}, False),
        ({"host": "localhost", "sec-fetch-site": "none"}, False),
        ({"host": "localhost", "origin": "https://evil.example"}, True),
        ({"host": "localhost", "origin": "null"}, True),
        ({"host": "localhost", "sec-fetch-site": "cross-site"}, True),
        ({"host": "evil.example:8765"}, True),
        ({"host": "localhost.evil.example"}, True),
        ({"host": ""}, True),
        ({}, True),
    ],
    ids=str,
)
def test_no_web_page_controls_the_emulator(headers: dict[str, str], is_forbidden: bool) -> None:
    assert (forbidden(headers) is not None) is is_forbidden


def test_a_web_page_is_refused_and_changes_nothing(emulator: FoundryEmulator) -> None:
    emulator.create_agent(name="a", generation="new")
    base = emulator.project_endpoint.partition("/api/")[0]

    refused = httpx.post(f"{base}/_emulator/reset", headers={"origin": "https://evil.example"})

    assert refused.status_code == 403
    assert emulator.description["agent_names"] == ["a"]


def test_any_token_is_taken_and_none_is_not(emulator: FoundryEmulator, http: httpx.Client) -> None:
    own = http.get("threads", headers={"Authorization": "Bearer eyJ0eXAi.of.azure"})
    none = http.get("threads", headers={"Authorization": ""})

    assert (own.status_code, none.status_code) == (200, 401)
    assert "eyJ0eXAi" not in repr(emulator.requests)


def test_one_token_alone_is_taken_if_it_is_named() -> None:
    with FoundryEmulator(token="mine") as emulator, client(emulator) as http:
        other = http.get("threads", headers={"Authorization": "Bearer other"})

        assert emulator.credential == "mine"
        assert (http.get("threads").status_code, other.status_code) == (200, 401)


def test_a_project_may_have_any_name(emulator: FoundryEmulator, http: httpx.Client) -> None:
    elsewhere = emulator.project_endpoint.removesuffix("emulator") + "my-own/threads"

    assert http.get(elsewhere).status_code == 200
    assert emulator.requests[-1].route == "/threads"


@pytest.mark.parametrize(
    ("path", "place", "value"),
    [
        ("deployments", ("value", 0, "type"), "ModelDeployment"),
        ("deployments/gpt-9", ("name",), "gpt-9"),
        ("connections?connectionType=AzureOpenAI", ("value", 0, "isDefault"), True),
        ("connections/bing", ("name",), "bing"),
        ("openai/v1/models", ("data", 0, "object"), "model"),
    ],
)
def test_official_samples_find_what_they_ask_for_first(
    http: httpx.Client, path: str, place: tuple[Any, ...], value: Any
) -> None:
    found = http.get(path).json()
    for step in place:
        found = found[step]

    assert found == value


def test_the_log_is_told_of_each_request() -> None:
    log: list[RecordedRequest] = []
    with FoundryEmulator(log=log.append) as emulator, client(emulator) as http:
        http.get("threads")

    assert [(one.method, one.route, one.status) for one in log] == [("GET", "/threads", 200)]


def test_tls_is_trusted_by_who_trusts_the_authority_that_is_kept(tmp_path: Path) -> None:
    folder = tmp_path / "ca"
    authorities = []
    for _ in range(2):
        with FoundryEmulator(tls=folder) as emulator:
            authority = emulator.certificate_authority
            assert authority is not None
            context = ssl.create_default_context(cafile=authority)
            headers = {"Authorization": "Bearer x"}
            url = f"{emulator.project_endpoint}/threads?api-version=v1"
            assert url.startswith("https://localhost:")
            assert httpx.get(url, headers=headers, verify=context).status_code == 200
            authorities.append(authority.read_bytes())
            with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
                httpx.get(url, headers=headers)

    assert authorities[0] == authorities[1]
    assert (folder / "ca-key.pem").stat().st_mode & 0o077 == 0
