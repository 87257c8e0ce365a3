"""Which fields each generation of agents takes; what it does not take is refused at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from langchain_foundry_agents import ChatFoundryAgent, InvalidFieldError
from langchain_foundry_agents._generations import headers_of, make_api, storage_of
from langchain_foundry_agents._options import CallOptions
from langchain_foundry_agents._secrets import revealed

URL = "http://127.0.0.1:9/api/projects/p"


def new_agent(**fields: Any) -> ChatFoundryAgent:
    return ChatFoundryAgent(**{"agent_name": "support", "project_endpoint": URL, **fields})


def classic_agent(**fields: Any) -> ChatFoundryAgent:
    return ChatFoundryAgent(agent_id="asst_1", project_endpoint=URL, **fields)


OWNED: list[dict[str, Any]] = [
    {"model": "gpt-4o"},
    {"instructions": "Be brief."},
    {"temperature": 0.2},
    {"top_p": 0.5},
    {"parallel_tool_calls": False},
    {"tool_resources": {}},
    {"thread_tool_resources": {}},
    {"include_agent_tools": False},
    {"extra_body": {"reasoning": {"effort": "low"}}},
]


@pytest.mark.parametrize("fields", OWNED, ids=lambda fields: next(iter(fields)))
def test_what_the_definition_owns_is_refused_and_told_where_it_belongs(
    fields: dict[str, Any],
) -> None:
    name = "reasoning" if "extra_body" in fields else next(iter(fields))
    says = f"^{name} belongs to the agent's definition.*ChatFoundryAgent.create"

    with pytest.raises(InvalidFieldError, match=says):
        new_agent(**fields)
    with pytest.raises(InvalidFieldError, match=says):
        new_agent().invoke("Hello", **fields)


@pytest.mark.parametrize(
    "fields",
    [{"max_prompt_tokens": 500}, {"truncation_strategy": {"type": "last_messages"}}],
    ids=lambda fields: next(iter(fields)),
)
def test_what_has_no_counterpart_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(InvalidFieldError, match="has no counterpart in a response"):
        new_agent(**fields)


def test_on_request_what_is_unsupported_is_left_out_with_a_warning() -> None:
    body = {"reasoning": {}, "agent_session_id": "s1"}

    with pytest.warns(UserWarning, match=r"^temperature belongs.* It is left out\.$"):
        model = new_agent(temperature=0.2, on_unsupported="warn")
    with pytest.warns(UserWarning, match="^reasoning belongs"):
        other = new_agent(extra_body=body, on_unsupported="warn")

    assert make_api(model, model, {}).options == {}  # type: ignore[union-attr]
    assert make_api(other, other, {}).options == {  # type: ignore[union-attr]
        "agent_session_id": "s1"
    }


@pytest.mark.parametrize(
    "fields",
    [{"parallel_tool_calls": True}, {"response_format": "auto"}],
    ids=lambda fields: next(iter(fields)),
)
def test_what_the_service_does_anyway_may_be_asked_for(fields: dict[str, Any]) -> None:
    assert make_api(new_agent(**fields), new_agent(**fields), {}).options == {}  # type: ignore[union-attr]


def test_a_response_has_the_fields_that_it_can_have() -> None:
    model = new_agent(
        max_tokens=100,
        run_metadata={"a": "b"},
        structured_inputs={"user": "Ann"},
        truncation_strategy={"type": "auto"},
        extra_body={"agent_session_id": "s1"},
        thread_metadata={"c": "d"},
    )
    api: Any = make_api(model, model, {})

    assert api.options == {
        "max_output_tokens": 100,
        "metadata": {"a": "b"},
        "structured_inputs": {"user": "Ann"},
        "truncation": "auto",
        "agent_session_id": "s1",
    }
    assert api.conversation_options == {"metadata": {"c": "d"}}


@pytest.mark.parametrize("name", ["input", "conversation", "stream", "agent_reference"])
def test_what_this_package_sets_cannot_be_set_beside_it(name: str) -> None:
    with pytest.raises(InvalidFieldError, match=f"extra_body: '{name}' is set by this package"):
        new_agent(extra_body={name: "x"})


@pytest.mark.parametrize(
    "fields",
    [
        {"conversation": "response"},
        {"background": True},
        {"structured_inputs": {"a": 1}},
        {"user_identity": "ann"},
        {"extra_body": {"a": 1}},
    ],
    ids=lambda fields: next(iter(fields)),
)
def test_what_only_new_agents_take_is_refused_for_a_classic_one(fields: dict[str, Any]) -> None:
    name = next(iter(fields))

    with pytest.raises(InvalidFieldError, match=f"^{name} is for new agents.*migrate"):
        classic_agent(**fields)
    with pytest.raises(InvalidFieldError, match=f"^{name} is for new agents.*migrate"):
        classic_agent().invoke("Hello", **fields)


@pytest.mark.parametrize("fields", [{"run_mode": "poll"}, {"background": True}])
def test_what_is_not_stored_cannot_run_in_the_background(fields: dict[str, Any]) -> None:
    with pytest.raises(InvalidFieldError, match="has to be stored"):
        new_agent(conversation="none", **fields)


@pytest.mark.parametrize(
    ("make", "fields", "says"),
    [
        (classic_agent, {"thread_id": "conv_1"}, "'conv_1' is not the id of a thread"),
        (new_agent, {"thread_id": "thread_1"}, "'thread_1' is not the id of a conversation"),
        (
            new_agent,
            {"thread_id": "conv_1", "conversation": "response"},
            "'conv_1' is not the id of a response.*response_id",
        ),
        (new_agent, {"thread_id": "conv_1", "conversation": "none"}, "keeps none"),
    ],
)
def test_an_id_of_another_kind_of_place_is_refused(
    make: Callable[..., ChatFoundryAgent], fields: dict[str, Any], says: str
) -> None:
    with pytest.raises(InvalidFieldError, match=says):
        make(**fields)
    with pytest.raises(InvalidFieldError, match=says):
        make().invoke("Hello", **fields)


@pytest.mark.parametrize(
    "fields",
    [
        {"thread_id": "conv_1"},
        {"thread_id": "resp_1", "conversation": "response"},
        {"thread_id": "caresp_1", "conversation": "response"},
    ],
)
def test_ids_to_go_on_with(fields: dict[str, Any]) -> None:
    assert new_agent(**fields).thread_id == fields["thread_id"]


@pytest.mark.parametrize(
    ("conversation", "storage"),
    [("auto", "conversation"), ("response", "response"), ("none", "none")],
)
def test_what_keeps_a_history(conversation: Any, storage: str) -> None:
    assert storage_of(new_agent(), CallOptions(conversation=conversation)) == storage
    assert storage_of(classic_agent(), CallOptions()) == "thread"


def test_polling_is_done_in_the_background() -> None:
    model = new_agent(run_mode="poll")

    assert make_api(model, model, {}).background is True  # type: ignore[union-attr]


def test_the_user_of_a_call_is_a_header() -> None:
    assert headers_of(CallOptions(user_identity="ann")) == {"x-ms-user-identity": "ann"}
    assert headers_of(CallOptions()) == {}


def test_the_headers_of_a_call_are_secrets_and_the_user_is_named_once() -> None:
    options = CallOptions(
        user_identity="ann",
        extra_headers={"X-MS-User-Identity": "ben", "X-Memory-User-Id": "canary"},
    )

    headers = headers_of(options)

    assert headers["x-ms-user-identity"] == "ann"
    assert {name: revealed(text) for name, text in headers.items()} == {
        "x-ms-user-identity": "ann",
        "x-memory-user-id": "canary",
    }
    assert "canary" not in f"{headers} {options!r} {options.model_dump()}"


def add(a: int, b: int) -> int:
    """Add."""
    return a + b


@pytest.mark.parametrize(
    ("choice", "sent"),
    [
        ("any", "required"),
        (True, "required"),
        ("required", "required"),
        ("auto", "auto"),
        ("none", "none"),
        ("add", {"type": "function", "name": "add"}),
        ({"type": "function", "name": "add"}, {"type": "function", "name": "add"}),
        ({"type": "file_search"}, {"type": "file_search"}),
    ],
)
def test_a_choice_of_tools_is_sent_as_a_response_takes_it(choice: Any, sent: Any) -> None:
    """The forms are those of openai 3.57's `response_create_params.ToolChoice`."""
    model = new_agent()
    bound: Any = model.bind_tools([add], tool_choice=choice)
    options = model.updated({"tool_choice": bound.kwargs["tool_choice"]})

    assert make_api(model, options, {}).options == {"tool_choice": sent}  # type: ignore[union-attr]


