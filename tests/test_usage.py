"""Tokens: the service's figures, a tokenizer's, or an approximation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from langchain_core.messages import AIMessage, HumanMessage

from langchain_foundry_agents import ChatFoundryAgent, InvalidFieldError
from langchain_foundry_agents._answers.usage import count_tokens, estimate_usage, map_usage


def make_model(**fields: Any) -> ChatFoundryAgent:
    endpoint = "http://127.0.0.1:1/api/projects/p"
    return ChatFoundryAgent(agent_id="asst_1", project_endpoint=endpoint, **fields)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", 0),
        ("a", 1),
        ("four", 1),
        ("fives", 2),
        ("What is 17 * 23?", 4),
        ("über", 1),
        ("漢字", 2),
        ("漢字 and", 3),
        ("⺀⺀", 2),
        ("😀", 1),
        ("こんにちは", 5),
    ],
)
def test_without_a_tokenizer_tokens_are_approximated(text: str, tokens: int) -> None:
    assert count_tokens(text, None) == tokens


@pytest.mark.parametrize(
    ("tokenizer", "tokens"),
    [(len, 7), (str.split, 2), (lambda text: [1, 2, 3], 3), (lambda text: (), 0)],
)
def test_a_tokenizer_counts_tokens_or_gives_them(
    tokenizer: Callable[[str], int | Sequence[Any]], tokens: int
) -> None:
    assert count_tokens("one two", tokenizer) == tokens


@pytest.mark.parametrize(
    ("usage", "mapped"),
    [
        (
            # As Foundry tells it: https://github.com/microsoft/agent-framework/issues/7368.
            {
                "input_tokens": 1500,
                "output_tokens": 4,
                "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 1409},
            },
            {
                "input_tokens": 1500,
                "output_tokens": 4,
                "total_tokens": 1504,
                "input_token_details": {"cache_read": 0, "cache_creation": 1409},
            },
        ),
        (
            {"prompt_tokens": 10, "completion_tokens": 2, "total_tokens": 15},
            {"input_tokens": 10, "output_tokens": 2, "total_tokens": 15},
        ),
        (
            {
                "prompt_tokens": 10,
                "completion_tokens": 2,
                "total_tokens": 12,
                "prompt_token_details": {"cached_tokens": 8},
            },
            {
                "input_tokens": 10,
                "output_tokens": 2,
                "total_tokens": 12,
                "input_token_details": {"cache_read": 8},
            },
        ),
        (
            {"prompt_tokens": 10, "completion_tokens": 2, "prompt_token_details": None},
            {"input_tokens": 10, "output_tokens": 2, "total_tokens": 12},
        ),
        (
            {"prompt_tokens": 1, "prompt_token_details": {"cached_tokens": 0}},
            {
                "input_tokens": 1,
                "output_tokens": 0,
                "total_tokens": 1,
                "input_token_details": {"cache_read": 0},
            },
        ),
        (
            {
                "input_tokens": 10,
                "input_tokens_details": {"cached_tokens": 8},
                "output_tokens": 5,
                "output_tokens_details": {"reasoning_tokens": 3},
                "total_tokens": 15,
            },
            {
                "input_tokens": 10,
                "output_tokens": 5,
                "total_tokens": 15,
                "input_token_details": {"cache_read": 8},
                "output_token_details": {"reasoning": 3},
            },
        ),
        (
            {"input_tokens": 0, "output_tokens": 2, "input_tokens_details": None},
            {"input_tokens": 0, "output_tokens": 2, "total_tokens": 2},
        ),
        (
            {"prompt_tokens": None, "completion_tokens": 3, "prompt_token_details": {}},
            {"input_tokens": 0, "output_tokens": 3, "total_tokens": 3},
        ),
    ],
)
def test_the_services_figures_have_langchains_names(
    usage: dict[str, Any], mapped: dict[str, Any]
) -> None:
    assert map_usage(usage) == mapped


def test_usage_is_estimated_from_question_and_answer() -> None:
    assert estimate_usage("one two three", "a b", str.split) == {
        "input_tokens": 3,
        "output_tokens": 2,
        "total_tokens": 5,
    }


def test_a_model_counts_by_its_tokenizer() -> None:
    model = make_model(tokenizer=str.split)

    assert model.get_num_tokens("one two three") == 3
    assert model.get_num_tokens_from_messages([HumanMessage("one two"), AIMessage("three")]) == 3


def test_langchains_own_function_for_token_ids_counts_as_well() -> None:
    model = make_model(custom_get_token_ids=lambda text: [7] * 5)

    assert model.get_num_tokens("abc") == 5
    assert model.get_num_tokens_from_messages([HumanMessage("one"), AIMessage("two")]) == 10


def test_a_model_without_a_tokenizer_approximates() -> None:
    assert make_model().get_num_tokens("one two three") == 4


@pytest.mark.parametrize(
    "fields",
    [
        {"tokenizer": lambda text: (1, 2, 3)},
        {"custom_get_token_ids": lambda text: [1, 2, 3]},
        {"custom_get_token_ids": lambda text: [1, 2, 3], "tokenizer": len},
    ],
)
def test_a_model_gives_the_token_ids_of_its_tokenizer(fields: dict[str, Any]) -> None:
    assert make_model(**fields).get_token_ids("one") == [1, 2, 3]


@pytest.mark.parametrize("fields", [{}, {"tokenizer": len}])
def test_a_model_without_token_ids_says_what_to_give(fields: dict[str, Any]) -> None:
    with pytest.raises(InvalidFieldError) as caught:
        make_model(**fields).get_token_ids("one")

    assert str(caught.value) == (
        "There is no tokenizer that gives token ids. "
        "Give tokenizer=…, a callable that returns the list of ids."
    )
