"""An emulator on a loopback socket, and a bare HTTP client for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from langchain_foundry_agents.emulator import FoundryEmulator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from langchain_foundry_agents.emulator.serving import LoopbackService


@pytest.fixture
def emulator() -> Iterator[FoundryEmulator]:
    with FoundryEmulator() as running:
        yield running


@pytest.fixture
def http(emulator: FoundryEmulator) -> Iterator[httpx.Client]:
    with client(emulator) as connected:
        yield connected


def client(emulator: LoopbackService) -> httpx.Client:
    return httpx.Client(
        base_url=emulator.project_endpoint,
        params={"api-version": "v1"},
        headers={"Authorization": f"Bearer {emulator.credential}"},
        timeout=10,
        trust_env=False,
    )
