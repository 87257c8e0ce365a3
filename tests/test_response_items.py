"""What the new generation's own tools did: blocks for each call and its result, in their order."""

from __future__ import annotations

from typing import Any

import pytest
from folding import (
    JSON,
    contents,
    done,
    ended,
    event,
    folded,
    message_item,
    new_answer,
    reasoning_item,
    replied,
    whole_response,
)

OURS = {"agent_reference": None, "response_id": "resp_1", "partition_key": "p"}


def item(kind: str, item_id: str = "x_1", **more: Any) -> JSON:
    return {"type": kind, "id": item_id, **OURS, "status": "completed", **more}


def call(name: str, args: JSON, call_id: str = "x_1", **more: Any) -> JSON:
    return {"type": "server_tool_call", "id": call_id, "name": name, "args": args, **more}


def result(output: Any, call_id: str = "x_1", status: str = "success") -> JSON:
    block = {"type": "server_tool_result", "tool_call_id": call_id, "status": status}
    return {**block, "output": output}


def numbered(*blocks: JSON) -> list[JSON]:
    return [{**block, "index": index} for index, block in enumerate(blocks)]


HITS = [{"file_id": "file_1", "filename": "a.md", "score": 0.5, "text": "…"}]
MEMORIES = [
    {
        "content": "User prefers dark roast coffee.",
        "kind": "user_profile",
        "memory_id": "bf60",
        "scope": "user_123",
        "updated_at": 1772079005,
    }
]
TOOLS = [{"name": "fetch", "input_schema": {}}]
MCP = {"server_label": "docs", "name": "fetch", "approval_request_id": "mcpr_1"}


