"""What the package offers by name."""

from __future__ import annotations

import importlib
import inspect
from importlib.metadata import version
from pathlib import Path

import pytest

import langchain_foundry_agents as package
from langchain_foundry_agents import emulator, errors


@pytest.mark.parametrize("module", [package, emulator], ids=["package", "emulator"])
def test_all_is_sorted_complete_and_importable(module: object) -> None:
    names = module.__all__  # type: ignore[attr-defined]

    assert names == sorted(names)
    assert len(names) == len(set(names))
    defined = {
        name
        for name, value in vars(module).items()
        if not name.startswith("_")
        and not inspect.ismodule(value)
        and str(getattr(value, "__module__", "")).startswith("langchain_foundry_agents")
    }
    assert defined <= set(names)
    assert [name for name in names if not hasattr(module, name)] == []


def test_every_error_can_be_imported_from_the_top() -> None:
    tree = {
        name
        for name, value in vars(errors).items()
        if inspect.isclass(value) and issubclass(value, errors.FoundryAgentError)
    }

    assert len(tree) == 25
    assert tree <= set(package.__all__)
    assert all(getattr(package, name) is getattr(errors, name) for name in tree)


def test_the_version_is_the_distribution_s() -> None:
    assert package.__version__ == version("langchain-foundry-agents")


def test_the_package_is_typed() -> None:
    assert (Path(str(package.__file__)).parent / "py.typed").exists()


@pytest.mark.parametrize("name", ["ChatFoundryAgent", "FoundryAgentError", "ToolOutputError"])
def test_names_are_found_by_an_import_of_their_own(name: str) -> None:
    assert hasattr(importlib.import_module("langchain_foundry_agents"), name)
