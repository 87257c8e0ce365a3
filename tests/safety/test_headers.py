"""Headers of the user's: refused before any request where they cannot be sent, never quoted."""

from __future__ import annotations

from typing import Any

import pytest
from canned import CannedService, json_reply, plain_turn, stream_reply
from sockets.ways import WAYS, ask

from langchain_foundry_agents import BadRequestError

from .agents import model_of
from .texts import texts_of_error

CANARY = "canary-93c0"
UNSENDABLE = ["{}\n", "{}\r\nx-other: 1", " {}", "{} ", "{}é", "{}\x00", "{}\ud800"]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("form", UNSENDABLE)
async def test_a_header_that_cannot_be_sent_is_named_and_not_quoted(form: str, way: str) -> None:
    headers = {"x-key": form.format(CANARY)}
    with CannedService() as service:
        with pytest.raises(BadRequestError, match="The header 'x-key' cannot be sent") as caught:
            await ask(way, model_of(service, default_headers=headers), "Hello")

        assert service.requests == []
    assert [text for text in texts_of_error(caught.value) if CANARY in text] == []


@pytest.mark.parametrize("name", ["x key", "x-kéy", "x-key:", ""])
@pytest.mark.parametrize("way", ["invoke", "ainvoke"])
async def test_a_header_whose_name_is_none_is_refused(way: str, name: str) -> None:
    with CannedService() as service:
        with pytest.raises(BadRequestError, match="is no name of a header"):
            await ask(way, model_of(service, default_headers={name: CANARY}), "Hello")

        assert service.requests == []


@pytest.mark.parametrize("value", ["", "a", "a b", "a\tb", "Bearer x.y/z=="])
async def test_any_other_header_is_sent(value: str) -> None:
    with CannedService(stream_reply(plain_turn("Fine."))) as service:
        model_of(service, default_headers={"x-key": value}).invoke("Hello")

    assert service.requests[0].headers["x-key"] == value


@pytest.mark.parametrize("way", ["invoke", "ainvoke"])
async def test_a_text_that_is_not_unicode_is_refused_without_being_quoted(way: str) -> None:
    with CannedService() as service, pytest.raises(BadRequestError, match="Unicode") as caught:
        await ask(way, model_of(service), f"{CANARY} \ud800")

    assert [text for text in texts_of_error(caught.value) if CANARY in text] == []


@pytest.mark.parametrize("asynchronous", [False, True])
async def test_what_one_user_was_answered_another_is_not_told_from_memory(
    *, asynchronous: bool
) -> None:
    users: list[dict[str, Any]] = [{"x-user": "one"}, {"x-user": "another"}, {"x-user": "one"}]
    replies = [json_reply({"n": n}) for n in range(3)]
    with CannedService(*replies) as service:
        told = []
        for headers in users:
            transport = model_of(service, default_headers=headers)._transport()
            wanted = ("GET", "/assistants/asst_1", None, (), None, 5.0, 60.0)
            answer = await transport.asend(*wanted) if asynchronous else transport.send(*wanted)
            told.append(answer.json())

    assert told == [{"n": 0}, {"n": 1}, {"n": 0}]
