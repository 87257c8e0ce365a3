"""Packages whose modules are loaded when they are first named."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

INIT = """
from langchain_foundry_agents._later import modules_of

__getattr__ = modules_of(__name__)
"""
SLOW = "import time\ntime.sleep(0.05)\nready = object()\n"


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """A package with two rooms: one takes its time, one wants what is not installed."""
    package = tmp_path / "a_house"
    package.mkdir()
    for name, text in {"__init__": INIT, "slow": SLOW, "broken": "import not_installed"}.items():
        (package / f"{name}.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    yield import_module("a_house")
    for name in [name for name in sys.modules if name.partition(".")[0] == "a_house"]:
        del sys.modules[name]


def test_a_module_is_loaded_when_it_is_named(house: ModuleType) -> None:
    before = "a_house.slow" in sys.modules

    assert not before
    assert house.slow is sys.modules["a_house.slow"]


def test_threads_that_come_at_once_get_the_same_whole_module(house: ModuleType) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = [*pool.map(lambda _: house.slow.ready, range(8))]

    assert len(set(found)) == 1


def test_another_name_is_no_attribute(house: ModuleType) -> None:
    assert not hasattr(house, "cellar")
    with pytest.raises(AttributeError, match="module 'a_house' has no attribute 'cellar'"):
        house.cellar  # noqa: B018


def test_what_a_module_lacks_is_told_by_its_name(house: ModuleType) -> None:
    with pytest.raises(ModuleNotFoundError, match="not_installed"):
        house.broken  # noqa: B018
