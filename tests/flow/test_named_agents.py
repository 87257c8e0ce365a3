"""Classic agents found by their name, as data."""

from __future__ import annotations

import pytest

from langchain_foundry_agents._flow.effects import Send
from langchain_foundry_agents._flow.named_agents import find_by_name
from langchain_foundry_agents._flow.retry import Patience
from langchain_foundry_agents.errors import InvalidAgentError, NotFoundError

from .player import V1, Step, limited, page, play

FIRST = Send("GET", "/assistants", None, (*V1, ("order", "desc"), ("limit", "100")))
NEXT = Send("GET", "/assistants", None, (*FIRST.query, ("after", "asst_2")))
SUPPORT = {"id": "asst_1", "name": "support"}
OTHER, NAMELESS = {"id": "asst_2", "name": "sales"}, {"id": "asst_3", "name": None}


def found(name: str, *script: Step) -> str:
    return play(find_by_name(name, V1, Patience()), *script)


def test_the_agent_of_the_name_is_found_on_any_page() -> None:
    pages = (FIRST, page(NAMELESS, OTHER, after="asst_2")), (NEXT, page(SUPPORT))

    assert found("support", *pages) == "asst_1"


def test_a_page_that_is_one_too_many_is_asked_for_again() -> None:
    pages = (FIRST, page(OTHER, after="asst_2")), (NEXT, page(SUPPORT))

    assert found("support", *limited(*pages)) == "asst_1"


def test_two_agents_of_the_name_are_told_by_their_ids() -> None:
    twin = {"id": "asst_2", "name": "support"}
    pages = (FIRST, page(twin, after="asst_2")), (NEXT, page(SUPPORT))

    with pytest.raises(InvalidAgentError) as caught:
        found("support", *pages)

    assert str(caught.value) == (
        "2 classic agents have the name 'support': asst_2, asst_1. "
        "Name the one that you mean by its id, as agent_id=…."
    )


def test_of_a_name_that_no_agent_has_the_nearest_is_told() -> None:
    pages = (FIRST, page(SUPPORT, OTHER, after="asst_2")), (NEXT, page(NAMELESS))

    with pytest.raises(NotFoundError) as caught:
        found("suport", *pages)

    assert str(caught.value) == (
        "No classic agent of this project has the name 'suport'. Did you mean 'support'? "
        "A new agent of that name is ChatFoundryAgent(agent_name=…)."
    )


def test_where_no_name_is_near_new_agents_are_pointed_to() -> None:
    with pytest.raises(NotFoundError, match=r"name 'x'\. A new agent of that name is"):
        found("x", (FIRST, page(NAMELESS)))
