"""What the recipes promise beyond their own lines."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import fakeredis
import httpx
import pytest
import redis
import uvicorn
from langchain.chat_models import init_chat_model
from langchain_core.messages import HumanMessage
from pages import titled
from streamlit.testing.v1 import AppTest

from langchain_foundry_agents import ChatFoundryAgent
from langchain_foundry_agents.emulator import FoundryEmulator

QUESTION = "What is 17 * 23?"


def run_recipe(page: str, title: str) -> SimpleNamespace:
    """The names that a titled block makes."""
    names: dict[str, Any] = {"__name__": "recipe"}
    exec(compile(titled(f"recipes/{page}", title), title, "exec"), names)
    return SimpleNamespace(**names)


class Forwarding(BaseHTTPRequestHandler):
    """A proxy that hands requests on, as a company's does."""

    def do_POST(self) -> None:
        self.server.seen.append(self.path)  # type: ignore[attr-defined]
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name: self.headers[name] for name in ("Authorization", "Content-Type")}
        answer = httpx.post(self.path, content=body, headers=headers)
        self.send_response(answer.status_code)
        self.send_header("Content-Type", answer.headers["Content-Type"])
        self.end_headers()
        self.wfile.write(answer.content)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing is told."""


@contextmanager
def forwarding_proxy() -> Iterator[ThreadingHTTPServer]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Forwarding) as server:
        server.seen = []  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever).start()
        try:
            yield server
        finally:
            server.shutdown()


def test_the_proxy_of_the_recipe_is_gone_through(reader: FoundryEmulator) -> None:
    code = titled("recipes/network.md", "proxy.py")
    with forwarding_proxy() as proxy:
        address = f"http://127.0.0.1:{proxy.server_port}"
        names: dict[str, Any] = {}
        exec(code.replace("http://user:password@proxy.contoso.example:3128", address), names)
        with closing(names["llm"].http_client):
            assert names["llm"].invoke(QUESTION).text == "17 * 23 = 391."

    assert proxy.seen[-1].endswith("/openai/v1/responses")  # type: ignore[attr-defined]


def test_the_gateways_key_is_sent_and_not_shown(
    reader: FoundryEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATEWAY_KEY", "canary-7f")
    gateway = run_recipe("network.md", "gateway.py")
    llm = gateway.behind_the_gateway(reader.project_endpoint)

    assert llm.invoke(QUESTION).text == "17 * 23 = 391."
    assert "ocp-apim-subscription-key" in reader.requests[-1].headers
    assert "canary-7f" not in f"{llm!r} {llm.model_dump()}"


@contextmanager
def served(app: Any) -> Iterator[str]:
    """An app on loopback; its address."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


def events(lines: Iterator[str]) -> Iterator[tuple[int, str, str]]:
    """Number, kind and text of each event of a stream."""
    found: dict[str, str] = {}
    for line in lines:
        if not line:
            yield int(found["id"]), found["event"], found["data"]
            found = {}
        else:
            name, _, value = line.partition(": ")
            found[name] = value


@pytest.mark.parametrize("reader", [{"chunk_delay": 0.02}], indirect=True)
def test_a_reader_who_comes_back_hears_the_rest_and_nothing_twice(
    reader: FoundryEmulator,
) -> None:
    reader.script("One two three four five six seven.")
    app = run_recipe("serving.md", "app.py").app
    with served(app) as url, httpx.Client(base_url=url) as browser:
        name = browser.post("/answers", json={"text": "Count."}).json()["answer"]
        with browser.stream("GET", f"/answers/{name}") as answer:
            heard = list(islice(events(answer.iter_lines()), 1))
        with browser.stream(
            "GET", f"/answers/{name}", headers={"Last-Event-ID": str(heard[-1][0])}
        ) as answer:
            heard += events(answer.iter_lines())

    assert [number for number, _, _ in heard] == list(range(1, len(heard) + 1))
    assert "".join(text for _, _, text in heard[:-1]) == "One two three four five six seven."
    assert heard[-1][1:] == ("end", "completed")
    assert [one.route for one in reader.requests].count("/openai/v1/responses") == 1


def test_an_answer_that_is_stopped_says_no_more(reader: FoundryEmulator) -> None:
    app = run_recipe("serving.md", "app.py").app
    with served(app) as url, httpx.Client(base_url=url) as browser:
        with reader.inject("stall", event=8):
            name = browser.post("/answers", json={"text": QUESTION}).json()["answer"]
            with browser.stream("GET", f"/answers/{name}") as answer:
                told = events(answer.iter_lines())
                next(told)
                browser.delete(f"/answers/{name}")
                rest = list(told)

        assert rest[-1][1:] == ("end", "stopped")
        assert browser.get(f"/answers/{name}").status_code == 404


