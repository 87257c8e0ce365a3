"""Texts that others wrote, made harmless for terminals, logs and error messages."""

from __future__ import annotations

import json

import pytest

from langchain_foundry_agents import BadRequestError
from langchain_foundry_agents._flow.failures import refusal
from langchain_foundry_agents._harmless import harmless, one_line
from langchain_foundry_agents.errors import Response


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b]52;c;cm0gLXJmIH4=\x07", "]52;c;cm0gLXJmIH4="),  # OSC: writes the clipboard
        ("\x1b]0;owned\x1b\\", "]0;owned\\"),  # OSC: writes the title
        ("\x1b[2J\x9b31m", "[2J31m"),  # CSI, in seven and in eight bits
        ("a\rb\x08c\x7f", "abc"),
        ("\u202eabc\u2066d\u200f\u061c", "abcd"),  # turns the direction of what follows
        ("a\u2028b\u2029c", "abc"),
        ("Grüße, 你好 👩‍👩‍👧 שלום\n\tnext", "Grüße, 你好 👩‍👩‍👧 שלום\n\tnext"),
    ],
)
def test_text_writes_nothing_but_itself(text: str, shown: str) -> None:
    assert harmless(text) == shown
    assert "".join(map(harmless, text)) == shown


def test_one_line_stays_one() -> None:
    assert one_line("a\r\nWARNING b\u2028c\td") == "a WARNING b c d"


def test_an_error_tells_what_the_service_says_in_one_harmless_line() -> None:
    said = {"error": {"code": "c\x1b[2J", "message": "bad \x1b]0;owned\x07\nWARNING forged"}}
    error = refusal(Response(400, text=json.dumps(said)))

    assert isinstance(error, BadRequestError)
    assert not any(sign in str(error) for sign in "\n\x1b\x07")


def test_ids_of_an_error_are_harmless() -> None:
    error = BadRequestError("No.", thread_id="thread_1\x1b[2J", request_id="\x9b2J")

    assert not any(sign in str(error) for sign in "\x1b\x9b")
