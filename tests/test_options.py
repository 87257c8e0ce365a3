"""Fields per model and per call: what is refused, and what becomes of the rest."""

from __future__ import annotations

import warnings
from typing import Any

import pytest

from langchain_foundry_agents import ChatFoundryAgent, InvalidFieldError
from langchain_foundry_agents._options import CallOptions, without_langchains_own

METADATA = "Give up to 15 pairs, keys of up to 64 and values of up to 512 characters."
CHECKPOINT = (
    "Use response_metadata['thread_id'] of an answer. (LangGraph's own configurable thread_id "
    "names a checkpoint, not a thread of the service.)"
)
UNKNOWN = "There is no field or keyword"
FIELDS_PAGE = (
    "https://github.com/langchain-foundry-agents/langchain-foundry-agents/blob/main/docs/fields.md"
)
NO_TEXT = "Input should be a valid string."
NO_NUMBER = "Input should be a valid number, unable to parse string as a number."
NO_BOOL = "Input should be a valid boolean, unable to interpret input."
NO_APPROVAL = "Input should be 'surface' or 'raise'."
NO_DICT = "Input should be a valid dictionary."
USER = (
    "Give an opaque id of 1 to 256 characters: letters and digits of ASCII and any of '._:@-'. (Of "
    "another text, a hash in hexadecimal digits will do.)"
)
"""Learn, how-to/manage-hosted-sessions: `x-ms-user-identity` takes these."""
PLACES = "those begin with 'thread_' (a new agent's conversations with 'conv_')"
BAD_VALUES: list[tuple[str, Any, str]] = [
    ("thread_id", 5, f"thread_id: {NO_TEXT}"),
    ("continue_thread", "maybe", f"continue_thread: {NO_BOOL}"),
    ("instructions", 5, f"instructions: {NO_TEXT}"),
    ("additional_instructions", ["a"], f"additional_instructions: {NO_TEXT}"),
    ("model", 5, f"model: {NO_TEXT}"),
    ("temperature", 2.1, "temperature: Input should be less than or equal to 2."),
    ("temperature", -1, "temperature: Input should be greater than or equal to 0."),
    ("temperature", "hot", f"temperature: {NO_NUMBER}"),
    ("top_p", 1.1, "top_p: Input should be less than or equal to 1."),
    ("top_p", -0.1, "top_p: Input should be greater than or equal to 0."),
    ("max_tokens", 0, "max_tokens: Input should be greater than 0."),
    ("max_prompt_tokens", 255, "max_prompt_tokens: Input should be greater than or equal to 256."),
    ("parallel_tool_calls", "often", f"parallel_tool_calls: {NO_BOOL}"),
    ("truncation_strategy", "auto", f"truncation_strategy: {NO_DICT}"),
    ("tool_resources", [], f"tool_resources: {NO_DICT}"),
    ("run_metadata", {"a": 1}, f"run_metadata.a: {NO_TEXT}"),
    ("thread_metadata", "x", f"thread_metadata: {NO_DICT}"),
    ("stop", 5, "stop: Input should be a valid list."),
    ("stop", [1], f"stop.0: {NO_TEXT}"),
    ("thread_tool_resources", 5, f"thread_tool_resources: {NO_DICT}"),
    ("check_thread", "maybe", f"check_thread: {NO_BOOL}"),
    ("progress", "maybe", f"progress: {NO_BOOL}"),
    ("keep_thread", "maybe", f"keep_thread: {NO_BOOL}"),
    (
        "system_messages",
        "keep",
        "system_messages: Input should be 'send', 'raise' or 'drop'.",
    ),
    (
        "conversation",
        "conv_1",
        "conversation: Input should be 'auto', 'response' or 'none'.",
    ),
    ("background", "maybe", f"background: {NO_BOOL}"),
    ("structured_inputs", "x", f"structured_inputs: {NO_DICT}"),
    ("user_identity", 5, f"user_identity: {NO_TEXT}"),
    *(
        ("user_identity", bad, f"user_identity has a form that the service refuses. {USER}")
        for bad in [
            "",
            "a b",
            "M\u00fcller",
            "user/1",
            "a,b",
            "a+b@c",
            "ann\n",
            "\uff11",
            "x" * 257,
        ]
    ),
    ("extra_headers", {"x-key": 5}, f"extra_headers.x-key: {NO_TEXT}"),
    (
        "extra_headers",
        {"Authorization": "Bearer a"},
        (
            "extra_headers holds 'authorization', which is the credential's. For another identity "
            "give a call's model another credential: llm.model_copy(update={'credential': …})."
        ),
    ),
    ("extra_body", [], f"extra_body: {NO_DICT}"),
    ("on_unsupported", "drop", "on_unsupported: Input should be 'raise' or 'warn'."),
    ("run_mode", "sse", "run_mode: Input should be 'stream' or 'poll'."),
    ("run_timeout", 0, "run_timeout: Input should be greater than 0."),
    ("include_agent_tools", "some", f"include_agent_tools: {NO_BOOL}"),
    ("mcp_approval", "always", f"mcp_approval: {NO_APPROVAL}"),
    ("mcp_approval", True, f"mcp_approval: {NO_APPROVAL}"),
    ("citations", "footnotes", "citations: Input should be 'keep', 'strip' or 'markdown'."),
    ("citation_file_names", "maybe", f"citation_file_names: {NO_BOOL}"),
    ("max_retries", -1, "max_retries: Input should be greater than or equal to 0."),
    ("max_retry_wait", -1, "max_retry_wait: Input should be greater than or equal to 0."),
    (
        "on_active_run",
        "ignore",
        "on_active_run: Input should be 'wait', 'cancel' or 'raise'.",
    ),
    (
        "edited_history",
        "append",
        "edited_history: Input should be 'fork', 'raise' or 'ignore'.",
    ),
    (
        "on_divergence",
        "ignore",
        "on_divergence: Input should be 'fork', 'raise' or 'append'.",
    ),
    (
        "run_metadata",
        {str(number): "" for number in range(16)},
        f"The metadata cannot be kept: there are 16 pairs. {METADATA}",
    ),
    (
        "thread_metadata",
        {"k" * 65: ""},
        f"The metadata cannot be kept: '{'k' * 64}' is too long. {METADATA}",
    ),
    (
        "run_metadata",
        {"key": "v" * 513},
        f"The metadata cannot be kept: 'key' is too long. {METADATA}",
    ),
    *(
        (
            "thread_id",
            bad,
            f"{bad!r} is not the id of a thread: {PLACES}. {CHECKPOINT}",
        )
        for bad in ["abc", "thread_", "thread_../x", "thread_a/b", "thread_1\n", ""]
    ),
    (
        "temprature",
        1,
        f"{UNKNOWN} 'temprature'. Did you mean 'temperature'?",
    ),
    ("thread", "a", f"{UNKNOWN} 'thread'. Did you mean 'thread_id'?"),
    (
        "max_completion_token",
        9,
        f"{UNKNOWN} 'max_completion_token'. Did you mean 'max_completion_tokens'?",
    ),
    ("qqqqq", 1, f"{UNKNOWN} 'qqqqq'. All fields: {FIELDS_PAGE}"),
]
BAD = pytest.mark.parametrize(("name", "value", "text"), BAD_VALUES)


