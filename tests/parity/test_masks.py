"""What a masked answer shows, and above all what it does not."""

from __future__ import annotations

from typing import Any

import pytest

from langchain_foundry_agents._parity.masks import Masks, hidden

THREAD = "thread_7ISSfUbj0zxL9ZaHrp4zC8ma"


@pytest.mark.parametrize(
    ("key", "value", "shown"),
    [
        ("id", THREAD, "<id thread>"),
        ("id", "assistant-RQWCzPMZBqFN2oMoQb22n6", "<id assistant>"),
        ("id", "resp_3483e9c8dda4f165006909550333588190afc76a645a0e877a", "<id resp>"),
        ("created_at", 1_800_000_000, "<time>"),
        ("created_at", None, None),
        ("created_at", 1.5, "<time, no integer>"),
        ("prompt_tokens", 12, "<count>"),
        ("end_index", 12, "<count>"),
        ("output_index", 1, 1),
        ("temperature", 1.0, 1.0),
        ("deleted", True, True),
        ("status", "completed", "completed"),
        ("object", "thread.run", "thread.run"),
        ("text", "completed", "<text>"),
        ("text", "", ""),
        ("status", "It is 42, said Ada to Bob.", "<text>"),
        ("reasoning", {"effort": "low"}, "<object>"),
    ],
)
def test_a_value_shows_by_its_kind(key: str, value: Any, shown: Any) -> None:
    assert Masks({}, ()).mask({key: value}) == {key: shown}


def test_what_the_case_has_kept_shows_under_its_name() -> None:
    masks = Masks({"thread": THREAD, "name": "probe-abc"}, ())

    shown = masks.mask({"thread_id": THREAD, "id": "probe-abc:2", "other": f"In {THREAD}."})

    assert shown == {"thread_id": "{thread}", "id": "{name}:2", "other": "<text>"}


def test_what_the_case_has_said_shows_as_it_is() -> None:
    assert Masks({}, ["What is 6 * 7?"]).mask({"value": "What is 6 * 7?"}) == {
        "value": "What is 6 * 7?"
    }


def test_the_text_of_an_error_shows_without_names() -> None:
    error = {
        "message": f"No thread found with id '{THREAD}' at https://me.example/x.",
        "code": None,
    }

    assert Masks({}, ()).mask({"error": error}) == {
        "error": {"message": "No thread found with id '<id thread>' at <url>", "code": None}
    }


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("See https://a.services.ai.azure.com/api/projects/p?x=1 now", "See <url> now"),
        ("at myres.services.ai.azure.com", "at <host>"),
        (
            "The principal `12345678-1234-1234-1234-123456789abc` lacks",
            "The principal `<guid>` lacks",
        ),
        ("[Request ID: 10f1c87b10f1c87b10f1c87b10f1c87b]", "[Request ID: <hex>]"),
        ("/subscriptions/abc/resourceGroups/mine", "/subscriptions/<name>/resourceGroups/<name>"),
        ("ask ada@example.org", "ask <mail>"),
    ],
)
def test_an_error_names_nobody(said: str, shown: str) -> None:
    assert hidden(said) == shown
