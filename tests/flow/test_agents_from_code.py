"""Agents from code, as data: found again, made, changed, read and deleted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from langchain_foundry_agents._flow.agents import (
    bind_assistant,
    bind_version,
    delete_agent,
    delete_assistant,
    extend_version,
    read_assistant,
    read_version,
)
from langchain_foundry_agents._flow.effects import JSON, Flow, Pause, Query, Send
from langchain_foundry_agents._flow.retry import Patience
from langchain_foundry_agents.errors import (
    BadRequestError,
    FoundryAgentError,
    ProtocolError,
    Response,
    ServiceConnectionError,
)

from .player import V1, Step, answered, limited, play, refused

ONCE = Patience(max_retries=0)
KEY = "langchain_foundry_agents_digest"
DEFINITION: JSON = {"kind": "prompt", "model": "gpt-4o", "instructions": "Be brief."}
WANTED: JSON = {"definition": DEFINITION}
OURS = {KEY: "72f6b06108cd64a6dea33433317c70be70ed49c54c162b41b7b8c0f7e03d51ea"}
LOOK = Send("GET", "/agents/support", None, V1)
MAKE = Send("POST", "/agents/support/versions", {**WANTED, "metadata": OURS}, V1)

FIELDS: JSON = {"name": "helper", "model": "gpt-4o", "instructions": "Be brief."}
OUR_FIELDS = {KEY: "e0bc370244f533d47aad4fc9fcdc090f8a8cf3f6ba071616624bff1e1676de70"}
LIST = Send("GET", "/assistants", None, (*V1, ("order", "desc"), ("limit", "100")))
POST = Send("POST", "/assistants", {**FIELDS, "metadata": OUR_FIELDS}, V1)


def version(number: str = "3", definition: JSON = DEFINITION, **more: Any) -> JSON:
    shown = {"object": "agent.version", "id": f"support:{number}", "name": "support"}
    return {**shown, "version": number, "definition": definition, "metadata": OURS, **more}


def latest(shown: JSON) -> Response:
    """An agent whose latest version is this one."""
    return answered({"object": "agent", "name": "support", "versions": {"latest": shown}})


def assistant(agent_id: str = "asst_1", **more: Any) -> JSON:
    """A classic agent that this code made, as the service shows it."""
    unset = {"tools": [], "tool_resources": {}, "temperature": 1.0, "top_p": 1.0}
    shown = {"id": agent_id, "object": "assistant", "description": None, **unset, **FIELDS}
    return {**shown, "response_format": "auto", "metadata": OUR_FIELDS, **more}


def listed(*agents: JSON, more: bool = False) -> Response:
    last = agents[-1]["id"] if agents else None
    return answered({"object": "list", "data": [*agents], "last_id": last, "has_more": more})


def bound(*script: Step, wanted: JSON = WANTED) -> str:
    return play(bind_version("support", wanted, ONCE), *script)


def bound_classic(*script: Step, wanted: JSON = FIELDS) -> str:
    return play(bind_assistant(wanted, V1, ONCE), *script)


def changed(agent_id: str = "asst_1", **body: Any) -> Send:
    body = {**FIELDS, "metadata": OUR_FIELDS, **body}
    return Send("POST", f"/assistants/{agent_id}", body, V1, repeatable=True)


def posted(flow: Flow[str], found: Response) -> Send:
    """What a flow asks for after its look."""
    next(flow)
    make = flow.send(found)
    assert isinstance(make, Send)
    return make


def metadata_of(make: Send) -> JSON:
    assert make.body is not None
    return dict(make.body["metadata"])


@pytest.mark.parametrize(
    "shown",
    [
        version(),
        version(definition={**DEFINITION, "tools": [], "reasoning": None}),
        version(metadata={}),
        version(metadata={}, definition={**DEFINITION, "tools": []}, description="Of the portal."),
        version(metadata={}, definition={**DEFINITION, "tool_choice": ""}),
        version(status="active"),
    ],
    ids=[
        "as it was made",
        "with defaults",
        "of the portal",
        "described there",
        "with what is empty",
        "active",
    ],
)
def test_an_agent_that_is_as_the_code_says_is_bound(shown: JSON) -> None:
    assert bound((LOOK, latest(shown))) == "3"


@pytest.mark.parametrize(
    "found",
    [
        refused(404),
        latest(version(metadata={KEY: "other code"})),
        latest(version(definition={**DEFINITION, "instructions": "Be long."})),
        latest(version(definition={"kind": "prompt", "model": "gpt-4o"}, metadata={})),
        latest(version(definition={**DEFINITION, "temperature": 0.1}, metadata={})),
        latest(version(status="failed")),
    ],
    ids=[
        "no such agent",
        "other code",
        "changed in the portal",
        "of the portal, other",
        "of the portal, with more",
        "failed",
    ],
)
def test_an_agent_that_is_otherwise_gets_a_version_as_the_code_says(found: Response) -> None:
    assert bound((LOOK, found), (MAKE, answered(version("4")))) == "4"


def test_a_version_keeps_description_and_metadata_beside_our_digest() -> None:
    wanted = {**WANTED, "description": "Answers.", "metadata": {"team": "a"}}

    make = posted(bind_version("support", wanted, ONCE), refused(404))

    metadata = metadata_of(make)
    assert make.body == {**wanted, "metadata": {"team": "a", KEY: metadata[KEY]}}


@pytest.mark.parametrize(
    ("told", "shown", "number"),
    [
        ([{"type": "a"}], [{"type": "a", "strict": False}], "3"),
        ([{"type": "a"}], [{"type": "a"}, {"type": "b"}], "4"),
        ([{"type": "a"}], None, "4"),
        ([{"type": "a", "x": {"y": 1}}], [{"type": "a", "x": 1}], "4"),
    ],
    ids=["defaults added", "a tool added", "tools gone", "another form"],
)
def test_defaults_of_the_service_are_no_change_and_another_tool_is_one(
    told: list[JSON], shown: list[JSON] | None, number: str
) -> None:
    wanted = {"definition": {**DEFINITION, "tools": told}}
    make = posted(bind_version("support", wanted, ONCE), refused(404))
    definition = {**DEFINITION, "tools": shown}
    found = latest(version("3", definition, metadata=metadata_of(make)))
    script: list[Step] = [(LOOK, found)]
    if number == "4":
        script.append((make, answered(version("4"))))

    assert bound(*script, wanted=wanted) == number


@pytest.mark.parametrize(
    ("shown", "number"),
    [
        ([{"type": "a", "strict": None}], "3"),
        ([{"type": "b"}], "4"),
    ],
    ids=["what is empty", "another tool"],
)
def test_tools_of_an_agent_of_the_portal_are_compared_too(shown: list[JSON], number: str) -> None:
    wanted = {"definition": {**DEFINITION, "tools": [{"type": "a"}]}}
    found = latest(version("3", {**DEFINITION, "tools": shown}, metadata={}))
    script: list[Step] = [(LOOK, found)]
    if number == "4":
        make = posted(bind_version("support", wanted, ONCE), refused(404))
        script.append((make, answered(version("4"))))

    assert bound(*script, wanted=wanted) == number


def test_a_description_that_was_changed_is_changed_back() -> None:
    wanted = {**WANTED, "description": "Answers."}
    make = posted(bind_version("support", wanted, ONCE), refused(404))
    found = latest(version(metadata=metadata_of(make), description="Asks."))

    assert bound((LOOK, found), (make, answered(version("4"))), wanted=wanted) == "4"


def test_a_version_is_not_made_twice_where_it_may_have_been_made() -> None:
    lost = ServiceConnectionError("The connection broke.", maybe_accepted=True)

    with pytest.raises(ServiceConnectionError):
        bound((LOOK, refused(404)), (MAKE, lost))


def test_what_is_no_version_is_told() -> None:
    with pytest.raises(ProtocolError, match=r"^The service made an agent and gave it no version\."):
        bound((LOOK, refused(404)), (MAKE, answered({"object": "agent.version"})))


def test_a_refused_definition_is_the_callers_error() -> None:
    with pytest.raises(BadRequestError, match="No such model"):
        bound((LOOK, refused(404)), (MAKE, refused(400, "No such model.")))


def test_a_classic_agent_that_is_as_the_code_says_is_bound() -> None:
    assert bound_classic((LIST, listed(assistant("asst_2", name="x"), assistant()))) == "asst_1"


def test_a_classic_agent_is_found_on_any_page() -> None:
    second = Send(
        "GET", "/assistants", None, (*V1, ("order", "desc"), ("limit", "100"), ("after", "asst_2"))
    )
    first = listed(assistant("asst_2", name="x"), more=True)

    assert bound_classic((LIST, first), (second, listed(assistant()))) == "asst_1"


@pytest.mark.parametrize(
    "others",
    [
        [],
        [assistant("asst_2", metadata={})],
        [assistant("asst_2", metadata=None)],
        [assistant("asst_2", name="other")],
    ],
    ids=["none", "not ours", "without metadata", "another name"],
)
def test_a_classic_agent_of_other_code_is_left_alone_and_a_new_one_is_made(
    others: list[JSON],
) -> None:
    assert bound_classic((LIST, listed(*others)), (POST, answered(assistant("asst_9")))) == "asst_9"


@pytest.mark.parametrize(
    "found",
    [
        assistant(metadata={KEY: "earlier code"}, instructions="Be long."),
        assistant(instructions="Be long."),
        assistant(metadata={KEY: "earlier code"}, tools=None),
    ],
    ids=["earlier code", "changed in the portal", "nothing to unset"],
)
def test_a_classic_agent_of_ours_that_is_otherwise_is_changed(found: JSON) -> None:
    assert bound_classic((LIST, listed(found)), (changed(), answered(assistant()))) == "asst_1"


def test_what_the_code_does_not_say_any_more_is_unset() -> None:
    found = assistant(
        metadata={KEY: "earlier code"}, tools=[{"type": "code_interpreter"}], temperature=0.2
    )
    change = changed(tools=[], temperature=1.0)

    assert bound_classic((LIST, listed(found)), (change, answered(assistant()))) == "asst_1"


def test_of_several_agents_of_ours_the_same_one_is_bound_and_else_the_newest_changed() -> None:
    newest, older = (assistant(i, metadata={KEY: "x"}) for i in ("asst_3", "asst_2"))

    assert bound_classic((LIST, listed(newest, older, assistant()))) == "asst_1"
    change = (changed("asst_3"), answered(assistant("asst_3")))
    assert bound_classic((LIST, listed(newest, older)), change) == "asst_3"


def test_vector_stores_that_the_service_shows_as_ids_are_no_change() -> None:
    stores: JSON = {"file_search": {"vector_stores": [{"configuration": {}}]}}
    wanted = {**FIELDS, "tool_resources": stores}
    metadata = metadata_of(posted(bind_assistant(wanted, V1, ONCE), listed()))
    shown = {"file_search": {"vector_store_ids": ["vs_1"]}}
    found = assistant(metadata=metadata, tool_resources=shown)

    assert bound_classic((LIST, listed(found)), wanted=wanted) == "asst_1"


def test_agents_are_read_as_the_service_shows_them() -> None:
    one = Send("GET", "/agents/support/versions/3", None, V1)
    classic = Send("GET", "/assistants/asst_1", None, V1)

    assert play(read_version("support", None, ONCE), (LOOK, latest(version()))) == version()
    assert play(read_version("support", "3", ONCE), (one, answered(version()))) == version()
    read = play(read_assistant("asst_1", V1, ONCE), (classic, answered(assistant())))
    assert read == assistant()


DELETE = Send("DELETE", "/agents/support", None, V1)
DELETE_CLASSIC = Send("DELETE", "/assistants/asst_1", None, V1)
DELETED = answered({"deleted": True})


@pytest.mark.parametrize(
    ("force", "query"),
    [({}, V1), ({"force": False}, V1), ({"force": True}, (*V1, ("force", "true")))],
    ids=["by default", "asked", "forced"],
)
def test_a_new_agent_is_deleted(force: dict[str, bool], query: Query) -> None:
    play(delete_agent("support", ONCE, **force), (replace(DELETE, query=query), DELETED))


def test_a_classic_agent_is_deleted() -> None:
    play(delete_assistant("asst_1", V1, ONCE), (DELETE_CLASSIC, DELETED))


@pytest.mark.parametrize(
    ("flow", "requests"),
    [
        (
            bind_assistant(FIELDS, V1, Patience()),
            [(LIST, listed()), (POST, answered(assistant()))],
        ),
        (
            bind_assistant(FIELDS, V1, Patience()),
            [
                (LIST, listed(assistant(instructions="Be long."))),
                (changed(), answered(assistant())),
            ],
        ),
        (read_version("support", None, Patience()), [(LOOK, latest(version()))]),
        (
            read_assistant("asst_1", V1, Patience()),
            [(Send("GET", "/assistants/asst_1", None, V1), answered(assistant()))],
        ),
        (delete_agent("support", Patience()), [(DELETE, DELETED)]),
        (delete_assistant("asst_1", V1, Patience()), [(DELETE_CLASSIC, DELETED)]),
    ],
    ids=["make classic", "change", "read", "read classic", "delete", "delete classic"],
)
def test_a_request_that_is_one_too_many_is_made_again(
    flow: Flow[object], requests: list[Step]
) -> None:
    play(flow, *limited(*requests))


CONFLICT = refused(409, "It was modified concurrently. Please retry.", "conflict")
"""Two deployments at once: Azure/azure-sdk-for-net#58060."""


