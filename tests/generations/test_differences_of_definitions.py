"""Each row of the table of differences is as it is told: what a new agent's definition owns."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel

from langchain_foundry_agents import BadRequestError, ChatFoundryAgent, InvalidFieldError
from langchain_foundry_agents.emulator import Reply

from .conftest import Pair, Scene

OWNED: list[tuple[str, Any]] = [
    ("model", "gpt-4o-mini"),
    ("instructions", "Be brief."),
    ("temperature", 0.5),
    ("top_p", 0.5),
    ("parallel_tool_calls", False),
    ("tool_resources", {"file_search": {"vector_store_ids": []}}),
]


def body(scene: Scene) -> Any:
    """What the last request brought."""
    return scene.emulator.requests[-1].body


@pytest.mark.parametrize(("name", "value"), OWNED)
def test_run_parameters(pair: Pair, name: str, value: Any) -> None:
    classic, new = pair()
    classic.model.invoke("Hello", **{name: value})

    assert body(classic)[name] == value
    with pytest.raises(InvalidFieldError, match=f"^{name} belongs to the agent's definition"):
        new.model.invoke("Hello", **{name: value})
    assert new.emulator.requests == []
    with pytest.warns(UserWarning, match=f"^{name} belongs.* It is left out"):
        new.model.invoke("Hello", on_unsupported="warn", **{name: value})
    assert name not in body(new)


def test_limits_of_tokens(pair: Pair) -> None:
    classic, new = pair()
    with pytest.warns(UserWarning, match="max_tokens=100 is sent as 256"):
        classic.model.invoke("Hello", max_tokens=100)
    assert body(classic)["max_completion_tokens"] == 256
    classic.model.invoke("Hello", max_prompt_tokens=300)
    assert body(classic)["max_prompt_tokens"] == 300

    new.model.invoke("Hello", max_tokens=100)
    assert body(new)["max_output_tokens"] == 100
    with pytest.raises(InvalidFieldError, match=r"^max_prompt_tokens has no counterpart"):
        new.model.invoke("Hello", max_prompt_tokens=300)


NEW: list[tuple[str, Any]] = [
    ("conversation", "response"),
    ("background", True),
    ("structured_inputs", {"shop": "tea"}),
    ("user_identity", "ann"),
    ("extra_body", {"include": ["reasoning.encrypted_content"]}),
]


@pytest.mark.parametrize(("name", "value"), NEW)
def test_fields_of_new_agents(pair: Pair, name: str, value: Any) -> None:
    inputs = {"shop": {"description": "What is sold."}}
    classic, new = pair()
    if name == "structured_inputs":
        new.emulator.create_agent(name="helper", generation="new", structured_inputs=inputs)

    assert new.model.invoke("Hello", **{name: value}).text == 'You said: "Hello".'
    with pytest.raises(InvalidFieldError, match=f"^{name} is for new agents"):
        classic.model.invoke("Hello", **{name: value})
    assert classic.emulator.requests == []


class Weather(BaseModel):
    """The weather of a city."""

    city: str


class Forecast(BaseModel):
    """The weather of a day."""

    day: str


def test_a_form_that_the_definition_leaves_open_is_told_with_the_question(pair: Pair) -> None:
    _, new = pair(Reply('{"city": "Paris"}'))

    answer = new.model.with_structured_output(Weather).invoke("Where?")

    assert answer == Weather(city="Paris")
    question, form = body(new)["input"]
    assert (question["content"], form["role"]) == ("Where?", "developer")
    assert '"city"' in form["content"]


def test_structured_output(pair: Pair) -> None:
    classic, new = pair()
    classic.model.with_structured_output(Weather).invoke('The city "Paris"')
    assert body(classic)["response_format"]["json_schema"]["name"] == "Weather"

    with pytest.raises(BadRequestError, match=r"response_format=Schema\)"):
        new.model.with_structured_output(Weather, strict=True).invoke('The city "Paris"')
    made = ChatFoundryAgent.create(
        name="forecaster",
        model="gpt-4o",
        response_format=Weather,
        project_endpoint=new.emulator.project_endpoint,
    )
    assert made.with_structured_output(Weather).invoke('The city "Paris"') == Weather(city="Paris")
    assert "text" not in body(new)
    assert "response_format" not in body(new)
    with pytest.raises(BadRequestError, match="the schema 'Weather' of its definition lacks day"):
        made.with_structured_output(Forecast).invoke("Hello")