def make_model(**fields: Any) -> ChatFoundryAgent:
    endpoint = "http://127.0.0.1:1/api/projects/p"
    return ChatFoundryAgent(agent_id="asst_1", project_endpoint=endpoint, **fields)


@BAD
def test_a_bad_keyword_of_a_call_is_explained(name: str, value: Any, text: str) -> None:
    with pytest.raises(InvalidFieldError) as caught:
        CallOptions().updated({name: value})

    assert str(caught.value) == text


@BAD
def test_a_bad_field_of_a_model_is_explained(name: str, value: Any, text: str) -> None:
    with pytest.raises(InvalidFieldError) as caught:
        make_model(**{name: value})

    assert str(caught.value) == text


@pytest.mark.parametrize(
    ("name", "value"),
    [("response_format", "json"), ("tool_choice", "any"), ("tool_choice", 5)],
)
def test_a_bad_choice_is_refused(name: str, value: Any) -> None:
    with pytest.raises(InvalidFieldError, match=f"^{name}"):
        CallOptions().updated({name: value})


@pytest.mark.parametrize("name", ["response_format", "tool_choice"])
def test_a_bad_choice_is_told_in_plain_words(name: str) -> None:
    with pytest.raises(InvalidFieldError, match=f"^{name}: "):
        CallOptions().updated({name: "any"})


@pytest.mark.parametrize("name", ["a", "Ann.L_o:v@example-1", "x" * 256])
def test_an_id_that_the_service_takes_can_name_the_user(name: str) -> None:
    assert CallOptions().updated({"user_identity": name}).user_identity == name


def test_every_field_has_a_bad_value_in_this_file() -> None:
    refused = {name for name, *_ in BAD_VALUES} | {"response_format", "tool_choice"}

    assert set(CallOptions.model_fields) - refused == set()


@pytest.mark.parametrize(
    ("alias", "value", "name"),
    [
        ("model_name", "gpt-4o", "model"),
        ("max_completion_tokens", 300, "max_tokens"),
        ("stop_sequences", ["END"], "stop"),
    ],
)
def test_an_alias_names_the_same_field(alias: str, value: Any, name: str) -> None:
    mine = CallOptions(model="mine", max_tokens=999, stop=["MINE"])

    assert getattr(make_model(**{alias: value}), name) == value
    assert getattr(mine.updated({alias: value}), name) == value