def test_a_version_that_another_deployment_made_meanwhile_is_taken() -> None:
    made = play(
        bind_version("support", WANTED, Patience()),
        (LOOK, latest(version(status="failed"))),
        (MAKE, CONFLICT),
        (Pause(0.25, 0.5), None),
        (LOOK, latest(version("4"))),
    )

    assert made == "4"


def test_one_that_it_made_otherwise_is_followed_by_ours() -> None:
    made = play(
        bind_version("support", WANTED, Patience()),
        (LOOK, latest(version(status="failed"))),
        (MAKE, refused(429)),
        (Pause(0.25, 0.5), None),
        (LOOK, latest(version(status="failed"))),
        (MAKE, answered(version("5"))),
    )

    assert made == "5"


@pytest.mark.parametrize("status", [400, 500])
def test_what_does_not_pass_or_may_be_done_is_not_made_again(status: int) -> None:
    with pytest.raises(FoundryAgentError):
        play(
            bind_version("support", WANTED, Patience()),
            (LOOK, latest(version(status="failed"))),
            (MAKE, refused(status)),
        )


CODE: JSON = {"type": "code_interpreter"}
ADD: JSON = {"type": "function", "name": "add", "parameters": {}, "strict": False}


def extended(*script: Step, tools: list[JSON], number: str | None = None) -> str:
    return play(extend_version("support", number, tools, ONCE), *script)


def test_a_version_with_more_tools_keeps_all_else_but_the_digest_of_what_code_said() -> None:
    found = version(
        definition={**DEFINITION, "tools": [CODE]},
        description="Adds.",
        metadata={**OURS, "team": "a"},
    )
    body = {
        "description": "Adds.",
        "metadata": {"team": "a"},
        "definition": {**DEFINITION, "tools": [CODE, ADD]},
    }
    make = Send("POST", "/agents/support/versions", body, V1)

    made = extended((LOOK, latest(found)), (make, answered(version("4"))), tools=[CODE, ADD])

    assert made == "4"


def test_a_version_that_has_the_tools_is_left_as_it_is() -> None:
    look = Send("GET", "/agents/support/versions/3", None, V1)
    found = version(definition={**DEFINITION, "tools": [ADD]})

    assert extended((look, answered(found)), tools=[ADD], number="3") == "3"


def test_an_agent_of_another_kind_has_no_tools_to_add_to() -> None:
    found = version(definition={"kind": "hosted"})

    with pytest.raises(BadRequestError, match=r"of the kind 'hosted': its definition has no tools"):
        extended((LOOK, latest(found)), tools=[ADD])