def test_the_environment_names_an_agent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_AI_AGENT_NAME", "support")
    assert ChatFoundryAgent(project_endpoint=URL).agent_name == "support"

    monkeypatch.setenv("AZURE_AI_AGENT_ID", "asst_1")
    assert ChatFoundryAgent(project_endpoint=URL).agent_id == "asst_1"


@pytest.mark.parametrize("model", ["of the model", "of the call"])
def test_a_tool_choice_may_be_left_out_with_a_warning_of_each_call(model: str) -> None:
    def add(a: int, b: int) -> int:
        """Add."""
        return a + b

    option: Any = {"on_unsupported": "warn"}
    if model == "of the model":
        new_agent(**option).bind_tools([add], tool_choice="any")
    else:
        new_agent().bind_tools([add], tool_choice="any", **option)


def test_a_warning_names_the_line_of_the_caller() -> None:
    with pytest.warns(UserWarning, match="^temperature belongs") as caught:
        new_agent(temperature=0.2, on_unsupported="warn")

    assert {one.filename for one in caught} == {__file__}


def test_what_a_new_agents_definition_owns_is_not_set_later() -> None:
    # As ragas does with the temperature of any model (vibrantlabsai/ragas#1945).
    model = new_agent()

    with pytest.warns(UserWarning, match="^temperature is not set: ") as caught:
        model.temperature = 0.01

    assert {one.filename for one in caught} == {__file__}
    assert len(caught) == 1
    assert model.temperature is None


def test_what_a_call_takes_may_be_set_later() -> None:
    new, classic = new_agent(), classic_agent()

    new.max_tokens, classic.temperature, classic.stop = 300, 0.01, ["END"]

    assert (new.max_tokens, classic.temperature, classic.stop) == (300, 0.01, ["END"])
    with pytest.raises(InvalidFieldError, match="temperature"):
        classic.temperature = 9
    assert classic.temperature == 0.01
