"""Whole exchanges of recordings, asked of the emulator, key by key.

Differences that are known are listed in differences.toml, each with its reason; one that is not
listed fails here, and so does a listed one that is no more.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from langchain_foundry_agents._parity.case import Exchange
from langchain_foundry_agents._parity.compare import Difference

from .answers import ANSWERS, read_answers
from .recordings import read_recording, recordings
from .replay import Replay

LISTED = tomllib.loads((Path(__file__).parent / "differences.toml").read_text())
KNOWN: list[dict[str, Any]] = LISTED["difference"]
UNPLAYED: set[str] = {one["recording"] for one in LISTED["unplayed"]}
ALL = [*(path for path in recordings() if path.stem not in UNPLAYED), ANSWERS]
NOTHING_EXPECTED = Exchange("GET /")


def found_in(path: Path) -> dict[str, tuple[Any, Any]]:
    """The differences of a recording: where, and what stands there."""
    found = {}
    recorded = read_answers() if path == ANSWERS else read_recording(path)
    for one, ours, theirs in Replay(recorded).answers():
        different = [
            *ours.unlike(theirs, NOTHING_EXPECTED),
            *misordered(ours.told(), theirs.told()),
        ]
        for place, mine, other in different:
            found[f"{one.method} {one.path}: {place}"] = (mine, other)
    return found


def misordered(ours: Any, theirs: Any, place: str = "") -> Iterator[Difference]:
    """Objects whose common members stand in another order."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        mine, other = (
            [key for key in one if key in ours.keys() & theirs] for one in (ours, theirs)
        )
        if mine != other:
            yield Difference(f"{place} (order)", mine, other)
        for key in mine:
            yield from misordered(ours[key], theirs[key], f"{place}.{key}")
    elif isinstance(ours, list) and isinstance(theirs, list):
        for one, another in zip(ours, theirs, strict=False):
            yield from misordered(one, another, f"{place}[]")


def explains(known: dict[str, Any], recording: str, place: str) -> bool:
    return re.fullmatch(known["recording"], recording) is not None and (
        re.search(known["place"], place) is not None
    )


@pytest.mark.parametrize("path", ALL, ids=lambda path: path.stem)
def test_our_answers_are_the_recorded_ones(path: Path) -> None:
    found = found_in(path)

    unlisted = {
        place: pair
        for place, pair in found.items()
        if not any(explains(one, path.stem, place) for one in KNOWN)
    }
    assert unlisted == {}


def test_no_difference_is_listed_that_is_no_more() -> None:
    found = [(path.stem, place) for path in ALL for place in found_in(path)]

    idle = [one for one in KNOWN if not any(explains(one, *where) for where in found)]
    assert idle == []


def test_what_is_not_played_is_there_and_says_why() -> None:
    assert {path.stem for path in recordings()} >= UNPLAYED
    assert all(one["why"] for one in LISTED["unplayed"])