def test_the_chat_page_goes_on_in_one_conversation(reader: FoundryEmulator) -> None:
    page = AppTest.from_string(titled("recipes/serving.md", "chat_page.py")).run()

    page.chat_input[0].set_value(QUESTION).run()
    page.chat_input[0].set_value("And what did I ask?").run()

    said = [message.markdown[0].value for message in page.chat_message]
    assert said[:2] == [QUESTION, "17 * 23 = 391."]
    assert 'the last was: "What is 17 * 23?"' in said[3]
    assert [one.route for one in reader.requests] == [
        "/openai/v1/conversations",
        "/openai/v1/responses",
        "/openai/v1/responses",
    ]


def test_the_graph_of_the_deployment_is_one_that_langgraph_can_serve(
    reader: FoundryEmulator,
) -> None:
    manifest = json.loads(titled("recipes/langgraph.md", "langgraph.json"))
    file, _, name = manifest["graphs"]["support"].partition(":")
    graph = getattr(run_recipe("langgraph.md", Path(file).name), name)

    assert set(graph.get_graph().nodes) == {"__start__", "answer", "__end__"}


def test_init_chat_model_is_still_closed_to_packages() -> None:
    with pytest.raises(ValueError, match="Unsupported provider"):
        init_chat_model("support", model_provider="foundry_agents")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[redis.Redis]:
    """A real Redis where there is one, else one in memory."""
    if (program := shutil.which("redis-server")) is None:
        yield fakeredis.FakeRedis()
        return
    path = str(tmp_path / "redis.sock")
    options = ["--port", "0", "--unixsocket", path, "--save", "", "--dir", str(tmp_path)]
    server = subprocess.Popen([program, *options], stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout
        next(line for line in server.stdout if "eady to accept connections" in line)
        with redis.Redis(unix_socket_path=path) as client:
            yield client
    finally:
        server.terminate()
        server.communicate()


def test_workers_that_share_a_record_keep_branches_apart(
    reader: FoundryEmulator, database: redis.Redis
) -> None:
    record = run_recipe("workers.md", "thread_record.py").RedisThreadRecord
    workers = [ChatFoundryAgent(thread_record=record(database)) for _ in range(2)]
    history = [HumanMessage(QUESTION), workers[0].invoke(QUESTION)]
    branches = [[*history, HumanMessage(f"What is {place} + 1?")] for place in range(2)]

    with ThreadPoolExecutor() as pool:
        answers = list(pool.map(lambda one, said: one.invoke(said), workers, branches))

    threads = [answer.response_metadata["thread_id"] for answer in answers]
    forked = [answer.response_metadata.get("forked_from") for answer in answers]
    old = history[1].response_metadata["thread_id"]
    assert old in threads
    assert len(set(threads)) == 2
    assert sorted(forked, key=str) == sorted([None, old], key=str)


def test_the_redis_record_keeps_what_a_record_promises(database: redis.Redis) -> None:
    record = run_recipe("workers.md", "thread_record.py").RedisThreadRecord(database)

    assert [record.claim("t", "one"), record.claim("t", "one")] == [True, False]
    record.advance("t", "two")
    record.advance("t", "three")
    assert [record.claim("t", "two"), record.claim("t", "three")] == [False, True]
    assert [record.lock("t"), record.lock("t")] == [True, False]
    record.unlock("t")
    assert record.lock("t")


def test_a_batch_goes_on_where_it_stopped(
    reader: FoundryEmulator, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recipe = run_recipe("batches.md", "resumable.py")
    questions = [f"What is {number} + 1?" for number in range(6)]
    file = tmp_path / "answers.jsonl"
    llm = ChatFoundryAgent(max_retries=0, conversation="none")

    with reader.inject("server-error", times=2):
        first = recipe.ask_all(llm, questions, file)
    with file.open("a") as kept:
        kept.write('{"place": 3, "ans')  # where a start died
    asked_before = len(reader.requests)
    second = recipe.ask_all(llm, questions, file)

    assert first.count(None) == 2
    assert second == [f"{number} + 1 = {number + 1}." for number in range(6)]
    assert len(reader.requests) - asked_before == 2
    assert capsys.readouterr().out.count("Sorry, something went wrong.") == 2
    assert len(file.read_text().splitlines()) == 6
