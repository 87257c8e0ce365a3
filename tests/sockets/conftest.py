"""What tests over a socket share."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

PATIENT = httpx.Timeout(10.0, pool=0.5)


@pytest.fixture
async def one_connection() -> AsyncIterator[dict[str, Any]]:
    """Fields of a model with clients of one connection: who leaks it cannot ask again."""
    async with _clients_of(1) as fields:
        yield fields


@pytest.fixture
async def two_connections() -> AsyncIterator[dict[str, Any]]:
    """Fields of a model with clients of two connections: who leaks one twice cannot ask again."""
    async with _clients_of(2) as fields:
        yield fields


@asynccontextmanager
async def _clients_of(connections: int) -> AsyncIterator[dict[str, Any]]:
    limits = httpx.Limits(max_connections=connections)
    async with httpx.AsyncClient(limits=limits, timeout=PATIENT) as async_client:
        with httpx.Client(limits=limits, timeout=PATIENT) as client:
            yield {"http_client": client, "http_async_client": async_client}
