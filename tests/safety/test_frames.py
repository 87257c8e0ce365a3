"""Tracebacks with local variables, as error trackers and `pytest -l` show them, hold no secret."""

from __future__ import annotations

import traceback
from contextlib import suppress
from typing import Any

import pytest
from azure.core.credentials import AccessToken, AzureKeyCredential
from canned import CannedService, cut_stream
from sockets.ways import WAYS, ask

from langchain_foundry_agents import ChatFoundryAgent, FoundryAgentError

from .agents import AGENTS

TOKEN, HEADER = "canary-token", "canary-header"


class BadToken:
    """Gives a token that cannot be sent."""

    def get_token(self, *scopes: str) -> AccessToken:
        """A token with a blank in it."""
        return AccessToken(f"Bearer {TOKEN}", 2_000_000_000)


CASES: list[dict[str, Any]] = [
    {"credential": TOKEN},
    {"credential": lambda: TOKEN},
    {"credential": AzureKeyCredential(TOKEN)},
    {"credential": lambda: f"Bearer {TOKEN}"},
    {"credential": TOKEN, "default_headers": {"x-gateway": f"{HEADER}\n"}},
]


@pytest.mark.parametrize("fields", CASES, ids=range(len(CASES)))
@pytest.mark.parametrize("agent", AGENTS.values(), ids=AGENTS)
@pytest.mark.parametrize("way", WAYS)
async def test_a_traceback_with_local_variables_shows_no_secret(
    way: str, agent: dict[str, Any], fields: dict[str, Any]
) -> None:
    with CannedService(cut_stream(b"", 0)) as service:
        model = ChatFoundryAgent(
            project_endpoint=service.url,
            max_retries=0,
            run_timeout=5,
            **agent,
            **fields,
        )
        with pytest.raises(FoundryAgentError) as caught:
            await ask(way, model, "Hello")

    shown = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    lines = [line for line in "".join(shown.format()).splitlines() if "canary" in line]
    ours = [line for line in lines if not line.strip().startswith(("fields =", "CASES ="))]
    assert ours == []


def test_a_credential_that_gives_a_bad_token_does_not_show_it() -> None:
    from langchain_foundry_agents._credentials import token_source

    with suppress(FoundryAgentError):
        token_source(BadToken(), "scope").headers()
    with pytest.raises(FoundryAgentError) as caught:
        token_source(BadToken(), "scope").headers()

    shown = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    assert TOKEN not in "".join(shown.format())