@pytest.mark.parametrize(
    ("told", "blocks"),
    [
        (
            item("file_search_call", queries=["a", "b"], results=HITS),
            [call("file_search", {"queries": ["a", "b"]}), result(HITS)],
        ),
        (
            item("file_search_call", queries=["a"], results=None),
            [call("file_search", {"queries": ["a"]}), result(None)],
        ),
        (
            item("code_interpreter_call", code="1+1", container_id="cntr_1", outputs=None),
            [
                call("code_interpreter", {"code": "1+1"}, extras={"container_id": "cntr_1"}),
                result(None),
            ],
        ),
        (
            item(
                "code_interpreter_call",
                code="plot()",
                outputs=[
                    {"type": "logs", "logs": "2"},
                    {"type": "image", "url": "https://a/b.png"},
                ],
            ),
            [
                call("code_interpreter", {"code": "plot()"}),
                result(
                    [{"type": "logs", "logs": "2"}, {"type": "image", "url": "https://a/b.png"}]
                ),
                {"type": "image", "url": "https://a/b.png"},
            ],
        ),
        (
            item("code_interpreter_call", outputs=[]),
            [call("code_interpreter", {"code": ""}), result([])],
        ),
        (
            item("mcp_call", **MCP, arguments='{"page": 1}', output="found"),
            [call("mcp", {"page": 1}, extras=MCP), result("found")],
        ),
        (
            item("mcp_call", **MCP, arguments="", output=None, error={"code": 5}, status=None),
            [call("mcp", {}, extras=MCP), result({"code": 5}, status="error")],
        ),
        (
            item("mcp_call", name="a", arguments="page one", status="failed"),
            [
                call("mcp", {"arguments": "page one"}, extras={"name": "a"}),
                result(None, status="error"),
            ],
        ),
        (
            {"type": "mcp_list_tools", "id": "x_1", "server_label": "docs", "tools": TOOLS},
            [call("mcp_list_tools", {"server_label": "docs"}), result(TOOLS)],
        ),
        (
            # As recorded: sample_agent_memory_search, Azure/azure-sdk-assets, commit 0d520241.
            item(
                "memory_search_call",
                error=None,
                memories=MEMORIES,
                search_id="a198",
                superseded_by=None,
                update_id="2a37",
                usage={"total_tokens": 5},
                status="in_progress",
            ),
            [
                call("memory_search", {}, extras={"search_id": "a198", "update_id": "2a37"}),
                result(MEMORIES),
            ],
        ),
        (
            # Recorded there, too: a search that found nothing.
            item("memory_search_call", memories=[], status="in_progress"),
            [call("memory_search", {}), result([])],
        ),
        (
            # As Microsoft's TypeSpec has it (`MemorySearchToolCallItemResource.results`).
            item("memory_search_call", results=[], status="in_progress", usage={"total_tokens": 1}),
            [call("memory_search", {}), result([])],
        ),
        (
            item("memory_search_call", results=None, status="in_progress"),
            [call("memory_search", {})],
        ),
        (
            item("web_search_call", action={"type": "search", "query": "a", "sources": ["b"]}),
            [call("web_search", {"type": "search", "query": "a"}), result(["b"])],
        ),
        (
            item("web_search_call", engine="bing", action={"query": "a"}),
            [call("web_search", {"engine": "bing", "query": "a"}), result(None)],
        ),
        (item("web_search_call"), [call("web_search", {}), result(None)]),
        (
            {"type": "web_search_call", "id": "x_1"},
            [call("web_search", {}), result(None)],
        ),
        (
            item("image_generation_call", result="aGk=", output_format="webp", size="1x1"),
            [
                call("image_generation", {"output_format": "webp", "size": "1x1"}),
                result(None),
                {"type": "image", "base64": "aGk=", "mime_type": "image/webp"},
            ],
        ),
        (
            item("image_generation_call", result="aGk="),
            [
                call("image_generation", {}),
                result(None),
                {"type": "image", "base64": "aGk=", "mime_type": "image/png"},
            ],
        ),
        (
            item("image_generation_call", result=None, status="generating"),
            [call("image_generation", {})],
        ),
        (
            item("hologram", depth=3),
            [
                {
                    "type": "non_standard",
                    "value": {"type": "hologram", "id": "x_1", "status": "completed", "depth": 3},
                }
            ],
        ),
        (
            {"type": "hologram_call", "depth": 3},
            [{"type": "non_standard", "value": {"type": "hologram_call", "depth": 3}}],
        ),
    ],
    ids=lambda value: str(value["type"]) if isinstance(value, dict) else "",
)
def test_an_item_of_this_kind_is_these_blocks(told: JSON, blocks: list[JSON]) -> None:
    assert replied(told).content == numbered(*blocks)


def pair(kind: str, output: JSON, *, end: str = "_call", **more: Any) -> tuple[JSON, JSON]:
    """A call, and an item with what it gave."""
    return (
        item(f"{kind}{end}", "fc_1", call_id="call_1", **more),
        item(f"{kind}{end}_output", "fco_1", call_id="call_1", **output),
    )


@pytest.mark.parametrize(
    ("both", "blocks"),
    [
        (
            pair("bing_grounding", {"output": ""}, arguments='{"query": "a"}'),
            [call("bing_grounding", {"query": "a"}, "call_1"), result("", "call_1")],
        ),
        (
            pair("openapi", {"output": {"a": 1}}, name="weather", arguments="{}"),
            [
                call("openapi", {}, "call_1", extras={"name": "weather"}),
                result({"a": 1}, "call_1"),
            ],
        ),
        (
            pair("azure_ai_search", {"output": "gone", "status": "failed"}, arguments=None),
            [call("azure_ai_search", {}, "call_1"), result("gone", "call_1", status="error")],
        ),
        (
            pair("program", {"result": "2"}, end="", code="1+1"),
            [call("program", {"code": "1+1"}, "call_1"), result({"result": "2"}, "call_1")],
        ),
        (
            pair("function", {"output": "3"}, name="add", arguments='{"a": 1}'),
            [call("add", {"a": 1}, "call_1"), result("3", "call_1")],
        ),
    ],
    ids=lambda value: str(value[0]["type"]) if isinstance(value, tuple) else "",
)
def test_a_call_and_the_item_with_its_result_are_these_blocks(
    both: tuple[JSON, JSON], blocks: list[JSON]
) -> None:
    message = replied(*both)

    assert message.content == numbered(*blocks)
    assert message.tool_calls == []
    assert message.response_metadata["finish_reason"] == "stop"


