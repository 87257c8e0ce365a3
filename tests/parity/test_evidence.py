"""The emulator's evidence is whole, and the page and the cases are of it."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from langchain_foundry_agents._parity.case import read_cases
from langchain_foundry_agents._parity.evidence import GRADES, Row, read_groups, read_rows
from langchain_foundry_agents._parity.page import FILE, known_operations, page
from langchain_foundry_agents.emulator.classic.routes import ROUTES
from langchain_foundry_agents.emulator.responses.surfaces import AGENT_ROUTES, OPENAI_ROUTES

from .recordings import RECORDINGS, read_recording, recordings

ROWS = read_rows()
RECORDED = [row for row in ROWS if row.grade == "recorded"]
KEPT = [path for path in recordings() if path.suffix == ".json"]
STREAMS = sorted(RECORDINGS.rglob("*.sse"))
NAMES = [path.name for path in RECORDINGS.rglob("*") if path.is_file()]


def operations() -> set[str]:
    """Everything that the emulator routes, as `METHOD /path`."""
    classic = {f"{method} {path}" for method, path, _ in (*ROUTES, *AGENT_ROUTES)}
    return classic | {f"{method} /openai/v1{path}" for method, path, _ in OPENAI_ROUTES}


def test_every_routed_operation_has_one_row_and_no_row_another() -> None:
    routes = [row.route for row in ROWS if row.route]

    assert Counter(routes) == Counter(operations())


@pytest.mark.parametrize("row", RECORDED, ids=lambda row: row.id)
def test_what_is_recorded_names_recordings_that_are_there(row: Row) -> None:
    stems = [source.partition(": ")[0] for source in row.sources]

    assert stems
    assert [stem for stem in stems if not any(name.startswith(stem + ".") for name in NAMES)] == []


def test_what_is_specified_does_not_rest_on_a_recording_that_is_not_kept() -> None:
    specified = [row for row in ROWS if row.grade == "specified"]

    assert [row.id for row in specified if re.search("kept|was read", " ".join(row.sources))] == []


@pytest.mark.parametrize("path", KEPT, ids=lambda path: path.stem)
def test_a_recording_says_where_it_is_from_and_what_was_changed(path: Path) -> None:
    told = json.loads(path.read_text())

    assert re.fullmatch(r"[\w.-]+/[\w.-]+:\S+\.json@[0-9a-f]{40}", told["source"])
    assert told["fidelity"]


@pytest.mark.parametrize("path", [*KEPT, *STREAMS], ids=lambda path: path.name)
def test_a_recording_names_no_subscription_tenant_or_person(path: Path) -> None:
    text = path.read_text()

    ids = re.findall(r"(?:subscriptions|groups|tenants)/([0-9a-f-]{36})", text)
    ids += re.findall(r"(?:principal_id|client_id)\W+([0-9a-f-]{36})", text)
    assert [one for one in ids if not one.startswith("00000000-")] == []
    people = re.findall(r"[\w.+-]+@([a-z][\w-]*)\.[a-z]{2,}", text)
    assert [one for one in people if not one.startswith("contoso")] == []


@pytest.mark.parametrize("row", [row for row in RECORDED if row.route], ids=lambda row: row.id)
def test_an_operation_that_is_recorded_was_asked_in_the_recordings_it_names(row: Row) -> None:
    pattern = re.sub(r"\\{\w+\\}", "[^/]+", re.escape(str(row.route)))

    for source in row.sources:
        name, _, answer = source.partition(": ")
        if answer:
            assert answer in json.loads((RECORDINGS / f"{name}.json").read_text())
        else:
            assert [one for one in asked_in(name) if re.fullmatch(pattern, one)] != [], name


def asked_in(name: str) -> list[str]:
    """Method and path of each request of a recording."""
    (path,) = [path for path in recordings() if path.name.startswith(f"{name}.")][-1:]
    return [f"{one.method} {one.path}" for one in read_recording(path)]


def test_every_behaviour_says_what_and_from_where() -> None:
    assert [row.id for row in ROWS if not row.what or not all(row.sources)] == []
    assert {row.grade for row in ROWS} == set(GRADES)
    assert {row.group for row in ROWS} == set(read_groups())


def test_most_operations_of_turns_are_known_from_evidence() -> None:
    known, counted = known_operations()

    assert counted == 25
    assert known / counted >= 0.9


def test_the_page_is_made_of_the_rows() -> None:
    """Run `make fidelity` if this fails."""
    assert FILE.read_text(encoding="utf-8") == page()


def test_there_are_cases_for_both_generations_and_each_is_about_known_rows() -> None:
    cases, ids = read_cases(), {row.id for row in ROWS}

    assert len(cases) >= 150
    assert [case.name for case in cases if not case.asks or not set(case.asks) <= ids] == []
    names = Counter((case.area, case.name) for case in cases)
    assert [name for name, count in names.items() if count > 1] == []


def test_most_of_what_is_inferred_can_be_asked() -> None:
    asked = {id_ for case in read_cases() for id_ in case.asks}
    inferred = [row.id for row in ROWS if row.grade == "inferred"]

    assert len(set(inferred) & asked) / len(inferred) >= 0.7