@pytest.mark.parametrize(
    "keyword", ["stream", "strict", "tools", "ls_structured_output_format", "ls_anything"]
)
def test_langchains_own_keywords_pass(keyword: str) -> None:
    assert without_langchains_own({keyword: object(), "temperature": 1}) == {"temperature": 1}


def test_what_a_call_says_goes_before_what_the_model_says() -> None:
    mine = CallOptions(temperature=0.1, top_p=0.2, run_metadata={"a": "1"})

    updated = mine.updated({"temperature": 0.9, "run_metadata": {"b": "2"}})

    assert updated == CallOptions(temperature=0.9, top_p=0.2, run_metadata={"b": "2"})
    assert mine == CallOptions(temperature=0.1, top_p=0.2, run_metadata={"a": "1"})


def test_none_takes_a_field_of_the_model_back() -> None:
    assert CallOptions(temperature=0.1).updated({"temperature": None}).temperature is None


def test_a_call_that_says_nothing_leaves_all_as_it_is() -> None:
    options = CallOptions(temperature=0.1)

    assert options.updated({}) is options


def test_a_call_of_a_model_takes_the_models_fields() -> None:
    updated = make_model(temperature=0.1, max_retries=5).updated({"top_p": 0.5})

    assert updated == CallOptions(temperature=0.1, max_retries=5, top_p=0.5)


def test_no_options_send_no_fields() -> None:
    assert (CallOptions().run_fields(), CallOptions().thread_fields()) == ({}, {})


def test_fields_of_the_run_have_the_services_names() -> None:
    options = CallOptions(
        model="gpt-4o",
        instructions="Be brief.",
        temperature=0,
        top_p=0.5,
        max_tokens=256,
        max_prompt_tokens=1000,
        response_format={"type": "json_object"},
        tool_choice="none",
        parallel_tool_calls=False,
        truncation_strategy={"type": "auto"},
        tool_resources={"file_search": {}},
        run_metadata={"case": "7"},
    )

    assert options.run_fields() == {
        "model": "gpt-4o",
        "instructions": "Be brief.",
        "temperature": 0.0,
        "top_p": 0.5,
        "max_completion_tokens": 256,
        "max_prompt_tokens": 1000,
        "response_format": {"type": "json_object"},
        "tool_choice": "none",
        "parallel_tool_calls": False,
        "truncation_strategy": {"type": "auto"},
        "tool_resources": {"file_search": {}},
        "metadata": {"case": "7"},
    }
    assert options.thread_fields() == {}


def test_fields_of_a_thread_have_the_services_names() -> None:
    options = CallOptions(thread_metadata={"user": "ann"}, thread_tool_resources={"a": {}})

    assert options.thread_fields() == {"metadata": {"user": "ann"}, "tool_resources": {"a": {}}}
    assert options.run_fields() == {}


@pytest.mark.parametrize("limit", [1, 255])
def test_a_small_limit_is_sent_as_256_with_a_warning(limit: int) -> None:
    warning = rf"^max_tokens={limit} is sent as 256, the least that the service takes\.$"

    with pytest.warns(UserWarning, match=warning) as caught:
        fields = CallOptions(max_tokens=limit).run_fields()

    assert fields == {"max_completion_tokens": 256}
    assert len(caught) == 1


@pytest.mark.parametrize("limit", [256, 4000])
def test_a_limit_that_the_service_takes_is_sent_as_it_is(limit: int) -> None:
    with warnings.catch_warnings(record=True) as caught:
        assert CallOptions(max_tokens=limit).run_fields() == {"max_completion_tokens": limit}

    assert caught == []


def test_metadata_may_be_as_large_as_the_service_takes() -> None:
    full = {f"{number:064}": "v" * 512 for number in range(15)}

    assert CallOptions().updated({"run_metadata": full}).run_metadata == full


@pytest.mark.parametrize("decide", [print, lambda call: True])
def test_a_function_may_decide_approvals(decide: Any) -> None:
    assert CallOptions().updated({"mcp_approval": decide}).mcp_approval is decide


def test_headers_of_mcp_servers_do_not_show() -> None:
    resources = {"mcp": [{"server_label": "docs", "headers": {"x-key": "hidden"}}]}

    assert "hidden" not in repr(make_model(tool_resources=resources))
    assert "hidden" not in repr(CallOptions(tool_resources=resources))


def test_policies_are_no_fields_of_a_run() -> None:
    options = CallOptions(
        include_agent_tools=False,
        mcp_approval="raise",
        citations="strip",
        citation_file_names=True,
        on_divergence="append",
    )

    assert (options.run_fields(), options.thread_fields()) == ({}, {})


def test_one_stop_sequence_may_be_given_as_a_text() -> None:
    assert CallOptions(stop="END").stop == ["END"]
    assert CallOptions().updated({"stop": "END"}).stop == ["END"]
    assert CallOptions().updated({"stop": ["E", "N"]}).stop == ["E", "N"]
