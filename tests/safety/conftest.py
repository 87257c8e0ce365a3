"""A scripted agent of each generation, on a service of its own, as the tests of both have it."""

from __future__ import annotations

from generations.conftest import generation, script

__all__ = ["generation", "script"]
