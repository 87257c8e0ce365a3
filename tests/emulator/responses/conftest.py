"""A quiet room for the new generation."""

from __future__ import annotations

import pytest

from ..room import Room


@pytest.fixture
def room() -> Room:
    return Room()