def test_a_call_and_its_result_may_have_others_between_them() -> None:
    asked, gave = pair("function", {"output": "3"}, name="add", arguments="{}")

    blocks = replied(asked, message_item("One."), gave, reasoning_item("Hm.")).content

    assert [found if isinstance(found, str) else found["type"] for found in blocks] == [
        "One.",
        "server_tool_call",
        "server_tool_result",
        "reasoning",
    ]


@pytest.mark.parametrize(
    "told",
    [
        item("mcp_approval_response", approval_request_id="mcpr_1", approve=True),
        item("function_call_output", call_id="call_1", output="3"),
        message_item("What is 1+1?", role="user"),
        message_item("Be brief.", role="developer"),
    ],
    ids=lambda told: str(told["type"]),
)
def test_what_the_caller_said_is_no_part_of_the_answer(told: JSON) -> None:
    message = folded([[done(0, told), whole_response(told)]], new_answer(), ended())

    assert message.content == ""
    assert message.response_metadata["message_ids"] == []


def test_an_item_is_told_once_it_is_done_and_not_before() -> None:
    fold = new_answer()
    search = item("web_search_call", status="in_progress")

    assert fold.add([event("output_item.added", output_index=0, item=search)]) == []
    assert len(fold.add([done(0, item("web_search_call"))])) == 1


# Consent.

LINK = "https://consent.example/1"
ASKING: JSON = {
    "type": "oauth_consent_request",
    "id": "oauthreq_1",
    "consent_link": LINK,
    "server_label": "github",
}
ASKED = event("oauth_consent_requested", consent_link=LINK)


@pytest.mark.parametrize("events", [[], [ASKED], [ASKED, ASKED]])
def test_consent_that_is_asked_for_is_told_once_with_its_link(events: list[Any]) -> None:
    for ways in ([*events, done(0, ASKING)], [done(0, ASKING), *events]):
        message = folded([[*ways, whole_response(ASKING)]], new_answer(), ended(ASKING))

        assert message.content == [{"type": "non_standard", "value": ASKING, "index": 0}]
        assert message.response_metadata["oauth_consent_requests"] == [
            {"server_label": "github", "consent_link": LINK}
        ]


def test_consent_that_only_an_event_asks_for_is_told_at_the_end() -> None:
    told = {"type": "oauth_consent_request", "consent_link": LINK}

    assert contents(ASKED, whole_response(message_item("First consent."))) == [
        "First consent.",
        {"type": "non_standard", "value": told, "index": 1},
    ]
    assert contents(ASKED) == [{"type": "non_standard", "value": told, "index": 0}]


def test_every_consent_that_is_asked_for_is_told() -> None:
    other = {"consent_link": "https://consent.example/2", "server_label": "drive"}
    told = {"type": "oauth_consent_request", **other}

    message = folded(
        [[done(0, ASKING), event("oauth_consent_requested", **other)]], new_answer(), ended()
    )

    assert message.content == numbered(
        {"type": "non_standard", "value": ASKING}, {"type": "non_standard", "value": told}
    )
    assert message.response_metadata["oauth_consent_requests"] == [
        {"server_label": "github", "consent_link": LINK},
        {"server_label": "drive", "consent_link": "https://consent.example/2"},
    ]


def test_an_answer_that_asks_for_no_consent_says_nothing_of_it() -> None:
    assert "oauth_consent_requests" not in replied(message_item("Hi")).response_metadata
