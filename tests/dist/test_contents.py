"""What `make dist` has built holds all that users need, and nothing else."""

from __future__ import annotations

import re
import tarfile
import zipfile
from email import message_from_bytes
from email.message import Message
from pathlib import Path

import pytest

from langchain_foundry_agents import __version__

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "langchain_foundry_agents"
NEEDED = [
    "langchain_foundry_agents/py.typed",
    "langchain_foundry_agents/emulator/FIDELITY.md",
    "langchain_foundry_agents/emulator/fidelity.toml",
    "langchain_foundry_agents/_parity/cases/threads.json",
    "pytest_foundry_agents.py",
]


def built(ending: str) -> Path:
    (found,) = (ROOT / "dist").glob(f"*{ending}")
    return found


@pytest.fixture(scope="module")
def wheel() -> list[str]:
    """The names in the wheel."""
    with zipfile.ZipFile(built(".whl")) as archive:
        return archive.namelist()


@pytest.fixture(scope="module")
def sdist() -> set[str]:
    """The names in the source distribution, below its folder."""
    with tarfile.open(built(".tar.gz")) as archive:
        return {name.partition("/")[2] for name in archive.getnames()}


@pytest.fixture(scope="module")
def metadata(wheel: list[str]) -> Message:
    """What the package index is told."""
    (name,) = (name for name in wheel if name.endswith(".dist-info/METADATA"))
    with zipfile.ZipFile(built(".whl")) as archive:
        return message_from_bytes(archive.read(name))


@pytest.mark.parametrize("name", NEEDED)
def test_the_wheel_has_what_is_read_at_run_time(name: str, wheel: list[str]) -> None:
    assert name in wheel


def test_the_wheel_has_the_package_and_nothing_else(wheel: list[str]) -> None:
    files = (path for path in PACKAGE.rglob("*") if path.is_file())
    ours = {
        str(path.relative_to(ROOT)) for path in files if "__pycache__" not in path.parts
    } | {"pytest_foundry_agents.py"}

    assert {name for name in wheel if ".dist-info/" not in name} == ours


def test_the_licence_comes_along(wheel: list[str], sdist: set[str]) -> None:
    assert [name for name in wheel if name.endswith("/licenses/LICENSE")]
    assert "LICENSE" in sdist


def test_the_sources_can_be_tested_and_documented(sdist: set[str]) -> None:
    tops = {name.partition("/")[0] for name in sdist}

    assert tops >= {"docs", "notebooks", "requirements", "tests", "Makefile", "mkdocs.yml"}
    assert {name for name in tops if name.startswith(".")} <= {".gitignore"}
    assert not [name for name in sdist if "__pycache__" in name or name.startswith("site/")]


def test_the_version_is_the_one_of_its_one_place(metadata: Message) -> None:
    assert metadata["Version"] == __version__


def test_the_index_is_told_of_types_pythons_and_addresses(metadata: Message) -> None:
    classifiers = metadata.get_all("Classifier", [])
    addresses = {text.partition(",")[0] for text in metadata.get_all("Project-URL", [])}

    assert "Typing :: Typed" in classifiers
    assert "Programming Language :: Python :: 3.11" in classifiers
    assert metadata["Requires-Python"] == "<4.0,>=3.11"
    assert metadata["License-Expression"] == "MIT"
    assert addresses >= {"Changelog", "Documentation", "Homepage", "Issues", "Repository"}


def test_the_readme_leads_nowhere_that_the_index_has_not(metadata: Message) -> None:
    text = str(metadata.get_payload())

    assert "# langchain-foundry-agents" in text
    assert re.findall(r"\]\((?!https://)[^)]*\)", text) == []


def test_the_plugin_for_pytest_and_the_command_are_announced(wheel: list[str]) -> None:
    (name,) = (name for name in wheel if name.endswith("/entry_points.txt"))
    with zipfile.ZipFile(built(".whl")) as archive:
        told = archive.read(name).decode()

    assert "foundry-agents = langchain_foundry_agents.cli:main" in told
    assert "pytest_foundry_agents = pytest_foundry_agents" in told
